"""Why to believe it, or not: sentences that say what the numbers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.datasets import make_blobs

from segmentation.analysis import Segments, Stability, Trials, trace_segments
from segmentation.analysis.say.trust import (
    say_across,
    say_blades,
    say_borders,
    say_calibration,
    say_dissent,
    say_elbow,
    say_handful,
    say_k_choice,
    say_others,
    say_overlaps,
    say_overlaps_by_k,
    say_runner_up,
    say_segments_hold,
    say_stability,
    say_strength,
    say_structure,
    say_ties,
)
from segmentation.analysis.trust.near_ties import Ties
from segmentation.analysis.trust.stability import Resampled
from segmentation.analysis.trust.valleys import Border
from tests.analysis.conftest import analyse


def test_structure_is_said_with_its_votes(grouped, cloud, analysis):
    votes = f"{grouped.structure.votes} times"
    assert votes in say_structure(grouped.structure) and "shallowest" in say_structure(
        grouped.structure
    )
    assert "or less counts" in say_structure(cloud.structure)
    assert "not tested below 100" in say_structure(analysis.structure)
    flat = replace(cloud.structure, depth=1.0)
    assert "no lower than 100 %" in say_structure(flat)


def test_whether_segments_hold_is_said_by_the_weakest(grouped):
    assert "they hold" in say_segments_hold(grouped.verdict)
    assert "0.40" in say_segments_hold(replace(grouped.verdict, least=0.4))
    assert "not all of them hold" in say_segments_hold(replace(grouped.verdict, least=0.4))


def test_borders_are_told_by_kind(grouped, cloud):
    borders = (Border(1, 2, 0.0, 0.2), Border(1, 3, 0.3, 0.8), Border(2, 4, 0.9, 1.0))
    said = say_borders(replace(grouped.verdict, borders=borders))
    assert "a gap lies between 1 and 2; it cannot be told between 1 and 3" in said
    assert "no gap lies between 2 and 4" in said
    assert say_borders(cloud.verdict) == ""


def test_the_recommendation_has_its_reason(grouped, cloud):
    said = say_k_choice(grouped.scan, grouped.choice, grouped.segments)
    assert said.startswith("4 segments are recommended: the largest number")
    asked = say_k_choice(grouped.scan, grouped.choice, grouped.scan.segments[2])
    assert asked.endswith("This run was asked for 2.")
    assert "At no number of segments" in say_k_choice(cloud.scan, cloud.choice, cloud.segments)


def test_the_runner_up_has_its_condition(grouped, cloud):
    table = grouped.choice.table.assign(strength=0.9, least_jaccard=0.9, veto="")
    coarser = replace(grouped.choice, runner_up=3, table=table)
    assert "Prefer 3 if a coarser view" in say_runner_up(coarser)
    said = say_runner_up(cloud.choice)
    assert (
        f"Next comes {cloud.choice.runner_up}" in said and "sorts the other reliably (now" in said
    )
    cut = grouped.choice.table.assign(strength=0.9, least_jaccard=0.9, veto="split")
    assert "cuts a group" in say_runner_up(replace(coarser, table=cut))
    assert "No other" in say_runner_up(replace(grouped.choice, runner_up=None))


def test_dissent_lists_who_differs(grouped):
    gap = pd.DataFrame({"gap": [0.1, 0.2, 0.3, 0.6, 0.55], "se": 0.01}, index=[1, 2, 3, 4, 5])
    said = say_dissent(grouped.scan, gap, grouped.structure, 4)
    assert "the gap statistic" in said and "4 too" in said
    other = say_dissent(grouped.scan, gap, grouped.structure, 2)
    assert "Other scores prefer other numbers" in other and "the gap statistic 4" in other


def test_a_handful_is_said_only_where_it_is_one(grouped):
    assert say_handful(grouped.scan, grouped.choice, 400) == ""
    few = replace(grouped.choice, table=grouped.choice.table.assign(smallest=0.02))
    assert say_handful(grouped.scan, few, 400) == ""  # one of several small segments is no handful
    scores = grouped.scan.table.assign(silhouette=[0.0, 0.9, 0.5, 0.4, 0.3])
    said = say_handful(replace(grouped.scan, table=scores), few, 400)
    assert "splits off a handful: 8 of 400" in said
    many = replace(few, table=few.table.assign(smallest=0.08))
    assert "a small part: 320 of 4,000" in say_handful(
        replace(grouped.scan, table=scores), many, 4_000
    )
    own = replace(few, k=2, table=few.table.assign(strength=0.9, veto=""))
    assert say_handful(replace(grouped.scan, table=scores), own, 400) == ""  # it comes back


def test_blades_name_the_weakest_and_count_the_misplaced():
    widths, labels = np.array([0.5, 0.7, -0.1, 0.1, np.nan]), np.array([1, 1, 2, 2, 0])
    segments = Segments(2, labels, np.zeros((2, 1)), 1.0, widths=widths)
    passports = pd.DataFrame({"silhouette": [0.6, 0.0]}, index=[1, 2])
    said = say_blades(segments, passports, np.array([1.0, 1.0, 2.0, 4.0, 9.0]))
    assert "weakest on average in segment 2 (0.00)" in said
    assert said.endswith("Nearer to another segment than to their own: 25 % of the customers.")


def test_stability_is_said_segment_by_segment():
    overlaps = np.array([[0.9, 0.8, 0.6, 0.3], [1.0, 0.8, 0.6, 0.5]])
    kept, weights = np.array([1.0, 0.5, np.nan, 1.0]), np.array([1.0, 1.0, 5.0, 2.0])
    stability = Stability(Resampled(np.array([1, 2, 0, 3]), overlaps, kept), weights, "quick")
    said = say_stability(stability, [1, 2, 3, 4])
    assert "drawn anew 2 times" in said and "same segment 88 % of the times" in said
    assert "25 % of the customers stand on a border" in said
    assert "Segment 1 comes back almost unchanged. Segment 2 comes back with some" in said
    assert "Segment 3 comes back only in part" in said and "Segment 4 dissolves:" in said
    assert "segment 1 (0.95 on average), worst: segment 4 (0.40)" in say_overlaps(
        stability, [1, 2, 3, 4]
    )


def test_prediction_strength_names_the_reproducible():
    strength = pd.DataFrame({"mean": [0.9, 0.85, 0.4], "se": 0.01}, index=[2, 3, 4])
    assert "at 2 (0.90) and 3 (0.85)" in say_strength(Trials(strength, {}, np.arange(3), "quick"))
    weak = Trials(strength / 2, {}, np.arange(3), "quick")
    assert "reproducible, at no number of segments; the best is 2 (0.45)" in say_strength(weak)


def test_the_numbers_at_which_all_segments_come_back_are_named(grouped, cloud):
    assert " 4 (" in say_overlaps_by_k(grouped.trials)
    few = Trials(cloud.trials.strength, {5: cloud.trials.tried[5]}, np.arange(3), "quick")
    assert "At no number do all of them reach 0.75" in say_overlaps_by_k(few)


def test_the_elbow_is_said_to_move(grouped):
    said = say_elbow(grouped.scan, {4: 2, 5: 3})
    assert "bending most at 3 segments (at 2 if the curve were only drawn up to 4)" in said
    assert "without a clear bend" in say_elbow(grouped.scan, {})


def test_numbers_passed_over_are_said_with_their_reason(grouped):
    table = grouped.choice.table.assign(strength=[0.9, 0.9, 0.9, 0.85], veto=["", "", "", "tiny"])
    passed = replace(grouped.choice, k=4, table=table)
    said = say_k_choice(grouped.scan, passed, grouped.segments)
    assert said.endswith("With 5, one segment would be too small to act on.")
    only = replace(passed, table=table.assign(strength=[0.5, 0.6, 0.7, 0.85]))
    said = say_k_choice(grouped.scan, only, grouped.segments)
    assert "With 5 segments one half of the customers sorts the other half reliably, but" in said
    assert "4 comes nearest (0.70; 0.80 is needed)" in said and "At no number" not in said


def test_what_is_not_reached_is_not_written_as_if_it_were(grouped):
    table = grouped.choice.table.assign(strength=[0.5, 0.6, 0.7999, 0.5])
    said = say_k_choice(grouped.scan, replace(grouped.choice, table=table), grouped.segments)
    assert "4 comes nearest (0.79; 0.80 is needed)" in said


def test_segments_of_one_width_have_no_weakest():
    segments = Segments(2, np.array([1, 2]), np.zeros((2, 1)), 1.0, widths=np.ones(2))
    said = say_blades(segments, pd.DataFrame({"silhouette": [1, 1]}, index=[1, 2]), np.ones(2))
    assert "1.00 on average in all of them" in said and "weakest" not in said


def test_an_algorithm_that_finds_k_says_so():
    X, _ = make_blobs([150, 100], 2, centers=[[0, 0], [9, 9]], cluster_std=0.6, random_state=3)
    a = analyse(pd.DataFrame([*X, [40.0, -90.0]], columns=["a", "b"]), None, "hdbscan")
    said = say_k_choice(a.scan, a.choice, a.segments)
    assert "HDBSCAN finds the number of segments itself: 2. For K-Means:" in said
    assert "of K-Means, for comparison" in say_elbow(a.scan, {})
    across = trace_segments(a.scan, a.segments, a.prepared.weights)
    assert say_across(across, a.scan, a.segments).endswith("is made (of K-Means, for comparison).")


def test_ties_are_told_with_who_moves():
    assert "none ends in another solution within 1 %" in say_ties(Ties(50, 0))
    said = say_ties(Ties(50, 1, 0.84, 0.07))
    assert "1 other solution within 1 %" in said and "puts 7 % of customers elsewhere" in said


def test_where_segments_come_from_is_told(grouped):
    said = say_across(
        trace_segments(grouped.scan, grouped.segments, grouped.prepared.weights),
        grouped.scan,
        grouped.segments,
    )
    assert "From 3 to 4:" in said and "segments" in said


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
    said = say_others(compared, grouped.segments)
    assert "Ward agrees most (0.98), HDBSCAN least (0.70)" in said
    assert "DBSCAN finds no two groups" in said and "HDBSCAN 25 %" in said
    assert said.endswith("most often about segment 2.")
    undecided = compared.assign(torn_share=[0.4, np.nan, 0.4])
    assert "Where they disagree" not in say_others(undecided, grouped.segments)
    assert "find no segments" in say_others(compared.iloc[[1]], grouped.segments)


def test_what_the_calibration_does_not_cover_is_said(grouped):
    quick = say_calibration(grouped.verdict, grouped.segments, grouped.stability)
    assert "err was measured for K-Means" in quick and "not for depth quick" in quick
    full = replace(grouped.stability, depth="full")
    assert say_calibration(grouped.verdict, grouped.segments, full) == ""
    ward = replace(grouped.segments, algorithm="ward")
    assert "not for Ward and 3 segments" in say_calibration(
        replace(grouped.verdict, k=3), ward, full
    )
