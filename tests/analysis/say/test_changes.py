"""What changed since an earlier report, in sentences; nothing without one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from segmentation.analysis import say
from segmentation.analysis.later.drift import Shift
from segmentation.analysis.later.numbering import Kept
from tests.analysis.publishing import changes_since

TWO = Kept((1, 2), {1: 1.0, 2: 0.8}, {1: "a", 2: "b"}, {}, {})


def test_names_that_no_longer_suit_are_said_unless_they_were_given(then, analysis):
    grown = changes_since(then, Kept((2, 10), {2: 1.0}, {2: "b"}, {}, {9: "old"}))

    def say_of(made: list[str], given: bool = False, changes=grown) -> str:
        names = pd.Series(made, [2, 10])
        return say.outgrown(changes, replace(analysis.portraits, made=names, given=given))

    assert "segment 2 (b) would be called “c”" in say_of(["c", "d"])
    assert say_of(["c", "d"], given=True) == "" == say_of(["b", "d"])
    report = replace(then, result={**then.result, "names_given": True})
    named = replace(grown, earlier=replace(grown.earlier, report=report))
    assert say_of(["c", "d"], changes=named) == "" == say_of(["c", "d"], changes=None)


def test_names_that_were_given_are_not_said_to_be_kept(then):
    changes = changes_since(then, TWO)
    assert "with their numbers and names: of the" in say.kept(changes)
    assert "with their numbers: of" in say.kept(changes, named=True)


def test_the_verdict_then_and_now_is_said(then, analysis):
    changes = changes_since(then, TWO)
    model = replace(changes.earlier.model, verdict="clear groups")
    other = replace(changes, earlier=replace(changes.earlier, model=model))
    now = say.kind(analysis.verdict)
    assert say.verdicts(other, analysis.verdict) == f"The verdict then: clear groups; now: {now}."
    model = replace(model, verdict=now)
    same = replace(changes, earlier=replace(changes.earlier, model=model))
    assert say.verdicts(same, analysis.verdict) == f"The verdict is the same as then: {now}."


def test_features_that_are_spread_differently_are_named_with_how_much(then):
    shifts = {"age": Shift(0.5, 0.1), "spend": Shift(0.2, 0.1), "visits": Shift(0.05, 0.1)}
    changes = changes_since(then, TWO)
    text = say.drift(replace(changes, shifts=shifts))
    assert "much so in age, and by more than chance in spend" in text and "visits" not in text
    assert "no feature is spread differently" in say.drift(changes)


def test_without_an_earlier_report_nothing_is_said(analysis):
    a = analysis
    assert say.moved(None, "id") == say.kept(None) == say.drift(None) == ""
    assert say.outgrown(None, a.portraits) == say.shifted(None, a.portraits) == ""
    assert say.verdicts(None, a.verdict) == ""
