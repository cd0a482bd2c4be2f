"""Copies of rows, told from the ties of coarse values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.families import CHOSEN_ON, HARD, TESTED_ON, draw_table
from segmentation.data import InputError, count_copies, find_distinct, open_source


def copied(seed: int, d: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.repeat(rng.normal(size=(120, d)).round(2), rng.integers(1, 7, 120), axis=0)


@pytest.mark.parametrize("d", [2, 3, 6])
def test_rows_that_a_join_multiplied_are_copies(d):
    X = copied(d, d)
    assert count_copies(X) == len(X) - 120 and len(find_distinct(X)) == 120
    whole = np.repeat(np.random.default_rng(d).lognormal(4, 1, (300, d)).round(), 3, axis=0)
    assert count_copies(whole) >= 600


def test_one_in_ten_is_enough_and_a_few_are_not():
    X = np.random.default_rng(0).normal(size=(400, 2)).round(2)
    assert 40 <= count_copies(np.vstack([X, X[:40]])) < 45
    assert count_copies(np.vstack([X, X[:4]])) == 0


@pytest.mark.parametrize("family", [*CHOSEN_ON, *TESTED_ON, *HARD])
def test_ties_of_any_family_are_no_copies(family):
    for seed in (0, 1):
        assert count_copies(draw_table(family, seed, 1_000)) == 0


def test_scales_counts_and_heaps_of_zeros_are_no_copies():
    rng = np.random.default_rng(0)
    items = rng.normal(size=(800, 1)) + rng.normal(size=(800, 6)) * 0.7
    counts = rng.poisson(3, (1_000, 6)) * (rng.random((1_000, 1)) < 0.6)
    orders = 1 + rng.poisson(rng.gamma(0.6, 4, 1_000))
    twins = np.column_stack([orders, 20.0 * orders, rng.poisson(orders)])
    tables = [(items + 3).round().clip(1, 5), (10 * items[:, :3]).round(), counts, twins]
    assert [count_copies(table.astype(float)) for table in tables] == [0] * 4


def test_copies_are_refused_with_their_number_unless_rows_are_told_apart():
    frame = pd.DataFrame(copied(1), columns=["age", "visits", "spend"]).assign(city="Ulm")
    frame = frame.assign(pos=np.arange(len(frame)) + 7)
    with pytest.raises(InputError, match=f"{len(frame) - 120} of {len(frame)} rows are copies"):
        open_source(frame).check()
    assert open_source(frame).check(id="pos") == ()
    assert open_source(frame.rename(columns={"pos": "customer_id"})).check() == ()
    assert open_source(frame.drop_duplicates(["age", "visits"])).check() == ()
