"""Stability: published values, invariants, and segments that do or do not come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from segmentation.analysis import list_ks, measure_stability, scan_k, try_ks
from segmentation.analysis.trust.stability import Stability, jaccard, prediction_strength, resample
from tests.conftest import find_sample


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    centres = [[0, 0], [9, 0], [0, 9]]
    return make_blobs(240, 2, centers=centres, cluster_std=1.0, random_state=1)[0]


def try_out(X, k=None, algorithm="kmeans", k_max=6):
    """The trials at every k, and the stability of the segments at k, or as they were found."""
    weights = np.ones(len(X))
    scan = scan_k(X, weights, list_ks(k_max, k), 0, algorithm)
    trials = try_ks(X, weights, scan, "quick", 0)
    segments = scan.found or scan.segments[k]
    return trials, measure_stability(X, weights, trials, segments, 0)


def test_the_published_jaccard_holds():
    # R fpc, clujaccard: ten members against the last nine of them.
    one, other = np.ones(10, dtype=int), np.r_[0, np.ones(9, dtype=int)]
    assert jaccard(one, other, np.ones(10), 1)[0, 0] == pytest.approx(0.9)


def test_jaccard_counts_weights_and_segments_that_were_not_drawn():
    one, other = np.array([1, 1, 3]), np.array([1, 2, 2])
    found = jaccard(one, other, np.array([2.0, 1.0, 1.0]), 3)
    np.testing.assert_allclose(found, [[2 / 3, 1 / 4], [0, 0], [0, 1 / 2]])


def test_clear_groups_come_back_and_too_many_do_not(blobs):
    (trials, right), (_, wrong) = try_out(blobs, 3), try_out(blobs, 5)
    assert right.own.jaccard.min() > 0.95 and right.same > 0.98 and right.border < 0.05
    assert right.borders.max() < 0.1
    assert trials.strength["mean"][3] > 0.95 > 0.8 > trials.strength["mean"][5]
    assert wrong.own.jaccard.min() < 0.75 and wrong.same < right.same
    assert trials.tried[3].jaccard.min() > 0.95 > trials.tried[5].jaccard.min()


def test_prediction_strength_of_one_segment_is_one(blobs):
    assert prediction_strength(blobs, np.ones(240), 1, 5, 0)[0] == 1


def test_noise_has_no_prediction_strength():
    X = np.random.default_rng(4).uniform(size=(300, 3))
    assert max(prediction_strength(X, np.ones(300), k, 10, 0)[0] for k in (2, 3, 4)) < 0.8


def test_the_order_of_labels_changes_nothing(blobs):
    labels = scan_k(blobs, np.ones(240), [1, 3], 0).segments[3].labels
    first = resample(blobs, np.ones(240), labels, 3, "kmeans", 10, 0)
    second = resample(blobs, np.ones(240), np.array([0, 3, 1, 2])[labels], 3, "kmeans", 10, 0)
    np.testing.assert_allclose(first.overlaps, second.overlaps[:, [2, 0, 1]])
    np.testing.assert_allclose(first.kept, second.kept)


@pytest.mark.parametrize("algorithm", ["gmm", "ward", "hdbscan"])
def test_other_algorithms_are_fitted_anew_themselves(blobs, algorithm):
    _, stability = try_out(blobs, 3 if algorithm != "hdbscan" else None, algorithm)
    assert stability.own.jaccard.min() > 0.85 and stability.same > 0.85


@pytest.mark.parametrize("algorithm", ["gmm", "ward"])
def test_the_number_of_segments_is_chosen_by_the_algorithm_itself(blobs, algorithm):
    trials, _ = try_out(blobs, 3, algorithm)
    assert trials.algorithm == algorithm and list(trials.tried) == list(trials.strength.index)
    assert trials.strength["mean"][3] > 0.9 > 0.8 > trials.strength["mean"][5]
    assert trials.tried[3].least > 0.85 > 0.75 > trials.tried[5].least
    noise = np.random.default_rng(4).uniform(size=(200, 3))
    weak, _ = try_out(noise, 4, algorithm)
    assert weak.strength["mean"][[3, 4, 5]].max() < 0.8


def test_many_groups_far_apart_come_back():
    X, _ = make_blobs(500, 6, centers=10, center_box=(-30, 30), cluster_std=1.0, random_state=2)
    assert prediction_strength(X, np.ones(500), 10, 10, 0)[0] > 0.99
    labels = scan_k(X, np.ones(500), [10], 0).segments[10].labels
    assert resample(X, np.ones(500), labels, 10, "kmeans", 20, 0).least > 0.97


def test_customers_in_no_segment_are_not_counted():
    X, _ = make_blobs([150, 100], 2, centers=[[0, 0], [9, 9]], cluster_std=0.6, random_state=3)
    X = np.vstack([X, [[40.0, -90.0]]])
    _, stability = try_out(X, None, "dbscan", 4)
    np.testing.assert_array_equal(np.isnan(stability.own.kept), stability.own.labels == 0)
    assert (stability.own.labels == 0).any() and 0 < stability.same <= 1


def test_a_segment_without_a_row_that_was_drawn_is_not_judged(blobs):
    labels = scan_k(blobs, np.ones(240), [1, 3], 0).segments[3].labels
    found = resample(blobs, np.ones(240), labels, 4, "kmeans", 10, 0)
    assert np.isnan(found.jaccard).tolist() == [False, False, False, True]
    assert found.least == found.jaccard[:3].min()
    assert np.isnan(Stability(found, np.ones(240), "quick").borders[3])


def test_the_same_seed_gives_the_same_numbers(blobs):
    (first, own), (second, again) = try_out(blobs, 4), try_out(blobs, 4)
    np.testing.assert_array_equal(own.own.overlaps, again.own.overlaps)
    pd.testing.assert_frame_equal(first.strength, second.strength)


def test_the_number_of_threads_changes_nothing(blobs):
    with threadpool_limits(2):
        first, _ = try_out(blobs, 3)
    with threadpool_limits(1):
        second, _ = try_out(blobs, 3)
    pd.testing.assert_frame_equal(first.strength, second.strength)


SHOPPING_MALL = "Spending Score (1-100)"


def test_the_mall_gives_the_known_strengths_and_overlaps(samples):
    frame = pd.read_csv(find_sample(samples, SHOPPING_MALL))
    X = StandardScaler().fit_transform(frame.iloc[:, 3:5])
    scan = scan_k(X, np.ones(200), list_ks(7), 42)
    trials = try_ks(X, np.ones(200), scan, "full", 42)
    known = pd.Series([0.55, 0.95, 0.66, 0.87, 0.61, 0.53], index=range(2, 8))
    np.testing.assert_allclose(trials.strength["mean"], known, atol=0.08)
    assert trials.strength["mean"].loc[lambda s: s >= 0.8].index.max() == 5
    assert trials.tried[5].jaccard.min() >= 0.94 and trials.tried[6].jaccard.min() < 0.6
