"""The head of the report: the verdict's words, with this table's numbers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import say
from segmentation.analysis.trust.refits import Resampled
from segmentation.analysis.trust.valleys import Valley
from segmentation.analysis.trust.verdict import Verdict
from segmentation.data import Note, Source, check_columns, open_source
from segmentation.data.published.vocabulary import (
    CONSTRUCTIVE,
    NATURAL,
    ONE_GROUP,
    REPRODUCIBLE,
    TOO_FEW,
)

UNTOLD = ("silhouette", "inertia", "jaccard", "prediction strength", "bootstrap", "passport")
UNTOLD += ("blades", "dissent", "residual", "coverage", "depth", "rand index")


def with_jaccards(verdict: Verdict, jaccards: Sequence[float]) -> Verdict:
    """The verdict on segments 1, 2, … that come back so well."""
    old = verdict.stability.resampled
    resampled = Resampled(old.labels, np.array([jaccards, jaccards]), old.stays)
    numbers = tuple(range(1, len(jaccards) + 1))
    stability = replace(verdict.stability, resampled=resampled, numbers=numbers)
    return replace(verdict, stability=stability)


def test_sentences_tell_this_tables_numbers(analysis):
    a = analysis
    assert say.title(a.profiles, a.verdict) == "59 customers, sorted into 3 segments"
    assert "Too few customers to tell" in say.finding(a.verdict)
    tiles = [fact[1] for fact in say.tiles(a.segmentation, a.verdict)]
    assert tiles[:2] == ["59", "3"] and tiles[2].endswith(" of 100") and tiles[3].endswith(" %")


def test_every_verdict_has_its_own_title_and_finding(grouped):
    said = {}
    for kind in (NATURAL, REPRODUCIBLE, CONSTRUCTIVE, ONE_GROUP, TOO_FEW):
        structure = replace(grouped.verdict.structure, shown=kind == NATURAL)
        verdict = replace(grouped.verdict, kind=kind, structure=structure, features=("age",))
        said[say.title(grouped.profiles, verdict)] = say.finding(verdict)
    assert len(set(said)) == len(set(said.values())) == 5
    assert not [word for word in UNTOLD for text in said.values() if word in text.lower()]


def test_segments_that_do_not_follow_the_groups_are_called_so(grouped):
    unstable = replace(with_jaccards(grouped.verdict, [0.9, 0.4, 0.9, 0.9]), kind=CONSTRUCTIVE)
    text = say.finding(replace(unstable, features=("age", "spend", "noise")))
    assert "do not follow them: they change" in text and "age and spend" in text
    assert "The gaps are" not in say.finding(unstable)
    assert "clear groups" not in say.title(grouped.profiles, unstable)
    cut = replace(grouped.verdict, kind=REPRODUCIBLE, valleys=(Valley(2, 5, 0.9, 1.0),))
    assert "no gap can be shown between 2 and 5" in say.finding(cut)


def test_a_border_that_cannot_be_told_is_said(grouped):
    unclear = (*grouped.verdict.valleys, Valley(1, 3, 0.35, 0.82))
    few = replace(grouped.verdict, valleys=unclear)
    text = say.finding(few)
    assert text.endswith("Whether segments 1 and 3 are two groups or one cannot be told.")
    assert say.title(grouped.profiles, few) == "400 customers in 4 groups"
    assert say.title(grouped.profiles, grouped.verdict) == "400 customers in 4 clear groups"
    more = replace(few, valleys=(*unclear, Valley(2, 4, 0.3, 0.85)))
    assert say.finding(more).endswith("; the same holds for 2 and 4.")


@pytest.mark.parametrize(
    ("k", "word"),
    [(3, "put some groups together: 4 can be told apart, and"), (5, "asked for 5")],
)
def test_another_k_than_the_recommended_is_said(grouped, k, word):
    verdict = replace(with_jaccards(grouped.verdict, [0.9] * k), apart=4 if k < 4 else 0)
    text = say.finding(verdict)
    assert word in text and "4 are recommended" in text
    assert "recommended" not in say.finding(grouped.verdict)


def test_a_recommended_number_that_puts_groups_together_says_so(grouped):
    verdict = replace(with_jaccards(grouped.verdict, [0.9, 0.9]), recommended=2, apart=4)
    assert say.finding(verdict).endswith(
        "These 2 segments put some groups together: 4 can be told apart."
    )


def test_gaps_in_single_columns_are_advice_and_no_order(grouped):
    missed = replace(grouped.verdict, kind=REPRODUCIBLE, gapped=("age",))
    text = say.finding(missed)
    assert "only age has gaps: segmenting on this column alone may follow them." in text
    two = replace(missed, gapped=("age", "spend"))
    three = replace(two, features=("age", "spend", "town"))
    assert "age and spend have gaps" in say.finding(three)
    assert "one by one" not in say.finding(two)


def test_few_customers_are_said_to_hide_gaps(cloud, grouped):
    few = replace(cloud.verdict, structure=replace(cloud.verdict.structure, rows=200))
    assert "among 200 customers gaps are easily missed" in say.limits(few)
    assert "easily missed" not in say.limits(grouped.verdict)


def test_the_source_says_how_old_the_customers_are(tmp_path):
    frame = pd.DataFrame({"spend": [1.0, 2, 4, 8], "visits": [3, 1, 2, 5]})
    assert describe(frame) == "Data: frame, 4 rows, 2 columns."
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert describe(path) == "Data: a.csv, 4 rows, 2 columns; file of 14 November 2023."
    dates = ["2024-01-05", "2025-03-31", None, "2023-12-31"]
    frame.assign(last_order=dates, born="1990-02-01").to_csv(path, index=False)
    assert describe(path).endswith("; newest date 31 March 2025 (last_order).")


def describe(data) -> str:
    source = open_source(data)
    return say.source_line(source, check_columns(source))


def test_the_source_of_orders_says_how_many_lines_were_made_into_customers(analysis):
    notes = [Note("missing", "x"), Note("orders", "9 order lines made into 3 customers as of x")]
    text = say.source_line(Source(analysis.assigned, "sales.csv"), analysis.columns, notes)
    assert text == "Data: sales.csv, 9 order lines made into 3 customers as of x."
