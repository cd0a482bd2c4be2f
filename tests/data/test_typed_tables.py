"""One odd column of a frame, Parquet file or database never stops the others."""

from __future__ import annotations

import sqlite3
import uuid

import duckdb
import pandas as pd
import pytest

from segmentation.data import InputError, check_columns, list_row_groups, open_source

DATES = {
    "infinite": "CASE n WHEN 3 THEN 'infinity' ELSE DATE '2024-01-31' END",
    "before": "CASE n WHEN 3 THEN '0044-03-15 (BC)' ELSE TIMESTAMP '2024-01-31 10:00:00' END",
    "after": "CASE n WHEN 3 THEN '290000-03-15' ELSE TIMESTAMPTZ '2024-01-31' END",
    "seconds": "CASE n WHEN 3 THEN '290000-03-15' ELSE '2024-01-31' END::TIMESTAMP_S",
    "last": "CASE n WHEN 3 THEN '9999-12-31' ELSE DATE '2024-01-31' END",
    "nanos": "'2024-01-31'::TIMESTAMP_NS",
}


@pytest.mark.parametrize("kind", ["duckdb", "parquet", "frame"])
def test_dates_that_no_calendar_has_are_missing(tmp_path, kind):
    cells = ", ".join(f"{sql} AS {name}" for name, sql in DATES.items())
    rows = f"SELECT n AS id, n * n AS spend, {cells} FROM range(20) AS t(n)"
    with duckdb.connect(tmp_path / "t.duckdb") as con:
        con.execute(f"CREATE TABLE t AS {rows}")
        con.execute(f"COPY t TO '{tmp_path / 't.parquet'}'")
        frame = con.execute("SELECT * EXCLUDE (infinite) FROM t").to_arrow_table().to_pandas()
    paths = {"duckdb": f"duckdb:///{tmp_path}/t.duckdb", "parquet": tmp_path / "t.parquet"}
    source = open_source(paths.get(kind, frame))
    assert check_columns(source).features == ["spend"]
    odd = [name for name in ("infinite", "before", "after", "seconds") if name in source.table]
    notes = {note.column: note.what for note in source.check() if note.code == "missing"}
    assert sorted(notes) == sorted(odd) and len(odd) > 2
    read = source.table.order_by("__row__").execute()
    assert all(pd.isna(read[name][3]) and read[name].count() == 19 for name in odd)
    assert str(read["last"][3])[:10] == "9999-12-31" and read["nanos"].count() == 20


def test_odd_objects_in_a_frame_are_left_out_by_name_or_are_text():
    frame = pd.DataFrame({"id": range(30), "spend": range(0, 60, 2)})
    frame["cart"] = [{"sku": n} for n in range(30)]
    frame["tags"] = [[n] for n in range(30)]
    frame["key"] = [uuid.UUID(int=n) for n in range(30)]
    frame["odd"] = [1, "a", {2: 3}] * 10
    source = open_source(frame)
    left = [note.column for note in source.notes if note.code == "left-out"]
    assert left == ["cart", "tags"]
    assert source.table.schema()["key"].is_string() and source.table.schema()["odd"].is_string()
    assert check_columns(source).features == ["spend"]


@pytest.mark.parametrize("kind", ["parquet", "frame", "sqlite"])
def test_blanks_around_names_are_taken_off_and_said(tmp_path, kind):
    frame = pd.DataFrame({"id": range(30), " spend ": range(0, 60, 2), "age\t": [40, 50, 60] * 10})
    frame.to_parquet(tmp_path / "t.parquet")
    with sqlite3.connect(tmp_path / "t.db") as con:
        frame.to_sql("t", con, index=False)
    paths = {"sqlite": f"sqlite:///{tmp_path}/t.db", "parquet": tmp_path / "t.parquet"}
    source = open_source(paths.get(kind, frame))
    (note,) = [note for note in source.check() if note.code == "padded-header"]
    assert note.what.endswith("taken off: spend, age") and note.line is None
    assert source.table.columns == ("__row__", "id", "spend", "age")
    if kind == "parquet":
        (group,) = list_row_groups(source.table, ["id"], ["spend", "age"])
        (batch,) = group.read(["age", "spend"], 100)
        assert batch.column("spend").to_pylist() == list(range(0, 60, 2))


@pytest.mark.parametrize("other", [" spend ", "Spend"])
def test_names_that_blanks_or_case_alone_tell_apart_are_refused(other):
    with pytest.raises(InputError, match="are one name") as caught:
        open_source(pd.DataFrame({"spend": [1, 2], other: [3, 4]}))
    assert (caught.value.code, caught.value.line) == ("duplicate-header", None)


def test_a_column_without_a_name_gets_one_and_is_said():
    source = open_source(pd.DataFrame({"": range(9), "spend": range(0, 18, 2)}))
    assert source.table.columns == ("__row__", "column_1", "spend")
    assert [note.code for note in source.notes] == ["blank-header"]


@pytest.mark.parametrize("kind", ["parquet", "frame", "sqlite"])
def test_text_that_holds_numbers_is_noted_with_a_value(tmp_path, kind):
    cells = {"about": "ca. {}24", "hash": "#{}", "grouped": "{}_316", "code": "A-{}", "day": "1/{}"}
    frame = pd.DataFrame({"n": range(30), "order no": [f"#{n}" for n in range(30)]})
    for name, cell in cells.items():
        frame[name] = [cell.format(n + 10) for n in range(30)]
    frame.to_parquet(tmp_path / "t.parquet")
    with sqlite3.connect(tmp_path / "t.db") as con:
        frame.to_sql("t", con, index=False)
    paths = {"sqlite": f"sqlite:///{tmp_path}/t.db", "parquet": tmp_path / "t.parquet"}
    notes = open_source(paths.get(kind, frame)).check()
    said = {note.column: note.what for note in notes if note.code == "mostly-numbers"}
    assert list(said) == ["about", "hash", "grouped"]
    assert "as in 'ca. 1024'" in said["about"]
