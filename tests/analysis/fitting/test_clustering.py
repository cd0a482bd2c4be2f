"""The segments, against plain scikit-learn and published numbers."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from segmentation.analysis import fit_scales, take_sample
from segmentation.analysis.fitting.clustering import (
    find_segments,
    fit_all,
    fit_segments,
    number_by_size,
    predict,
)
from segmentation.data import InputError, open_table
from tests.conftest import ROOT


def test_the_articles_customers_get_the_articles_segments():
    path = ROOT / "data" / "customers.csv"
    table = open_table(path)
    features = ["AnnualIncome_k$", "SpendingScore"]
    scales = fit_scales(table, features)
    sample = take_sample(table, scales)
    ours = fit_segments(sample.X, sample.weights, 3, 42)

    frame = pd.read_csv(path)[features]
    scaler = StandardScaler()
    plain = KMeans(n_clusters=3, n_init=10, random_state=42).fit(scaler.fit_transform(frame))
    match = {theirs: ours.labels[plain.labels_ == theirs] for theirs in range(3)}
    assert all(len(set(labels)) == 1 for labels in match.values())
    centres = np.column_stack(
        [scale.invert(ours.centres[:, at]) for at, scale in enumerate(scales)]
    )
    theirs = scaler.inverse_transform(plain.cluster_centers_)
    order = [match[segment][0] - 1 for segment in range(3)]
    np.testing.assert_allclose(centres[order], theirs, rtol=1e-9)


def test_segments_are_numbered_largest_first_then_by_the_first_feature():
    centres = np.array([[5.0], [1.0], [3.0]])
    order = number_by_size(np.array([0, 0, 1, 1, 2, 2, 2, -1]), np.ones(8), centres)
    assert order.tolist() == [2, 1, 0]


def test_weights_count_as_repeated_rows():
    X, _ = make_blobs(40, 2, random_state=5)
    twice = fit_segments(np.vstack([X, X[:10]]), np.ones(50), 3, 0)
    weighted = fit_segments(X, np.r_[np.full(10, 2.0), np.ones(30)], 3, 0)
    assert weighted.inertia == pytest.approx(twice.inertia)
    np.testing.assert_array_equal(weighted.labels, twice.labels[:40])


def test_more_segments_than_different_customers_are_refused():
    with pytest.raises(InputError, match="3 segments cannot be made"):
        fit_segments(np.array([[0.0], [0.0], [1.0]]), np.ones(3), 3, 0)


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm", "ward"])
def test_every_algorithm_finds_planted_groups_and_numbers_them_by_size(algorithm):
    X, group = make_blobs([50, 30, 20], 3, random_state=1, cluster_std=0.5)
    found = fit_segments(X, np.ones(100), 3, 0, algorithm)
    assert (found.labels == group + 1).all()
    np.testing.assert_allclose(found.centres[0], X[group == 0].mean(axis=0), atol=0.01)


def test_wards_cuts_are_scikit_learns():
    X, _ = make_blobs(120, 2, centers=5, cluster_std=2.0, random_state=4)
    for k, found in fit_all(X, np.ones(120), range(2, 9), 0, "ward").items():
        plain = AgglomerativeClustering(k).fit(X)
        assert adjusted_rand_score(plain.labels_, found.labels) == 1


@pytest.mark.parametrize("algorithm", ["dbscan", "hdbscan"])
def test_density_finds_the_number_of_groups_and_leaves_customers_outside(algorithm):
    X, group = make_blobs([120, 80], 2, centers=[[0, 0], [9, 9]], cluster_std=0.6, random_state=3)
    X = np.vstack([X, [[40.0, -90.0], [-90.0, 40.0]]])
    found = find_segments(X, np.ones(202), algorithm)
    assert found.k == 2 and found.labels[-2:].tolist() == [0, 0]
    placed = found.labels[:200] > 0
    assert placed.mean() > 0.85 and (found.labels[:200] == group + 1)[placed].all()
    own = X[found.labels == 1]
    np.testing.assert_allclose(found.centres[0], own.mean(axis=0))


@pytest.mark.parametrize("algorithm", ["dbscan", "hdbscan"])
def test_an_even_spread_without_dense_groups_is_refused(algorithm):
    X = np.array([[across, up] for across in range(15) for up in range(15)], dtype=float)
    with pytest.raises(InputError, match="no segments"):
        find_segments(X, np.ones(225), algorithm)


@pytest.mark.parametrize("algorithm", ["ward", "dbscan", "hdbscan"])
def test_a_weighted_sample_is_refused_by_those_that_need_every_row(algorithm):
    X, weights = np.random.default_rng(0).normal(size=(50, 2)), np.arange(1.0, 51.0)
    fit = fit_all if algorithm == "ward" else find_segments
    with pytest.raises(InputError, match="compares all customers"):
        fit(X, weights, *([[3], 0] if algorithm == "ward" else []), algorithm)


def test_mixtures_and_others_place_rows_as_scikit_learn_does():
    X, _ = make_blobs(300, 3, centers=3, cluster_std=[0.5, 2.0, 4.0], random_state=0)
    new = np.random.default_rng(1).uniform(-12, 12, size=(500, 3))
    for algorithm in ("gmm", "kmeans"):
        fit = fit_segments(X, np.ones(300), 3, 0, algorithm)
        np.testing.assert_array_equal(predict(X, fit), fit.labels)
    own = fit_segments(X, np.ones(300), 3, 0, "gmm")
    theirs = GaussianMixture(3)
    theirs.weights_, theirs.means_ = own.mixture.shares, own.centres
    theirs.precisions_cholesky_ = own.mixture.factors
    np.testing.assert_array_equal(predict(new, own), theirs.predict(new) + 1)
    ward = fit_segments(X, np.ones(300), 3, 0, "ward")
    np.testing.assert_array_equal(predict(ward.centres, ward), [1, 2, 3])


def test_usarrests_gives_the_published_solution():
    # R: kmeans(scale(USArrests), 4, nstart = 50); R divides by n − 1, StandardScaler by n.
    X = StandardScaler().fit_transform(USARRESTS)
    fit = fit_segments(X, np.ones(50), 4, 42)
    assert np.bincount(fit.labels)[1:].tolist() == [16, 13, 13, 8]
    within = 16.212213 + 19.922437 + 11.952463 + 8.316061
    assert fit.inertia * 49 / 50 == pytest.approx(within, rel=1e-6)


# Murder, assault, urban population in per cent, rape per 100,000 residents; McNeil (1977).
USARRESTS = np.loadtxt(
    io.StringIO(
        """
13.2 236 58 21.2 10 263 48 44.5 8.1 294 80 31 8.8 190 50 19.5 9 276 91 40.6 7.9 204 78 38.7
3.3 110 77 11.1 5.9 238 72 15.8 15.4 335 80 31.9 17.4 211 60 25.8 5.3 46 83 20.2 2.6 120 54 14.2
10.4 249 83 24 7.2 113 65 21 2.2 56 57 11.3 6 115 66 18 9.7 109 52 16.3 15.4 249 66 22.2
2.1 83 51 7.8 11.3 300 67 27.8 4.4 149 85 16.3 12.1 255 74 35.1 2.7 72 66 14.9 16.1 259 44 17.1
9 178 70 28.2 6 109 53 16.4 4.3 102 62 16.5 12.2 252 81 46 2.1 57 56 9.5 7.4 159 89 18.8
11.4 285 70 32.1 11.1 254 86 26.1 13 337 45 16.1 0.8 45 44 7.3 7.3 120 75 21.4 6.6 151 68 20
4.9 159 67 29.3 6.3 106 72 14.9 3.4 174 87 8.3 14.4 279 48 22.5 3.8 86 45 12.8 13.2 188 59 26.9
12.7 201 80 25.5 3.2 120 80 22.9 2.2 48 32 11.2 8.5 156 63 20.7 4 145 73 26.2 5.7 81 39 9.3
2.6 53 66 10.8 6.8 161 60 15.6""".replace(" ", "\n")
    )
).reshape(50, 4)
