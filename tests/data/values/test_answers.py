"""Yes and no are read as 1 and 0 in any words, from any kind of table; nothing else is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentation.data import check_columns, list_row_groups, open_source
from segmentation.data.facts import describe_columns
from segmentation.data.values.answers import find_answers


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Yes", "No"),
        ("TRUE", "FALSE"),
        ("y", "n"),
        ("ja", "nein"),
        ("Sí", "No"),
        ("true ", "false"),
    ],
)
def test_answers_in_words_are_features_like_1_and_0(tmp_path, yes, no):
    answers = np.random.default_rng(0).integers(0, 2, (60, 3))
    numbers = pd.DataFrame(answers, columns=["a", "b", "c"])
    words = numbers.replace({1: yes, 0: no})
    words.loc[0, "a"] = None
    words.to_csv(tmp_path / "t.csv", index=False)
    for source in (open_source(tmp_path / "t.csv"), open_source(words)):
        assert check_columns(source).features == ["a", "b", "c"]
        read = source.table.order_by("__row__").execute()
        assert np.isnan(read["a"][0]) and read["b"].tolist() == numbers["b"].tolist()
        said = [note.what for note in source.check() if note.code == "yes-no"]
        assert said == ["yes and no read as 1 and 0"] * 3


@pytest.mark.parametrize(
    ("yes", "no", "unknown"),
    [("Yes", "No", "Don’t know"), ("ja", "nein", "Weiß nicht"), ("Y", "N", "U"), ("sí", "no", "-")],
)
def test_unknown_beside_yes_and_no_counts_as_missing(tmp_path, yes, no, unknown):
    answers = np.random.default_rng(0).integers(0, 3, (60, 3))
    words = pd.DataFrame(answers, columns=["a", "b", "c"]).replace({0: no, 1: yes, 2: unknown})
    words.to_csv(tmp_path / "t.csv", index=False)
    words.to_parquet(tmp_path / "t.parquet")
    for source in map(open_source, (tmp_path / "t.csv", tmp_path / "t.parquet", words)):
        assert check_columns(source).features == ["a", "b", "c"]
        read = source.table.order_by("__row__").select("a", "b", "c").to_pandas()
        assert read.equals((words == yes).astype(float).mask(words == unknown))
        said = [note.what for note in source.check() if note.column == "a"]
        assert f"counted as missing: {unknown} {(answers[:, 0] == 2).sum()}" in said


def test_answers_are_read_from_parquet_and_booleans_as_well(tmp_path):
    words = pd.DataFrame({"a": ["Yes", "No", None] * 20, "b": [True, False, False] * 20})
    words.to_parquet(tmp_path / "t.parquet")
    source = open_source(tmp_path / "t.parquet")
    read = source.table.order_by("__row__").execute()
    assert read["a"][:2].tolist() == [1, 0] and read["b"][:3].tolist() == [1, 0, 0]


def test_answers_take_row_groups_from_their_own_column_only(tmp_path):
    words = pd.DataFrame({"a": ["Yes", "No"] * 30, "id": range(60), "spend": 1.5})
    words.to_parquet(tmp_path / "t.parquet")
    table = open_source(tmp_path / "t.parquet").table
    assert list_row_groups(table, ["id"], ["spend"])
    assert not list_row_groups(table, ["id", "a"], ["spend"])
    assert describe_columns(table)[0].high == 1


def test_a_word_below_the_first_rows_counts():
    rows = pd.DataFrame({"a": ["Yes", "No"] * 1_000, "b": ["yes"] * 2_000, "c": ["no"] * 2_000})
    rows.loc[1_999] = ["maybe", "No", "maybe"]
    source = open_source(rows)
    assert [note.column for note in source.notes] == ["b"]
    assert source.table["b"].sum().execute() == 1_999


@pytest.mark.parametrize(
    "values",
    [
        ["yes", "no", "maybe"],
        ["yes", "no", "unknown", "no internet service"],
        ["no", "unknown"],
        ["unknown", "n/a"],
        ["m", "f"],
        ["a"],
        ["y"],
        [],
        ["true", "no"],
        ["1", "0"],
    ],
)
def test_other_words_stay_text(values):
    assert find_answers(values) == {}


def test_a_word_behind_many_spellings_counts(tmp_path):
    spellings = ["Yes", "yes", "YES", "yES", "yEs", "YEs", "No", "no", "NO", "nO", "Unknown", "DK"]
    assert len(find_answers(spellings)) == len(spellings)
    words = pd.DataFrame({"a": [*spellings, "maybe"] * 9, "n": range(117)})
    words.to_csv(tmp_path / "t.csv", index=False)
    for source in map(open_source, (tmp_path / "t.csv", words)):
        assert source.table["a"].type().is_string()


def test_one_answer_alone_and_all_spellings_are_read():
    assert find_answers(["No"]) == {"No": 0}
    assert find_answers(["Yes", "yes", "NO"]) == {"Yes": 1, "yes": 1, "NO": 0}
