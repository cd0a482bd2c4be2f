"""The verdict: structure and stability, judged apart."""

from __future__ import annotations

import pytest

from segmentation.analysis.structure import Structure
from segmentation.analysis.verdict import (
    CONSTRUCTIVE,
    NATURAL,
    ONE_GROUP,
    REPRODUCIBLE,
    TOO_FEW,
    _decide,
)
from tests.analysis.conftest import analyse


@pytest.mark.parametrize(
    ("shown", "stable", "split", "strong", "kind"),
    [
        (True, True, False, True, NATURAL),
        (True, True, True, True, REPRODUCIBLE),
        (False, True, False, False, REPRODUCIBLE),
        (True, False, False, True, CONSTRUCTIVE),
        (False, False, False, True, CONSTRUCTIVE),
        (False, False, False, False, ONE_GROUP),
    ],
)
def test_each_case_has_its_kind(shown, stable, split, strong, kind):
    structure = Structure(shown, 1, 1, 1, 0.1, 0.5, 500)
    assert _decide(structure, stable, split, strong) == kind


def test_too_few_customers_are_never_judged():
    assert _decide(Structure(False, 1, 0, 0, 1, 1, 50), True, False, True) == TOO_FEW


def test_groups_are_natural_and_a_cut_of_them_is_not(grouped):
    assert grouped.verdict.kind == NATURAL and grouped.verdict.follows and grouped.verdict.stable
    assert {b.kind for b in grouped.verdict.borders} == {"gap"}


def test_a_cloud_is_one_group_or_constructive(cloud):
    assert cloud.verdict.kind in (ONE_GROUP, CONSTRUCTIVE)
    assert cloud.verdict.borders == ()


def test_the_recommended_number_is_the_found_one_where_the_algorithm_finds_it(grouped):
    frame = grouped.frame[["age", "spend"]]
    verdict = analyse(frame, None, "hdbscan").verdict
    assert verdict.follows and verdict.recommended == verdict.k


def test_the_record_holds_every_number(grouped):
    record = grouped.verdict.record()
    assert record["kind"] == NATURAL and record["structure"]["shown"]
    assert len(record["segments"]["borders"]) == len(grouped.verdict.borders) > 0
    assert record["segments"]["least_jaccard"] == grouped.verdict.least
