"""The rows that are fitted: all that are complete, or filled, or drawn by weight."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.samples import sample_coordinates
from segmentation.analysis import fit_scales, take_sample
from segmentation.analysis.fitting.sample import draw_by_weight
from segmentation.data import open_table
from tests.analysis.conftest import sample_of


def test_rows_without_a_value_are_left_out_or_filled(customers):
    table = open_table(customers)
    dropped = take_sample(table, fit_scales(table, ["spend", "visits"]))
    filled = take_sample(table, fit_scales(table, ["spend", "visits"], missing="median"))
    assert (dropped.used, dropped.rows, dropped.missing) == (59, 60, {"spend": 0, "visits": 1})
    assert filled.used == 60
    assert filled.frame.loc[8, "visits"] == customers["visits"].median()


def test_rows_drawn_by_weight_stand_for_as_many_as_they_weigh():
    rng = np.random.default_rng(2)
    weights = rng.integers(1, 6, 400).astype(float)
    rows = draw_by_weight(weights, 100_000, 0)
    share = np.bincount(rows, minlength=400) / len(rows)
    np.testing.assert_allclose(share, weights / weights.sum(), atol=2e-5)
    assert draw_by_weight(np.ones(400), 400, 0).tolist() == list(range(400))
    assert set(draw_by_weight(np.ones(400), 200, 0) % 2) == {0, 1}  # not every other row


def test_a_part_of_the_sample_is_drawn_by_its_own_weights_and_seed():
    weights = np.r_[np.ones(50), np.full(50, 1e-9)]
    sample = sample_of(np.arange(100.0)[:, None], weights, seed=4)
    assert sample.part(20).tolist() == draw_by_weight(weights, 20, 4).tolist()
    assert sample.part(20).max() < 50


def test_coordinates_become_a_sample_without_a_change_of_one_bit():
    X = np.random.default_rng(3).lognormal(0, 9, size=(200, 3))
    assert sample_coordinates(X).X.tobytes() == X.tobytes()
    assert sample_coordinates(X, 7).seed == 7 and not sample_coordinates(X).weighted
    X[5, 1] = np.nan  # an incomplete row is no coordinate, and is noticed
    with pytest.raises(ValueError, match="other coordinates"):
        sample_coordinates(X)
