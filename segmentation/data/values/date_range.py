"""Dates outside the years 1 to 9999, such as PostgreSQL's infinity, which count as missing."""

from __future__ import annotations

from typing import Any

import duckdb

from segmentation.data.errors import Note
from segmentation.data.sql import quoted


def within_sql(cell: str) -> str:
    """Returns the SQL of a date or time, NULL outside the years 1 to 9999."""
    return f"CASE WHEN {_fits_sql(cell)} THEN {cell} END"


def odd_sql(cell: str) -> str:
    """Returns the SQL of the number of values that `within_sql` turns into NULL."""
    return f"count({cell}) FILTER (WHERE NOT {_fits_sql(cell)})"


def note_odd(column: str, count: int) -> tuple[Note, ...]:
    """Returns the note on such values of a column; none without them."""
    dates = "1 date" if count == 1 else f"{count:,} dates"
    what = f"counted as missing: {dates} outside the years 1 to 9999, such as infinity"
    return (Note("missing", what, None, column),) if count else ()


def mend_dates(
    con: duckdb.DuckDBPyConnection, relation: str
) -> tuple[dict[str, str], tuple[Note, ...]]:
    """Returns the SQL of the columns in DuckDB that hold such values, by name, and the notes."""
    described = con.execute(f"DESCRIBE {quoted(relation)}").fetchall()
    names = [name for name, kind, *_ in described if kind.startswith(("DATE", "TIMESTAMP"))]
    # Parquet's statistics know the first and the last date, so most columns need no pass.
    ends = [[_fits_sql(f"{end}({quoted(name)})") for end in ("min", "max")] for name in names]
    fits = _select(con, relation, [" AND ".join(both) for both in ends])
    names = [name for name, fit in zip(names, fits, strict=True) if not fit]
    counts = _select(con, relation, [odd_sql(quoted(name)) for name in names])
    odd = {name: count for name, count in zip(names, counts, strict=True) if count}
    notes = [note for name, count in odd.items() for note in note_odd(name, count)]
    return {name: within_sql(quoted(name)) for name in odd}, tuple(notes)


def _select(con: duckdb.DuckDBPyConnection, relation: str, wanted: list[str]) -> tuple[Any, ...]:
    if not wanted:
        return ()
    return con.execute(f"SELECT {', '.join(wanted)} FROM {quoted(relation)}").fetchone() or ()


def _fits_sql(cell: str) -> str:
    """The condition; DuckDB knows no year of infinity, and PostgreSQL an infinite one."""
    return f"(coalesce(extract(year FROM {cell}), 0) BETWEEN 1 AND 9999)"
