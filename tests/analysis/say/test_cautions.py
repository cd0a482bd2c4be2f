"""What is odd is said, and nothing is said of what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import say
from segmentation.analysis.trust.cautions import Outliers
from segmentation.data import Note
from tests.analysis.conftest import find_odd

pytestmark = pytest.mark.long


def cautions(frame: pd.DataFrame, k: int | None = 2, **options) -> str:
    return " ".join(say.cautions(find_odd(frame, k, **options)))


def test_nothing_odd_is_said_to_be_nothing(measures):
    assert cautions(measures) == ""
    assert say.cautions_line(find_odd(measures)) == "Nothing odd was found about the columns."


def test_an_id_is_said_to_be_left_out_and_warned_of_when_named(measures):
    frame = measures.assign(CustomerID=range(1, 201))
    assert "CustomerID names the customer (200 of 200 distinct)" in cautions(frame)
    named = cautions(frame, features=["age", "CustomerID"])
    assert "CustomerID looks like an identifier" in named and "leave it out" in named


def test_codes_and_answers_are_called_so(measures):
    frame = measures.assign(grade=np.tile([1, 2, 3, 4], 50), member=np.tile([0, 1], 100))
    said = cautions(frame, features=["age", "grade", "member"])
    assert "used as numbers: grade" in said and "as much as amounts: member" in said
    towns = frame.assign(north=np.tile([0, 1], 100), south=np.tile([1, 0], 100))
    said = cautions(towns, features=["age", "north", "south"])
    assert "north and south are one category" in said
    answers = frame.assign(other=np.tile([0, 0, 1, 1], 50))
    assert "Every feature is a yes or no" in cautions(answers, features=["member", "other"])


def test_what_may_have_made_the_segments_is_said_first_and_once(measures):
    assert say.warnings_line([], None, find_odd(measures)) == ""
    towns = measures.assign(north=np.tile([0, 1], 100), south=np.tile([1, 0], 100))
    found = find_odd(towns, features=["age", "north", "south"])
    text = say.warnings_line([], None, found)
    assert text.startswith("Before you use this: north and south are one category")
    assert "as much as amounts: north and south" in say.cautions_line(found)
    assert "one category" not in say.cautions_line(found)
    paid = find_odd(measures.assign(paid_in=np.tile(["EUR", "USD"], 100)))
    text = say.warnings_line([Note("doubtful-orders", "guests")], None, paid)
    assert "guests. paid_in holds 2 currencies (EUR, USD): amounts in them" in text
    text = say.warnings_line([Note("doubtful-rows", "without day, all repeat")], None, found)
    assert text.startswith("Before you use this: without day, all repeat. north and south")
    scales = measures.assign(one=np.tile([1, 2, 3, 4], 50), two=np.tile([0, 1], 100))
    text = say.warnings_line([], None, find_odd(scales, features=["one", "two"]))
    assert "Every feature has few values" in text


def test_pairs_that_say_one_thing_are_named(measures):
    frame = measures.assign(months=measures["age"] * 12 + np.random.default_rng(1).normal(size=200))
    said = cautions(frame, features=["age", "score", "months"])
    assert "age and months (r = 1.00) count one theme twice" in said
    assert "months says what age says" in cautions(frame)


def test_a_total_is_said_to_be_made_of_its_parts(measures):
    frame = measures.assign(total=measures["age"] + measures["score"])
    frame = frame.assign(other=np.random.default_rng(4).normal(size=200))
    assert "total is made of age and score; name it in features" in cautions(frame)


def test_skew_that_was_not_logged_is_named(measures):
    frame = measures.assign(spend=np.random.default_rng(2).lognormal(3, 1.5, 200))
    assert "weigh most: spend (" in cautions(frame, transform="none")
    assert "weigh most" not in cautions(frame)


def test_missing_rows_are_counted(measures):
    measures.loc[:15, "age"] = None
    assert "16 of 200 rows (8 %) lack a value" in cautions(measures, features=["age", "score"])


def test_a_handful_is_a_list_and_shapes_the_rest(measures):
    measures.loc[:1, "age"] = [4000.0, 4100.0]
    said = cautions(measures, transform="none")
    assert "is 2 customers: a list, not a segment" in said
    assert "The furthest 1 % of customers shape the segments" in said
    assert "; without a random 1 % it is " in said


def test_segments_that_any_loss_changes_do_not_hang_on_the_furthest():
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(300, 3)), columns=["a", "b", "c"])
    found = find_odd(frame)
    assert "furthest 1 %" not in " ".join(say.cautions(found))
    loose, hanging = (replace(found, outliers=Outliers(0.5, rest)) for rest in (0.6, 0.9))
    assert say.cautions(loose) == [] and len(say.cautions(hanging)) == 1


def test_values_that_stand_for_no_amount_are_said(measures):
    days, each = np.tile(np.arange(20.0), 10), np.arange(200)
    said = cautions(measures.assign(days=np.where(each % 3, days, 999)))
    assert "days is 999 in 34 % of rows, with a gap before all other values" in said
    assert "leave those cells empty" in said
    said = cautions(measures.assign(refunds=np.where(each % 10, 0, each + 50)))
    assert "refunds is 0 in 90 % of rows" in said
