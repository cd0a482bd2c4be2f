"""Totals, remarks and faulty lines are left out on request, listed, and only a few of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segmentation.data import InputError, open_source
from segmentation.data.reading import Reading

RNG = np.random.default_rng(0)
ROWS = [
    (f"C{i:03}", round(float(RNG.lognormal(4, 1)), 2), int(RNG.integers(1, 40))) for i in range(200)
]
HEAD = "name,spend,visits"


def write_row(cells: tuple[object, ...]) -> str:
    return ",".join(map(str, cells))


def add_up(rows: list[tuple[str, float, int]]) -> str:
    return f"{sum(row[1] for row in rows):.2f},{sum(row[2] for row in rows)}"


BODY = list(map(write_row, ROWS))
PARTS = [
    line
    for start in range(0, 200, 50)
    for line in (*BODY[start : start + 50], f"Zwischen {start},{add_up(ROWS[start : start + 50])}")
]
FOOTERS = {
    "a word": ([*BODY, f"Total,{add_up(ROWS)}"], "202"),
    "no known word": ([*BODY, f"Gesamtergebnis,{add_up(ROWS)}"], "202"),
    "above the rows": ([f"Alles,{add_up(ROWS)}", *BODY], "2"),
    "subtotals": ([*PARTS, f"Alles,{add_up(ROWS)}"], "52, 103, 154, 205, 206"),
    "a remark": ([*BODY, "", f"Total,{add_up(ROWS)}", "", "Exported by the shop"], "203, 205"),
}


def read(path: Path, **reading: str) -> tuple[int, list[str]]:
    """The number of rows, and what the notes say of lines that were left out."""
    source = open_source(path, Reading(**reading))
    notes = [note.what for note in source.check() if note.code == "left-out-lines"]
    return int(source.table.count().execute()), notes


def write(folder: Path, lines: list[str]) -> Path:
    path = folder / "export.csv"
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    return path


@pytest.mark.parametrize("kind", FOOTERS)
def test_totals_and_remarks_are_left_out_on_request(kind, tmp_path):
    lines, places = FOOTERS[kind]
    path = write(tmp_path, lines)
    with pytest.raises(InputError):
        read(path)
    with pytest.raises(InputError):
        read(path, bad_lines="drop" if kind != "a remark" else "refuse")
    count = len(places.split(", "))
    said = f"left out {count} line{'s' if count > 1 else ''} as totals or remarks: {places}"
    assert read(path, footer="drop") == (200, [said])


def test_a_total_in_a_workbook_is_left_out(tmp_path):
    path = tmp_path / "export.xlsx"
    total = ("Summe", sum(row[1] for row in ROWS), sum(row[2] for row in ROWS))
    pd.DataFrame([*ROWS, total], columns=HEAD.split(",")).to_excel(path, index=False)
    assert read(path, footer="drop") == (200, ["left out 1 line as totals or remarks: 202"])


def test_lines_keep_their_numbers_when_others_are_left_out(tmp_path):
    lines = [BODY[0], f"Alles,{add_up(ROWS)}", *BODY[1:], "C000,1.5,2"]
    with pytest.raises(InputError, match="at lines 2, 203"):
        source = open_source(write(tmp_path, lines), Reading(footer="drop"))
        source.check(id="name")


def test_faulty_lines_are_left_out_on_request(tmp_path):
    lines = [line.replace(",", ",x,", 1) if i in (7, 90) else line for i, line in enumerate(BODY)]
    path = write(tmp_path, lines)
    with pytest.raises(InputError, match="line 9: 4 fields"):
        read(path, footer="drop")
    assert read(path, bad_lines="drop") == (198, ["left out 2 lines for faults: 9, 92"])
    path = write(tmp_path, [*BODY[:50], HEAD, *BODY[50:]])
    assert read(path, bad_lines="drop") == (200, ["left out 1 line for faults: 52"])


@pytest.mark.parametrize(("wrong", "rows"), [(3, 200), (100, 200), (2, 20)])
def test_more_than_one_in_a_hundred_is_refused(wrong, rows, tmp_path):
    lines = [line + ",x" if i < wrong else line for i, line in enumerate(BODY[:rows])]
    with pytest.raises(InputError, match=f"{wrong} lines would be left out .* more than 1 %"):
        read(write(tmp_path, lines), bad_lines="drop")


def test_another_word_is_refused(tmp_path):
    with pytest.raises(InputError, match="footer: 'skip' is not known; use one of refuse drop"):
        read(write(tmp_path, BODY), footer="skip")
