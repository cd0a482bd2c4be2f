"""The header of a table: which line it is, what stands above it, and whether it is one at all."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from segmentation.data.cells import column_kind, is_missing, kind_of, shape_of
from segmentation.data.errors import InputError, Note, shown
from segmentation.data.sql import ROW
from segmentation.data.text.records import Record

_HARD = ("number", "date", "time")
_BODY = 1000  # records below the header that are examined
_OFTEN = 10  # times: a row of data would repeat such a value, and a header need not
_MOST_TITLES = 30  # lines above the header


@dataclass(frozen=True)
class Header:
    """The names of the columns, and where they stand."""

    names: tuple[str, ...]
    line: int | None  # None: the table has no header
    skipped: tuple[int, ...] = ()  # lines above the rows that are not rows
    notes: tuple[Note, ...] = ()
    cells: tuple[str, ...] = ()  # the names as written


def decide_header(records: list[Record], width: int, before: int, line: int | None) -> Header:
    """The header of a table from its first records, blank ones included.

    Most records have `width` cells; `before` is how many filled ones come before the first of
    them. The caller may name its `line` (0: no header).
    """
    filled = [r for r in records if any(cell.strip() for cell in r.cells)]
    if not filled:
        raise empty_file()
    if line is not None:
        return _read_named(records, filled, line)
    index = _skip_titles(filled, width, before)
    titles, head = filled[:index], filled[index]
    body = filled[index + 1 : index + 1 + _BODY]
    if not body:
        _check_blank(records, head)
        raise no_rows(head.line, " or give header: 0 if this line is data")
    proven = _count_proofs(head, body)
    _check_one_row(head, body)
    notes = _note_titles(titles, head, width, proven)
    names, more = name_columns(head)
    if not proven and not _stands_out(head, body):
        what = "taken as the header, though all columns hold text; header: 0 if it is data"
        more = (*more, Note("header", what, head.line))
    skipped = tuple(r.line for r in records if r.line < head.line)
    return Header(names, head.line, skipped, notes + more, tuple(head.cells))


def empty_file() -> InputError:
    """The refusal of a file without a filled cell."""
    return InputError("has no rows", "export the table again", code="empty-file")


def no_rows(line: int | None, otherwise: str = "") -> InputError:
    """The refusal of a table that ends with its header; `otherwise` is another remedy."""
    remedy = "export the table again" + (f",{otherwise}" if otherwise else "")
    return InputError("has a header and no rows below it", remedy, code="no-rows", line=line)


def repeated_header(line: int, first_row: bool) -> InputError:
    """The refusal of a row that is the header again."""
    return InputError(
        "the header occurs again: a second table or header row",
        "keep one table in the file",
        code="several-header-rows" if first_row else "repeated-header",
        line=line,
    )


def _check_blank(records: list[Record], head: Record) -> None:
    """Refuses rows of nothing but delimiters, if not as many as in the header."""
    for record in records:
        if record.line > head.line and len(record.cells) not in (0, 1, len(head.cells)):
            raise InputError(
                f"{len(record.cells)} fields where the header has {len(head.cells)}",
                "export the table again",
                code="ragged-row",
                line=record.line,
            )


def _read_named(records: list[Record], filled: list[Record], line: int) -> Header:
    """The header on the line that the caller named; made-up names for 0."""
    if line == 0:
        names = tuple(f"column_{i + 1}" for i in range(len(filled[0].cells)))
        return Header(names, None, tuple(r.line for r in records if r.line < filled[0].line))
    head = next((r for r in filled if r.line == line), None)
    if head is None:
        raise InputError(
            f"header: {line} names no line with text near the top",
            "give the line of the header, or 0 if there is none",
            code="bad-hint",
        )
    names, notes = name_columns(head)
    skipped = tuple(r.line for r in records if r.line < line)
    return Header(names, line, skipped, notes, tuple(head.cells))


def _skip_titles(filled: list[Record], width: int, before: int) -> int:
    """The index of the header: below lines of another width and lines with a single filled cell."""
    if before and any(len(r.cells) > 1 for r in filled[:before]):
        return 0 if before == 1 else before
    rest = range(before, len(filled))
    first = next((i for i in rest if _count_filled(filled[i]) > 1), before)
    return first if width > 1 and first <= before + _MOST_TITLES else before


def _count_filled(record: Record) -> int:
    return sum(1 for cell in record.cells if cell.strip())


def _count_proofs(head: Record, body: list[Record]) -> int:
    """The number of columns of numbers or dates with a word above; refuses a line of data."""
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
            f"{why}: it may not be a header",
            f"give header: {head.line} if it is the header, header: 0 if there is none",
            code="header",
            line=head.line,
        )
    return proven


def _stands_out(head: Record, body: list[Record]) -> bool:
    """Whether a column has few values, each many times, as yes and no, and its name is none."""
    columns = zip(head.cells, zip_longest(*(r.cells for r in body), fillvalue=""), strict=False)
    counts = [(name.strip(), Counter(cell.strip() for cell in cells)) for name, cells in columns]
    return any(name and name not in n and min(n.values()) >= _OFTEN for name, n in counts)


def _same_code(name: str, column: list[str]) -> bool:
    """Whether the name has the shape of all codes below it, as MG-8769 above RI-3895."""
    shape = shape_of(name)
    filled = [cell for cell in column if cell.strip()]
    if shape.count("9") < 2 or len(shape) < 4 or len(filled) < 2:
        return False
    return all(shape_of(cell) == shape for cell in filled)


def _check_one_row(head: Record, body: list[Record]) -> None:
    """Refuses a second header row: only text, above columns of numbers or dates."""
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


def _note_titles(titles: list[Record], head: Record, width: int, proven: int) -> tuple[Note, ...]:
    if not titles:
        return ()
    text = next(cell for cell in titles[0].cells if cell.strip())
    lines = f"line {titles[0].line}"
    lines += f" to {titles[-1].line}" if len(titles) > 1 else ""
    if proven < 2 or width < 3 or any(_count_filled(r) > 1 for r in titles):
        raise InputError(
            f"{lines} may be a title ({shown(text, 40)!r}), not the header",
            f"give header: {head.line} if that line is the header",
            code="preamble",
            line=titles[0].line,
        )
    what = f"left out {lines} above the header ({shown(text, 40)!r})"
    return (Note("preamble", what, titles[0].line),)


def name_columns(head: Record) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The names, column_N for a blank one, and notes on them; refuses equal names."""
    blank = [i for i, name in enumerate(head.cells) if not name.strip()]
    padded = [i for i, name in enumerate(head.cells) if name.strip() not in ("", name)]
    names = tuple(name.strip() or f"column_{i + 1}" for i, name in enumerate(head.cells))
    check_names(names, head.line)
    notes = []
    if blank:
        have = "1 column has" if len(blank) == 1 else f"{len(blank)} columns have"
        notes.append(Note("blank-header", f"{have} no name: {_list_some(names, blank)}", head.line))
    if padded:
        had = "1 name" if len(padded) == 1 else f"{len(padded)} names"
        what = f"{had} had blanks around, which were taken off: {_list_some(names, padded)}"
        notes.append(Note("padded-header", what, head.line))
    odd = [name for name in names if re.search(r"[\x00-\x1f\x7f-\x9f]", name)]
    if odd:
        what = f"{len(odd)} names contain control characters, shown without them"
        notes.append(Note("control-characters", what, head.line, shown(odd[0], 40)))
    return names, tuple(notes)


def _list_some(names: Sequence[str], positions: Sequence[int]) -> str:
    few = [shown(names[i], 40) for i in positions[:5]]
    return ", ".join(few) + (", …" if len(positions) > 5 else "")


def check_names(names: tuple[str, ...], line: int | None) -> None:
    """Refuses two columns with the same name, and a reserved name."""
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
                f"{same} in columns {seen[key] + 1} and {index + 1} are one name",
                "rename one of them",
                code="duplicate-header",
                line=line,
                column=name,
            )
        seen[key] = index
