"""Segments of two labelings: what they share, and which is which."""

from __future__ import annotations

import numpy as np
import pytest

from segmentation.analysis.fitting.matching import (
    count_shared,
    divide_by_joint,
    jaccard,
    match_labels,
    pair_up,
)


def test_the_published_assignment_holds():
    # SciPy, linear_sum_assignment: the least costs, so the gains are negative.
    pairs = pair_up(-np.array([[4, 1, 3], [2, 0, 5], [3, 2, 2]]))
    assert [column for _, column in pairs] == [1, 0, 2]


def test_the_published_jaccard_holds():
    # R fpc, clujaccard: ten members against the last nine of them.
    one, other = np.ones(10, dtype=int), np.r_[0, np.ones(9, dtype=int)]
    assert jaccard(one, other, np.ones(10), 1)[0, 0] == pytest.approx(0.9)


def test_jaccard_counts_weights_and_segments_that_were_not_drawn():
    one, other = np.array([1, 1, 3]), np.array([1, 2, 2])
    found = jaccard(one, other, np.array([2.0, 1.0, 1.0]), 3)
    np.testing.assert_allclose(found, [[2 / 3, 1 / 4], [0, 0], [0, 1 / 2]])


def test_rows_in_no_segment_are_shared_by_none():
    one, other = np.array([0, 1, 1, 2]), np.array([1, 1, 0, 2])
    weights = np.array([8.0, 4.0, 2.0, 1.0])
    np.testing.assert_array_equal(count_shared(one, other, weights, 2), [[4, 0], [0, 1]])
    np.testing.assert_array_equal(divide_by_joint(np.zeros((2, 2))), np.zeros((2, 2)))


def test_labels_are_matched_to_share_most_and_one_too_many_to_none():
    one, other = np.array([1, 1, 1, 2, 2, 2]), np.array([2, 2, 3, 1, 1, 1])
    assert match_labels(one, other, np.ones(6), 2).tolist() == [2, 1, 0]
