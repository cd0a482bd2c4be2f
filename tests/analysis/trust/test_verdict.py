"""The verdict: structure and stability, judged apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import judge, say
from segmentation.analysis.trust.structure import Structure
from segmentation.analysis.trust.verdict import _decide
from segmentation.data.published.vocabulary import (
    CONSTRUCTIVE,
    NATURAL,
    ONE_GROUP,
    REPRODUCIBLE,
    TOO_FEW,
)
from tests.analysis.conftest import analyse


@pytest.mark.parametrize(
    ("shown", "stable", "split", "one_group", "kind"),
    [
        (True, True, False, False, NATURAL),
        (True, True, True, False, REPRODUCIBLE),
        (True, False, False, True, CONSTRUCTIVE),
        (False, True, False, False, REPRODUCIBLE),
        (False, True, False, True, ONE_GROUP),
        (False, False, False, False, CONSTRUCTIVE),
        (False, False, False, True, ONE_GROUP),
    ],
)
def test_each_case_has_its_kind(shown, stable, split, one_group, kind):
    structure = Structure(shown, 1, 1, 1, 1, 0.1, 0.5, 500)
    assert _decide(structure, stable, split, one_group) == kind


def test_too_few_customers_are_never_judged():
    assert _decide(Structure(False, 1, 0, 0, 0, 1, 1, 50), True, False, True) == TOO_FEW


def test_groups_are_natural_and_a_cut_of_them_is_not(grouped):
    assert grouped.verdict.kind == NATURAL and grouped.verdict.follows and grouped.verdict.stable
    assert {v.kind for v in grouped.verdict.valleys} == {"gap"}


def test_a_cloud_is_one_group_or_constructive(cloud):
    assert cloud.verdict.kind in (ONE_GROUP, CONSTRUCTIVE)
    assert cloud.verdict.valleys == ()


@pytest.mark.long
def test_one_group_does_not_hang_on_the_number_that_was_asked_for():
    frame = pd.DataFrame(np.random.default_rng(0).uniform(size=(200, 2)), columns=["a", "b"])
    verdicts = [analyse(frame, k).verdict for k in (2, 3, 4, 5)]
    assert {verdict.kind for verdict in verdicts} == {ONE_GROUP}
    assert len({verdict.stable for verdict in verdicts}) == 2  # at some of them all come back
    for verdict in verdicts:
        held = "they hold, as cuts of one group can" in say.holding(verdict)
        assert held == verdict.stable


def test_one_group_is_clearly_below_the_strength_that_is_needed(grouped):
    table = grouped.choice.table.assign(strength=[0.7, 0.78, 0.6, 0.5], strength_se=0.02)
    assert not replace(grouped.choice, table=table).one_group
    assert replace(grouped.choice, table=table.assign(strength_se=0.005)).one_group


def test_a_larger_number_that_lies_clearly_apart_is_told(grouped):
    assert grouped.choice.count_apart(2) == 4 and grouped.choice.count_apart(4) == 0
    weak = grouped.choice.table.assign(least_jaccard=0.5)
    assert replace(grouped.choice, table=weak).count_apart(2) == 0
    three = analyse(grouped.frame[["age", "spend"]], 3).verdict
    assert three.apart == 4 == three.record()["segments"]["told_apart"]


def test_segments_of_which_nobody_was_drawn_are_named(grouped):
    a, resamples = grouped, grouped.evidence.resamples
    overlaps = np.where(np.arange(4) < 3, resamples.by_k[4].overlaps, np.nan)
    by_k = {**resamples.by_k, 4: replace(resamples.by_k[4], overlaps=overlaps)}
    evidence = replace(a.evidence, resamples=replace(resamples, by_k=by_k))
    verdict = judge(a.segmentation, evidence, a.choice)
    assert verdict.unseen == (4,) and verdict.record()["segments"]["not_drawn"] == [4]
    assert verdict.weakest == np.nanmin(overlaps.mean(axis=0))
    assert "Of segment 4 nothing is known." in say.holding(verdict)
    assert "Of segment 4 nothing is known." in say.finding(verdict)
    assert "nothing is known" not in say.holding(a.verdict)


def test_the_recommended_number_is_the_found_one_where_the_algorithm_finds_it(grouped):
    frame = grouped.frame[["age", "spend"]]
    verdict = analyse(frame, None, "hdbscan").verdict
    assert verdict.follows and verdict.recommended == verdict.k


def test_the_record_holds_every_number(grouped):
    record = grouped.verdict.record()
    assert record["kind"] == NATURAL and record["structure"]["shown"]
    assert len(record["segments"]["borders"]) == len(grouped.verdict.valleys) > 0
    assert record["segments"]["least_jaccard"] == grouped.verdict.weakest


def test_segments_under_other_numbers_are_judged_alike(grouped):
    number = {1: 6, 2: 9, 3: 2, 4: 7}
    segmentation = grouped.segmentation.with_numbers(list(number.values()))
    before, after = grouped.verdict, judge(segmentation, grouped.evidence, grouped.choice)
    assert (after.kind, after.numbers, after.k) == (before.kind, (2, 6, 7, 9), 4)
    pairs = {frozenset((number[v.one], number[v.other])) for v in before.valleys}
    assert {frozenset((v.one, v.other)) for v in after.valleys} == pairs
    assert {v.kind for v in after.valleys} == {"gap"} and not any(v.beyond for v in after.valleys)


def test_segments_that_were_not_among_those_tested_are_tested_now(grouped):
    evidence = grouped.evidence
    untested = replace(
        evidence,
        labels={k: labels for k, labels in evidence.labels.items() if k != 4},
        valleys={k: near for k, near in evidence.valleys.items() if k != 4},
    )
    verdict = judge(grouped.segmentation, untested, grouped.choice)
    assert verdict.valleys == grouped.verdict.valleys and verdict.kind == NATURAL
