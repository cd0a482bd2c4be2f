"""A copy of a database's rows in the embedded engine, numbered in a reproducible order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from segmentation.data.databases.engine import Column, Engine, cell_names
from segmentation.data.errors import InputError, Note, shown
from segmentation.data.rows.names import find_id
from segmentation.data.sql import ROW, quoted
from segmentation.data.values.date_range import mend_dates
from segmentation.data.values.text_columns import look_at, mostly_numbers, note_held

TABLE = "customers"
_RAW, _NUMBERED, _BATCH = "segmentation_raw", "segmentation_numbered", "segmentation_batch"


@dataclass(frozen=True)
class Copy:
    """A copied relation: its name for readers, how its columns were read, its number of rows."""

    name: str
    columns: tuple[Column, ...]
    rows: int

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]


def copy_rows(
    con: duckdb.DuckDBPyConnection, engine: Engine, relation: str, columns: Sequence[Column]
) -> int:
    """Copies a relation into the raw table batch by batch; returns the number of rows."""
    rows = 0
    for batch in engine.batches(relation, columns):
        con.register(_BATCH, batch)
        into = f"INSERT INTO {_RAW}" if rows else f"CREATE OR REPLACE TEMP TABLE {_RAW} AS"
        con.execute(f"{into} SELECT * FROM {_BATCH}")
        con.unregister(_BATCH)
        rows += batch.num_rows
    return rows


def note_undecodable(
    con: duckdb.DuckDBPyConnection, columns: Sequence[Column]
) -> tuple[Column, ...]:
    """Returns the columns, with a fault for those that hold U+FFFD for what is no UTF-8."""
    kinds = {row[0]: row[1] for row in con.execute(f"DESCRIBE {_RAW}").fetchall()}
    cells = [
        f"count(*) FILTER (contains(c{i}, chr(65533)))" if kinds[f"c{i}"] == "VARCHAR" else "0"
        for i in range(1, len(columns) + 1)
    ]
    counts = con.execute(f"SELECT {', '.join(cells)} FROM {_RAW}").fetchone() or ()
    what, remedy = "holds text that is no UTF-8", "mend it in the database"
    return tuple(
        replace(c, fault=InputError(what, remedy, code="encoding", column=c.name)) if n else c
        for c, n in zip(columns, counts, strict=True)
    )


def number_rows(con: duckdb.DuckDBPyConnection, copy: Copy, id: str | None) -> None:
    """Numbers the rows by the id, then by all columns; NaN becomes NULL.

    Without an `id` the first column is taken for it if its name says so.
    """
    names = cell_names(copy.columns)
    kinds = {row[0]: row[1] for row in con.execute(f"DESCRIBE {_RAW}").fetchall()}
    cells = ", ".join(_clean(name, kinds[name]) for name in names)
    first = id if id in copy.names else find_id(copy.names)
    order = names if first is None else [f"c{copy.names.index(first) + 1}", *names]
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {_NUMBERED} AS SELECT row_number() OVER "
        f"(ORDER BY {', '.join(order)}) AS {ROW}, * FROM (SELECT {cells} FROM {_RAW})"
    )
    con.execute(f"DROP TABLE {_RAW}")


def build_table(
    con: duckdb.DuckDBPyConnection, copy: Copy, missing_bad: bool
) -> tuple[tuple[Note, ...], dict[str, tuple[InputError, ...]]]:
    """Creates the table with the columns' own names; returns notes, and faults by column.

    A column with a fault stays text as written.
    """
    judge = _Judge(con, copy, missing_bad)
    cells = [f"{judge.cell(i)} AS {quoted(name)}" for i, name in enumerate(copy.names)]
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW {TABLE} AS SELECT {', '.join([ROW, *cells])} FROM {_NUMBERED}"
    )
    return tuple(judge.notes), judge.faults


class _Judge:
    """Decides the SQL that reads each column, and collects notes and faults."""

    def __init__(self, con: duckdb.DuckDBPyConnection, copy: Copy, missing_bad: bool) -> None:
        self.con, self.copy, self.missing_bad = con, copy, missing_bad
        self.kinds = dict(row[:2] for row in con.execute(f"DESCRIBE {_NUMBERED}").fetchall())
        self.notes = [note for column in copy.columns for note in column.notes]
        self.dates, notes = mend_dates(con, _NUMBERED)
        names = dict(zip(cell_names(copy.columns), copy.names, strict=False))
        self.notes += [replace(note, column=names[note.column or ""]) for note in notes]
        self.faults: dict[str, tuple[InputError, ...]] = {}

    def cell(self, position: int) -> str:
        """The SQL of the column at a position from 0."""
        column, plain = self.copy.columns[position], f"c{position + 1}"
        if column.fault is not None:
            self._fault(column.name, column.fault)
        elif column.odd is not None:
            return self._mixed(column, plain, f"o{position + 1}")
        elif self.kinds[plain] == "VARCHAR":
            return self._text(column, plain)
        return self.dates.get(plain, plain)

    def _fault(self, name: str, fault: InputError) -> None:
        self.faults[name] = (fault.at(self.copy.name),)

    def _mixed(self, column: Column, plain: str, odd: str) -> str:
        """A column of numbers with texts among them: a fault, or missing on request."""
        odd_rows = self.con.execute(
            f"SELECT {ROW}, {odd}, count(*) OVER () FROM {_NUMBERED} WHERE {odd} IS NOT NULL "
            f"ORDER BY {ROW} LIMIT 5"
        ).fetchall()
        rows = ", ".join(f"{row:,}" for row, *_ in odd_rows)
        cells = ", ".join(dict.fromkeys(repr(shown(cell, 16)) for _, cell, _ in odd_rows))
        counts = f"{odd_rows[0][2]:,} of {self.copy.rows:,} values are no numbers"
        what, code = f"{counts} (rows {rows}): {cells}", "text-among-numbers"
        if self.missing_bad:
            self.notes.append(Note(code, f"counted as missing: {what}", None, column.name))
            return plain
        remedy = "mend them, or give on_bad_value: missing"
        self._fault(column.name, InputError(what, remedy, code=code, column=column.name))
        return f"coalesce({odd}, CAST({plain} AS VARCHAR))"

    def _text(self, column: Column, plain: str) -> str:
        """A column of text: dates if all are ISO and the database has no type for dates."""
        looks = look_at(self.con, _NUMBERED, plain)
        if column.dated and looks.all_dates:
            return f"CAST({plain} AS {'DATE' if looks.days == looks.present else 'TIMESTAMP'})"
        remedy = f"cast it in a query: table=SELECT CAST({column.name} AS …"
        fault = mostly_numbers(looks, column.name, remedy)
        if fault is not None:
            self._fault(column.name, fault)
        else:
            self.notes += note_held(self.con, _NUMBERED, plain, column.name)
        return plain


def _clean(name: str, kind: str) -> str:
    if kind in ("FLOAT", "DOUBLE"):
        return f"CASE WHEN NOT isnan({name}) THEN {name} + 0 END AS {name}"  # -0 becomes 0
    return name
