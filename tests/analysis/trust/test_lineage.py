"""Where segments come from when one more is made."""

from __future__ import annotations

import numpy as np
import pytest

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.lineage import Lineage, trace_segments
from tests.analysis.conftest import sample_of, unplaced


def scan_of(*labelings: list[int], weights: np.ndarray | None = None) -> Scan:
    fits = {}
    for labels in map(np.array, labelings):
        k = int(labels.max())
        fits[k] = Segments(k, labels, np.zeros((k, 1)), 1.0)
    sample = sample_of(np.arange(float(len(labelings[0])))[:, None], weights)
    return Scan(sample, None, fits, None, max(fits))  # type: ignore[arg-type]


def trace(scan: Scan, segments: Segments | None = None) -> Lineage:
    segments = scan.fits[2] if segments is None else segments
    return trace_segments(scan, unplaced(scan.sample, segments))


def test_a_split_and_a_segment_that_stays_are_stable():
    traced = trace(scan_of([1, 1, 1, 1, 2, 2], [1, 1, 3, 3, 2, 2]))
    assert traced.table.loc[3, "origin"].tolist() == [1, 2, 1]
    np.testing.assert_allclose(traced.table.loc[3, "stability"], 1)
    np.testing.assert_allclose(traced.flows[3], [[2, 0, 2], [0, 2, 0]])


def test_a_segment_of_two_halves_has_no_stability():
    traced = trace(scan_of([1, 1, 2, 2], [1, 3, 3, 2]))
    row = traced.table.loc[(3, 3)]
    assert row["stability"] == pytest.approx(0) and row["from_there"] == 0.5
    assert traced.table.loc[2, "stability"].isna().all()


def test_weights_count():
    traced = trace(scan_of([1, 1, 2, 2], [1, 3, 3, 2], weights=np.array([1.0, 3.0, 1.0, 1.0])))
    assert traced.table.loc[(3, 3), "from_there"] == 0.75
    assert traced.table.loc[(3, 3), "share"] == pytest.approx(4 / 6)


def test_a_hole_in_the_ks_ends_the_trace():
    traced = trace(scan_of([1, 2, 1, 2], [1, 2, 3, 4]))
    assert traced.flows == {} and traced.table.index.get_level_values("k").tolist() == [2, 2]


def test_a_report_that_numbers_its_segments_otherwise_is_traced_by_its_own_numbers():
    scan, own = scan_of([1, 1, 1, 1, 2, 2], [1, 1, 3, 3, 2, 2]), np.array([3, 3, 1, 1, 2, 2])
    traced = trace(scan, Segments(3, own, np.zeros((3, 1)), 1.0))
    np.testing.assert_allclose(traced.flows[3], [[2, 0, 2], [0, 2, 0]])
    assert traced.flows[3][0, 0] == 2 and traced.table.loc[3, "origin"].tolist() == [1, 2, 1]
    swapped = trace(scan, Segments(2, 3 - scan.fits[2].labels, own, 1.0))
    assert swapped.table.loc[3, "origin"].tolist() == [2, 1, 2]
