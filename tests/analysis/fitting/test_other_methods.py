"""Other methods on the same customers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.fitting.other_methods import compare_methods
from tests.analysis.conftest import sample_of, unplaced


def segment(X, k, algorithm="kmeans"):
    return unplaced(sample_of(X), fit_segments(X, np.ones(len(X)), k, 0, algorithm))


def test_clear_groups_are_found_by_every_method(grouped):
    found = compare_methods(grouped.segmentation)
    assert found.index.tolist() == ["Gaussian mixture", "Ward", "DBSCAN", "HDBSCAN"]
    assert (found["agreement"] > 0.9).all() and (found.drop(index="DBSCAN")["segments"] == 4).all()


def test_the_own_method_is_not_compared_with_itself(grouped):
    found = compare_methods(segment(grouped.sample.X, 4, "ward"))
    assert "Ward" not in found.index and "K-Means" in found.index


def test_a_method_that_finds_nothing_says_so():
    X = np.array([[x, y] for x in range(20) for y in range(20)], dtype=float)
    found = compare_methods(segment(X, 3))
    nothing = found[found["segments"] == 0]
    assert len(nothing) and nothing["agreement"].isna().all()
    assert nothing["without_segment"].isna().all()


def test_the_torn_segment_is_named():
    X, which = make_blobs([100, 100, 100], 2, centers=[[0, 0], [20, 0], [0, 20]], random_state=0)
    merged = segment(X, 2)
    torn = compare_methods(merged).loc["HDBSCAN"]
    counts = pd.Series(which).groupby(merged.labels).nunique()
    assert torn["torn_segment"] == counts.idxmax() and torn["torn_share"] > 0.4
    later = unplaced(merged.sample, merged.segments, [3, 8])  # the number that readers see
    assert compare_methods(later).loc["HDBSCAN", "torn_segment"] in (3, 8)


@pytest.mark.long
def test_a_weighted_sample_is_drawn_by_weight(grouped):
    weights = np.where(grouped.segments.labels == 1, 1e-9, 1.0)
    sample = replace(grouped.sample, weights=weights)
    few = compare_methods(replace(grouped.segmentation, sample=sample))
    assert len(few) == 4
