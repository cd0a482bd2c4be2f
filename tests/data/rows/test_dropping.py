"""Rows that repeat an earlier one are left out on request, counted, in any kind of table."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from segmentation.data import InputError, Reading, check_columns, open_source

DROP = Reading(copies="drop")
CUSTOMERS = pd.DataFrame(
    {"id": [f"C-{n}" for n in range(60)], "spend": [n * n + 0.5 for n in range(60)]}
)
JOINED = pd.concat([CUSTOMERS, CUSTOMERS[:20], CUSTOMERS[:5]], ignore_index=True)


def save(folder, kind, rows):
    path = folder / f"t.{kind}"
    if kind == "csv":
        rows.to_csv(path)  # with the numbers of the rows, as pandas writes them
    elif kind == "parquet":
        rows.to_parquet(path)
    elif kind == "duckdb":
        with duckdb.connect(path) as con:
            con.execute("CREATE TABLE t AS SELECT * FROM rows")
    return {"frame": rows, "duckdb": f"duckdb:///{path}"}.get(kind, path)


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb", "frame"])
def test_copies_are_left_out_and_counted_if_wanted(tmp_path, kind):
    dataset = save(tmp_path, kind, JOINED)
    with pytest.raises(InputError, match=r"20 ids occur .*; give copies: drop"):
        open_source(dataset).check()
    source = open_source(dataset, DROP)
    notes = [note.what for note in source.check() if note.code == "copied-rows"]
    assert notes == ["left out 25 rows that are copies of an earlier row"]
    rows = source.table.order_by("__row__").execute()
    assert sorted(rows["id"]) == sorted(CUSTOMERS["id"])
    assert rows["__row__"].tolist() == [*range(1, 61)]
    assert check_columns(source).features == ["spend"]


def test_other_repeats_of_an_id_stay_refused_by_line(tmp_path):
    other = pd.DataFrame({"id": ["C-0"], "spend": [7.25]})
    dataset = save(tmp_path, "csv", pd.concat([JOINED, other], ignore_index=True))
    with pytest.raises(InputError, match=r"1 id occurs .* at lines 2, 87; remove the copies"):
        open_source(dataset, DROP).check()


def test_a_table_without_copies_stays_as_it_is(tmp_path):
    dataset = save(tmp_path, "parquet", CUSTOMERS)
    plain, dropped = open_source(dataset), open_source(dataset, DROP)
    assert plain.table.execute().equals(dropped.table.execute())
    assert plain.check() == dropped.check()
    with pytest.raises(InputError, match="'keep' is not known; use one of refuse drop"):
        open_source(dataset, Reading(copies="keep"))
