"""Silhouettes, against scikit-learn and published numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import silhouette_samples

from segmentation.analysis import scan_k
from segmentation.analysis.fitting import silhouettes
from segmentation.analysis.fitting.silhouettes import (
    MOST_ROWS,
    measure_widths,
    silhouette_widths,
    update_widths,
)
from tests.analysis.conftest import sample_of


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
    monkeypatch.setattr(silhouettes, "MOST_MOVED", most)
    weights = np.random.default_rng(1).uniform(1, 3, 300)
    fit = scan_k(sample_of(blobs, weights), 1, 4).fits[4]
    labels = fit.labels.copy()
    labels[::40] = labels[::40] % 4 + 1
    changed = replace(fit, labels=labels)
    moved = update_widths(blobs, weights, changed, fit.labels, 0)
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


@pytest.mark.long
def test_above_the_limit_silhouettes_are_sampled_by_segment():
    X, _ = make_blobs(MOST_ROWS + 4_000, 2, centers=3, random_state=1)
    scan = scan_k(sample_of(X), 3)
    rows = np.flatnonzero(np.isfinite(scan.fits[3].widths))
    assert len(rows) == MOST_ROWS
    share = np.bincount(scan.fits[3].labels[rows])[1:] / len(rows)
    np.testing.assert_allclose(share, np.bincount(scan.fits[3].labels)[1:] / len(X), atol=1e-4)
