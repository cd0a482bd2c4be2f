"""A database's rows in the embedded engine: numbered in an order that is always the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from segmentation.data.customers import find_id, names_an_identifier
from segmentation.data.engines import Column, Engine, odd_names
from segmentation.data.errors import InputError, Note, shown
from segmentation.data.headers import ROW
from segmentation.data.loading import literal, quoted
from segmentation.data.numerals import LEADING_ZERO, NUMBER

TABLE = "customers"
_RAW, _NUMBERED, _BATCH = "segmentation_raw", "segmentation_numbered", "segmentation_batch"
_ISO = r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?"
_EXACT = r"[+-]?\d{16,}|.*_.*"
_NUMERIC = 0.9


@dataclass(frozen=True)
class Copy:
    """What was copied: its name for readers, and how each of its columns was read."""

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
    """Copies a relation batch by batch into the raw table; the number of its rows."""
    rows = 0
    for batch in engine.batches(relation, columns):
        con.register(_BATCH, batch)
        into = f"INSERT INTO {_RAW}" if rows else f"CREATE OR REPLACE TEMP TABLE {_RAW} AS"
        con.execute(f"{into} SELECT * FROM {_BATCH}")
        con.unregister(_BATCH)
        rows += batch.num_rows
    return rows


def number_rows(con: duckdb.DuckDBPyConnection, copy: Copy, id: str | None) -> None:
    """Gives the rows their numbers: by the id (given, or the first column if it is called so),
    then by all columns. NaN becomes NULL on the way.
    """
    names = [f"c{at + 1}" for at in range(len(copy.columns))] + odd_names(copy.columns)
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
    """Creates the table of the rows under their names; the notes, and the faults by column.

    A column with a fault is text as written.
    """
    judge = _Judge(con, copy, missing_bad)
    cells = [f"{judge.cell(at)} AS {quoted(name)}" for at, name in enumerate(copy.names)]
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW {TABLE} AS SELECT {', '.join([ROW, *cells])} FROM {_NUMBERED}"
    )
    return tuple(judge.notes), judge.faults


class _Judge:
    """Says of each column by which SQL it is read, and what is wrong with its values."""

    def __init__(self, con: duckdb.DuckDBPyConnection, copy: Copy, missing_bad: bool) -> None:
        self.con, self.copy, self.missing_bad = con, copy, missing_bad
        self.kinds = dict(
            row[:2] for row in con.execute(f"DESCRIBE {_NUMBERED}").fetchall()
        )  # fmt: skip
        self.notes = [note for column in copy.columns for note in column.notes]
        self.faults: dict[str, tuple[InputError, ...]] = {}

    def cell(self, at: int) -> str:
        """The SQL of one column; its notes and faults are kept."""
        column, plain = self.copy.columns[at], f"c{at + 1}"
        if column.fault is not None:
            self._fault(column.name, column.fault)
        elif column.odd is not None:
            return self._mixed(column, plain, f"o{at + 1}")
        elif self.kinds[plain] == "VARCHAR":
            return self._text(column, plain)
        return plain

    def _fault(self, name: str, fault: InputError) -> None:
        self.faults[name] = (fault.at(self.copy.name),)

    def _mixed(self, column: Column, plain: str, odd: str) -> str:
        """Text among the numbers of a column: a fault, or missing where that was asked for."""
        found = self.con.execute(
            f"SELECT {ROW}, {odd}, count(*) OVER () FROM {_NUMBERED} WHERE {odd} IS NOT NULL "
            f"ORDER BY {ROW} LIMIT 5"
        ).fetchall()
        rows = ", ".join(f"{row:,}" for row, *_ in found)
        cells = ", ".join(dict.fromkeys(repr(shown(cell, 16)) for _, cell, _ in found))
        what = f"{found[0][2]:,} of {self.copy.rows:,} values are no numbers (rows {rows}): {cells}"
        if self.missing_bad:
            said = f"counted as missing: {what}"
            self.notes.append(Note("text-among-numbers", said, None, column.name))
            return plain
        remedy = "mend them, or give on_bad_value: missing"
        code = "text-among-numbers"
        self._fault(column.name, InputError(what, remedy, code=code, column=column.name))
        return f"coalesce({odd}, CAST({plain} AS VARCHAR))"

    def _text(self, column: Column, plain: str) -> str:
        """A column of text; a date where the database has no type for dates and all are ISO."""
        said, like, exact, iso, dates, stamps = self._looks(plain)
        if column.dated and said and iso == said == stamps:
            return f"CAST({plain} AS {'DATE' if dates == said else 'TIMESTAMP'})"
        if like > _NUMERIC * said and not exact and not names_an_identifier(column.name):
            what = f"is text, and {like:,} of {said:,} values look like numbers"
            remedy = f"cast it in a query: table=SELECT CAST({column.name} AS …"
            code = "mostly-numbers"
            self._fault(column.name, InputError(what, remedy, code=code, column=column.name))
        return plain

    def _looks(self, plain: str) -> tuple[int, ...]:
        """How many texts there are, that look like a number, an exact one, a date, are dates."""
        text = f"trim({plain})"
        conditions = (
            f"{text} <> ''",
            f"regexp_full_match({text}, {literal(NUMBER)})",
            f"regexp_matches({text}, {literal(LEADING_ZERO)}) "
            f"OR regexp_full_match({text}, {literal(_EXACT)})",
            f"regexp_full_match({plain}, {literal(_ISO)})",
            f"strlen({plain}) = 10",
            f"TRY_CAST({plain} AS TIMESTAMP) IS NOT NULL",
        )
        counts = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
        row = self.con.execute(f"SELECT {counts} FROM {_NUMBERED}").fetchone()
        assert row is not None
        return row


def check_rows(con: duckdb.DuckDBPyConnection, copy: Copy, id: str | None) -> tuple[Note, ...]:
    """No notes; one row, equal rows, duplicate and missing ids are refused."""
    if copy.rows < 2:
        raise InputError("has 1 row, and a segmentation needs at least 2", "choose another table",
                         code="one-row", file=copy.name)  # fmt: skip
    sql = f"SELECT 1 FROM (SELECT DISTINCT * EXCLUDE ({ROW}) FROM {_NUMBERED} LIMIT 2)"
    if len(con.execute(sql).fetchall()) < 2:
        raise InputError(f"all {copy.rows:,} rows are the same", "choose another table",
                         code="identical-rows", file=copy.name)  # fmt: skip
    column = id if id is not None else find_id(copy.names)
    if column in copy.names:
        _check_ids(con, copy, str(column))
    return ()


def _check_ids(con: duckdb.DuckDBPyConnection, copy: Copy, name: str) -> None:
    column = quoted(name)
    empty = con.execute(f"SELECT count(*) FROM {TABLE} WHERE {column} IS NULL").fetchone()
    if empty is not None and empty[0]:
        raise InputError(f"{empty[0]:,} rows have no id", "fill it in, or name another id",
                         code="missing-ids", file=copy.name, column=name)  # fmt: skip
    twice = con.execute(
        f"SELECT {column}, count(*) OVER () FROM {TABLE} GROUP BY {column} HAVING count(*) > 1 "
        f"ORDER BY min({ROW}) LIMIT 1"
    ).fetchone()
    if twice is not None:
        many = f"{twice[1]:,} ids occur" if twice[1] > 1 else "1 id occurs"
        raise InputError(f"{many} more than once, first {shown(twice[0], 30)!r}",
                         "remove the copies, or name another column: id",
                         code="duplicate-ids", file=copy.name, column=name)  # fmt: skip


def _clean(name: str, kind: str) -> str:
    if kind in ("FLOAT", "DOUBLE"):
        return f"CASE WHEN NOT isnan({name}) THEN {name} + 0 END AS {name}"  # -0 becomes 0
    return name
