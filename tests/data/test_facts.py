"""Facts on columns: the same for long tables, except that many distinct values are a bound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segmentation.data import check_columns, open_source
from segmentation.data import facts as module
from segmentation.data.facts import Fact, describe_columns, find_clock, say_distinct
from segmentation.data.memory import FOLDER

ROWS = 60_000


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Columns of every kind, in a long table."""
    rng = np.random.default_rng(11)
    n = np.arange(ROWS)
    gaps = np.where(n % 10 == 0, np.nan, rng.normal(size=ROWS))
    return pd.DataFrame(
        {
            "customer_id": rng.permutation(n) + 1000,
            "counts_up": n + 1,
            "mail": [f"{i}@example.org" for i in rng.permutation(n)],
            "twice_key": n // 2,  # a name as of ids, each of them there twice
            "spend": rng.gamma(2, 100, ROWS),
            "cents": rng.integers(0, 40_000, ROWS),
            "gaps": gaps,
            "whole": np.where(n == ROWS - 1, 0.5, rng.integers(0, 900, ROWS)),
            "scale": rng.integers(1, 6, ROWS),
            "scale_at_last": np.where(n < ROWS - 6, 3, n % 6),
            "town": [f"t{i}" for i in rng.integers(0, 20_000, ROWS)],
            "region": [f"r{i}" for i in rng.integers(0, 20, ROWS)],
            "late": ["one"] * (ROWS - 30) + [f"r{i}" for i in range(30)],
            "day": pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, ROWS), "D"),
            "scale_later": np.where(n < ROWS // 2, np.nan, n % 5),
            "same": 7.0,
            "nothing": np.nan,
        }
    )


@pytest.fixture
def long_tables(monkeypatch) -> None:
    """Treats 60,000 rows as a long table."""
    monkeypatch.setattr(module, "MANY_ROWS", 1_000)
    monkeypatch.setattr(module, "_HEAD", 5_000)
    monkeypatch.setattr(module, "_FEW", 1_000)


@pytest.mark.long
def test_many_distinct_values_are_a_lower_bound_and_all_else_is_exact(frame, long_tables):
    found = {fact.name: fact for fact in describe_columns(open_source(frame).table)}
    for name in frame:
        fact, exact = found[name], frame[name].nunique()
        assert fact.missing == frame[name].isna().sum()
        assert fact.distinct == exact if not fact.least else 1_000 <= fact.distinct <= exact
        if fact.type == "number" and name != "nothing":
            assert (fact.low, fact.high) == (frame[name].min(), frame[name].max())
            assert fact.whole == bool((frame[name].dropna() % 1 == 0).all())
    least = [name for name, fact in found.items() if fact.least]
    assert least == ["spend", "cents", "gaps", "town"]
    assert found["twice_key"].distinct == ROWS // 2 and not found["twice_key"].unique
    assert str(found["day"].newest) == str(frame["day"].max().date())


@pytest.mark.long
def test_roles_are_the_same_as_with_exact_counts(frame, request):
    source = open_source(frame)
    exact = check_columns(source).frame()
    request.getfixturevalue("long_tables")
    long = check_columns(source).frame()
    assert long["role"].tolist() == exact["role"].tolist()
    same = ~exact["column"].isin(["spend", "cents", "gaps", "town"])
    pd.testing.assert_frame_equal(long[same], exact[same], check_dtype=False)


@pytest.mark.long
def test_a_lower_bound_is_shown_as_one(frame, long_tables):
    told = check_columns(open_source(frame)).frame().set_index("column")
    assert told.loc["town", "reason"].startswith("text with at least ")
    assert str(told.loc["spend", "distinct"]).startswith("at least ")
    assert told.loc["region", "distinct"] == 20
    facts = {fact.name: fact for fact in describe_columns(open_source(frame).table)}
    assert say_distinct(facts["scale"]) == "5"
    digits = say_distinct(facts["spend"]).removeprefix("at least ").replace(",", "").rstrip("0")
    assert len(digits) <= 2


@pytest.mark.long
def test_a_column_named_as_id_is_counted_exactly(frame, long_tables):
    part = check_columns(open_source(frame), id="customer_id").parts[0]
    assert part.role == "id" and part.fact.unique
    facts = describe_columns(open_source(frame).table, ["cents"])
    cents = next(fact for fact in facts if fact.name == "cents")
    assert not cents.least and cents.distinct == frame["cents"].nunique()


def test_a_million_rows_are_a_long_table():
    n = np.arange(1_200_000)
    frame = pd.DataFrame({"spend": (n * 7919 % 300_007) + 0.5, "code": n % 3})
    spend, code = describe_columns(open_source(frame).table)
    assert (spend.distinct, spend.least) == (100_000, True)
    assert (code.distinct, code.least) == (3, False)


@pytest.fixture
def stored(frame, tmp_path) -> Path:
    """The columns in a Parquet file, with some NaN that are not NULL."""
    path = tmp_path / "many.parquet"
    columns = {name: pa.array(frame[name], from_pandas=name != "gaps") for name in frame}
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.long
def test_facts_of_a_parquet_file_equal_those_of_its_rows(frame, stored):
    assert pq.read_table(stored)["gaps"].null_count == 0
    of_file = {fact.name: fact for fact in describe_columns(open_source(stored).table)}
    for fact in describe_columns(open_source(frame).table):
        assert of_file[fact.name] == fact or fact.name == "nothing"
    assert of_file["gaps"].missing == ROWS // 10 and of_file["gaps"].high < 6


@pytest.mark.long
def test_a_file_is_described_once_per_call_and_again_after_a_change(stored, tmp_path, monkeypatch):
    ways = []
    monkeypatch.setattr(module, "_find_ranges", _count(module._find_ranges, ways))
    describe_columns(open_source(stored).table)
    describe_columns(open_source(stored).table)
    assert len(ways) == 2
    monkeypatch.setenv(FOLDER, str(tmp_path))
    first, again = (repr(describe_columns(open_source(stored).table)) for _ in "12")
    assert again == first and len(ways) == 3
    assert repr(describe_columns(open_source(stored).table, ["customer_id"])) == first
    assert len(ways) == 4
    pq.write_table(pq.read_table(stored).slice(100), stored)
    assert describe_columns(open_source(stored).table)[0].rows == ROWS - 100
    assert len(ways) == 5


def _count(step: Callable, ways: list) -> Callable:
    def counted(*args):
        ways.append(args)
        return step(*args)

    return counted


@pytest.mark.parametrize(
    ("name", "low", "high", "clock"),
    [
        ("last_order", 43_100.0, 45_300.0, "Excel days"),
        ("value", 43_100.0, 45_300.0, "Excel days"),
        ("birthday", 9_000.0, 40_000.0, "Excel days"),
        ("income", 9_000.0, 40_000.0, None),
        ("signup", 20190101.0, 20240331.0, "days as 20240331"),
        ("x", 1.5e9, 1.7e9, "Unix seconds"),
        ("x", 1.5e12, 1.7e12, "Unix milliseconds"),
        ("x", 1.5e18, 1.7e18, "Unix nanoseconds"),
        ("month", 202001.0, 202403.0, "months as 202403"),
        ("revenue", 202001.0, 202403.0, None),
    ],
)
def test_dates_written_as_numbers_are_known_by_their_range(
    name: str, low: float, high: float, clock: str | None
) -> None:
    assert find_clock(Fact(name, "number", 300, 0, 290, low, high, True)) == clock
    with_hours = clock if clock and "as" not in clock.split() else None
    assert find_clock(Fact(name, "number", 300, 0, 290, low, high, False)) == with_hours


def test_few_months_are_known_without_their_name() -> None:
    assert find_clock(Fact("cohort", "number", 300, 0, 27, 202201.0, 202403.0, True))
    assert not find_clock(Fact("salary", "number", 300, 0, 27, 190_500.0, 202403.0, True))
