"""Rows keep their order and their lines, whichever way they are read."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from segmentation.data.text.reading import load_text
from tests.data.raw import read_raw, refusal


def test_lines_are_physical_ones_also_after_quoted_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('id,note,n\n1,"a\nb",5\n2,c,6\n3,"d\n\ne",7\n4,f,8\n')
    assert read_raw(path).lines.tolist() == [2, 4, 5, 8]
    path.write_text('\n\nid,note,n\n1,"a\nb",5\n\n2,c,6\n')
    got = read_raw(path)
    assert got.lines.tolist() == [4, 7] and got.header_line == 3 and got.skipped == (1, 2)


@pytest.mark.parametrize("blank", ["\n", "\r\n", "\r", "\r\r\n", " \n", ",,\n"])
def test_a_table_far_below_blank_lines_is_read_with_its_lines(tmp_path: Path, blank: str) -> None:
    path, end = tmp_path / "t.csv", "\r" if blank == "\r" else "\n"
    rows = end.join(["id,n,name", "1,5,Ann", '2,6,"B', 'ob"', "3,7,Cyd", ""])
    path.write_text(blank * 300_000 + rows, newline="")
    above, got = len((blank * 300_000).splitlines()), read_raw(path)
    assert got.header_line == above + 1 and list(got.frame) == ["id", "n", "name"]
    assert got.lines.tolist() == [above + 2, above + 3, above + 5]
    path.write_text(path.read_text() + "4,8\n")
    assert refusal(path).line == above + 6


def test_nothing_but_blank_lines_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("\n" * 600_000)
    assert refusal(tmp_path / "t.csv").code in ("empty-file", "no-rows")


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


ROWS = ["id,name,n", "1,Ann,5", "2,Bob,6", "3,Cyd,7", "4,Dan,8"]


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        (
            [ROWS[0], *(f"{row}," for row in ROWS[1:])],
            1,
            "3 fields, and all rows have 4; give",
        ),
        ([f"{ROWS[0]},", *ROWS[1:]], 1, "4 fields, and all rows have 3; give both the same"),
        ([*ROWS, "5,Eve"], 6, "2 fields where the header has 3; add what is missing"),
        ([*ROWS, "5,Eve, the 1st,9"], 6, "4 fields where the header has 3; quote the cell"),
        (["id,'name',n", "1,'A, B',5", *ROWS[2:]], 2, "double quotes: cells are wrapped in '"),
    ],
)
def test_a_line_that_does_not_fit_is_named_with_a_remedy_for_it(
    tmp_path: Path, lines: list[str], line: int, words: str
) -> None:
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    error = refusal(tmp_path / "t.csv")
    assert (error.code, error.line) == ("ragged-row", line) and words in str(error)
