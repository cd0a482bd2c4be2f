"""Scores over k, against scikit-learn and published numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from kneed import DataGenerator, KneeLocator
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from segmentation.analysis import scan_k
from segmentation.analysis.fitting.scan import Scan, find_elbows
from tests.analysis.conftest import sample_of


def test_every_score_equals_scikit_learns(blobs):
    scan = scan_k(sample_of(blobs), 6)
    assert scan.table.index.tolist() == [1, 2, 3, 4, 5, 6]
    for k in range(2, 7):
        labels, row = scan.fits[k].labels, scan.table.loc[k]
        assert row["silhouette"] == pytest.approx(silhouette_score(blobs, labels), abs=1e-12)
        assert row["calinski_harabasz"] == pytest.approx(calinski_harabasz_score(blobs, labels))
        assert row["davies_bouldin"] == pytest.approx(davies_bouldin_score(blobs, labels))


def test_the_scan_stops_where_the_rows_end():
    scan = scan_k(sample_of(np.array([[0.0], [1.0], [1.0], [5.0]])), 10)
    assert scan.table.index.tolist() == [1, 2, 3]


def test_a_given_k_beyond_the_scan_is_added(blobs):
    scan = scan_k(sample_of(blobs), 3, 9)
    assert scan.table.index.tolist() == [1, 2, 3, 9] and scan.k_max == 3


def test_the_same_seed_gives_the_same_scan(blobs):
    first, second = (scan_k(sample_of(blobs, seed=3), 5).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def scan_of(**columns) -> Scan:
    table = pd.DataFrame(
        columns, index=pd.Index(range(1, 1 + len(next(iter(columns.values())))), name="k")
    )
    return Scan(None, table, {}, None, 10)  # type: ignore[arg-type]


def test_the_elbow_is_where_the_curve_bends_and_may_move_with_the_window():
    inertia = [100.0, 40.0, 10.0, 9.0, 8.0, 7.0]
    assert find_elbows(scan_of(inertia=inertia)) == {5: 3, 6: 3}
    assert find_elbows(scan_of(inertia=[10.0, 5.0])) == {}
    moving = [100.0, 70.0, 50.0, 35.0, 25.0, 20.0, 17.0, 15.0, 14.0]
    assert len(set(find_elbows(scan_of(inertia=moving)).values())) > 1


def test_kneeds_published_example_holds():
    x, y = DataGenerator.figure2()
    assert KneeLocator(x, y, S=1, curve="concave").knee == pytest.approx(0.2222, abs=1e-4)
