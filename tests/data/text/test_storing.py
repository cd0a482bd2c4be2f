"""Rows of long texts are kept on disk, for as long as their table is, and give the same table."""

from __future__ import annotations

import gc
import json
import os
import subprocess
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest

from segmentation.data import InputError, open_source
from segmentation.data.text import storing
from segmentation.data.text.reading import load_text
from segmentation.data.text.storing import ROWID, Store, Target, make_folder, make_store
from segmentation.data.values.typed import type_table


@pytest.fixture
def on_disk(kept_in, monkeypatch) -> Path:
    """Takes every text for a long one."""
    monkeypatch.setattr(storing.make_store, "__defaults__", (0,))
    return kept_in


def write(path: Path, rows: int = 3000) -> pd.DataFrame:
    n = np.arange(rows)
    frame = pd.DataFrame({"id": n + 1, "rowid": n % 7, "spend": n * 1.25, "town": "Köln, am Rhein"})
    frame.loc[5, "spend"] = np.nan
    frame.loc[6, "town"] = "two\nlines"
    frame.to_csv(path, index=False)
    return frame


def test_a_long_text_is_a_table_like_a_short_one(tmp_path, on_disk):
    frame = write(tmp_path / "t.csv")
    opened = open_source(tmp_path / "t.csv")
    found = opened.table.order_by("__row__").execute()
    assert found.pop("__row__").tolist() == list(range(1, 3001))
    pd.testing.assert_frame_equal(found, frame, check_dtype=False)
    files = list(on_disk.rglob("*.parquet"))
    assert len(files) == 2  # as written, and typed
    assert opened.check() == ()


def test_the_files_go_with_the_table(tmp_path, on_disk):
    write(tmp_path / "t.csv")
    table = open_source(tmp_path / "t.csv").table
    gc.collect()
    assert table.count().execute() == 3000
    assert list(on_disk.iterdir())
    del table
    gc.collect()
    assert list(on_disk.iterdir()) == []


def test_a_refused_text_leaves_no_files(tmp_path, on_disk):
    write(tmp_path / "t.csv")
    with (tmp_path / "t.csv").open("a") as file:
        file.write("1,2\n")
    with pytest.raises(InputError, match="line 3,003: 2 fields"):
        open_source(tmp_path / "t.csv")
    gc.collect()
    assert list(on_disk.iterdir()) == []


def test_a_short_text_makes_no_folder(tmp_path, kept_in):
    write(tmp_path / "t.csv")
    opened = open_source(tmp_path / "t.csv")
    assert opened.table.count().execute() == 3000 and list(kept_in.iterdir()) == []


def test_a_packed_text_is_as_long_as_it_is_unpacked(tmp_path, kept_in):
    frame = write(tmp_path / "t.csv", 50)
    frame.to_csv(tmp_path / "t.csv.gz", index=False)
    plain = (tmp_path / "t.csv").stat().st_size
    assert (tmp_path / "t.csv.gz").stat().st_size < plain
    for above, kept in ((plain, 0), (plain - 1, 1)):
        con = duckdb.connect()
        loaded = load_text(con, tmp_path / "t.csv.gz", store=Store(kept_in, above))
        assert (loaded.folder is not None) == bool(kept) == bool(list(kept_in.glob("*.parquet")))


def test_json_lines_and_irregular_files_are_kept_too(tmp_path, kept_in):
    (tmp_path / "t.jsonl").write_text(
        "".join(json.dumps({"a": i, "b": "x"}) + "\n" for i in range(9))
    )
    (tmp_path / "t.csv").write_text("a , b\n" + "".join(f"{i} , x\n" for i in range(9)))
    for name in ("t.jsonl", "t.csv"):
        con = duckdb.connect()
        loaded = load_text(con, tmp_path / name, store=Store(kept_in, 0))
        typed = type_table(con, loaded)
        rows = con.execute(f"SELECT * FROM {typed.table} ORDER BY 1").fetchall()
        assert loaded.folder and rows == [(i + 1, float(i), "x") for i in range(9)]


def test_names_that_the_engine_gives_may_be_columns(tmp_path, on_disk):
    names = ["rowid", "file_row_number", "filename", "c1", 'say "a"', "it's", "file_index"]
    frame = pd.DataFrame([[i + 10 * n for n in range(len(names))] for i in range(5)], columns=names)
    frame.to_csv(tmp_path / "t.csv", index=False)
    found = open_source(tmp_path / "t.csv").table.order_by("__row__").execute()
    pd.testing.assert_frame_equal(found.drop(columns="__row__"), frame, check_dtype=False)


def test_folders_of_dead_processes_are_removed_and_those_of_others_kept(kept_in):
    ended = subprocess.Popen(["true"])
    ended.wait()
    names = {pid: kept_in / f"segmentation-rows-{pid}-x" for pid in (ended.pid, os.getppid(), "y")}
    for folder in names.values():
        folder.mkdir()
    con = ibis.duckdb.connect()
    own = make_folder(con)
    assert set(kept_in.iterdir()) == {own, names[os.getppid()], names["y"]}


def test_what_does_not_fit_into_memory_goes_beside_the_rows(tmp_path, kept_in):
    write(tmp_path / "t.csv")
    con = ibis.duckdb.connect()
    store = make_store(con, tmp_path / "t.csv", 0)
    assert store is not None
    place = con.con.execute("SELECT current_setting('temp_directory')").fetchone()
    assert place == (str(store.folder),)


def test_a_table_filled_anew_forgets_its_rows(tmp_path):
    con = duckdb.connect()
    target = Target(con, "t", tmp_path)
    for value in ("1", "2"):
        target.fill(["x"], ["c1"], f"(SELECT '{value}' AS x)", ROWID)
        assert con.execute("SELECT rowid, c1 FROM t").fetchall() == [(0, value)]


def test_the_bound_on_memory_ends_with_the_writing(tmp_path):
    con = duckdb.connect()
    sql = "SELECT current_setting('memory_limit')"
    before = con.execute(sql).fetchone()
    target = Target(con, "t", tmp_path)
    target.fill([f"({sql})"], ["c1"], "range(1)", ROWID)
    assert con.execute("SELECT c1 FROM t").fetchone() == ("953.6 MiB",)
    with pytest.raises(duckdb.Error):
        target.fill(["nothing"], ["c1"], "range(1)", ROWID)
    assert con.execute(sql).fetchone() == before
