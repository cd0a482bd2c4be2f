"""Valleys: a gap where groups part, none where one was cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.trust.structure import find_structure
from segmentation.analysis.trust.valleys import (
    GAP,
    NONE,
    UNCLEAR,
    Valley,
    find_gapped,
    find_valleys,
)


def two_groups(n: int = 500) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.vstack([rng.normal([at, 0], size=(n, 2)) for at in (0, 9)])


def test_a_cut_group_has_no_gap_inside():
    X, weights = two_groups(), np.ones(1000)
    structure = find_structure(X, weights, "full", 0)
    labels = {k: fit_segments(X, weights, k, 0).labels for k in (2, 3)}
    found = find_valleys(X, weights, labels, structure, "full", 0)
    assert [valley.kind for valley in found[2]] == [GAP]
    assert sorted(valley.kind for valley in found[3]) == [GAP, NONE]
    assert [valley.beyond for valley in (*found[2], *found[3])] == [False, True, True]


def test_without_groups_no_valley_is_looked_at():
    X = np.random.default_rng(1).normal(size=(300, 2))
    structure = find_structure(X, np.ones(300), "quick", 0)
    labels = {2: fit_segments(X, np.ones(300), 2, 0).labels}
    assert find_valleys(X, np.ones(300), labels, structure, "quick", 0) == {2: []}


def test_what_is_neither_is_unclear():
    kinds = [
        Valley(1, 2, *seen).kind for seen in ((0.01, 0.4), (0.8, 1.0), (0.3, 0.85), (0.9, 0.7))
    ]
    assert kinds == [GAP, NONE, UNCLEAR, UNCLEAR]
    assert not Valley(1, 2, 0.3, 0.85).splits and Valley(1, 2, 0.3, 0.85, beyond=True).splits
    assert not Valley(1, 2, 0.01, 0.4, beyond=True).splits and Valley(1, 2, 0.8, 1.0).splits


def test_rows_in_no_segment_have_no_valley():
    X, weights = two_groups(), np.ones(1000)
    structure = find_structure(X, weights, "full", 0)
    labels = np.where(np.arange(1000) < 500, 1, 2)
    labels[::7] = 0
    assert [v.kind for v in find_valleys(X, weights, {2: labels}, structure, "full", 0)[2]] == [GAP]


def test_features_that_part_by_themselves_are_named(grouped, cloud):
    assert find_gapped(grouped.sample, grouped.evidence.structure) == ["age", "spend"]
    assert find_gapped(cloud.sample, cloud.evidence.structure) == []
    shown = replace(cloud.evidence.structure, shown=True)
    assert find_gapped(cloud.sample, shown) == []
