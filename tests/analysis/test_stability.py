"""Stability: published values, invariants, and segments that do or do not come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

from segmentation.analysis import choose_segments, list_ks, measure_stability, scan_k
from segmentation.analysis.stability import jaccard, prediction_strength, resample


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    centres = [[0, 0], [9, 0], [0, 9]]
    return make_blobs(240, 2, centers=centres, cluster_std=1.0, random_state=1)[0]


def measure(X, k=None, algorithm="kmeans", k_max=6):
    scan = scan_k(X, np.ones(len(X)), list_ks(k_max, k), 0, algorithm)
    return measure_stability(X, np.ones(len(X)), scan, choose_segments(scan, k), "quick", 0)


def test_the_published_jaccard_holds():
    # R fpc, clujaccard: ten members against the last nine of them.
    one, other = np.ones(10, dtype=int), np.r_[0, np.ones(9, dtype=int)]
    assert jaccard(one, other, np.ones(10), 1)[0, 0] == pytest.approx(0.9)


def test_jaccard_counts_weights_and_segments_that_were_not_drawn():
    one, other = np.array([1, 1, 3]), np.array([1, 2, 2])
    found = jaccard(one, other, np.array([2.0, 1.0, 1.0]), 3)
    np.testing.assert_allclose(found, [[2 / 3, 1 / 4], [0, 0], [0, 1 / 2]])


def test_clear_groups_come_back_and_too_many_do_not(blobs):
    right, wrong = measure(blobs, 3), measure(blobs, 5)
    assert right.own.min() > 0.95 and right.same > 0.98 and right.border < 0.05
    assert right.strength["mean"][3] > 0.95 > 0.8 > right.strength["mean"][5]
    assert wrong.own.min() < 0.75 and wrong.same < right.same
    assert right.jaccard[3].min() > 0.95 > right.jaccard[5].min()


def test_prediction_strength_of_one_segment_is_one(blobs):
    assert prediction_strength(blobs, np.ones(240), [1], 5, 0)["mean"][1] == 1


def test_noise_has_no_prediction_strength():
    X = np.random.default_rng(4).uniform(size=(300, 3))
    assert prediction_strength(X, np.ones(300), [2, 3, 4], 10, 0)["mean"].max() < 0.8


def test_the_order_of_labels_changes_nothing(blobs):
    scan = scan_k(blobs, np.ones(240), [1, 3], 0)
    labels = scan.segments[3].labels
    first, kept = resample(blobs, np.ones(240), labels, "kmeans", 10, 0)
    renamed = np.array([0, 3, 1, 2])[labels]
    second, kept_too = resample(blobs, np.ones(240), renamed, "kmeans", 10, 0)
    np.testing.assert_allclose(first, second[:, [2, 0, 1]])
    np.testing.assert_allclose(kept, kept_too)


@pytest.mark.parametrize("algorithm", ["gmm", "ward", "hdbscan"])
def test_other_algorithms_are_fitted_anew_themselves(blobs, algorithm):
    stability = measure(blobs, 3 if algorithm != "hdbscan" else None, algorithm)
    assert stability.own.min() > 0.85 and stability.same > 0.85


def test_customers_in_no_segment_are_not_counted():
    X, _ = make_blobs([150, 100], 2, centers=[[0, 0], [9, 9]], cluster_std=0.6, random_state=3)
    X = np.vstack([X, [[40.0, -90.0]]])
    scan = scan_k(X, np.ones(251), list_ks(4), 0, "dbscan")
    stability = measure_stability(X, np.ones(251), scan, scan.found, "quick", 0)
    np.testing.assert_array_equal(np.isnan(stability.kept), scan.found.labels == 0)
    assert 0 < stability.same <= 1


def test_the_same_seed_gives_the_same_numbers(blobs):
    first, second = measure(blobs, 4), measure(blobs, 4)
    np.testing.assert_array_equal(first.overlaps, second.overlaps)
    pd.testing.assert_frame_equal(first.strength, second.strength)


def test_the_mall_gives_the_known_strengths_and_overlaps(samples):
    frame = pd.read_csv(samples / "mall_customers" / "Mall_Customers.csv")
    X = StandardScaler().fit_transform(frame.iloc[:, 3:5])
    scan = scan_k(X, np.ones(200), list_ks(7), 42)
    found = measure_stability(X, np.ones(200), scan, scan.segments[5], "full", 42)
    known = pd.Series([0.55, 0.95, 0.66, 0.87, 0.61, 0.53], index=range(2, 8))
    np.testing.assert_allclose(found.strength["mean"], known, atol=0.08)
    assert found.strength["mean"].loc[lambda s: s >= 0.8].index.max() == 5
    assert found.jaccard[5].min() >= 0.94 and found.jaccard[6].min() < 0.6
