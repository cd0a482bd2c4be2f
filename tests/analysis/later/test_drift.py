"""The population stability index: by hand, nothing on the same table, and chance as chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import fit_scales, take_sample
from segmentation.analysis.later.drift import measure_shift
from segmentation.analysis.passes.bins import Bins, cut_edges
from segmentation.analysis.passes.passes import open_passes
from segmentation.data import open_source


def cut(frame: pd.DataFrame):
    table = open_source(frame).table
    sample = take_sample(table, fit_scales(table, list(frame.columns)))
    return open_passes(table).count_bins(cut_edges(sample.frame, sample.weights))


def count(frame: pd.DataFrame, bins: dict[str, Bins]) -> dict[str, Bins]:
    edges = {name: own.edges for name, own in bins.items()}
    return open_passes(open_source(frame).table).count_bins(edges)


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"spend": rng.lognormal(3, 1, 1000), "visits": rng.poisson(2, 1000)})
    table["visits"] = table["visits"].astype(float).mask(rng.random(1000) < 0.05)
    return table


def test_bins_hold_what_pandas_counts(frame):
    bins = cut(frame)
    for name, own in bins.items():
        cuts = pd.cut(frame[name], [-np.inf, *own.edges, np.inf])
        wanted = cuts.value_counts(sort=False).tolist()
        assert own.counts == (frame[name].isna().sum(), *wanted)
        assert list(own.edges) == sorted(set(own.edges))
    assert len(bins["spend"].edges) == 9 and len(bins["visits"].edges) < 9


def test_the_same_table_has_an_index_of_exactly_nothing(frame):
    bins = cut(frame)
    assert [measure_shift(bins[n], count(frame, bins)[n]).index for n in bins] == [0.0, 0.0]


def test_the_index_is_the_sum_that_its_formula_says():
    then, now = Bins((1.0,), (0, 60, 40)), Bins((1.0,), (0, 30, 70))
    p, q = np.array([60.5, 40.5]) / 101, np.array([30.5, 70.5]) / 101
    shift = measure_shift(then, now)
    assert shift.index == pytest.approx(float(((q - p) * np.log(q / p)).sum()))
    assert shift.by_chance == pytest.approx(3.841459 * 2 / 100, rel=1e-6)
    assert shift.shown and not measure_shift(then, Bins((1.0,), (0, 55, 45))).shown


def test_missing_values_are_a_bin_of_their_own(frame):
    bins = cut(frame)
    now = count(frame.assign(spend=frame["spend"].mask(frame.index % 3 == 0)), bins)
    assert measure_shift(bins["spend"], now["spend"]).index > 0.25
    assert measure_shift(bins["visits"], now["visits"]).index == 0


@pytest.mark.long
def test_chance_is_passed_in_about_one_of_twenty_tables():
    rng = np.random.default_rng(11)
    then = cut(pd.DataFrame({"a": rng.normal(size=2000), "b": rng.normal(size=2000)}))
    beyond = []
    for _ in range(60):
        now = count(pd.DataFrame({"a": rng.normal(size=500), "b": rng.normal(size=500)}), then)
        beyond += [measure_shift(then[name], now[name]).shown for name in then]
    assert sum(beyond) <= 14  # 6 of 120 are to be expected; more than 14 in 1 of 1,000
    moved = count(pd.DataFrame({"a": rng.normal(1, 1, 500), "b": rng.normal(size=500)}), then)
    assert measure_shift(then["a"], moved["a"]).index > 0.25


def test_other_edges_are_no_comparison_and_nobody_is_no_shift():
    with pytest.raises(ValueError, match="other edges"):
        measure_shift(Bins((1.0,), (0, 1, 1)), Bins((2.0,), (0, 1, 1)))
    assert not measure_shift(Bins((1.0,), (0, 1, 1)), Bins((1.0,), (0, 0, 0))).shown
