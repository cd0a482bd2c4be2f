"""A part of the proof of docs/scale.md by its own code, and the border of all and a sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from benchmarks.scale_quality import add_up_squares, measure_quality
from benchmarks.scale_tables import MIXTURES, write_mixture
from segmentation.analysis import fit_scales, place_customers, take_sample
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.passes.placed_rows import SEGMENT
from segmentation.data import open_source, open_table


@pytest.mark.long
@pytest.mark.parametrize("name", MIXTURES)
def test_a_sample_gives_segments_as_tight_as_a_full_fit(tmp_path, name):
    path = tmp_path / f"{name}.parquet"
    write_mixture(path, name, 150_000)
    found = measure_quality(open_source(path))
    # Fewer than asked where many lie far out: no row has more than one chance in one.
    assert 10_000 < found["fitted"] < 25_000
    assert found["ours"] <= 1.005 * found["full"]


def test_looser_segments_are_seen():
    X = np.array([[0.0], [1.0], [10.0], [11.0]])
    assert add_up_squares(X, np.array([[0.5], [10.5]])) == 1.0
    assert add_up_squares(X, np.array([[0.5], [5.0]])) == 61.5


def test_planted_groups_are_the_same_just_below_and_just_above_sample_rows():
    rng = np.random.default_rng(11)
    which = rng.choice(3, 6_000, p=(0.6, 0.3, 0.1))
    X = np.array([[0, 0], [6, 0], [0, 6]])[which] + rng.normal(size=(6_000, 2))
    table = open_table(pd.DataFrame(X, columns=["age", "spend"]))
    scales = fit_scales(table, ["age", "spend"])
    labels = []
    for sample_rows in (6_001, 5_999):
        sample = take_sample(table, scales, sample_rows)
        assert sample.weighted == (sample_rows < 6_000)
        fit = fit_segments(sample.X, sample.weights, 3, 0)
        labels.append(place_customers(sample, fit, 1).placed[SEGMENT].to_numpy())
    assert adjusted_rand_score(*labels) >= 0.98
    assert adjusted_rand_score(labels[1], which) >= 0.95
    assert (labels[0] == labels[1]).mean() >= 0.98  # the numbers too
