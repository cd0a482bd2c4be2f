"""Rules: true on held-out customers, in round numbers."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.portraits.rules import _grow, _meets, _Members, _units, make_rules
from tests.analysis.conftest import analyse, unplaced


def test_clear_groups_have_rules_that_find_them(grouped):
    for rule in grouped.portraits.rules:
        assert re.fullmatch(r"age (from|under) \d+ and spend (from|under) \d+", rule.text)
        assert rule.precision > 0.97 and rule.coverage > 0.97 and rule.conditions == 2


def test_precision_and_coverage_are_those_of_held_out_customers():
    # Segments without any meaning: a rule fits some of the rows it was made from, and no others.
    rng = np.random.default_rng(0)
    a = analyse(pd.DataFrame(rng.normal(size=(300, 2)), columns=["a", "b"]), 2)
    labels = rng.integers(1, 3, 300)
    noise = unplaced(a.sample, Segments(2, labels, np.zeros((2, 2)), 1.0))
    found = [rule for rule in make_rules(noise) if rule.text]
    assert found and max(rule.precision for rule in found) < 0.65


def test_customers_in_no_segment_count_where_they_meet_a_rule():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": np.r_[rng.uniform(0, 9, 200), rng.uniform(11, 20, 200)]})
    a = analyse(frame.assign(b=rng.normal(size=400)), 2, features=["a", "b"])
    labels = np.where(frame["a"] < 10, 1, 2)
    labels[:40] = 0  # a fifth of those below 10
    found = make_rules(unplaced(a.sample, Segments(2, labels, np.zeros((2, 2)), 1.0)))
    assert found[1].precision == pytest.approx(0.8, abs=0.01) and found[2].precision == 1


def test_whole_numbers_have_whole_bounds(customers):
    for rule in analyse(customers.assign(visits=customers["visits"].fillna(0)), 3).portraits.rules:
        assert not re.search(r"visits (from|under) \d+\.\d", rule.text)


def test_a_rule_is_never_empty():
    rng = np.random.default_rng(0)
    values = np.r_[rng.uniform(0, 100, 300), rng.uniform(40.1, 40.4, 60)][:, None]
    labels = np.r_[np.where(values[:300, 0] < 40.25, 1, 2), np.full(60, 3)]
    boxes = _grow(_Members(values, labels, np.ones(360)), 6, np.array([10.0]))
    assert {1, 2} <= set(boxes) and all(
        low < high for box in boxes.values() for low, high in box.values()
    )


def test_units_are_round_and_follow_the_spread():
    values = np.column_stack([np.linspace(0, 1, 101), np.linspace(0, 5000, 101), np.arange(101)])
    np.testing.assert_allclose(_units(values), [0.01, 100, 1])
    np.testing.assert_allclose(_units(np.zeros((5, 1)) + 3.0), [1.0])


def test_bounds_are_at_least_and_below():
    values = np.array([[1.0], [2.0], [3.0]])
    assert _meets(values, {0: (2.0, 3.0)}).tolist() == [False, True, False]


def test_a_segment_of_a_few_customers_has_no_rule(customers):
    customers.loc[0, ["spend", "visits"]] = [99_999, 999]
    a = analyse(customers, 4)
    alone = [
        rule for rule, size in zip(a.portraits.rules, a.profiles.sizes, strict=True) if size < 5
    ]
    assert alone and all(rule.text == "" and np.isnan(rule.precision) for rule in alone)
    assert all(
        rule.text
        for rule, size in zip(a.portraits.rules, a.profiles.sizes, strict=True)
        if size > 9
    )


def test_the_same_seed_gives_the_same_rules(grouped):
    first, second = (make_rules(grouped.segmentation) for _ in range(2))
    assert first.to_dict() == second.to_dict()


@pytest.mark.parametrize("name", ["Age (years)", "revenue_eur"])
def test_columns_are_said_as_words(name):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: np.r_[rng.normal(0, 1, 60), rng.normal(50, 1, 60)]})
    assert analyse(frame, 2).portraits.rules[1].text.startswith(("age ", "revenue "))


@pytest.mark.long
def test_a_heap_of_zeros_is_told_from_the_rest():
    rng = np.random.default_rng(2)
    visits = np.r_[np.zeros(300), rng.integers(1, 6, 100)]
    a = analyse(pd.DataFrame({"visits": visits}), 2, transform="none")
    cut = next(rule for rule in a.portraits.rules if "under" in rule.text)
    bound = float(cut.text.split()[-1])
    own = a.segments.labels[visits < bound]
    assert bound == int(bound) and bound > 0 and len(set(own)) == 1
    assert cut.precision == cut.coverage == 1


def test_bounds_are_made_finer_where_round_ones_miss():
    rng = np.random.default_rng(3)
    amounts = np.r_[rng.uniform(0, 0.4, 300), rng.uniform(0.6, 0.9, 60), rng.uniform(90, 95, 40)]
    frame = pd.DataFrame({"amount": amounts})
    a = analyse(frame, 2)
    labels = np.where(amounts < 0.5, 1, np.where(amounts < 1, 2, 3))
    three = unplaced(a.sample, Segments(3, labels, np.zeros((3, 1)), 1.0))
    found = make_rules(three)
    assert min(rule.coverage for rule in found) > 0.95


def test_a_bound_beside_a_heap_lies_where_customers_are():
    days = np.r_[np.tile(np.arange(29), 20), np.full(300, 999)].astype(float)[:, None]
    labels = np.where(days[:, 0] < 999, 1, 2)
    boxes = _grow(_Members(days, labels, np.ones(len(days))), 2, np.array([10.0]))
    assert boxes[1][0] == (-np.inf, 30) and boxes[2][0] == (999, np.inf)
    refunds = np.r_[np.zeros(570), np.linspace(37, 400, 30)][:, None]
    members = _Members(refunds, np.where(refunds[:, 0] > 0, 2, 1), np.ones(600))
    boxes = _grow(members, 2, np.array([1.0]))
    assert boxes[1][0] == (-np.inf, 1) and boxes[2][0] == (30, np.inf)


def test_a_yes_or_no_has_no_bounds():
    rng = np.random.default_rng(0)
    partner = np.repeat([0.0, 1.0], 100)
    frame = pd.DataFrame({"partner": partner, "age": rng.normal(40, 9, 200)})
    a = analyse(frame, 2, features=["partner", "age"])
    labels = np.where(partner > 0, 2, 1)
    found = make_rules(unplaced(a.sample, Segments(2, labels, np.zeros((2, 2)), 1.0)))
    assert [rule.text for rule in found] == ["partner = no", "partner = yes"]
