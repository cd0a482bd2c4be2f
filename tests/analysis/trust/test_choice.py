"""The recommendation: reproducible first, never tiny, weak or cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import choose_segments, recommend_k
from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.refits import Resampled
from segmentation.analysis.trust.resamples import Resamples
from segmentation.analysis.trust.structure import Structure
from segmentation.analysis.trust.valleys import Valley
from segmentation.data import InputError
from tests.analysis.conftest import sample_of

ROWS = 100


NONE_SHOWN = Structure(False, 1, 0, 33, 33, 1.0, 1.0, ROWS)


def scan_and_test(
    strength: dict[int, float],
    least: dict[int, float],
    smallest: dict[int, int],
    valleys: dict[int, list[Valley]] | None = None,
) -> tuple[Scan, Evidence]:
    """A scan and its evidence with these values, by k."""
    fits, by_k = {}, {}
    for k in strength:
        sizes = [ROWS - smallest[k], smallest[k]] if k == 2 else [smallest[k]] * k
        labels = np.repeat(np.arange(1, len(sizes) + 1), sizes)
        fits[k] = Segments(k, np.resize(labels, ROWS), np.zeros((k, 1)), 1.0)
        by_k[k] = Resampled(fits[k].labels, np.full((5, k), least[k]), np.ones(ROWS))
    index = pd.Index(strength, name="k")
    table = pd.DataFrame({"silhouette": 0.5}, index=index)
    strengths = {k: mean + np.array([-0.02, 0.02, -0.02, 0.02]) for k, mean in strength.items()}
    scan = Scan(sample_of(np.arange(float(ROWS))[:, None]), table, fits, None, max(fits))
    resamples = Resamples(strengths, by_k, np.arange(ROWS), "quick")
    return scan, Evidence(scan.labels, NONE_SHOWN, resamples, valleys or {}, [], "quick")


def recommend(strength, least, smallest, valleys=None):
    return recommend_k(*scan_and_test(strength, least, smallest, valleys))


def test_the_largest_strong_k_is_recommended_and_the_next_best_named():
    found = recommend({2: 0.95, 4: 0.85, 5: 0.6}, {2: 0.9, 4: 0.9, 5: 0.9}, {2: 40, 4: 25, 5: 20})
    assert (found.k, found.runner_up, found.strong) == (4, 2, [2, 4])
    assert found.reproducible


def test_a_weak_or_tiny_segment_is_a_veto():
    weak = recommend({2: 0.95, 4: 0.85}, {2: 0.9, 4: 0.7}, {2: 40, 4: 25})
    assert weak.k == 2 and weak.table.loc[4, "veto"] == "weak"
    tiny = recommend({2: 0.95, 4: 0.85}, {2: 0.9, 4: 0.9}, {2: 4, 4: 25})
    assert tiny.k == 4 and tiny.table.loc[2, "veto"] == "tiny" and tiny.runner_up is None


def test_a_cut_group_is_a_veto_unless_nothing_else_is_strong():
    cut = {4: [Valley(1, 2, 0.9, 1.0)]}
    args = {2: 0.95, 4: 0.85}, {2: 0.9, 4: 0.9}, {2: 40, 4: 25}
    assert recommend(*args, cut).k == 2 and recommend(*args).k == 4
    unclear = {4: [Valley(1, 2, 0.3, 0.85)]}
    assert recommend(*args, unclear).k == 4
    beyond = {4: [replace(unclear[4][0], beyond=True)]}
    assert recommend(*args, beyond).k == 2
    everywhere = {k: cut[4] for k in (2, 4)}
    assert recommend(*args, everywhere).k == 4


def test_where_nothing_is_strong_the_strongest_is_taken_but_not_called_reproducible():
    found = recommend({2: 0.5, 4: 0.7}, {2: 0.9, 4: 0.9}, {2: 40, 4: 25})
    assert found.k == 4 and found.strong == [] and not found.reproducible


def test_k_is_used_where_given_and_refused_where_the_algorithm_finds_it():
    scan, evidence = scan_and_test({2: 0.95, 4: 0.85}, {2: 0.9, 4: 0.9}, {2: 40, 4: 25})
    choice = recommend_k(scan, evidence)
    assert choose_segments(scan, choice, None).k == 4 and choose_segments(scan, choice, 2).k == 2
    with pytest.raises(InputError, match="3 segments cannot be made"):
        choose_segments(scan, choice, 3)
    found = replace(scan, found=Segments(3, np.ones(1), np.zeros((3, 1)), 1.0, "hdbscan"))
    assert choose_segments(found, choice, None).k == 3
    with pytest.raises(InputError, match="finds the number of segments itself"):
        choose_segments(found, choice, 3)
