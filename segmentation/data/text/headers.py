"""Where the header of a table is: what stands above it, what it is called, whether it is one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from segmentation.data.cells import column_kind, is_missing, kind_of, shape_of
from segmentation.data.errors import InputError, Note, shown
from segmentation.data.sql import ROW
from segmentation.data.text.records import Record

_HARD = ("number", "date", "time")
_BODY = 1000


@dataclass(frozen=True)
class Header:
    """The names of the columns, the line they stand on (None: there is none), and what to say."""

    names: tuple[str, ...]
    line: int | None
    skipped: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()
    cells: tuple[str, ...] = ()  # the names as written


def decide_header(records: list[Record], width: int, before: int, asked: int | None) -> Header:
    """The header of a table from its first records (blank ones included)."""
    said = [r for r in records if any(cell.strip() for cell in r.cells)]
    if not said:
        raise InputError("has no rows", "export the table again", code="empty-file")
    if asked is not None:
        return _asked_header(records, said, asked)
    at = _skip_titles(said, width, before)
    head = said[at]
    if at + 1 == len(said):
        _check_blank(records, head)
        raise InputError(
            "has a header and no rows below it" if at == 0 else "has no rows below the header",
            "export the table again, or give header: 0 if this line is data",
            code="no-rows",
            line=head.line,
        )
    body = said[at + 1 : at + 1 + _BODY]
    proven = _check_evidence(head, body)
    _check_one_row(head, body)
    notes = _say_titles(said[:at], head, width, proven)
    blank = tuple(r.line for r in records if r.line < head.line and r not in said[:at])
    names, more = name_columns(head)
    if not proven:
        what = "taken as the header, though all columns hold text; header: 0 if it is data"
        more = (*more, Note("header", what, head.line))
    skipped = tuple(sorted({*blank, *(r.line for r in said[:at])}))
    return Header(names, head.line, skipped, notes + more, tuple(head.cells))


def _check_blank(records: list[Record], head: Record) -> None:
    """Refuses rows of delimiters only that have another number of them than the header."""
    for record in records:
        if record.line > head.line and len(record.cells) not in (0, 1, len(head.cells)):
            raise InputError(
                f"{len(record.cells)} fields where the header has {len(head.cells)}",
                "export the table again",
                code="ragged-row",
                line=record.line,
            )


def _asked_header(records: list[Record], said: list[Record], asked: int) -> Header:
    """The header that the caller named by its line; 0 when the first line is data."""
    if asked == 0:
        names = tuple(f"column_{i + 1}" for i in range(len(said[0].cells)))
        return Header(names, None, tuple(r.line for r in records if r.line < said[0].line))
    found = next((r for r in said if r.line == asked), None)
    if found is None:
        raise InputError(
            f"header: {asked} names no line with text near the top",
            "give the line of the header, or 0 when there is none",
            code="bad-hint",
        )
    names, notes = name_columns(found)
    skipped = tuple(r.line for r in records if r.line < asked)
    return Header(names, asked, skipped, notes, tuple(found.cells))


def _skip_titles(said: list[Record], width: int, before: int) -> int:
    """The index of the header: below lines of another width and lines with a single filled cell."""
    at = before
    if at and any(len(r.cells) > 1 for r in said[:at]):
        return 0 if at == 1 else at
    first = next((i for i in range(at, len(said)) if _filled(said[i]) > 1), at)
    return first if width > 1 and first <= at + 30 else at


def _filled(record: Record) -> int:
    return sum(1 for cell in record.cells if cell.strip())


def _check_evidence(head: Record, body: list[Record]) -> int:
    """How many columns of numbers or dates prove the names; a first line of data is refused."""
    proven = 0
    data = False
    again = ""
    for index, name in enumerate(head.cells):
        column = [r.cells[index] for r in body if index < len(r.cells)]
        kind = column_kind(column)
        proven += bool(name.strip()) and kind in _HARD and not kind_of(name)
        data |= bool(kind) and kind_of(name) == kind
        data |= _same_code(name, column)
        if name.strip() and any(cell.strip() == name.strip() for cell in column):
            again = again or name
    if data or (again and not proven):
        why = "the first line looks like data" if data else f"{shown(again)!r} is also a value"
        raise InputError(
            f"{why}: it may be no header",
            f"give header: {head.line} if it is the header, header: 0 if there is none",
            code="header",
            line=head.line,
        )
    return proven


def _same_code(name: str, column: list[str]) -> bool:
    """Whether the name has the shape of all the codes below it, as MG-8769 above RI-3895."""
    shape = shape_of(name)
    said = [cell for cell in column if cell.strip()]
    if shape.count("9") < 2 or len(shape) < 4 or len(said) < 2:
        return False
    return all(shape_of(cell) == shape for cell in said)


def _check_one_row(head: Record, body: list[Record]) -> None:
    """Refuses a second header row: text above columns of numbers or dates, and no number in it."""
    texts = numbers = 0
    if len(body) < 3:
        return
    for index, cell in enumerate(body[0].cells):
        kind = column_kind([r.cells[index] for r in body[1:] if index < len(r.cells)])
        if kind in _HARD and not is_missing(cell):
            texts += not kind_of(cell)
            numbers += bool(kind_of(cell))
    if texts and not numbers and (texts > 1 or _complements(head, body[0])):
        raise InputError(
            "is a second header row",
            "leave one header row, with a name for every column",
            code="several-header-rows",
            line=body[0].line,
        )


def _complements(head: Record, row: Record) -> bool:
    """Whether a row without any number has text where the header is blank."""
    pairs = zip(head.cells, row.cells, strict=False)
    named = any(not name.strip() and cell.strip() for name, cell in pairs)
    return named and not any(kind_of(cell) for cell in row.cells)


def _say_titles(titles: list[Record], head: Record, width: int, proven: int) -> tuple[Note, ...]:
    if not titles:
        return ()
    text = next(cell for cell in titles[0].cells if cell.strip())
    lines = f"line {titles[0].line}"
    lines += f" to {titles[-1].line}" if len(titles) > 1 else ""
    if proven < 2 or width < 3 or any(_filled(r) > 1 for r in titles):
        raise InputError(
            f"{lines} may be a title ({shown(text, 40)!r}), not the header",
            f"give header: {head.line} if that line is the header",
            code="preamble",
            line=titles[0].line,
        )
    what = f"left out {lines} above the header ({shown(text, 40)!r})"
    return (Note("preamble", what, titles[0].line),)


def name_columns(head: Record) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The names as written, column_N for a blank one; equal names are refused."""
    blank = [i for i, name in enumerate(head.cells) if not name.strip()]
    names = tuple(
        f"column_{i + 1}" if not name.strip() else name for i, name in enumerate(head.cells)
    )
    check_names(names, head.line)
    notes = []
    if blank:
        some = ", ".join(names[i] for i in blank[:5]) + (", …" if len(blank) > 5 else "")
        notes.append(Note("blank-header", f"{len(blank)} columns have no name: {some}", head.line))
    odd = [name for name in names if re.search(r"[\x00-\x1f\x7f-\x9f]", name)]
    if odd:
        what = f"{len(odd)} names hold control characters, shown without them"
        notes.append(Note("control-characters", what, head.line, shown(odd[0], 40)))
    return names, tuple(notes)


def check_names(names: tuple[str, ...], line: int | None) -> None:
    """Nothing, or the refusal of two columns with one name."""
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        key = unicodedata.normalize("NFKC", name).casefold().strip()
        key = unicodedata.normalize("NFKC", key)
        if key == ROW:
            raise InputError(
                f"the name {ROW} is reserved",
                "rename it",
                code="reserved-header",
                line=line,
                column=name,
            )
        if key in seen:
            first = names[seen[key]]
            same = f"{shown(first, 40)!r}" + ("" if first == name else f" and {shown(name, 40)!r}")
            raise InputError(
                f"{same} at columns {seen[key] + 1} and {index + 1} are one name",
                "rename one of them",
                code="duplicate-header",
                line=line,
                column=name,
            )
        seen[key] = index
