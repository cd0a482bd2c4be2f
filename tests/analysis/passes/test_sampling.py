"""The weighted sample of a large table."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import fit_scales, take_sample
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.fitting.scaling import refit_scales
from segmentation.data import PRIME, hash_keys, hash_rows, open_table


def hashed(keys, seed=42) -> np.ndarray:
    table = ibis.memtable({"k": np.asarray(keys)})
    return ibis.duckdb.connect().execute(table.mutate(h=hash_rows(table.k, seed)))["h"].to_numpy()


def test_the_hash_is_even_and_without_memory_on_strided_keys():
    for stride in (1, 7, 1000, 65_536):
        u = hashed(np.arange(1, 40_001) * stride) / PRIME
        counts = np.histogram(u, bins=20, range=(0, 1))[0]
        assert ((counts - 2000) ** 2 / 2000).sum() < 50  # chi-square, 19 degrees: p < 1e-4 above
        assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 0.025


def test_the_hash_is_plain_integer_arithmetic():
    def by_hand(key: int, seed: int) -> int:
        mixed = (key % PRIME * 48_271 + seed % PRIME + 11) % PRIME
        for multiplier, shift in ((69_621, 1_013_904_223), (39_373, 12_345), (16_807, 362_437)):
            mixed = (mixed * mixed + shift) % PRIME
            mixed = (mixed * multiplier + shift) % PRIME
        return mixed

    keys = [1, 2, 3, 10**9, 10**15]
    assert hashed(keys, 7).tolist() == [by_hand(key, 7) for key in keys]


def test_keys_in_memory_have_the_same_hash():
    drawn = np.random.default_rng(3).integers(-(2**63), 2**63, 5000)
    keys = np.concatenate([drawn, [0, -1, PRIME - 1, PRIME, PRIME + 1, 2**63 - 1, -(2**63)]])
    for seed in (0, 42, 2**40):
        np.testing.assert_array_equal(hash_keys(keys, seed), hashed(keys, seed))


def test_another_seed_draws_other_rows():
    assert not np.array_equal(hashed(range(100), 1), hashed(range(100), 2))


def test_a_sample_stands_for_the_whole_table():
    rng = np.random.default_rng(8)
    centres = np.array([[0, 0], [6, 0], [0, 6]])
    X = centres[rng.integers(0, 3, 20_000)] + rng.normal(size=(20_000, 2))
    table = open_table(pd.DataFrame(X, columns=["weight", "chance"]))
    scales = fit_scales(table, ["weight", "chance"])
    whole, part = take_sample(table, scales), take_sample(table, scales, 2_000, seed=1)
    assert len(whole.X) == 20_000 and not whole.weighted
    assert 1_700 < len(part.X) < 2_300 and part.weighted
    assert 0.93 < part.weights.sum() / 20_000 < 1.07
    full, small = (fit_segments(p.X, p.weights, 3, 0) for p in (whole, part))
    reached = ((whole.X[:, None] - small.centres) ** 2).sum(2).min(1).sum()
    assert reached < 1.005 * full.inertia


@pytest.mark.parametrize("scaling", ["standard", "robust", "minmax", "none"])
def test_customers_far_from_the_middle_are_drawn_whatever_the_scaling(scaling):
    rng = np.random.default_rng(2)
    values = rng.normal(1_000, 1, (40_000, 2))
    values[:200] += 30
    table = open_table(pd.DataFrame(values, columns=["a", "b"]))
    drawn = take_sample(table, fit_scales(table, ["a", "b"], "none", scaling), 5_000, 1)
    assert (drawn.frame.index <= 200).sum() == 200
    assert drawn.weights.sum() == pytest.approx(40_000, rel=0.05)


def test_quartiles_of_few_rows_and_of_weighted_ones(monkeypatch):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.lognormal(0, 1, 30_000), "b": np.nan})
    frame.loc[::1_000, "b"] = np.arange(30.0)
    table = open_table(frame)
    monkeypatch.setattr("segmentation.analysis.fitting.scaling.MOST_SORTED", 1_000)
    scale = fit_scales(table, ["a", "b"], "none", "robust")[1]
    assert (scale.centre, scale.spread) == (14.5, 14.5)
    assert fit_scales(table, ["a", "b"], missing="median")[1].fill == 14.5
    whole = fit_scales(table, ["a"], "none", "robust")
    sample = take_sample(table, whole, 5_000)
    again = refit_scales(sample.frame, sample.weights, whole, "none")[0]
    exact = np.quantile(frame["a"], [0.25, 0.5, 0.75])
    assert again.centre == pytest.approx(exact[1], rel=0.05)
    assert again.spread == pytest.approx(exact[2] - exact[0], rel=0.05)
