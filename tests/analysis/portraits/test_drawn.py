"""What a map draws: the features that tell most, and not too many customers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.portraits.drawn import MOST_DRAWN, choose_axes, draw_rows
from tests.analysis.conftest import sample_of, unplaced


def test_the_two_most_telling_features_are_drawn():
    rng = np.random.default_rng(0)
    labels = np.repeat([1, 2], 50)
    X = np.column_stack([rng.normal(size=100), labels * 9.0, rng.normal(size=100), labels * 5.0])
    sample = sample_of(X + rng.normal(size=X.shape))
    assert choose_axes(unplaced(sample, Segments(2, labels, np.zeros((2, 4)), 1.0))) == [1, 3]


def test_many_customers_are_drawn_as_a_seeded_sample(analysis):
    X = np.zeros((MOST_DRAWN * 3, 2))
    sample = replace(analysis.sample, X=X, weights=np.ones(len(X)), seed=1)
    rows = draw_rows(sample)
    assert len(rows) == MOST_DRAWN and np.array_equal(rows, draw_rows(sample))
    assert len(draw_rows(replace(analysis.sample, seed=1))) == 59
