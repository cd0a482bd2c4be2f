"""Rows that are not customers: repeated headers, second tables, totals, remarks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from segmentation.data.cells import column_kind, is_missing, kind_of
from segmentation.data.errors import InputError, shown
from segmentation.data.sql import columns_of, literal, quoted
from segmentation.data.text.headers import Header, no_rows, repeated_header
from segmentation.data.text.leaving_out import REMEDY

_SAMPLE = 1000  # rows
_TAIL = 5  # rows at the end that may be totals or remarks
TOTAL = re.compile(
    r"\W*(?:grand|sub|over-?all|net|column|summe|total)?[ -]?"
    r"(?:totals?|sum|summe|gesamt|gesamtsumme|insgesamt|totaal|totale|total g[ée]n[ée]ral"
    r"|somme|suma|итого|всего|合計|总计|總計|averages?|mean)\b.{0,60}",
    re.I,
)
TOTALS = (  # of which a first cell alone, anywhere in a table, makes a row a total
    "total",
    "totals",
    "grand total",
    "sub total",
    "subtotal",
    "sub-total",
    "total:",
    "grand total:",
    "summe",
    "gesamt",
    "gesamtsumme",
    "insgesamt",
    "итого",
)
_WRAPS = "'`´~^|*/“”„«»‘’"


@dataclass(frozen=True)
class Base:
    """A loaded table of text; `line_of` gives the line of one of its `count` rows, from 0."""

    con: duckdb.DuckDBPyConnection
    name: str
    header: Header
    count: int
    line_of: Callable[[int], int]

    def rows(self, where: str, limit: int) -> list[tuple[int, list[str]]]:
        """Rows that meet a condition, in order: their numbers, from 0, and cells."""
        cells = ", ".join(columns_of(len(self.header.names)))
        answer = self.con.execute(
            f"SELECT rowid, {cells} FROM {quoted(self.name)} WHERE {where} "
            f"ORDER BY rowid LIMIT {limit}"
        ).fetchall()
        return [(row[0], list(row[1:])) for row in answer]

    def has(self, where: str) -> bool:
        """Whether any row meets a condition."""
        sql = f"SELECT 1 FROM {quoted(self.name)} WHERE {where} LIMIT 1"
        return self.con.execute(sql).fetchone() is not None


def check_rows(base: Base, after_gap: list[int], may_be_empty: bool = False) -> None:
    """Refuses rows that are not rows of one table; `after_gap` are those after blank rows."""
    if base.count == 0 and may_be_empty:
        return
    if base.count == 0:
        raise no_rows(base.header.line)
    sample = [cells for _, cells in base.rows(f"rowid < {_SAMPLE}", _SAMPLE)]
    columns = list(zip(*sample, strict=True))
    _check_wraps(base, columns)
    _check_repeated(base)
    hard = [i for i, cells in enumerate(columns) if column_kind(list(cells)) in ("number", "date")]
    _check_gaps(base, after_gap, hard)
    _check_totals(base, sample)
    _check_second_header(base, hard)


def _refuse(base: Base, row: int, what: str, remedy: str, code: str) -> InputError:
    return InputError(what, remedy, code=code, line=base.line_of(row))


def _check_wraps(base: Base, columns: list[tuple[str, ...]]) -> None:
    """Refuses columns with all cells wrapped in a sign other than the double quote."""
    names = [cell for cell in base.header.cells if is_wrapped(cell)]
    for index, cells in enumerate(columns):
        filled = [cell for cell in cells if cell.strip()]
        if (len(filled) > 1 and all(map(is_wrapped, filled))) or len(names) > 1:
            sign = (names or filled)[0].strip()[0]
            raise InputError(
                f"cells are wrapped in {sign} instead of double quotes",
                "export with double quotes",
                code="quote-character",
                line=base.line_of(0),
                column=base.header.names[index],
            )


def is_wrapped(cell: str) -> bool:
    """Whether a cell stands within two signs that may be quotes, other than double ones."""
    text = cell.strip()
    pairs = {"“": "”", "„": "“”", "«": "»", "‘": "’"}
    if text.startswith("/Date("):  # as .NET writes dates in JSON
        return False
    return len(text) > 1 and text[0] in _WRAPS and text[-1] in pairs.get(text[0], text[0])


def _check_repeated(base: Base) -> None:
    if base.header.line is None:
        return
    equal = [
        f"lower(trim({column})) = lower(trim({literal(cell)}))"
        for column, cell in zip(columns_of(len(base.header.names)), base.header.cells, strict=True)
    ]
    # The first column alone is cheap, and nearly always enough.
    if not base.has(_maybe(base.header.cells[0]) + equal[0]):
        return
    for row, _ in base.rows(" AND ".join(equal), 1):
        raise repeated_header(base.line_of(row), first_row=row == 0)


def _maybe(name: str) -> str:
    """A cheap condition that cells equal to a name meet: the first letter, in either case."""
    first = name.strip()[:1]
    if not first.isascii() or not first.isalpha():
        return ""
    ranges = (f"(c1 >= '{c}' AND c1 < '{chr(ord(c) + 1)}')" for c in (first.lower(), first.upper()))
    return f"(c1 < '!' OR {' OR '.join(ranges)}) AND "


def _check_gaps(base: Base, after_gap: list[int], hard: list[int]) -> None:
    """Refuses rows after blank ones, unless their numbers show that the same table goes on."""
    for gap in after_gap:
        for row, cells in base.rows(f"rowid = {gap}", 1):
            if not any(kind_of(cells[i]) for i in hard):
                raise _refuse(
                    base,
                    row,
                    "a second table may begin here, after blank rows",
                    "keep one table in the file, or delete the blank rows",
                    "several-tables",
                )


def _check_second_header(base: Base, hard: list[int]) -> None:
    """Refuses a row with different words in all columns of numbers and dates."""
    if len(hard) < 2:
        return
    # Letters are looked for here: the engine takes milliseconds to prepare a pattern of them.
    maybe = " AND ".join(
        rf"({c} >= 'A' OR {c} < '!') AND NOT regexp_matches({c}, '\d')"
        for c in (f"c{i + 1}" for i in hard)
    )
    for row, cells in base.rows(maybe, _SAMPLE):
        labels = [cells[i].strip() for i in hard]
        words = [label for label in labels if any(map(str.isalpha, label))]
        if len(set(words)) == len(labels) and not any(map(is_missing, labels)):
            raise _refuse(
                base,
                row,
                "words in every column of numbers: a second header",
                "keep one table with one header row in the file",
                "several-tables",
            )


def _check_totals(base: Base, sample: list[list[str]]) -> None:
    """Refuses totals anywhere, and totals and remarks among the last rows."""
    tail = max(0, base.count - _TAIL)
    whole = base.count == len(sample)
    last = list(enumerate(sample))[tail:] if whole else base.rows(f"rowid >= {tail}", _TAIL)
    width = len(base.header.names)
    words = ", ".join(map(literal, TOTALS))
    totals = (
        base.rows(f"(c1 >= 'G' OR c1 < '!') AND lower(trim(c1)) IN ({words})", 1)
        if width > 1
        else []
    )
    usual = sorted(sum(1 for cell in cells if cell.strip()) for cells in sample)[len(sample) // 4]
    for row, cells in totals or last:
        filled = [cell for cell in cells if cell.strip()]
        label = next((cell for cell in filled if TOTAL.fullmatch(cell.strip())), None)
        if totals or (label and width > 1 and (filled[0] == label or len(filled) < usual)):
            raise _refuse(
                base,
                row,
                f"{shown(label or cells[0], 40)!r} looks like a total",
                REMEDY,
                "footer",
            )
        if width > 2 and row >= base.count - 3 and len(filled) == 1 and usual > 1 and row > 0:
            _check_remark(base, row, filled[0])


def _check_remark(base: Base, row: int, text: str) -> None:
    if " " in text.strip() or len(text) > 40 or text.strip().endswith(":"):
        raise _refuse(
            base,
            row,
            f"{shown(text, 40)!r} looks like a remark below the table",
            REMEDY,
            "footer",
        )
