"""The cores share the work, and the results do not depend on how many there are."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from segmentation.analysis.fitting.clustering import WORTH_SPREADING, fit_all
from segmentation.analysis.passes.threads import spread

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
    X = make_blobs(WORTH_SPREADING, 3, centers=4, cluster_std=2.0, random_state=1)[0]

    def fit(cores: str) -> list[np.ndarray]:
        monkeypatch.setenv(CORES, cores)
        fits = fit_all(X, np.ones(len(X)), [2, 3, 5], 0)
        return [part for fit in fits.values() for part in (fit.labels, fit.centres)]

    for one, two in zip(fit("1"), fit("2"), strict=True):
        np.testing.assert_array_equal(one, two)
