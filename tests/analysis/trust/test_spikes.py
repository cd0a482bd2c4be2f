"""Heaps that stand for never or unknown are found; honest zeros, scales and tails are none."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis.trust.spikes import find_spikes
from tests.analysis.conftest import find_odd

RNG = np.random.default_rng(1)
DAYS = RNG.integers(30, 400, 600).astype(float)
AMOUNTS = RNG.lognormal(5, 0.6, 600).round(2)


def spikes(values: np.ndarray) -> list[tuple[tuple[float, ...], bool]]:
    frame, weights = pd.DataFrame({"x": values}), np.ones(len(values))
    rows = SimpleNamespace(features=["x"], frame=frame, weights=weights)
    return [(spike.values, spike.apart) for spike in find_spikes(rows)]


def put(values: np.ndarray, value: float, every: int) -> np.ndarray:
    return np.where(np.arange(len(values)) % every, values, value)


@pytest.mark.parametrize(
    ("values", "heap"),
    [
        (put(DAYS % 28, 999, 3), 999),
        (put(DAYS, -1, 5), -1),
        (put(DAYS % 28, -1, 20), -1),
        (put(DAYS, 0, 10), 0),
        (put(AMOUNTS, 9_999, 20), 9_999),
        (put(AMOUNTS, -999, 40), -999),
        (put(RNG.integers(18, 80, 600), 0, 10), 0),
    ],
)
def test_a_heap_far_from_the_rest_or_before_a_gap_is_found(values, heap):
    assert spikes(values) == [((float(heap),), True)]


def test_two_codes_at_one_end_are_one_heap():
    codes = put(put(RNG.integers(0, 60, 600), 98, 7), 99, 11)
    assert spikes(codes) == [((98.0, 99.0), True)]


def test_a_value_of_most_rows_is_found_as_such():
    assert spikes(np.where(np.arange(600) % 17, 0, np.arange(1, 601))) == [((0.0,), False)]


@pytest.mark.parametrize(
    "values",
    [
        AMOUNTS,
        DAYS,
        put(AMOUNTS, 0, 4),
        RNG.poisson(2, 600),
        RNG.integers(1, 6, 600),
        np.tile([0, 1], 300),
        RNG.lognormal(5, 2, 600).round(),
        np.minimum(DAYS, 365),
        RNG.normal(0, 10, 600).round(),
    ],
)
def test_honest_columns_have_none(values):
    assert spikes(values) == []


@pytest.mark.long
def test_a_heap_is_said_with_what_to_do(measures):
    frame = measures.assign(days=put(DAYS[:200], 999, 3))
    (spike,) = find_odd(frame).spikes
    assert (spike.feature, spike.share) == ("days", pytest.approx(67 / 200))
