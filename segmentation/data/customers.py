"""Whether the rows of a typed table can be customers: ids that are there once, rows that differ."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.headers import ROW
from segmentation.data.loading import literal, quoted
from segmentation.data.reading import Loaded
from segmentation.data.types import Typed

_ID_NAME = re.compile(
    r"(?:(?:customer|client|user|member|account|master|kunden?|cust)[ _-]?)?"
    r"(?:id|no|nr|number|key|code)|id[ _-]?\w*",
    re.I,
)
_ID_WORDS = {"id", "ids", "uuid", "guid", "key", "code", "phone", "mobile", "fax", "email", "mail"}
_ID_WORDS |= {"zip", "zipcode", "postcode", "postal", "plz", "iban", "index", "rownum"}


def find_id(names: Sequence[str]) -> str | None:
    """The first column when its name says that it is an id, else None."""
    return names[0] if _ID_NAME.fullmatch(names[0].strip()) else None


def names_an_identifier(name: str) -> bool:
    """Whether a word of a column's name is one of those that identifiers are called by."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return bool(set(words) & _ID_WORDS)


def check_customers(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, typed: Typed, id: str | None = None
) -> tuple[Note, ...]:
    """Notes on constant columns; one row, equal rows, duplicate and missing ids are refused."""
    if loaded.rows < 2:
        raise InputError(f"has {loaded.rows} row, and a segmentation needs at least 2",
                         "export more rows", code="one-row", file=loaded.file,
                         line=loaded.line(1) if loaded.rows else None)  # fmt: skip
    table = quoted(f"{loaded.table}_text")
    distinct = con.execute(
        f"SELECT count(*) FROM (SELECT DISTINCT * FROM {table} LIMIT 2)"
    ).fetchone()
    if distinct is not None and distinct[0] < 2:
        raise InputError(f"all {loaded.rows:,} rows are the same", "export the table again",
                         code="identical-rows", file=loaded.file, line=loaded.line(1))  # fmt: skip
    column = id if id is not None else find_id(loaded.columns)
    if column is not None:
        _check_ids(con, loaded, column)
    return _constants(con, typed)


def _check_ids(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: str) -> None:
    raw, cell = quoted(loaded.table), f"trim({quoted(column)})"
    empty = con.execute(f"SELECT count(*), min({ROW}) FROM {raw} WHERE {cell} = ''").fetchone()
    if empty is not None and empty[0]:
        raise InputError(f"{empty[0]:,} rows have no id", "fill it in, or name another id",
                         code="missing-ids", file=loaded.file, line=loaded.line(empty[1]),
                         column=column)  # fmt: skip
    twice = con.execute(
        f"SELECT {cell} AS id, min({ROW}), count(*) OVER () FROM {raw} "
        f"GROUP BY id HAVING count(*) > 1 ORDER BY 2 LIMIT 1"
    ).fetchone()
    if twice is not None:
        rows = con.execute(
            f"SELECT {ROW} FROM {raw} WHERE {cell} = {literal(twice[0])} ORDER BY 1 LIMIT 5"
        ).fetchall()
        lines = ", ".join(f"{loaded.line(row[0])}" for row in rows)
        many = f"{twice[2]:,} ids occur" if twice[2] > 1 else "1 id occurs"
        raise InputError(
            f"{many} more than once, first {shown(twice[0], 30)!r} at lines {lines}",
            "remove the copies, name another column: id, or say that rows are orders: orders",
            code="duplicate-ids", file=loaded.file, line=loaded.line(twice[1]), column=column,
        )  # fmt: skip


def _constants(con: duckdb.DuckDBPyConnection, typed: Typed) -> tuple[Note, ...]:
    names = [d.column for d in typed.decisions if d.type == "number"]
    notes: list[Note] = []
    for at in range(0, len(names), 200):
        some = names[at : at + 200]
        ends = ", ".join(f"min({quoted(name)}), max({quoted(name)})" for name in some)
        row = con.execute(f"SELECT {ends} FROM {quoted(typed.table)}").fetchone()
        assert row is not None
        notes += [
            Note("constant", f"is {low:g} in every row", None, name)
            for name, low, high in zip(some, row[::2], row[1::2], strict=True)
            if low is not None and low == high
        ]
    return tuple(notes)
