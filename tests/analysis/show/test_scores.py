"""The figures of scores and of what comes back carry what they say they carry."""

from __future__ import annotations

from segmentation.analysis import show
from segmentation.analysis.show.scores import (
    plot_blades,
    plot_elbow,
    plot_overlaps,
    plot_silhouette,
)


def test_scores_blades_and_overlaps_are_drawn(analysis, ax):
    a = analysis
    assert plot_elbow(a.scan, 3, ax).get_title().startswith("Inertia")
    assert plot_silhouette(a.scan, 3, ax).get_title().startswith("Silhouette")
    assert len(plot_blades(a.segmentation, ax).collections) == 3
    with show.drawing() as (ax,):
        assert len(plot_overlaps(a.verdict.stability, ax).get_yticks()) == 3


def test_blades_and_overlaps_have_the_numbers_that_readers_see(analysis, ax):
    kept = analysis.segmentation.with_numbers([9, 4, 6])
    assert [text.get_text() for text in plot_blades(kept, ax).texts] == ["4", "6", "9"]
