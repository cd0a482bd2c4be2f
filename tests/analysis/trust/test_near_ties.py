"""Near ties: none where groups are clear, some where a border may lie either way."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import make_blobs

from segmentation.analysis.trust.near_ties import find_ties
from tests.analysis.conftest import sample_of


def test_clear_groups_have_no_ties():
    X = make_blobs(300, 2, centers=[[0, 0], [9, 0], [0, 9]], random_state=1)[0]
    found = find_ties(sample_of(X), 3)
    assert found.others == 0 and found.agreement == 1 and found.differ == 0


def test_a_square_may_be_halved_two_ways():
    X = np.array([[x, y] for x in range(12) for y in range(12)], dtype=float)
    found = find_ties(sample_of(X), 2)
    assert found.others >= 1 and found.agreement < 0.2 and 0.4 < found.differ <= 0.5


def test_the_same_seed_gives_the_same_ties():
    X = np.random.default_rng(0).normal(size=(200, 3))
    assert find_ties(sample_of(X, seed=3), 5) == find_ties(sample_of(X, seed=3), 5)
