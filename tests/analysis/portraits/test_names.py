"""Names: true of the rows, unique, or those given."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import portray
from segmentation.analysis.portraits.names import (
    keep_names,
    locate_segments,
    match_names,
    name_segments,
)
from segmentation.analysis.portraits.rules import Rule
from segmentation.data import InputError, NamedSegments
from tests.analysis.conftest import analyse


def test_names_hold_for_the_rows(analysis):
    market, medians = analysis.profiles.market, analysis.profiles.medians
    said = []
    for segment, name in analysis.portraits.names.items():
        if name.lower() == analysis.portraits.rules[segment].text:
            continue
        for phrase in name.lower().split(", "):
            level, feature = phrase.split(" ", 1)
            value, quarter = medians.loc[segment, feature], market.loc[feature]
            assert {"high": value > quarter["q75"], "low": value < quarter["q25"]}[level]
            said.append(level)
    assert {"high", "low"} <= set(said)


@pytest.mark.long
def test_names_are_unique_even_where_segments_are_alike():
    rng = np.random.default_rng(0)
    analysis = analyse(pd.DataFrame({"a": rng.normal(size=400), "b": rng.normal(size=400)}), 9)
    assert len(set(analysis.portraits.names)) == 9


@pytest.mark.long
def test_answers_are_named_by_what_most_of_a_segment_say():
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 100)
    frame = pd.DataFrame(
        {f"likes_{at}": rng.random(300) < np.where(group == at % 3, 0.95, 0.1) for at in range(6)}
    )
    frame["never"] = rng.random(300) < 0.05
    names = list(analyse(frame.astype(float), 3).portraits.names)
    said = [phrase.lower().split(": ") for name in names for phrase in name.split(", ")]
    assert {what for _, what in said} == {"mostly yes"} and len({name for name, _ in said}) == 6


def first_rule(analysis, rule: Rule) -> pd.Series:
    rules = analysis.portraits.rules
    return pd.Series([rule, *rules[1:]], rules.index)


def test_a_segment_without_highs_and_lows_is_named_by_its_rule_if_short(analysis):
    medians = analysis.profiles.medians.copy()
    medians.loc[1] = analysis.profiles.market["q50"]
    middling = replace(analysis.profiles, medians=medians)
    short, long = Rule("spend from 4", 1.0, 1.0, 1), Rule("spend from 4, under 5", 1.0, 1.0, 3)
    assert name_segments(middling, first_rule(analysis, short))[1] == "Spend from 4"
    assert name_segments(middling, first_rule(analysis, long))[1] == "Mid-range throughout"
    for precision, coverage in ((0.5, 1.0), (1.0, 0.5), (np.nan, np.nan)):
        untrue = Rule("spend from 4", precision, coverage, 1)
        assert name_segments(middling, first_rule(analysis, untrue))[1] == "Mid-range throughout"


def test_the_rule_stands_in_where_words_are_alike(analysis):
    medians = analysis.profiles.medians.copy()
    medians.loc[2] = medians.loc[1]
    alike = replace(analysis.profiles, medians=medians)
    rules = pd.Series([Rule(f"spend from {at}", 1.0, 1.0) for at in range(3)], [1, 2, 3])
    assert name_segments(alike, rules)[:2].tolist() == ["Spend from 0", "Spend from 1"]
    without = pd.Series([Rule("", np.nan, np.nan)] * 3, [1, 2, 3])
    named = name_segments(alike, without)
    assert named[1].endswith("(segment 1)") and named[2].endswith("(segment 2)")


@pytest.mark.long
def test_twenty_features_make_no_longer_names_than_three():
    rng = np.random.default_rng(0)
    answers = {f"regularly_buys_category_{i}": rng.integers(0, 2, 200) for i in range(20)}
    made = analyse(pd.DataFrame(answers), 6, features=list(answers)).portraits.names
    assert len(set(made)) == 6 and max(map(len, made)) < 150
    assert max(name.count("regularly") for name in made) <= 3


def test_given_names_are_kept_and_counted(analysis):
    profiles, rules = analysis.profiles, analysis.portraits.rules
    given = name_segments(profiles, rules, ["A", "B", "C"])
    assert given.to_dict() == {1: "A", 2: "B", 3: "C"}
    for wrong in (["A"], ["A", "A", "B"], ["A", "B", " "]):
        with pytest.raises(InputError, match="give 3 different names"):
            name_segments(profiles, rules, wrong)


@dataclass(frozen=True)
class Known:
    """Names that an earlier report leaves."""

    names: dict[int, str]
    past: dict[int, str]


def keep(made: dict[int, str], known: Known | None) -> list[str]:
    names = keep_names(pd.Series(made), known)
    assert names.index.tolist() == list(made)
    return names.tolist()


def test_names_are_kept_and_nobody_gets_one_that_was_used():
    assert keep({1: "c", 2: "d"}, Known({1: "a", 2: "b"}, {})) == ["a", "b"]
    grown = Known({2: "b"}, {9: "old"})
    assert keep({2: "c", 10: "b"}, grown) == ["b", "b (10)"]
    assert keep({2: "c", 10: "old"}, grown) == ["b", "old (10)"]
    assert keep({2: "c", 10: "d"}, None) == ["c", "d"]


def test_given_names_win_over_kept_ones(analysis):
    a, known = analysis, Known({1: "x", 2: "y"}, {})
    given = portray(a.segmentation, a.columns, a.verdict, ["A", "B", "C"], known)
    assert given.names.tolist() == given.made.tolist() == ["A", "B", "C"] and given.given
    kept = portray(a.segmentation, a.columns, a.verdict, None, known)
    assert kept.names[:2].tolist() == ["x", "y"] and kept.made.equals(a.portraits.made)
    assert kept.passports["name"].tolist() == kept.names.tolist() and not kept.given


def test_names_of_a_file_go_to_the_segments_that_they_are_of(analysis):
    named = locate_segments(analysis.segmentation, ["a", "b", "c"])
    kept = NamedSegments(tuple(named[at] for at in (2, 0, 1)), "names.yaml")
    assert match_names(kept, analysis.segmentation) == ["a", "b", "c"]
    assert match_names(["x"], analysis.segmentation) == ["x"]
    assert match_names(None, analysis.segmentation) is None


def test_names_of_other_segments_are_refused(analysis):
    named = locate_segments(analysis.segmentation, ["a", "b", "c"])
    first = named[0].model_copy(update={"centre": {n: -1e300 for n in named[0].centre}})
    other = named[0].model_copy(update={"centre": {"other": 1.0}})
    for wrong, said in (
        ([first, *named[1:]], "has no counterpart in it: 'a' is elsewhere"),
        ([other], "it names segments on other; this report's are on"),
        (named[:2], "it names 2 segments of 3; give k: 2, or name the segments again"),
    ):
        with pytest.raises(InputError, match=said):
            match_names(NamedSegments(tuple(wrong), "n"), analysis.segmentation)
