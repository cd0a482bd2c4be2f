"""The weighted sample of a large table."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from segmentation.analysis import fit_scales, fit_segments, take_rows
from segmentation.data import PRIME, hash_rows, open_table


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


def test_another_seed_draws_other_rows():
    assert not np.array_equal(hashed(range(100), 1), hashed(range(100), 2))


def test_a_sample_stands_for_the_whole_table():
    rng = np.random.default_rng(8)
    centres = np.array([[0, 0], [6, 0], [0, 6]])
    X = centres[rng.integers(0, 3, 20_000)] + rng.normal(size=(20_000, 2))
    table = open_table(pd.DataFrame(X, columns=["weight", "chance"]))
    scales = fit_scales(table, ["weight", "chance"])
    whole, part = take_rows(table, scales), take_rows(table, scales, 2_000, seed=1)
    assert len(whole.X) == 20_000 and not whole.sampled
    assert 1_700 < len(part.X) < 2_300 and part.sampled
    assert 0.93 < part.weights.sum() / 20_000 < 1.07
    full, small = (fit_segments(p.X, p.weights, 3, 0) for p in (whole, part))
    reached = ((whole.X[:, None] - small.centres) ** 2).sum(2).min(1).sum()
    assert reached < 1.005 * full.inertia
