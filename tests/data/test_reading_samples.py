"""Every real table is read exactly, compared with a reading by other means."""

from __future__ import annotations

import csv
import datetime
import io
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.data.raw import read_raw

pytestmark = pytest.mark.long


def text_tables(samples: Path) -> list[Path]:
    return sorted(p for p in samples.rglob("*") if p.suffix in (".csv", ".tsv", ".txt"))


def independent(path: Path) -> list[list[str]]:
    """All records that are not blank, by Python's csv reader and a delimiter counted in line 1."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    first = next(line for line in text.splitlines() if line.strip())
    marks = {mark: first.count(mark) for mark in ",;\t"}
    mark = max(marks, key=lambda sign: marks[sign])
    if not marks[mark]:
        return [line.split() for line in text.splitlines()]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    return [row for row in rows if any(cell.strip() for cell in row)]


def test_every_text_table_is_read_exactly(samples: Path) -> None:
    for path in text_tables(samples):
        want = independent(path)
        has_header = not re.fullmatch(r"\d+", want[0][0])
        got = read_raw(path, header=None if has_header else 0)
        cells = got.frame.to_numpy().tolist()
        assert cells == want[has_header:], path
        names = want[0] if has_header else [f"column_{i + 1}" for i in range(len(want[0]))]
        assert [n for n, w in zip(got.frame.columns, names, strict=True) if w] == [
            w for w in names if w
        ]


def test_blank_rows_and_the_encoding_are_said(samples: Path) -> None:
    notes = {
        path.name: {n.code for n in read_raw(path).notes}
        for path in text_tables(samples)
        if "variants" in path.parts
    }
    assert any("blank-rows" in codes for codes in notes.values())
    assert any("encoding" in codes for codes in notes.values())


def test_workbooks_are_read_exactly(samples: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is the other reader")
    for path in sorted(samples.rglob("*.xlsx")):
        with path.open("rb") as file:
            sheet = openpyxl.load_workbook(file).worksheets[0]
            rows = [[as_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        rows = [row + [""] * (len(rows[0]) - len(row)) for row in rows]
        got = read_raw(path)
        rows = [row for row in rows if any(row)]
        want = pd.DataFrame(rows[1:], columns=rows[0]).astype("str")
        pd.testing.assert_frame_equal(got.frame, want)


def as_text(cell: object) -> str:
    if isinstance(cell, datetime.datetime):
        return str(cell.date()) if cell.time() == datetime.time() else str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
