"""Why this number of segments: sentences that say what the numbers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.datasets import make_blobs

from segmentation.analysis import say
from segmentation.analysis.trust.near_ties import Ties
from tests.analysis.conftest import Analysis, analyse, unplaced


def cut(a: Analysis, k: int):
    """The customers of an analysis in another number of segments."""
    return unplaced(a.sample, a.scan.fits[k])


def test_the_recommendation_has_its_reason(grouped, cloud):
    text = say.choice_of_k(grouped.scan, grouped.choice, grouped.segmentation)
    assert text.startswith("4 segments are recommended: the largest number")
    asked = say.choice_of_k(grouped.scan, grouped.choice, cut(grouped, 2))
    assert asked.endswith("This run was asked for 2.")
    none = say.choice_of_k(cloud.scan, cloud.choice, cloud.segmentation)
    assert "At no number of segments" in none


def test_the_runner_up_has_its_condition(grouped, cloud):
    table = grouped.choice.table.assign(strength=0.9, least_jaccard=0.9, veto="")
    coarser = replace(grouped.choice, runner_up=3, table=table)
    assert "Prefer 3 if a coarser view" in say.runner_up(coarser)
    text = say.runner_up(cloud.choice)
    assert f"Next comes {cloud.choice.runner_up}" in text
    assert "sorts the other reliably (now" in text
    split = grouped.choice.table.assign(strength=0.9, least_jaccard=0.9, veto="split")
    assert "cuts a group" in say.runner_up(replace(coarser, table=split))
    assert "No other" in say.runner_up(replace(grouped.choice, runner_up=None))


def test_dissent_lists_who_differs(grouped):
    gap = pd.DataFrame({"gap": [0.1, 0.2, 0.3, 0.6, 0.55], "se": 0.01}, index=[1, 2, 3, 4, 5])
    opinions = replace(grouped.opinions, gap=gap)
    text = say.dissent(grouped.scan, grouped.evidence, opinions, 4)
    assert "the gap statistic" in text and "4 too" in text
    other = say.dissent(grouped.scan, grouped.evidence, opinions, 2)
    assert "Other scores prefer other numbers" in other and "the gap statistic 4" in other


def test_prediction_strength_names_the_reproducible(grouped):
    def say_of(*means: float) -> str:
        strengths = {k: np.full(12, mean) for k, mean in enumerate(means, 2)}
        resamples = replace(grouped.evidence.resamples, strengths=strengths)
        return say.strength(replace(grouped.evidence, resamples=resamples))

    assert "at 2 (0.90) and 3 (0.85)" in say_of(0.9, 0.85, 0.4)
    weak = say_of(0.45, 0.425, 0.2)
    assert "reproducible, at no number of segments; the best is 2 (0.45)" in weak


def test_the_numbers_at_which_all_segments_come_back_are_named(grouped, cloud):
    assert " 4 (" in say.overlaps_by_k(grouped.evidence)
    resamples = cloud.evidence.resamples
    few = replace(resamples, by_k={5: resamples.by_k[5]})
    text = say.overlaps_by_k(replace(cloud.evidence, resamples=few))
    assert "At no number do all of them reach 0.75" in text


def test_the_elbow_is_said_to_move(grouped):
    text = say.curves(grouped.scan, {4: 2, 5: 3})
    assert "bending most at 3 segments (at 2 if the curve were only drawn up to 4)" in text
    assert "without a clear bend" in say.curves(grouped.scan, {})


def test_numbers_passed_over_are_said_with_their_reason(grouped):
    table = grouped.choice.table.assign(strength=[0.9, 0.9, 0.9, 0.85], veto=["", "", "", "tiny"])
    passed = replace(grouped.choice, k=4, table=table)
    text = say.choice_of_k(grouped.scan, passed, grouped.segmentation)
    assert text.endswith("With 5, one segment would be too small to act on.")
    only = replace(passed, table=table.assign(strength=[0.5, 0.6, 0.7, 0.85]))
    text = say.choice_of_k(grouped.scan, only, grouped.segmentation)
    assert "With 5 segments one half of the customers sorts the other half reliably, but" in text
    assert "4 comes nearest (0.70; 0.80 is needed)" in text and "At no number" not in text


def test_what_is_not_reached_is_not_written_as_if_it_were(grouped):
    table = grouped.choice.table.assign(strength=[0.5, 0.6, 0.7999, 0.5])
    choice = replace(grouped.choice, table=table)
    text = say.choice_of_k(grouped.scan, choice, grouped.segmentation)
    assert "4 comes nearest (0.79; 0.80 is needed)" in text


def test_an_algorithm_that_finds_k_says_so():
    X, _ = make_blobs([150, 100], 2, centers=[[0, 0], [9, 9]], cluster_std=0.6, random_state=3)
    a = analyse(pd.DataFrame([*X, [40.0, -90.0]], columns=["a", "b"]), None, "hdbscan")
    text = say.choice_of_k(a.scan, a.choice, a.segmentation)
    assert "HDBSCAN finds the number of segments itself: 2. For K-Means:" in text


def test_near_ties_are_told_with_who_moves(grouped):
    def say_of(ties: Ties) -> str:
        return say.near_ties(replace(grouped.opinions, ties=ties))

    assert "none ends in another solution within 1 %" in say_of(Ties(50, 0))
    text = say_of(Ties(50, 1, 0.84, 0.07))
    assert "1 other solution within 1 %" in text and "puts 7 % of customers elsewhere" in text


def test_where_segments_come_from_is_told(grouped):
    text = say.lineage(grouped.opinions.lineage, grouped.scan, grouped.segmentation)
    assert "From 3 to 4:" in text and "segments" in text
