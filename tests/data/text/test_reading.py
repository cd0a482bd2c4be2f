"""Rows keep their order and their lines, whichever way they are read."""

from __future__ import annotations

from pathlib import Path

import duckdb

from segmentation.data.text.reading import load_text
from tests.data.raw import read_raw


def test_lines_are_physical_ones_also_after_quoted_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('id,note,n\n1,"a\nb",5\n2,c,6\n3,"d\n\ne",7\n4,f,8\n')
    assert read_raw(path).lines.tolist() == [2, 4, 5, 8]
    path.write_text('\n\nid,note,n\n1,"a\nb",5\n\n2,c,6\n')
    got = read_raw(path)
    assert got.lines.tolist() == [4, 7] and got.header_line == 3 and got.skipped == (1, 2)


def test_the_engine_keeps_rows_in_order_and_loses_none(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    rows = 400_000
    lines = (f'{i},"name, {i % 97}",{i / 7:.6f}\r\n' for i in range(rows))
    path.write_text("id,name,x\r\n" + "".join(lines), newline="")
    loaded = load_text(con, path)
    wrong = con.execute(
        "SELECT count(*) FROM raw WHERE CAST(id AS BIGINT) + 1 <> __row__"
    ).fetchone()
    assert (loaded.rows, wrong) == (rows, (0,)) and loaded.line(rows) == rows + 1
