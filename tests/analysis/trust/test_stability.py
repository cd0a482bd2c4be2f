"""Stability: published values, invariants, and segments that do or do not come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from segmentation.analysis import scan_k
from segmentation.analysis.trust.prediction import predict_splits
from segmentation.analysis.trust.refits import Refit, resample
from segmentation.analysis.trust.resamples import Resamples, go_on, resample_ks
from segmentation.analysis.trust.stability import Stability, measure_stability
from tests.analysis.conftest import sample_of, unplaced
from tests.conftest import find_sample

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    centres = [[0, 0], [9, 0], [0, 9]]
    return make_blobs(240, 2, centers=centres, cluster_std=1.0, random_state=1)[0]


def resample_table(X, k=None, algorithm="kmeans", k_max=6) -> tuple[Resamples, Stability]:
    """The resamples at every k, and the stability of the segments at k, or as they were found."""
    scan = scan_k(sample_of(X), k_max, k, algorithm)
    weights = scan.sample.weights
    resamples = resample_ks(X, weights, scan.labels, scan.algorithm, "quick", 0)
    segmentation = unplaced(scan.sample, scan.found or scan.fits[k])
    return resamples, measure_stability(segmentation, resamples)


def test_clear_groups_come_back_and_too_many_do_not(blobs):
    (resamples, right), (_, wrong) = resample_table(blobs, 3), resample_table(blobs, 5)
    assert right.resampled.jaccard.min() > 0.95 and right.same > 0.98
    assert right.undecided < 0.05
    assert right.undecided_by_segment.max() < 0.1
    assert resamples.strength["mean"][3] > 0.95 > 0.8 > resamples.strength["mean"][5]
    assert wrong.resampled.jaccard.min() < 0.75 and wrong.same < right.same
    assert resamples.by_k[3].jaccard.min() > 0.95 > resamples.by_k[5].jaccard.min()


def predict(X: np.ndarray, k: int, splits: int) -> float:
    """The prediction strength of K-Means at k."""
    return predict_splits(X, np.ones(len(X)), k, splits, np.random.default_rng(0)).mean()


def test_prediction_strength_of_one_segment_is_one(blobs):
    assert predict(blobs, 1, 5) == 1


def test_noise_has_no_prediction_strength():
    X = np.random.default_rng(4).uniform(size=(300, 3))
    assert max(predict(X, k, 10) for k in (2, 3, 4)) < 0.8


def test_the_order_of_labels_changes_nothing(blobs):
    labels = scan_k(sample_of(blobs), 1, 3).fits[3].labels
    first = resample(blobs, np.ones(240), labels, 3, Refit("kmeans", 10, 0))
    second = resample(
        blobs, np.ones(240), np.array([0, 3, 1, 2])[labels], 3, Refit("kmeans", 10, 0)
    )
    np.testing.assert_allclose(first.overlaps, second.overlaps[:, [2, 0, 1]])
    np.testing.assert_allclose(first.stays, second.stays)


@pytest.mark.parametrize("algorithm", ["gmm", "ward", "hdbscan"])
def test_other_algorithms_are_fitted_anew_themselves(blobs, algorithm):
    _, stability = resample_table(blobs, 3 if algorithm != "hdbscan" else None, algorithm)
    assert stability.resampled.jaccard.min() > 0.85 and stability.same > 0.85


@pytest.mark.parametrize("algorithm", ["gmm", "ward"])
def test_the_number_of_segments_is_chosen_by_the_algorithm_itself(blobs, algorithm):
    resamples, _ = resample_table(blobs, 3, algorithm, k_max=5)
    assert resamples.algorithm == algorithm and list(resamples.by_k) == list(
        resamples.strength.index
    )
    assert resamples.strength["mean"][3] > 0.9 > 0.8 > resamples.strength["mean"][5]
    assert resamples.by_k[3].weakest > 0.85 > 0.75 > resamples.by_k[5].weakest
    noise = np.random.default_rng(4).uniform(size=(200, 3))
    weak, _ = resample_table(noise, 4, algorithm, k_max=5)
    assert weak.strength["mean"][[3, 4, 5]].max() < 0.8


def test_many_groups_far_apart_come_back():
    X, _ = make_blobs(500, 6, centers=10, center_box=(-30, 30), cluster_std=1.0, random_state=2)
    assert predict(X, 10, 10) > 0.99
    labels = scan_k(sample_of(X), 1, 10).fits[10].labels
    assert resample(X, np.ones(500), labels, 10, Refit("kmeans", 20, 0)).weakest > 0.97


def test_customers_in_no_segment_are_not_counted():
    X, _ = make_blobs([150, 100], 2, centers=[[0, 0], [9, 9]], cluster_std=0.6, random_state=3)
    X = np.vstack([X, [[40.0, -90.0]]])
    _, stability = resample_table(X, None, "dbscan", 4)
    np.testing.assert_array_equal(
        np.isnan(stability.resampled.stays), stability.resampled.labels == 0
    )
    assert (stability.resampled.labels == 0).any() and 0 < stability.same <= 1


def test_a_segment_without_a_row_that_was_drawn_is_not_judged(blobs):
    labels = scan_k(sample_of(blobs), 1, 3).fits[3].labels
    found = resample(blobs, np.ones(240), labels, 4, Refit("kmeans", 10, 0))
    assert np.isnan(found.jaccard).tolist() == [False, False, False, True]
    assert found.weakest == found.jaccard[:3].min()
    assert np.isnan(Stability(found, np.ones(240), "quick", (1, 2, 3, 4)).undecided_by_segment[4])


def test_the_same_seed_gives_the_same_numbers(blobs):
    (first, own), (second, again) = resample_table(blobs, 4), resample_table(blobs, 4)
    np.testing.assert_array_equal(own.resampled.overlaps, again.resampled.overlaps)
    pd.testing.assert_frame_equal(first.strength, second.strength)


def test_the_number_of_threads_changes_nothing(blobs):
    with threadpool_limits(2):
        first, _ = resample_table(blobs, 3)
    with threadpool_limits(1):
        second, _ = resample_table(blobs, 3)
    pd.testing.assert_frame_equal(first.strength, second.strength)


SHOPPING_MALL = "Spending Score (1-100)"


def test_the_mall_gives_the_known_strengths_and_overlaps(samples):
    frame = pd.read_csv(find_sample(samples, SHOPPING_MALL))
    X = StandardScaler().fit_transform(frame.iloc[:, 3:5])
    scan = scan_k(sample_of(X, seed=42), 7)
    early = resample_ks(X, np.ones(200), scan.labels, scan.algorithm, "full", 42)
    resamples = go_on(early, X, np.ones(200), scan.labels, 42)
    known = pd.Series([0.55, 0.95, 0.66, 0.87, 0.61, 0.53], index=range(2, 8))
    np.testing.assert_allclose(resamples.strength["mean"], known, atol=0.08)
    assert resamples.strength["mean"].loc[lambda s: s >= 0.8].index.max() == 5
    assert resamples.by_k[5].jaccard.min() >= 0.94 and resamples.by_k[6].jaccard.min() < 0.6
