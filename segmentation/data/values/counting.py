"""What the cells of text columns look like, counted over all rows by the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from segmentation.data.cells import ERRORS, MARKERS
from segmentation.data.sql import WHITE, columns_of, literal, quoted
from segmentation.data.text.reading import Loaded
from segmentation.data.values.dates import DATE
from segmentation.data.values.numerals import AMOUNT, INFINITE, LONG_WORD

_MARKERS = ", ".join(literal(m.lower()) for m in sorted({*MARKERS, *ERRORS} - {""}))
_EDGE = rf"^(?:{WHITE}|\x{{FEFF}})+|(?:{WHITE}|\x{{FEFF}})+$"
_BATCH = 40  # columns per query
_SAMPLE = 100_000  # rows searched for columns that repeat a few values
_LONGEST = 50  # bytes of an amount; to search long texts for one takes minutes
_FEW = 2_000  # a column with at most this many distinct values in the sample repeats them
# Digits of any script with signs; a cell that matches but is not ASCII has foreign digits.
_ANY_DIGITS = r"[+\-]?[\p{Nd}.,٫٬ ]+%?"


@dataclass(frozen=True)
class TextTable:
    """The base table of a loaded text, its columns called c1, c2, …, open for queries."""

    con: duckdb.DuckDBPyConnection
    loaded: Loaded

    @property
    def sql(self) -> str:
        """The name as an SQL identifier."""
        return quoted(f"{self.loaded.table}_text")

    def one(self, select: str, where: str = "true") -> tuple[Any, ...]:
        """The first row of a query."""
        row = self.con.execute(f"SELECT {select} FROM {self.sql} WHERE {where} LIMIT 1").fetchone()
        return () if row is None else row

    def count(self, where: str) -> int:
        """The number of rows that meet a condition."""
        return int(self.one(f"count(*) FILTER ({where})")[0])

    def rows(self, select: str, where: str, rest: str = "") -> list[tuple[Any, ...]]:
        """All rows of a query; `rest` follows its WHERE clause."""
        sql = f"SELECT {select} FROM {self.sql} WHERE {where} {rest}"
        return self.con.execute(sql).fetchall()

    def line(self, row: int) -> int:
        """The line of the file on which a row (counted from 0) begins."""
        return self.loaded.line(row + 1)


@dataclass(frozen=True)
class Counts:
    """The number of cells of each kind in one column.

    Those after `iso_dates` are only counted where plain numbers and ISO dates do not explain all.
    """

    present: int = 0  # neither blank nor a missing marker
    blank: int = 0
    markers: int = 0
    numbers: int = 0  # finite, as DuckDB reads them
    exact: int = 0  # numbers with leading zeros, underscores or 16 and more digits
    iso_dates: int = 0  # as 2024-01-31
    dates_like: int = 0  # dates in any style
    numbers_like: int = 0  # numbers in any style
    infinite: int = 0
    foreign: int = 0  # numbers in digits other than 0-9
    digits: int = 0  # anything with a digit in it


@dataclass(frozen=True)
class TextColumn:
    """One column of text: how it is called, how to query it, and what was counted."""

    name: str
    plain: str  # its name in the base table
    padded: bool = False  # some cells have white space around them
    distinct: str = ""  # a table of its distinct values (n: how often), if they are few
    counts: Counts = field(default_factory=Counts)

    @property
    def text(self) -> str:
        """The SQL of a cell without the white space around it."""
        if not self.padded:
            return self.plain
        return f"regexp_replace({self.plain}, '{_EDGE}', '', 'g')"

    @property
    def usable(self) -> str:
        """The SQL condition of cells that are neither blank nor a missing marker."""
        return f"({self.text} <> '' AND lower({self.text}) NOT IN ({_MARKERS}))"

    @property
    def is_amount(self) -> str:
        """The SQL condition of cells that may be numbers in some style, with a unit or without."""
        short = f"strlen({self.text}) <= {_LONGEST}"
        word = f"regexp_matches({self.text}, '{LONG_WORD}')"
        return f"({short} AND {self.matches(AMOUNT)} AND NOT {word})"

    def matches(self, pattern: str) -> str:
        """The SQL condition of cells that match a pattern as a whole."""
        return f"regexp_full_match({self.text}, {literal(pattern)})"


def count_columns(table: TextTable) -> list[TextColumn]:
    """All columns of a table with their counts.

    First what is cheap to recognise; styles of numbers and dates only in columns that need it.
    """
    names = table.loaded.columns
    columns = [TextColumn(*pair) for pair in zip(names, columns_of(len(names)), strict=True)]
    plain = [
        column
        for batch in batches(_gather_values(table, columns))
        for column in _count_plain(table, batch)
    ]
    styled = [
        column
        for padded in (False, True)
        for batch in batches([c for c in plain if _needs_styles(c.counts) and c.padded == padded])
        for column in _count_styles(table, batch)
    ]
    counted = {column.plain: column for column in [*plain, *styled]}
    return [counted[column.plain] for column in columns]


def batches(columns: Sequence[TextColumn]) -> Iterator[list[TextColumn]]:
    """The columns in batches for one query each; one with a table of values comes alone."""
    yield from ([c] for c in columns if c.distinct)
    rest = [c for c in columns if not c.distinct]
    yield from (rest[start : start + _BATCH] for start in range(0, len(rest), _BATCH))


def _needs_styles(counts: Counts) -> bool:
    if counts.present in (0, counts.iso_dates):
        return False
    return counts.numbers < counts.present or counts.exact > 0


def _gather_values(table: TextTable, columns: Sequence[TextColumn]) -> list[TextColumn]:
    """The columns; in a long table, those that repeat a few values get a table of them.

    Then each value is examined once, however many rows hold it.
    """
    if table.loaded.rows <= _SAMPLE:
        return list(columns)
    gathered: list[TextColumn] = []
    for batch in batches(columns):
        distinct = ", ".join(f"count(DISTINCT {c.plain})" for c in batch)
        head = f"(SELECT * FROM {table.sql} LIMIT {_SAMPLE})"
        row = table.con.execute(f"SELECT {distinct} FROM {head}").fetchone()
        assert row is not None
        pairs = zip(batch, row, strict=True)
        gathered += [_with_values(table, c) if few <= _FEW else c for c, few in pairs]
    return gathered


def _with_values(table: TextTable, column: TextColumn) -> TextColumn:
    name = quoted(f"{table.loaded.table}_values_{column.plain}")
    table.con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {column.plain}, count(*) AS n "
        f"FROM {table.sql} GROUP BY {column.plain}"
    )
    return replace(column, distinct=name)


def _count_plain(table: TextTable, columns: Sequence[TextColumn]) -> list[TextColumn]:
    """The columns with their counts of plain numbers, ISO dates, blanks and markers."""
    kinds = _count_kinds(table, columns)
    # Counted again: only now is it known that the cells of some have to be trimmed.
    padded = [replace(c, padded=True) for c in columns if kinds[c.plain][4] and not c.padded]
    again = {c.plain: c for c in _count_plain(table, padded)} if padded else {}
    counted: list[TextColumn] = []
    for column in columns:
        numbers, exact, blank, markers, _, iso = kinds[column.plain]
        present = table.loaded.rows - blank - markers
        counts = Counts(present, blank, markers, numbers + exact, exact, iso)
        counted.append(again.get(column.plain, replace(column, counts=counts)))
    return counted


def _count_kinds(table: TextTable, columns: Sequence[TextColumn]) -> dict[str, list[int]]:
    """The number of cells of each kind (see `_kind_sql`), by column; all are padded, or none is."""
    kind = _kind_sql(replace(columns[0], plain="cell"))
    answer = table.con.execute(
        f"SELECT i, kind, {'sum(n)::BIGINT' if columns[0].distinct else 'count(*)'} "
        f"FROM (SELECT *, {kind} AS kind FROM {_cells_sql(table, columns)}) "
        f"WHERE kind < 6 GROUP BY ALL"
    ).fetchall()
    kinds = {c.plain: [0] * 6 for c in columns}
    for i, kind, count in answer:
        kinds[columns[i].plain][kind] = count
    return kinds


def _cells_sql(table: TextTable, columns: Sequence[TextColumn]) -> str:
    """The SQL of all cells, one below the other, with their column i, and n of distinct values.

    So the engine prepares an expression once for all columns, which takes longer than a hundred
    rows.
    """
    distinct = columns[0].distinct
    cells = f"unnest([{', '.join(c.plain for c in columns)}]) AS cell"
    cells += f", unnest(range({len(columns)})) AS i{', n' if distinct else ''}"
    return f"(SELECT {cells} FROM {distinct or table.sql})"


def _kind_sql(c: TextColumn) -> str:
    """The SQL of 0 number, 1 number kept as text, 2 blank, 3 marker, 4 padded, 5 ISO date.

    Cheap tests come first: most cells of most tables are plain numbers or plain text.
    """
    # Strings compare by bytes: from '00' to below '0:' are a zero and a digit.
    exact = (
        f"({c.plain} >= '00' AND {c.plain} < '0:') OR ({c.plain} >= '-00' AND {c.plain} < '-0:') "
        f"OR contains({c.plain}, '_') OR (strlen({c.plain}) > 15 "
        f"AND NOT contains({c.plain}, '.') "
        f"AND regexp_full_match({c.plain}, '\\s*[+-]?[0-9]{{16,}}\\s*'))"
    )
    marker = f"strlen({c.plain}) < 40 AND NOT {c.usable}"
    ends = " OR ".join(f"ends_with({c.plain}, chr({code}))" for code in (32, 9, 10, 13))
    maybe = f"({c.plain} < '!' OR strlen({c.plain}) <> length({c.plain}) OR {ends})"
    edge = "" if c.padded else f"WHEN {maybe} AND regexp_matches({c.plain}, '{_EDGE}') THEN 4 "
    date = (
        f"strlen({c.plain}) = 10 AND substr({c.plain}, 5, 1) = '-' "
        f"AND TRY_CAST({c.plain} AS DATE) IS NOT NULL"
    )
    return (
        f"CASE WHEN isfinite(TRY_CAST({c.plain} AS DOUBLE)) THEN CASE WHEN {exact} THEN 1 ELSE 0 "
        f"END WHEN {c.text} = '' THEN 2 WHEN {marker} THEN 3 WHEN {date} THEN 5 "
        f"{edge}ELSE 9 END"
    )


def _count_styles(table: TextTable, columns: Sequence[TextColumn]) -> list[TextColumn]:
    """The columns with their counts of numbers and dates in any style; all padded, or none."""
    c = replace(columns[0], plain="cell")
    conditions = (
        c.matches(DATE),
        c.is_amount,
        f"regexp_full_match(lower({c.text}), {literal(INFINITE)})",
        f"strlen({c.plain}) > length({c.plain}) AND {c.matches(_ANY_DIGITS)} "
        f"AND regexp_matches({c.text}, '[^\\x00-\\x7f٫٬]')",
        f"{c.usable} AND regexp_matches({c.text}, '[0-9]')",
    )
    form = "coalesce(sum(n) FILTER ({}), 0)::BIGINT" if c.distinct else "count(*) FILTER ({})"
    counts = ", ".join(form.replace("{}", condition) for condition in conditions)
    rows = table.con.execute(
        f"SELECT i, {counts} FROM {_cells_sql(table, columns)} GROUP BY i"
    ).fetchall()
    names = ("dates_like", "numbers_like", "infinite", "foreign", "digits")
    found = {i: dict(zip(names, row, strict=True)) for i, *row in rows}
    return [
        replace(column, counts=replace(column.counts, **found[i]))
        for i, column in enumerate(columns)
    ]
