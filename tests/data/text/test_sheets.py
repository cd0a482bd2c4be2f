"""Workbooks: the sheet that is meant, values that are stored, what hides is said."""

from __future__ import annotations

import datetime
import random
import string
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segmentation.data.errors import InputError
from tests.data.raw import read_raw, refusal

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl writes the workbooks of these tests")
SHEET = "xl/worksheets/sheet1.xml"
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


def save_ods(folder: Path, tables: str) -> Path:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = f"<office:document-content {names}><office:body><office:spreadsheet>{tables}"
    content += "</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(folder / "t.ods", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return folder / "t.ods"


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


def put_after(path: Path, mark: bytes, text: bytes) -> Path:
    """The workbook with a text put in front of a mark in its sheet."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[SHEET] = members[SHEET].replace(mark, text + mark)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("place", ["XFD1048576", "XFD8000", "GJH8000", "NTM100000"])
def test_a_stray_cell_far_away_is_refused_before_the_sheet_is_laid_out(
    tmp_path: Path, place: str
) -> None:
    def stray(book: Any) -> None:
        book.active[place] = 1

    assert refusal(save(tmp_path, stray)).code == "max-cells"


@pytest.mark.long
def test_cells_that_are_repeated_by_number_are_counted_before_they_are_laid_out(
    tmp_path: Path,
) -> None:
    row = "<table:table-row {}><table:table-cell {}/></table:table-row>"
    lines = 'table:number-rows-repeated="11000"'
    cell = 'table:number-columns-repeated="1000" office:value-type="float" office:value="1"'
    tables = f'<table:table table:name="S">{row.format(lines, cell)}</table:table>'
    save_ods(tmp_path, tables)
    assert refusal(tmp_path / "t.ods").code == "max-cells"


def test_a_workbook_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path: Path) -> None:
    path = put_after(save(tmp_path), b"</worksheet>", b" " * 8_000_000)
    assert refusal(path).code == "max-ratio"


def test_a_cell_above_the_limit_is_refused_with_its_line(tmp_path: Path) -> None:
    long = "".join(random.Random(0).choices(string.ascii_letters, k=1_000_001)).encode()
    path = put_after(save(tmp_path), b"b</t>", long)
    error = refusal(path)
    assert (error.code, error.line) == ("max-cell", 3)


@pytest.mark.parametrize("mark", [b"</sheetData>", b"</worksheet>"])
@pytest.mark.parametrize("tag", [b"<c ", b"<c><f>", b"<row r='9'>"])
def test_unclosed_tags_in_a_comment_take_no_longer_than_others(
    tmp_path: Path, mark: bytes, tag: bytes
) -> None:
    path = put_after(save(tmp_path), mark, b"<!-- " + tag * 20_000 + b" -->")
    assert len(read_raw(path).frame) == 2


def test_rows_and_columns_that_a_filter_hides_are_counted_in_a_note(tmp_path: Path) -> None:
    def hide(book: Any) -> None:
        book.active.row_dimensions[3].hidden = True
        book.active.row_dimensions[9].hidden = True  # without a value
        book.active.column_dimensions["B"].hidden = True
        book.active.column_dimensions["F"].hidden = True

    got = read_raw(save(tmp_path, hide))
    said = [note.what for note in got.notes if note.code == "hidden"]
    assert len(got.frame) == 2
    assert said and said[0].startswith("1 row and 1 column (B) hidden")


def test_what_a_filter_or_a_group_hides_in_ods_is_counted_too(tmp_path: Path) -> None:
    def row(*cells: str, hides: str = "") -> str:
        text = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in cells
        )
        return f"<table:table-row {hides}>{text}</table:table-row>"

    collapse, filtered = 'table:visibility="collapse"', 'table:visibility="filter"'
    blank = f'<table:table-row table:number-rows-repeated="9" {collapse}/>'
    rows = row("id", "n", "m") + row("a", "1", "2", hides=filtered) + row("b", "3", "4")
    group = f"<table:table-row-group>{row('c', '5', '6', hides=collapse)}</table:table-row-group>"
    wide = (
        f'<table:table-column/><table:table-column table:number-columns-repeated="2" {collapse}/>'
    )
    other = f'<table:table table:name="M"><table:table-column {collapse}/></table:table>'
    sheet = f'<table:table table:name="S">{wide}{rows}{group}{blank}</table:table>'
    got = read_raw(save_ods(tmp_path, other + sheet))
    assert got.frame["id"].tolist() == ["a", "b", "c"]
    said = [note.what for note in got.notes if note.code == "hidden"]
    assert said and said[0].startswith("2 rows and 2 columns (B, C) hidden")


def test_a_table_below_many_blank_rows_is_found(tmp_path: Path) -> None:
    got = read_raw(save(tmp_path, lambda book: book.active.insert_rows(1, 1_500)))
    assert got.header_line == 1_501 and got.lines.tolist()[:1] == [1_502]
