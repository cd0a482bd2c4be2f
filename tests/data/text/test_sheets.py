"""Workbooks: the sheet that is meant, values that are stored, what hides is said."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segmentation.data.errors import InputError
from tests.data.raw import read_raw

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl writes the workbooks of these tests")
ROWS: list[list[object]] = [
    ["id", "n", "d"],
    ["a", 1.5, datetime.date(2024, 1, 31)],
    ["b", 2, None],
]


def save(folder: Path, change: Callable[[Any], None] = lambda book: None) -> Path:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    change(book)
    book.save(folder / "t.xlsx")
    return folder / "t.xlsx"


def add_sheet(book: Any, state: str = "visible") -> None:
    sheet = book.create_sheet("more")
    sheet.append(["x", "y"])
    sheet.append(["only", 7])
    sheet.sheet_state = state


def test_cells_are_text_as_a_person_would_type_them(tmp_path: Path) -> None:
    got = read_raw(save(tmp_path)).frame
    assert got.to_numpy().tolist() == [["a", "1.5", "2024-01-31"], ["b", "2", ""]]


def test_several_sheets_need_a_name(tmp_path: Path) -> None:
    path = save(tmp_path, add_sheet)
    with pytest.raises(InputError, match="more"):
        read_raw(path)
    assert read_raw(path, table="more").frame.to_numpy().tolist() == [["only", "7"]]
    with pytest.raises(InputError, match="give table"):
        read_raw(path, table="none")


def test_hidden_sheets_are_left_out_and_said(tmp_path: Path) -> None:
    got = read_raw(save(tmp_path, lambda book: add_sheet(book, "hidden")))
    assert "hidden" in {note.code for note in got.notes} and len(got.frame) == 2


def test_formulas_without_stored_values_are_refused(tmp_path: Path) -> None:
    def formula(book: Any) -> None:
        book.active["B3"] = "=1+1"

    with pytest.raises(InputError) as caught:
        read_raw(save(tmp_path, formula))
    assert caught.value.code == "formulas" and caught.value.line == 3


def test_merged_cells_in_the_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="merged"):
        read_raw(save(tmp_path, lambda book: book.active.merge_cells("A2:A3")))


def test_errors_of_excel_stay_visible(tmp_path: Path) -> None:
    def errors(book: Any) -> None:
        book.active["B2"] = "#REF!"

    assert read_raw(save(tmp_path, errors)).frame["n"].tolist() == ["#REF!", "2"]


def test_a_cut_or_locked_workbook_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(InputError):
        read_raw(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(InputError, match="password"):
        read_raw(path)
