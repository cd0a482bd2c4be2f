"""One sheet of a workbook (xlsx, xlsm, xlsb, xls, ods) as a table of text, read by calamine."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine as calamine

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.limits import Limits
from segmentation.data.text.headers import Header, decide_header, name_columns
from segmentation.data.text.loading import Rows, load_records
from segmentation.data.text.records import Record
from segmentation.data.text.storing import Target

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.S)


def load_sheet(
    target: Target,
    path: Path,
    table: str | None,
    header: int | None,
    limits: Limits,
) -> tuple[Header, Rows]:
    """Creates the base table from the sheet called `table`, or the only visible one with values."""
    try:
        book = _open_book(path)
        with book:
            sheet, notes = _choose_sheet(book, table)
            height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
            limits.check("max_columns", width)
            limits.check("max_cells", height * width)
            rows = sheet.to_python(skip_empty_area=False)
            notes += _put_errors(path, book.sheet_names.index(sheet.name), rows)
            records = [
                Record(line, [_cell_text(cell) for cell in row], "")
                for line, row in enumerate(rows, 1)
            ]
            merged = list(sheet.merged_cell_ranges or [])
    except calamine.PasswordError:
        raise _locked() from None
    except (calamine.CalamineError, OSError, ValueError, BaseException) as error:
        raise _as_refusal(error) from None
    records = _trim(records)
    head = _decide_header(records, merged, header)
    if head.line is None and header is None:
        notes.append(Note("no-rows", "a merged header and no rows below it"))
    notes += _check_merged(merged, head)
    loaded = load_records(target, iter(records), head, None, limits)
    loaded.notes[:0] = [*notes, *head.notes]
    return head, loaded


def _as_refusal(error: BaseException) -> BaseException:
    """An error of calamine's, its Rust panics included, as a refusal; others as they are."""
    if isinstance(error, InputError | KeyboardInterrupt | SystemExit | MemoryError):
        return error
    reason = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
    return InputError(
        f"is a truncated or damaged workbook ({reason})", "save it again in Excel", code="truncated"
    )


def _locked() -> InputError:
    return InputError("is protected by a password", "save it without one", code="password")


def _open_book(path: Path) -> calamine.CalamineWorkbook:
    with path.open("rb") as file:
        head = file.read(1 << 16)
        if head.startswith(b"\xd0\xcf\x11\xe0") and _ENCRYPTED in head + file.read(1 << 22):
            raise _locked()
        file.seek(0)
    return calamine.CalamineWorkbook.from_path(str(path))


def _choose_sheet(
    book: calamine.CalamineWorkbook, table: str | None
) -> tuple[calamine.CalamineSheet, list[Note]]:
    visible = [
        s.name for s in book.sheets_metadata if s.visible == calamine.SheetVisibleEnum.Visible
    ]
    if table is not None:
        if table not in book.sheet_names:
            names = ", ".join(shown(name, 30) for name in book.sheet_names[:5])
            raise InputError(
                f"has no sheet {shown(table, 40)!r}", f"give table: one of {names}", code="bad-hint"
            )
        return book.get_sheet_by_name(table), []
    sheets = [book.get_sheet_by_name(name) for name in visible]
    filled = [sheet for sheet in sheets if sheet.end is not None]
    if not filled:
        raise InputError(
            "has no visible sheet with values", "name a sheet with table:", code="no-rows"
        )
    if len(filled) > 1:
        names = ", ".join(shown(sheet.name, 30) for sheet in filled[:4])
        raise InputError(
            f"has {len(filled)} sheets: {names}", "name one with table:", code="several-sheets"
        )
    hidden = [shown(name, 30) for name in book.sheet_names if name not in visible]
    what = f"left out {len(hidden)} hidden sheets: {', '.join(hidden[:4])}"
    return filled[0], [Note("hidden", what)] if hidden else []


def _cell_text(cell: Any) -> str:
    """A cell as a person would type it: 3, 3.5, TRUE, 2024-01-31, 2024-01-31 08:30:00."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        plain = cell.time() == datetime.time()
        return str(cell.date()) if plain else str(cell)
    return "" if cell is None else str(cell)


def _trim(records: list[Record]) -> list[Record]:
    """Records as wide as the widest filled cell."""
    width = max(
        (i + 1 for r in records for i, cell in enumerate(r.cells) if cell.strip()), default=0
    )
    return [Record(r.line, r.cells[:width], r.raw) for r in records]


def _decide_header(records: list[Record], merged: list[Any], header: int | None) -> Header:
    """The header; a single row with merged cells is one over no rows."""
    if len(records) == 1 and merged and header is None:
        width = max(end[1] + 1 for _, end in merged)
        cells = records[0].cells + [""] * (width - len(records[0].cells))
        names, notes = name_columns(Record(1, cells, ""))
        return Header(names, None, (1,), notes, tuple(cells))
    width = len(records[0].cells) if records else 0
    return decide_header(records[:1100], width, 0, header)


def _check_merged(merged: list[Any], header: Header) -> list[Note]:
    """A note on merged cells; refuses those below the header, which leave rows without values."""
    if not merged:
        return []
    last = max(end[0] + 1 for _, end in merged)
    line = last if header.line is None else header.line
    inside = [start for start, end in merged if end[0] + 1 > line]
    if inside:
        raise InputError(
            f"{len(inside)} merged cells in the table, down to line {last}",
            "unmerge them and fill every cell",
            code="merged-cells",
            line=inside[0][0] + 1,
        )
    return [Note("merged-cells", f"{len(merged)} merged cells in or above the header", last)]


def _put_errors(path: Path, index: int, rows: list[list[Any]]) -> list[Note]:
    """Fills in errors such as #REF!, which calamine leaves empty; refuses unstored formulas."""
    errors = 0
    for place, line, column, error in _odd_cells(path, index):
        if not error:
            raise InputError(
                f"the formula in {place} has no stored value",
                "open the workbook in Excel, save it, and try again",
                code="formulas",
                line=line,
            )
        if line <= len(rows) and column <= len(rows[line - 1]):
            rows[line - 1][column - 1] = error
            errors += 1
    what = f"{errors:,} cells contain errors such as #REF!"
    return [Note("excel-errors", what)] if errors else []


def _odd_cells(path: Path, index: int) -> Iterator[tuple[str, int, int, str]]:
    """Place, line, column and error of odd cells; "" for a formula without a stored value."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        member = _sheet_member(archive, index)
        if member is None:
            return
        rest = b""
        with archive.open(member) as file:
            while block := file.read(1 << 20):
                rest += block
                last = 0
                for match in _CELL.finditer(rest):
                    last = match.end()
                    yield from _odd_cell(match.group(1), match.group(2) or b"")
                rest = rest[last:]


def _odd_cell(tag: bytes, inner: bytes) -> Iterator[tuple[str, int, int, str]]:
    unstored = b"<f" in inner and b"<v>" not in inner and b"<is>" not in inner
    error = re.search(rb"<v>(#[^<]*)</v>", inner) if b't="e"' in tag else None
    place = re.search(rb'\br="([A-Z]+)([0-9]+)"', tag)
    if place is None or not (unstored or error):
        return
    letters, line = place.group(1).decode(), int(place.group(2))
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    yield f"{letters}{line}", line, column, error.group(1).decode() if error else ""


def _sheet_member(archive: zipfile.ZipFile, index: int) -> str | None:
    """The archive's member with the sheet at an index, by the workbook's relations."""
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return None
    sheets = re.findall(r"<(?:\w+:)?sheet\b[^>]*?\br:id=\"([^\"]+)\"", book)
    if index >= len(sheets):
        return None
    for tag in re.findall(r"<Relationship\b[^>]*>", relations):
        if f'Id="{sheets[index]}"' in tag and (target := re.search(r'Target="([^"]+)"', tag)):
            name = target.group(1).lstrip("/")
            name = name if name.startswith("xl/") else f"xl/{name}"
            return name if name in archive.namelist() else None
    return None
