"""The centre of a few customers is not their own row, and places everyone as before."""

from __future__ import annotations

import numpy as np
import pytest

from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.fitting.few import blur_few
from tests.analysis.conftest import sample_of


def draw(few: int) -> np.ndarray:
    rng = np.random.default_rng(few)
    groups = [(0, 1, 200), (-9, 1, 80), (30, 0.1, few)]
    return np.vstack([rng.normal(middle, sd, (n, 2)) for middle, sd, n in groups])


@pytest.mark.parametrize("few", [1, 4, 5])
def test_centres_of_fewer_than_five_are_rounded_and_place_as_before(few):
    sample = sample_of(draw(few))
    exact = fit_segments(sample.X, sample.weights, 3, 0)
    shown = blur_few(sample, exact)
    assert (shown.labels == exact.labels).all() and (shown.centres[:2] == exact.centres[:2]).all()
    assert (shown.centres[2] == exact.centres[2]).all() == (few == 5)
    assert (shown.centres[2] % 1 == 0).all() == (few < 5)
    nearest = ((sample.X[:, None] - shown.centres) ** 2).sum(axis=2).argmin(axis=1) + 1
    assert (nearest == exact.labels).all()
