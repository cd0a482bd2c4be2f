"""One sheet of a workbook (xlsx, xlsm, xlsb, xls, ods) as a table of text, read by calamine."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import python_calamine as calamine

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.limits import Limits
from segmentation.data.text.headers import Header, decide_header, name_columns
from segmentation.data.text.leaving_out import LeaveOut
from segmentation.data.text.loading import Rows, load_records
from segmentation.data.text.records import Record
from segmentation.data.text.sheet_records import find_hidden
from segmentation.data.text.sheet_xml import SheetXml, read_sheet_xml
from segmentation.data.text.storing import Target
from segmentation.data.text.workbooks import check_bounds, check_cells, check_text

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def load_sheet(
    target: Target,
    path: Path,
    table: str | None,
    header: int | None,
    limits: Limits,
    leave_out: LeaveOut,
) -> tuple[Header, Rows]:
    """Creates the base table from the sheet called `table`, or the only visible one with values."""
    records, merged, notes = _read_sheet(path, table, limits)
    records = _trim(records)
    head = _decide_header(records, merged, header)
    if head.line is None and header is None:
        notes.append(Note("no-rows", "a merged header and no rows below it"))
    notes += _check_merged(merged, head)
    loaded = load_records(target, iter(records), head, None, limits, leave_out)
    loaded.notes[:0] = [*notes, *head.notes]
    return head, loaded


def _read_sheet(
    path: Path, table: str | None, limits: Limits
) -> tuple[list[Record], list[Any], list[Note]]:
    """The rows of a sheet as records of text, its merged ranges, and notes."""
    check_bounds(path, table)
    try:
        with _open_book(path) as book:
            sheet, notes = _choose_sheet(book, table)
            height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
            check_cells(path, height, width, limits)
            index = book.sheet_names.index(sheet.name)
            found = read_sheet_xml(path, index, sheet.name, limits)
            find_hidden(path, index, found)
            rows = sheet.to_python(skip_empty_area=False)
            notes += _add_unsaid(found, rows)
            records = [_as_record(line, row, limits) for line, row in enumerate(rows, 1)]
            check_text(path, sum(len(cell) for record in records for cell in record.cells))
            return records, list(sheet.merged_cell_ranges or []), notes
    except calamine.PasswordError:
        raise _locked() from None
    except BaseException as error:  # calamine's panics are not Exceptions
        raise _as_refusal(error) from None


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


def _as_record(line: int, row: list[Any], limits: Limits) -> Record:
    cells = [_cell_text(cell) for cell in row]
    limits.check("max_cell", max(map(len, cells), default=0), line=line)
    return Record(line, cells, "")


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
    first = next((i for i, r in enumerate(records) if any(map(str.strip, r.cells))), 0)
    return decide_header(records[first : first + 1100], width, 0, header)


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


def _add_unsaid(found: SheetXml, rows: list[list[Any]]) -> list[Note]:
    """Fills in errors such as #REF!, which calamine leaves empty; notes them and what is hidden."""
    notes, errors = [], 0
    for line, column, error in found.errors:
        if line <= len(rows) and column <= len(rows[line - 1]):
            rows[line - 1][column - 1] = error
            errors += 1
    if errors:
        notes.append(Note("excel-errors", f"{errors:,} cells contain errors such as #REF!"))
    lines = sum(
        line <= len(rows) and any(map(_cell_text, rows[line - 1])) for line in found.hidden_rows
    )
    width = len(rows[0]) if rows else 0
    hidden = (c for c in range(1, width + 1) if any(c in some for some in found.hidden_columns))
    columns = [_letters(column) for column in hidden]
    some = [f"{lines:,} {'row' if lines == 1 else 'rows'}"] if lines else []
    if columns:
        more = ", …" if len(columns) > 5 else ""
        names = f"{', '.join(columns[:5])}{more}"
        some.append(f"{len(columns):,} {'column' if len(columns) == 1 else 'columns'} ({names})")
    if some:
        what = f"{' and '.join(some)} hidden in the sheet, by a filter or a group, were read too"
        notes.append(Note("hidden", what))
    return notes


def _letters(column: int) -> str:
    """The letters of a column, counted from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
