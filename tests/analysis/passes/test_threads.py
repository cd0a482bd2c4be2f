"""The cores share the work, and the results do not depend on how many there are."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from segmentation.analysis import gather_evidence, scan_k
from segmentation.analysis.passes.threads import spread
from segmentation.analysis.trust.gap_statistic import measure_gap
from segmentation.analysis.trust.near_ties import find_ties
from tests.analysis.conftest import sample_of

CORES = "LOKY_MAX_CPU_COUNT"  # joblib's, which counts them


def test_results_come_in_the_order_of_the_items():
    assert spread(lambda item: 2 * item, range(50)) == list(range(0, 100, 2))
    assert spread(str, []) == []


def test_so_many_threads_work_as_there_are_cores(monkeypatch):
    monkeypatch.setenv(CORES, "1")
    assert len({*spread(lambda _: threading.get_ident(), range(20))}) == 1


def test_a_fault_in_one_thread_is_raised():
    with pytest.raises(ZeroDivisionError):
        spread(lambda item: 1 / item, [1, 0])


@pytest.mark.long
def test_the_number_of_cores_changes_no_number(monkeypatch):
    sample = sample_of(make_blobs(300, 3, centers=4, cluster_std=2.0, random_state=1)[0])

    def compute(cores: str) -> list[object]:
        monkeypatch.setenv(CORES, cores)
        scan = scan_k(sample, 6)
        resamples = gather_evidence(scan, "quick").resamples
        gap = measure_gap(sample.X, sample.weights, 6, "quick")
        overlaps = [of.overlaps for of in resamples.by_k.values()]
        numbers = [scan.table, resamples.strength, gap, *overlaps]
        return [*map(np.asarray, numbers), find_ties(sample, 4)]

    one, two = compute("1"), compute("2")
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first, second)
