"""Scores over k, against scikit-learn and published numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kneed import DataGenerator, KneeLocator
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
    silhouette_score,
)

from segmentation.analysis import find_elbows, list_ks, scan_k
from segmentation.analysis.fitting import scan as diagnostics
from segmentation.analysis.fitting.scan import (
    MOST_FOR_SILHOUETTE,
    Scan,
    measure_widths,
    move_widths,
    silhouette_widths,
)


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    return make_blobs(300, 3, centers=4, random_state=2)[0]


def test_every_score_equals_scikit_learns(blobs):
    scan = scan_k(blobs, np.ones(300), list_ks(6), 0)
    assert scan.table.index.tolist() == [1, 2, 3, 4, 5, 6]
    for k in range(2, 7):
        labels, row = scan.segments[k].labels, scan.table.loc[k]
        assert row["silhouette"] == pytest.approx(silhouette_score(blobs, labels), abs=1e-12)
        assert row["calinski_harabasz"] == pytest.approx(calinski_harabasz_score(blobs, labels))
        assert row["davies_bouldin"] == pytest.approx(davies_bouldin_score(blobs, labels))


@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 4))
def test_silhouettes_of_any_labels_equal_scikit_learns(seed, k, d):
    rng = np.random.default_rng(seed)
    X, labels = rng.normal(size=(40, d)), rng.integers(0, k, 40)
    labels = np.unique(labels, return_inverse=True)[1]
    if labels.max() == 0:
        labels[0] = 1
    ours = silhouette_widths(X, [labels + 1])[0]
    np.testing.assert_allclose(ours, silhouette_samples(X, labels), atol=1e-9)


def test_weights_count_as_repeated_rows(blobs):
    labels = KMeans(3, n_init=1, random_state=0).fit(blobs).labels_ + 1
    twice = silhouette_widths(np.vstack([blobs, blobs[:50]]), [np.r_[labels, labels[:50]]])[0]
    weighted = silhouette_widths(blobs, [labels], np.r_[np.full(50, 2.0), np.ones(250)])[0]
    np.testing.assert_allclose(weighted[50:], twice[50:300], atol=1e-9)


@pytest.mark.parametrize("most", [0, 1000])
def test_silhouettes_of_rows_that_moved_are_those_measured_anew(blobs, monkeypatch, most):
    monkeypatch.setattr(diagnostics, "MOST_MOVED", most)
    weights = np.random.default_rng(1).uniform(1, 3, 300)
    fit = scan_k(blobs, weights, [4], 0).segments[4]
    labels = fit.labels.copy()
    labels[::40] = labels[::40] % 4 + 1
    changed = replace(fit, labels=labels)
    moved = move_widths(blobs, weights, changed, fit.labels, 0)
    anew = measure_widths(blobs, weights, [changed], 0)[0]
    np.testing.assert_allclose(moved.widths, anew.widths, atol=1e-12)
    assert moved.silhouette == pytest.approx(anew.silhouette, abs=1e-12)
    assert moved.silhouette != pytest.approx(fit.silhouette, abs=1e-3)


def test_scikit_learns_documented_example_holds():
    X, _ = make_blobs(
        500, 2, centers=4, cluster_std=1, center_box=(-10.0, 10.0), shuffle=True, random_state=1
    )
    published = {2: 0.7049787496, 3: 0.5882004012, 4: 0.6505186633}
    for k, value in published.items():
        labels = KMeans(k, random_state=10).fit_predict(X) + 1
        assert silhouette_widths(X, [labels])[0].mean() == pytest.approx(value, abs=1e-8)


def test_the_scan_stops_where_the_rows_end():
    scan = scan_k(np.array([[0.0], [1.0], [1.0], [5.0]]), np.ones(4), list_ks(10), 0)
    assert scan.table.index.tolist() == [1, 2, 3]


def test_a_given_k_beyond_the_scan_is_added(blobs):
    assert scan_k(blobs, np.ones(300), list_ks(3, 9), 0).table.index.tolist() == [1, 2, 3, 9]


def test_the_same_seed_gives_the_same_scan(blobs):
    first, second = (scan_k(blobs, np.ones(300), list_ks(5), 3).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_above_the_limit_silhouettes_are_sampled_by_segment():
    X, _ = make_blobs(MOST_FOR_SILHOUETTE + 4_000, 2, centers=3, random_state=1)
    scan = scan_k(X, np.ones(len(X)), list_ks(3), 0)
    rows = np.flatnonzero(np.isfinite(scan.segments[3].widths))
    assert len(rows) == MOST_FOR_SILHOUETTE
    share = np.bincount(scan.segments[3].labels[rows])[1:] / len(rows)
    np.testing.assert_allclose(share, np.bincount(scan.segments[3].labels)[1:] / len(X), atol=1e-4)


def scan_of(**columns) -> Scan:
    table = pd.DataFrame(
        columns, index=pd.Index(range(1, 1 + len(next(iter(columns.values())))), name="k")
    )
    return Scan(table, {})


def test_the_elbow_is_where_the_curve_bends_and_may_move_with_the_window():
    inertia = [100.0, 40.0, 10.0, 9.0, 8.0, 7.0]
    assert find_elbows(scan_of(inertia=inertia)) == {5: 3, 6: 3}
    assert find_elbows(scan_of(inertia=[10.0, 5.0])) == {}
    moving = [100.0, 70.0, 50.0, 35.0, 25.0, 20.0, 17.0, 15.0, 14.0]
    assert len(set(find_elbows(scan_of(inertia=moving)).values())) > 1


def test_kneeds_published_example_holds():
    x, y = DataGenerator.figure2()
    assert KneeLocator(x, y, S=1, curve="concave").knee == pytest.approx(0.2222, abs=1e-4)
