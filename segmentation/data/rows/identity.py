"""Whether the rows of a typed table can be customers: ids that are there once, rows that differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.sql import ROW, literal, quoted

_ID_NAME = re.compile(
    r"(?:(?:customer|client|user|member|account|master|kunden?|cust)[ _-]?)?"
    r"(?:id|no|nr|number|key|code)|id[ _-]?\w*",
    re.I,
)
_ID_WORDS = {"id", "ids", "uuid", "guid", "key", "code", "phone", "mobile", "fax", "email", "mail"}
_ID_WORDS |= {"zip", "zipcode", "postcode", "postal", "plz", "iban", "index", "rownum"}

_NUMBERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT"}
_NUMBERS |= {"UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE"}


def find_id(names: Sequence[str]) -> str | None:
    """The first column when its name says that it is an id, else None."""
    return names[0] if _ID_NAME.fullmatch(names[0].strip()) else None


def names_an_identifier(name: str) -> bool:
    """Whether a word of a column's name is one of those that identifiers are called by."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return bool(set(words) & _ID_WORDS)


@dataclass(frozen=True)
class Table:
    """A typed table in the engine, and where its ids stand as they were written.

    `line` gives the physical line of a row (its `__row__`), where rows have lines.
    """

    con: duckdb.DuckDBPyConnection
    name: str  # for readers
    typed: str
    written: str
    line: Callable[[int], int] | None = None

    def one(self, sql: str) -> tuple[Any, ...] | None:
        """The first row of an answer."""
        return self.con.execute(sql).fetchone()

    def refuse(
        self, what: str, remedy: str, code: str, row: int | None = None, column: str | None = None
    ) -> InputError:
        """The refusal, with the line of a row where there is one."""
        line = self.line(row) if self.line is not None and row is not None else None
        return InputError(what, remedy, code=code, file=self.name, line=line, column=column)


def check_customers(
    table: Table, id: str | None = None, any_rows: bool = False
) -> tuple[Note, ...]:
    """Notes on constant columns; duplicate and missing ids are refused.

    So are one row and equal rows, unless `any_rows` do: then a constant is nothing to note.
    """
    described = table.con.execute(f"DESCRIBE {quoted(table.typed)}").fetchall()
    kinds = {name: kind for name, kind, *_ in described if name != ROW}
    if not any_rows:
        _check_variety(table)
    column = id if id is not None else find_id(list(kinds))
    if column in kinds and not _all_differ(table, str(column)):
        _check_ids(table, str(column))
    if any_rows:
        return ()
    return _constants(table, [name for name, kind in kinds.items() if is_number(kind)])


def _check_variety(table: Table) -> None:
    count = table.one(f"SELECT count(*) FROM {quoted(table.typed)}")
    rows = count[0] if count is not None else 0
    if rows < 2:
        raise table.refuse(
            f"has {rows} row, and a segmentation needs at least 2",
            "export more rows",
            "one-row",
            rows or None,
        )
    every = f"(SELECT * EXCLUDE ({ROW}) FROM {quoted(table.written)}"
    rows_of = f"{every}) AS __each__, {every} LIMIT 1) AS __first__"  # columns may be called a, f …
    other = f"SELECT 1 FROM {rows_of} WHERE __each__ IS DISTINCT FROM __first__ LIMIT 1"
    if table.one(other) is None:  # found at once where rows differ
        raise table.refuse(
            f"all {rows:,} rows are the same", "export the table again", "identical-rows", 1
        )


def is_number(kind: str) -> bool:
    """Whether a type of the engine is one of numbers."""
    return kind in _NUMBERS or kind.startswith("DECIMAL")


def _all_differ(table: Table, column: str) -> bool:
    """Whether every row has an id of its own, told by hashes: these differ only where ids do."""
    kind = table.one(f"SELECT typeof({quoted(column)}) FROM {quoted(table.written)} LIMIT 1")
    is_text = kind is not None and kind[0] == "VARCHAR"
    cell = f"nullif(trim({quoted(column)}), '')" if is_text else quoted(column)
    counts = table.one(
        f"SELECT count(*), count({cell}), count(DISTINCT hash({cell})) FROM {quoted(table.written)}"
    )
    return counts is not None and counts[0] == counts[1] == counts[2]


def _check_ids(table: Table, column: str) -> None:
    written, cell = quoted(table.written), f"trim(CAST({quoted(column)} AS VARCHAR))"
    empty = table.one(f"SELECT count(*), min({ROW}) FROM {written} WHERE coalesce({cell}, '') = ''")
    if empty is not None and empty[0]:
        raise table.refuse(
            f"{empty[0]:,} rows have no id",
            "fill it in, or name another id",
            "missing-ids",
            empty[1],
            column,
        )
    twice = table.one(
        f"SELECT {cell} AS id, min({ROW}), count(*) OVER () FROM {written} "
        f"GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 LIMIT 1"
    )
    if twice is not None:
        many = f"{twice[2]:,} ids occur" if twice[2] > 1 else "1 id occurs"
        raise table.refuse(
            f"{many} more than once, first {shown(twice[0], 30)!r}{_places(table, cell, twice[0])}",
            "remove the copies, name another column: id, or say that rows are orders: orders",
            "duplicate-ids",
            twice[1],
            column,
        )


def _places(table: Table, cell: str, id: str) -> str:
    """The lines on which an id stands, or else its rows."""
    rows = table.con.execute(
        f"SELECT {ROW} FROM {quoted(table.written)} WHERE {cell} = {literal(id)} ORDER BY 1 LIMIT 5"
    ).fetchall()
    if table.line is None:
        return " in rows " + ", ".join(f"{row:,}" for (row,) in rows)
    return " at lines " + ", ".join(f"{table.line(row)}" for (row,) in rows)


def _constants(table: Table, names: list[str]) -> tuple[Note, ...]:
    notes: list[Note] = []
    for at in range(0, len(names), 200):
        some = names[at : at + 200]
        ends = ", ".join(f"min({quoted(name)}), max({quoted(name)})" for name in some)
        row = table.one(f"SELECT {ends} FROM {quoted(table.typed)}")
        assert row is not None
        notes += [
            Note("constant", f"is {low:g} in every row", None, name)
            for name, low, high in zip(some, row[::2], row[1::2], strict=True)
            if low is not None and low == high
        ]
    return tuple(notes)
