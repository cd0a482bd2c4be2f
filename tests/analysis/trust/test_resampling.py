"""Many weighted K-Means at once: the same as scikit-learn's, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs

from segmentation.analysis.trust.resampling import (
    fit_weightings,
    gather_rows,
    label_rows,
    run_lloyd,
)


@pytest.fixture
def rows() -> np.ndarray:
    return make_blobs(150, 3, centers=5, cluster_std=3.0, random_state=7)[0]


def test_from_the_same_start_every_weighting_ends_where_scikit_learn_does(rows):
    rng = np.random.default_rng(0)
    weightings = rng.integers(0, 4, (150, 12)).astype(float)
    start = rows[rng.choice(150, 4, replace=False)]
    starts = np.repeat(start[None], 12, axis=0)
    found = run_lloyd(*gather_rows(rows, weightings), starts, 300)[0]
    for weights, centres in zip(weightings.T, found, strict=True):
        plain = KMeans(4, init=start, n_init=1, tol=0).fit(rows, sample_weight=weights)
        np.testing.assert_allclose(centres, plain.cluster_centers_, atol=1e-9)


def test_rows_that_weigh_nothing_are_left_out():
    X, weightings = np.arange(8.0).reshape(4, 2), np.array([[0, 1], [2, 0], [0, 0], [1, 0]])
    rows, weights = gather_rows(X, weightings)
    np.testing.assert_array_equal(weights, [[2, 1], [1, 0]])
    np.testing.assert_array_equal(rows[0].T, X[[1, 3]])
    np.testing.assert_array_equal(rows[1].T[0], X[0])


def test_starts_of_its_own_come_close_to_the_best_of_many(rows):
    weightings = np.random.default_rng(1).integers(0, 3, (150, 20)).astype(float)
    found, ratios = fit_weightings(rows, weightings, 5, np.random.default_rng(2)), []
    for weights, centres in zip(weightings.T, found, strict=True):
        best = KMeans(5, n_init=25, random_state=0).fit(rows, sample_weight=weights).inertia_
        away = ((rows[:, None] - centres) ** 2).sum(axis=2).min(axis=1)
        ratios.append(weights @ away / best)
    assert max(ratios) <= 1.1 and np.mean(ratios) <= 1.03


def test_labels_are_those_of_the_nearest_centre(rows):
    sets = np.random.default_rng(3).normal(size=(6, 4, 3))
    for at, centres in enumerate(sets):
        away = ((rows[:, None] - centres) ** 2).sum(axis=2)
        np.testing.assert_array_equal(label_rows(rows, sets)[:, at], away.argmin(axis=1))


def test_fewer_different_rows_than_segments_do_no_harm():
    X = np.array([[0.0], [0.0], [1.0], [1.0]])
    found = fit_weightings(X, np.ones((4, 3)), 3, np.random.default_rng(0))
    assert np.isfinite(found).all() and set(np.unique(found)) <= {0.0, 1.0}
