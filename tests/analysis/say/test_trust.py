"""Why to believe it, or not: sentences that say what the numbers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from segmentation.analysis import say
from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.trust.refits import Resampled
from segmentation.analysis.trust.stability import Stability
from segmentation.analysis.trust.valleys import Valley
from tests.analysis.conftest import sample_of, unplaced
from tests.analysis.say.test_head import with_jaccards


def test_structure_is_said_with_its_votes(grouped, cloud, analysis):
    votes = f"{grouped.evidence.structure.votes} times"
    text = say.structure(grouped.evidence)
    assert votes in text and "shallowest" in text
    assert "or less counts" in say.structure(cloud.evidence)
    assert "not tested below 100" in say.structure(analysis.evidence)
    flat = replace(cloud.evidence, structure=replace(cloud.evidence.structure, depth=1.0))
    assert "no lower than 100 %" in say.structure(flat)


def test_whether_segments_hold_is_said_by_the_weakest(grouped):
    assert "they hold" in say.holding(grouped.verdict)
    weak = with_jaccards(grouped.verdict, [0.9, 0.9, 0.4, 0.9])
    assert "0.40" in say.holding(weak)
    assert "not all of them hold" in say.holding(weak)


def test_borders_are_told_by_kind(grouped, cloud):
    valleys = (Valley(1, 2, 0.0, 0.2), Valley(1, 3, 0.3, 0.8), Valley(2, 4, 0.9, 1.0))
    text = say.valleys(replace(grouped.verdict, valleys=valleys))
    assert "a gap lies between 1 and 2; it cannot be told between 1 and 3" in text
    assert "no gap lies between 2 and 4" in text
    assert say.valleys(cloud.verdict) == ""


def blades(labels: list[int], widths: list[float], weights: list[float]) -> str:
    segments = Segments(2, np.array(labels), np.zeros((2, 1)), 1.0, widths=np.array(widths))
    sample = sample_of(np.arange(float(len(labels)))[:, None], np.array(weights))
    return say.blades(unplaced(sample, segments))


def test_blades_name_the_weakest_and_count_the_misplaced():
    widths, weights = [0.5, 0.7, -0.1, 0.1, np.nan], [1.0, 1.0, 2.0, 2.0, 9.0]
    text = blades([1, 1, 2, 2, 0], widths, weights)
    assert "weakest on average in segment 2 (0.00)" in text
    assert text.endswith("own: 33 % of the customers.")
    unequal = blades([1, 1, 2, 2, 0], widths, [1.0, 1.0, 2.0, 4.0, 9.0])
    assert unequal.endswith("Nearer to another segment than to their own: 25 % of the customers.")
    assert "segment 2 (0.03)" in unequal  # by weight


def test_segments_of_one_width_have_no_weakest():
    text = blades([1, 2, 1], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0])
    assert "1.00 on average in all of them" in text and "weakest" not in text


def test_stability_is_said_segment_by_segment(grouped):
    overlaps = np.array([[0.9, 0.8, 0.6, 0.3], [1.0, 0.8, 0.6, 0.5]])
    stays, weights = np.array([1.0, 0.5, np.nan, 1.0]), np.array([1.0, 1.0, 5.0, 2.0])
    resampled = Resampled(np.array([1, 2, 0, 3]), overlaps, stays)
    stability = Stability(resampled, weights, "quick", (1, 2, 3, 4))
    verdict = replace(grouped.verdict, stability=stability)
    text = say.stability(verdict)
    assert "drawn anew 2 times" in text and "same segment 88 % of the times" in text
    assert "25 % of the customers stand on a border" in text
    assert "Segment 1 comes back almost unchanged. Segment 2 comes back with some" in text
    assert "Segment 3 comes back only in part" in text and "Segment 4 dissolves:" in text
    assert "segment 1 (0.95 on average), worst: segment 4 (0.40)" in say.overlaps(verdict)


def test_segments_are_called_by_the_numbers_that_readers_see(grouped):
    weak = with_jaccards(grouped.verdict, [0.9, 0.8, 0.9, 0.3])
    kept = replace(weak, stability=replace(weak.stability, numbers=(2, 3, 5, 9)))
    assert "Segment 9 dissolves:" in say.stability(kept)
    assert "worst: segment 9 (0.30)" in say.overlaps(kept)


def test_other_methods_are_told_with_noise_and_silence(grouped):
    compared = pd.DataFrame(
        {
            "segments": [4, 0, 3],
            "without_segment": [0.0, np.nan, 0.25],
            "agreement": [0.98, np.nan, 0.7],
            "torn_segment": [1, 0, 2],
            "torn_share": [0.01, np.nan, 0.4],
        },
        index=["Ward", "DBSCAN", "HDBSCAN"],
    )

    def say_of(others: pd.DataFrame) -> str:
        return say.other_methods(replace(grouped.opinions, others=others), grouped.segmentation)

    text = say_of(compared)
    assert "Ward agrees most (0.98), HDBSCAN least (0.70)" in text
    assert "DBSCAN finds no two groups" in text and "HDBSCAN 25 %" in text
    assert text.endswith("most often about segment 2.")
    noisy = compared.assign(without_segment=[0.0, np.nan, 0.8])
    assert "Ward agrees most (0.98). DBSCAN" in say_of(noisy)
    undecided = compared.assign(torn_share=[0.4, np.nan, 0.4])
    assert "Where they disagree" not in say_of(undecided)
    assert "find no segments" in say_of(compared.iloc[[1]])


def test_what_the_calibration_does_not_cover_is_said(grouped):
    quick = say.calibration(grouped.verdict, grouped.segmentation)
    assert "err was measured for K-Means" in quick and "not for depth quick" in quick
    stability = replace(grouped.verdict.stability, depth="full")
    full = replace(grouped.verdict, stability=stability)
    assert say.calibration(full, grouped.segmentation) == ""
    ward = replace(grouped.segments, algorithm="ward")
    three = with_jaccards(full, [0.9, 0.9, 0.9])
    assert "not for Ward and 3 segments" in say.calibration(
        three, replace(grouped.segmentation, segments=ward)
    )
