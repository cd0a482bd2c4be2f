"""The engine's labels are those of the fit, whatever the algorithm, and of every row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import multivariate_normal
from sklearn.datasets import make_blobs

from segmentation.analysis import fit_scales, place_customers, take_sample
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.fitting.segmentation import segment_sample
from segmentation.analysis.passes.placed_rows import CERTAINTY, DIGITS, SECOND, SEGMENT
from segmentation.data import ROW, open_table
from tests.analysis.conftest import analyse

pytestmark = pytest.mark.long

ROUNDED = 0.51 * 10**-DIGITS


@settings(max_examples=15)
@given(st.integers(0, 1_000), st.integers(2, 6))
def test_the_engine_gives_scikit_learns_labels(seed, k):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.normal(size=80), "b": rng.lognormal(2, 2, 80)})
    table = open_table(frame)
    sample = take_sample(table, fit_scales(table, ["a", "b"]))
    fit = fit_segments(sample.X, sample.weights, k, seed)
    found = segment_sample(sample, fit).customers.order_by(ROW).execute()
    np.testing.assert_array_equal(found[SEGMENT], fit.labels)
    distance = np.sort(np.linalg.norm(sample.X[:, None] - fit.centres, axis=2), axis=1)
    np.testing.assert_allclose(found[CERTAINTY], 1 - distance[:, 0] / distance[:, 1], atol=ROUNDED)
    assert (found[SEGMENT] != found[SECOND]).all()


def test_a_row_without_a_value_has_no_segment(analysis):
    row = analysis.assigned.execute().set_index(ROW).loc[8]
    assert row[[SEGMENT, SECOND, CERTAINTY]].isna().all()


def test_a_mixture_places_by_posterior_probability():
    X, _ = make_blobs(300, 3, centers=3, cluster_std=2.5, random_state=8)
    table = open_table(pd.DataFrame(X, columns=list("abc")))
    sample = take_sample(table, fit_scales(table, list("abc")))
    fit = fit_segments(sample.X, sample.weights, 3, 0, "gmm")
    mixture = fit.mixture
    parts = zip(fit.centres, mixture.shares, mixture.factors, strict=True)
    logs = [
        np.log(share) + multivariate_normal(mean, np.linalg.inv(f @ f.T)).logpdf(sample.X)
        for mean, share, f in parts
    ]
    posterior = softmax(np.column_stack(logs), axis=1)
    found = segment_sample(sample, fit).customers.order_by(ROW).execute()
    np.testing.assert_array_equal(found[SEGMENT], fit.labels)
    np.testing.assert_array_equal(found[SEGMENT], posterior.argmax(axis=1) + 1)
    np.testing.assert_allclose(found[CERTAINTY], posterior.max(axis=1), atol=ROUNDED)
    np.testing.assert_array_equal(found[SECOND], np.argsort(posterior, axis=1)[:, -2] + 1)


def test_labels_by_row_reach_their_rows_and_no_others(customers):
    a = analyse(customers, 3, "ward")
    found = a.assigned.order_by(ROW).execute().set_index(ROW)
    assert found.loc[a.sample.frame.index, SEGMENT].tolist() == a.segments.labels.tolist()
    assert found[SEGMENT].isna().tolist() == customers["visits"].isna().tolist()
    assert found[[SECOND, CERTAINTY]].isna().all(axis=None)


def test_customers_outside_every_group_have_no_segment_and_are_counted():
    X, _ = make_blobs([150, 100], 2, centers=[[0, 0], [9, 9]], cluster_std=0.6, random_state=3)
    a = analyse(pd.DataFrame([*X, [4.5, -9.0]], columns=["a", "b"]), None, "dbscan")
    outside = int((a.segments.labels == 0).sum())
    assert outside and a.assigned[SEGMENT].isnull().sum().execute() == outside
    assert a.profiles.customers == 251 - outside


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm"])
def test_the_segments_of_a_sample_are_polished_and_numbered_by_all_rows(algorithm):
    X, _ = make_blobs(6_000, 2, centers=4, cluster_std=2.0, random_state=5)
    table = open_table(pd.DataFrame(X, columns=["a", "b"]))
    sample = take_sample(table, fit_scales(table, ["a", "b"]), sample_rows=1_000)
    whole = take_sample(table, sample.scales)
    fit = fit_segments(sample.X, sample.weights, 4, 0, algorithm)

    def tightness(segments):
        assigned = segment_sample(sample, segments).customers.order_by(ROW).execute()
        away = whole.X - segments.centres[assigned[SEGMENT] - 1]
        return (away**2).sum(), assigned[SEGMENT].value_counts(sort=False)[[1, 2, 3, 4]]

    polished = place_customers(sample, fit, 2)
    before, after = tightness(fit), tightness(polished.segments)
    assert after[0] < before[0] if algorithm == "kmeans" else after[0] == pytest.approx(before[0])
    assert after[1].is_monotonic_decreasing
    placed = polished.customers.execute().set_index(ROW)
    assert placed.loc[sample.frame.index, SEGMENT].tolist() == polished.labels.tolist()
    assert polished.placed_labels.tolist() == polished.labels.tolist()
    assert polished.sizes.tolist() == after[1].tolist()
    again = segment_sample(sample, polished.segments)
    assert again.placement.numbers == (1, 2, 3, 4)
    for name in (SEGMENT, SECOND, CERTAINTY):
        np.testing.assert_allclose(again.placed[name], polished.placed[name], rtol=1e-12)
    assert place_customers(whole, fit, 2).segments is fit


@pytest.mark.parametrize("algorithm", ["kmeans", "ward"])
def test_other_numbers_are_those_of_the_same_customers_everywhere(grouped, algorithm):
    before = analyse(grouped.frame, 4, algorithm).segmentation
    after = before.with_numbers([7, 2, 9, 3])
    number = {1: 7, 2: 2, 3: 9, 4: 3}
    assert after.numbers == (2, 3, 7, 9)
    assert after.labels.tolist() == [number[old] for old in before.labels]
    assert after.placed_labels.tolist() == [number[old] for old in before.placed_labels]
    assert after.sizes.to_dict() == {number[old]: n for old, n in before.sizes.items()}
    for old, silhouette in before.silhouettes.items():
        assert after.silhouettes[number[old]] == pytest.approx(silhouette)
    np.testing.assert_array_equal(after.segments.centres[2], before.segments.centres[0])
    if algorithm == "kmeans":
        assert after.placement.numbers == after.numbers
        then, now = (part.placed.to_pandas()[SECOND] for part in (before, after))
        assert now.tolist() == then.map(number).tolist()
