"""Who is in the segments, in sentences with this table's numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import say
from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.portraits.rules import Rule
from segmentation.analysis.portraits.trial import Trial
from segmentation.analysis.trust.logged import Logged
from segmentation.data.published.vocabulary import ONE_GROUP


def test_sentences_tell_this_tables_numbers(analysis):
    a = analysis
    assert "Segment 1 is the largest with 29" in say.sizes(a.profiles)
    assert "%" in say.value_shares(a.profiles, "revenue")
    assert "red X" in say.segment_map(a.segmentation, [0, 1], np.arange(59))
    assert "Drawn: 20 of 59" in say.segment_map(a.segmentation, [0, 1], np.arange(20))
    assert "80 %" in say.components(0.8, 5)
    assert "spend" in say.differences(a.profiles) or "visits" in say.differences(a.profiles)


def with_rules(portraits: Portraits, *rules: Rule) -> Portraits:
    """The portraits with these rules, and the passports that they make."""
    by_number = pd.Series(rules, range(1, len(rules) + 1))
    columns = {
        name: by_number.map(lambda rule, name=name: getattr(rule, name)).astype(float)
        for name in ("precision", "coverage")
    }
    return replace(portraits, rules=by_number, passports=pd.DataFrame(columns))


def test_rules_are_told_with_what_they_miss(analysis):
    rules = [Rule("a from 1", 0.9, 0.8), Rule("", np.nan, np.nan), Rule("b under 2", 0.7, 0.8)]
    text = say.rules(with_rules(analysis.portraits, *rules))
    assert "70 % to 90 % belong to it" in text and "80 % meet it" in text
    assert text.endswith("No short rule finds segment 2.")
    unknown = with_rules(analysis.portraits, Rule("a from 1", np.nan, np.nan))
    assert "too few" in say.rules(unknown)


@pytest.mark.long
def test_the_most_telling_descriptor_is_named(grouped, cloud):
    text = say.descriptors(grouped.profiles)
    assert "(town) is" in text and "against 5" in text
    assert say.descriptors(cloud.profiles) == ""
    chance = replace(grouped.profiles, crossed={"town": grouped.profiles.crossed["town"] * 0.01})
    assert "No category of another column" in say.descriptors(chance)


def test_a_category_that_chance_alone_may_show_is_not_told(grouped):
    index = pd.MultiIndex.from_product([list("abcdefghij"), range(1, 11)])
    index = index.set_names(["category", "segment"])
    table = pd.DataFrame({"share": 0.5, "share_of_all": 0.4, "residual": 0.1}, index=index)
    table.iloc[0] = np.nan  # hidden: of a few customers
    table.iloc[5, 2] = 3.2  # one of a hundred
    profiles = replace(grouped.profiles, crossed={"town": table})
    assert "No category of another column" in say.descriptors(profiles)
    table.iloc[5, 2] = 4.2
    text = say.descriptors(profiles)
    assert "in segment 6, “a” (town) is more frequent (50 %, against 40 %" in text


def test_the_next_step_names_whom_and_what_a_trial_could_show(grouped):
    a, plain = grouped, replace(grouped.opinions, logged=None)
    logged = replace(plain, logged=Logged(("spend",), 3, (200, 100, 100)))

    def next_step(trial, verdict=a.verdict, opinions=plain):
        return say.next_step(replace(a.portraits, trial=trial), verdict, opinions)

    text = next_step(Trial(1, 110, 0.21))
    assert "half of segment 1" in text and "to 31 % or more" in text
    assert "Collect more customers" in next_step(Trial(1, 6, np.nan))
    assert "logged features" in next_step(Trial(1, 9, 0.2), opinions=logged)
    alone = replace(a.verdict, kind=ONE_GROUP)
    assert "Do not act" in next_step(Trial(1, 110, 0.21), alone)
