"""Other methods on the same customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.datasets import make_blobs

from segmentation.analysis import compare_methods, fit_segments


def test_clear_groups_are_found_by_every_method(grouped):
    found = compare_methods(grouped.prepared.X, np.ones(400), grouped.segments, 0)
    assert found.index.tolist() == ["Gaussian mixture", "Ward", "DBSCAN", "HDBSCAN"]
    assert (found["agreement"] > 0.9).all() and (found.drop(index="DBSCAN")["segments"] == 4).all()


def test_the_own_method_is_not_compared_with_itself(grouped):
    ward = fit_segments(grouped.prepared.X, np.ones(400), 4, 0, "ward")
    found = compare_methods(grouped.prepared.X, np.ones(400), ward, 0)
    assert "Ward" not in found.index and "K-Means" in found.index


def test_a_method_that_finds_nothing_says_so():
    X = np.array([[x, y] for x in range(20) for y in range(20)], dtype=float)
    found = compare_methods(X, np.ones(400), fit_segments(X, np.ones(400), 3, 0), 0)
    nothing = found[found["segments"] == 0]
    assert len(nothing) and nothing["agreement"].isna().all()
    assert nothing["without_segment"].isna().all()


def test_the_torn_segment_is_named():
    X, which = make_blobs([100, 100, 100], 2, centers=[[0, 0], [20, 0], [0, 20]], random_state=0)
    merged = fit_segments(X, np.ones(300), 2, 0)
    found = compare_methods(X, np.ones(300), merged, 0)
    torn = found.loc["HDBSCAN"]
    counts = pd.Series(which).groupby(merged.labels).nunique()
    assert torn["torn_segment"] == counts.idxmax() and torn["torn_share"] > 0.4


def test_a_weighted_sample_is_drawn_by_weight(grouped):
    weights = np.where(grouped.segments.labels == 1, 1e-9, 1.0)
    few = compare_methods(grouped.prepared.X, weights, grouped.segments, 0)
    assert len(few) == 4
