"""What the report found: the verdict's words, and sentences with this table's numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis.portraits.rules import Rule
from segmentation.analysis.portraits.trial import Trial
from segmentation.analysis.say.segments import (
    list_facts,
    say_components,
    say_descriptors,
    say_differences,
    say_finding,
    say_limits,
    say_map,
    say_next_step,
    say_rules,
    say_sizes,
    say_title,
    say_value,
)
from segmentation.analysis.trust.valleys import Border
from segmentation.data.published.vocabulary import CONSTRUCTIVE, NATURAL, ONE_GROUP, REPRODUCIBLE, TOO_FEW

UNTOLD = ("silhouette", "inertia", "jaccard", "prediction strength", "bootstrap", "passport")
UNTOLD += ("blades", "dissent", "residual", "coverage", "depth", "rand index")


def test_sentences_tell_this_tables_numbers(analysis):
    a = analysis
    assert say_title(a.profiles, a.verdict) == "59 customers, sorted into 3 segments"
    assert "Too few customers to tell" in say_finding(a.verdict, ["spend"])
    assert "Segment 1 is the largest with 29" in say_sizes(a.profiles)
    assert "%" in say_value(a.profiles, "revenue")
    assert "red X" in say_map(a.prepared, a.segments, [0, 1], np.arange(59))
    assert "Drawn: 20 of 59" in say_map(a.prepared, a.segments, [0, 1], np.arange(20))
    assert "80 %" in say_components(0.8, 5)
    assert "spend" in say_differences(a.profiles) or "visits" in say_differences(a.profiles)
    tiles = [fact[1] for fact in list_facts(a.prepared, a.profiles, a.stability)]
    assert tiles[:2] == ["59", "3"] and tiles[2].endswith(" of 100") and tiles[3].endswith(" %")


def test_every_verdict_has_its_own_title_and_finding(grouped):
    said = {}
    for kind in (NATURAL, REPRODUCIBLE, CONSTRUCTIVE, ONE_GROUP, TOO_FEW):
        structure = replace(grouped.structure, shown=kind == NATURAL)
        verdict = replace(grouped.verdict, kind=kind, structure=structure)
        said[say_title(grouped.profiles, verdict)] = say_finding(verdict, ["age"])
    assert len(set(said)) == len(set(said.values())) == 5
    assert not [word for word in UNTOLD for text in said.values() if word in text.lower()]


def test_segments_that_do_not_follow_the_groups_are_called_so(grouped):
    unstable = replace(grouped.verdict, kind=CONSTRUCTIVE, least=0.4)
    said = say_finding(unstable, ["age", "spend", "noise"])
    assert "do not follow them: they change" in said and "age and spend" in said
    assert "The gaps are" not in say_finding(unstable, ["age", "spend"])
    assert "clear groups" not in say_title(grouped.profiles, unstable)
    cut = replace(grouped.verdict, kind=REPRODUCIBLE, borders=(Border(2, 5, 0.9, 1.0),))
    assert "no gap can be shown between 2 and 5" in say_finding(cut, ["age", "spend"])


def test_a_border_that_cannot_be_told_is_said(grouped):
    unclear = (*grouped.verdict.borders, Border(1, 3, 0.35, 0.82))
    few = replace(grouped.verdict, borders=unclear)
    said = say_finding(few, ["age"])
    assert said.endswith("Whether segments 1 and 3 are two groups or one cannot be told.")
    assert say_title(grouped.profiles, few) == "400 customers in 4 groups"
    assert say_title(grouped.profiles, grouped.verdict) == "400 customers in 4 clear groups"
    more = replace(few, borders=(*unclear, Border(2, 4, 0.3, 0.85)))
    assert say_finding(more, ["age"]).endswith("; the same holds for 2 and 4.")


@pytest.mark.parametrize(
    ("k", "word"),
    [(3, "put some groups together: 4 can be told apart, and"), (5, "asked for 5")],
)
def test_another_k_than_the_recommended_is_said(grouped, k, word):
    said = say_finding(replace(grouped.verdict, k=k, apart=4 if k < 4 else 0), ["age"])
    assert word in said and "4 are recommended" in said
    assert "recommended" not in say_finding(grouped.verdict, ["age"])


def test_a_recommended_number_that_puts_groups_together_says_so(grouped):
    verdict = replace(grouped.verdict, k=2, recommended=2, apart=4)
    said = say_finding(verdict, ["age"])
    assert said.endswith("These 2 segments put some groups together: 4 can be told apart.")


def test_gaps_in_single_columns_are_advice_and_no_order(grouped):
    missed = replace(grouped.verdict, kind=REPRODUCIBLE, gapped=("age",))
    said = say_finding(missed, ["age", "spend"])
    assert "only age has gaps: segmenting on this column alone may follow them." in said
    two = replace(missed, gapped=("age", "spend"))
    assert "age and spend have gaps" in say_finding(two, ["age", "spend", "town"])
    assert "one by one" not in say_finding(two, ["age", "spend"])


def test_few_customers_are_said_to_hide_gaps(cloud, grouped):
    few = replace(cloud.verdict, structure=replace(cloud.structure, rows=200))
    assert "among 200 customers gaps are easily missed" in say_limits(few)
    said = say_limits(grouped.verdict)
    assert "easily missed" not in said


def test_rules_are_told_with_what_they_miss():
    rules = [Rule("a from 1", 0.9, 0.8), Rule("", np.nan, np.nan), Rule("b under 2", 0.7, 0.8)]
    said = say_rules(rules, [1, 2, 3])
    assert "70 % to 90 % belong to it" in said and "80 % meet it" in said
    assert said.endswith("No short rule finds segment 2.")
    assert "too few" in say_rules([Rule("a from 1", np.nan, np.nan)], [1])


def test_the_most_telling_descriptor_is_named(grouped, cloud):
    said = say_descriptors(grouped.profiles.crossed)
    assert "(town) is" in said and "against 5" in said
    assert "No category of another column" in say_descriptors(cloud.profiles.crossed)


def test_a_category_that_chance_alone_may_show_is_not_told():
    index = pd.MultiIndex.from_product([list("abcdefghij"), range(1, 11)])
    index = index.set_names(["category", "segment"])
    table = pd.DataFrame({"share": 0.5, "share_of_all": 0.4, "residual": 0.1}, index=index)
    table.iloc[0] = np.nan  # hidden: of a few customers
    table.iloc[5, 2] = 3.2  # one of a hundred
    assert "No category of another column" in say_descriptors({"town": table})
    table.iloc[5, 2] = 4.2
    said = say_descriptors({"town": table})
    assert "in segment 6, “a” (town) is more frequent (50 %, against 40 %" in said


def test_the_next_step_names_whom_and_what_a_trial_could_show(grouped):
    a = grouped
    said = say_next_step(Trial(1, 110, 0.21), a.passports, a.verdict, False)
    assert "half of segment 1" in said and "to 31 % or more" in said
    assert "Collect more customers" in say_next_step(
        Trial(1, 6, np.nan), a.passports, a.verdict, False
    )
    assert "logged features" in say_next_step(Trial(1, 9, 0.2), a.passports, a.verdict, True)
    alone = replace(a.verdict, kind=ONE_GROUP)
    assert "Do not act" in say_next_step(Trial(1, 110, 0.21), a.passports, alone, False)
