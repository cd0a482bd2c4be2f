"""Who changes segments by chance: measured for every method, and scaled by the rows."""

from __future__ import annotations

import numpy as np
import pytest

from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.fitting.sample import draw_by_weight
from segmentation.analysis.trust import chance
from segmentation.analysis.trust.chance import measure_chance
from tests.analysis.conftest import analyse, sample_of, unplaced


@pytest.mark.long
@pytest.mark.parametrize("algorithm", ["gmm", "ward", "hdbscan"])
def test_chance_is_measured_for_every_method(grouped, algorithm):
    found = analyse(grouped.frame.iloc[:200], None, algorithm).segmentation
    measured = measure_chance(found)
    assert 0 <= measured.moved <= 0.5 and 0 <= measured.renumbered <= 1


def test_chance_shrinks_with_the_root_of_the_rows(monkeypatch):
    X = np.random.default_rng(3).normal(size=(2_000, 2))
    ones = np.ones(2_000)
    segments = fit_segments(X, ones, 3, 0)
    monkeypatch.setattr(chance, "MOST_ROWS", 500)
    drawn = unplaced(sample_of(X[draw_by_weight(ones, 500, 0)]), segments)
    small = measure_chance(drawn).moved
    assert small > 0
    assert measure_chance(unplaced(sample_of(X), segments)).moved == pytest.approx(small / 2)
    uneven = measure_chance(drawn, 50)
    assert uneven.moved == pytest.approx(small * np.sqrt(5.5))
