"""Borders: a gap where groups part, none where one was cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segmentation.analysis import find_borders, find_gapped, find_structure, fit_segments
from segmentation.analysis.trust.valleys import GAP, NONE, UNCLEAR, Border


def two_groups(n: int = 500) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.vstack([rng.normal([at, 0], size=(n, 2)) for at in (0, 9)])


def test_a_cut_group_has_no_gap_inside():
    X, weights = two_groups(), np.ones(1000)
    structure = find_structure(X, weights, "full", 0)
    labels = {k: fit_segments(X, weights, k, 0).labels for k in (2, 3)}
    found = find_borders(X, weights, labels, structure, "full", 0)
    assert [border.kind for border in found[2]] == [GAP]
    assert sorted(border.kind for border in found[3]) == [GAP, NONE]
    assert [border.beyond for border in (*found[2], *found[3])] == [False, True, True]


def test_without_groups_no_border_is_looked_at():
    X = np.random.default_rng(1).normal(size=(300, 2))
    structure = find_structure(X, np.ones(300), "quick", 0)
    labels = {2: fit_segments(X, np.ones(300), 2, 0).labels}
    assert find_borders(X, np.ones(300), labels, structure, "quick", 0) == {2: []}


def test_what_is_neither_is_unclear():
    kinds = [
        Border(1, 2, *seen).kind for seen in ((0.01, 0.4), (0.8, 1.0), (0.3, 0.85), (0.9, 0.7))
    ]
    assert kinds == [GAP, NONE, UNCLEAR, UNCLEAR]
    assert not Border(1, 2, 0.3, 0.85).splits and Border(1, 2, 0.3, 0.85, beyond=True).splits
    assert not Border(1, 2, 0.01, 0.4, beyond=True).splits and Border(1, 2, 0.8, 1.0).splits


def test_rows_in_no_segment_have_no_border():
    X, weights = two_groups(), np.ones(1000)
    structure = find_structure(X, weights, "full", 0)
    labels = np.where(np.arange(1000) < 500, 1, 2)
    labels[::7] = 0
    assert [b.kind for b in find_borders(X, weights, {2: labels}, structure, "full", 0)[2]] == [GAP]


def test_features_that_part_by_themselves_are_named(grouped, cloud):
    assert find_gapped(grouped.prepared, grouped.structure, 0) == ["age", "spend"]
    assert find_gapped(cloud.prepared, cloud.structure, 0) == []
    shown = replace(cloud.structure, shown=True)
    assert find_gapped(cloud.prepared, shown, 0) == []
