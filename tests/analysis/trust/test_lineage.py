"""Where segments come from when one more is made."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.lineage import Across, trace_segments


def scan_of(*labelings: list[int]) -> Scan:
    fits = {}
    for labels in map(np.array, labelings):
        k = int(labels.max())
        fits[k] = Segments(k, labels, np.zeros((k, 1)), 1.0)
    return Scan(None, fits)  # type: ignore[arg-type]


def trace(scan: Scan, weights: np.ndarray) -> Across:
    return trace_segments(scan, scan.segments[2], weights)


def test_a_split_and_a_segment_that_stays_are_stable():
    across = trace(scan_of([1, 1, 1, 1, 2, 2], [1, 1, 3, 3, 2, 2]), np.ones(6))
    assert across.table.loc[3, "origin"].tolist() == [1, 2, 1]
    np.testing.assert_allclose(across.table.loc[3, "stability"], 1)
    np.testing.assert_allclose(across.flows[3], [[2, 0, 2], [0, 2, 0]])


def test_a_segment_of_two_halves_has_no_stability():
    across = trace(scan_of([1, 1, 2, 2], [1, 3, 3, 2]), np.ones(4))
    row = across.table.loc[(3, 3)]
    assert row["stability"] == pytest.approx(0) and row["from_there"] == 0.5
    assert across.table.loc[2, "stability"].isna().all()


def test_weights_count():
    across = trace(scan_of([1, 1, 2, 2], [1, 3, 3, 2]), np.array([1.0, 3.0, 1.0, 1.0]))
    assert across.table.loc[(3, 3), "from_there"] == 0.75
    assert across.table.loc[(3, 3), "share"] == pytest.approx(4 / 6)


def test_a_hole_in_the_ks_ends_the_trace():
    across = trace(scan_of([1, 2, 1, 2], [1, 2, 3, 4]), np.ones(4))
    assert across.flows == {} and across.table.index.get_level_values("k").tolist() == [2, 2]


def test_a_report_that_numbers_its_segments_otherwise_is_traced_by_its_own_numbers():
    scan, own = scan_of([1, 1, 1, 1, 2, 2], [1, 1, 3, 3, 2, 2]), np.array([3, 3, 1, 1, 2, 2])
    across = trace_segments(scan, Segments(3, own, np.zeros((3, 1)), 1.0), np.ones(6))
    np.testing.assert_allclose(across.flows[3], [[2, 0, 2], [0, 2, 0]])
    assert across.flows[3][0, 0] == 2 and across.table.loc[3, "origin"].tolist() == [1, 2, 1]
    swapped = trace_segments(scan, Segments(2, 3 - scan.segments[2].labels, own, 1.0), np.ones(6))
    assert swapped.table.loc[3, "origin"].tolist() == [2, 1, 2]


def test_the_published_assignment_holds():
    _, columns = linear_sum_assignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]])
    assert columns.tolist() == [1, 0, 2]
