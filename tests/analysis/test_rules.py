"""Rules: true on held-out customers, in round numbers."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import make_rules
from segmentation.analysis.rules import _meets, _units
from tests.analysis.conftest import analyse


def test_clear_groups_have_rules_that_find_them(grouped):
    for rule in grouped.rules:
        assert re.fullmatch(r"age (from|under) \d+ and spend (from|under) \d+", rule.text)
        assert rule.precision > 0.97 and rule.coverage > 0.97 and rule.conditions == 2


def test_precision_and_coverage_are_those_of_held_out_customers():
    # Segments without any meaning: a rule fits some of the rows it was made from, and no others.
    rng = np.random.default_rng(0)
    a = analyse(pd.DataFrame(rng.normal(size=(300, 2)), columns=["a", "b"]), 2)
    labels = rng.integers(1, 3, 300)
    noise = type(a.segments)(2, labels, np.zeros((2, 2)), 1.0)
    found = [rule for rule in make_rules(a.prepared, noise, 0) if rule.text]
    assert found and max(rule.precision for rule in found) < 0.65


def test_whole_numbers_have_whole_bounds(customers):
    for rule in analyse(customers.assign(visits=customers["visits"].fillna(0)), 3).rules:
        assert not re.search(r"visits (from|under) \d+\.\d", rule.text)


def test_units_are_round_and_follow_the_spread():
    values = np.column_stack([np.linspace(0, 1, 101), np.linspace(0, 5000, 101), np.arange(101)])
    np.testing.assert_allclose(_units(values), [0.01, 100, 1])
    np.testing.assert_allclose(_units(np.zeros((5, 1)) + 3.0), [1.0])


def test_bounds_are_at_least_and_below():
    values = np.array([[1.0], [2.0], [3.0]])
    assert _meets(values, {0: (2.0, 3.0)}).tolist() == [False, True, False]


def test_segments_too_small_to_hold_anyone_out_have_no_score(customers):
    customers.loc[0, ["spend", "visits"]] = [99_999, 999]
    alone = [rule for rule in analyse(customers, 4).rules if np.isnan(rule.precision)]
    assert alone


def test_the_same_seed_gives_the_same_rules(grouped):
    assert make_rules(grouped.prepared, grouped.segments, 0) == make_rules(
        grouped.prepared, grouped.segments, 0
    )


@pytest.mark.parametrize("name", ["Age (years)", "revenue_eur"])
def test_columns_are_said_as_words(name):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: np.r_[rng.normal(0, 1, 60), rng.normal(50, 1, 60)]})
    assert analyse(frame, 2).rules[0].text.startswith(("age ", "revenue "))
