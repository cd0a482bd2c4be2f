"""A table of text as a table of types: every column decided, then all read in one pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from segmentation.data.errors import InputError, Note, check_choice, spare_faults
from segmentation.data.sql import ROW, quoted
from segmentation.data.text.reading import Loaded
from segmentation.data.text.storing import Target
from segmentation.data.values.case import Settled
from segmentation.data.values.counting import TextColumn, TextTable, batches, count_columns
from segmentation.data.values.dates import ORDERS
from segmentation.data.values.deciding import Decided, Decision, decide_column

_EXTREME = 1e100  # far beyond any amount, and its square is beyond a float


@dataclass(frozen=True)
class Typed:
    """A DuckDB table of typed columns (DOUBLE, DATE, TIMESTAMP, VARCHAR; NULL is missing).

    `stored` is the Parquet file that holds it, with columns c1, c2, …, if it is on disk.
    """

    table: str
    decisions: tuple[Decision, ...]
    notes: tuple[Note, ...]
    faults_by_column: dict[str, tuple[InputError, ...]]
    stored: Path | None = None

    def check(self, needed: Iterable[str] | None = None) -> tuple[Note, ...]:
        """The faults of columns that are not needed, as notes; raises the first other fault."""
        return spare_faults(self.faults_by_column, needed)


def type_table(
    con: duckdb.DuckDBPyConnection,
    loaded: Loaded,
    *,
    decimal: str | None = None,
    dates: str | None = None,
    on_bad_value: str = "refuse",
    keys: Collection[str] = (),
) -> Typed:
    """The table with a type for every column; a column with a fault is text as written.

    Faults are kept by column: `Typed.check` raises those of columns that matter. Of `keys` no value
    is bad, whatever `on_bad_value` says of others.
    """
    _check_parameters(decimal, dates, on_bad_value)
    table = TextTable(con, loaded)
    missing = on_bad_value == "missing"
    try:
        columns = count_columns(table)
        settled = [Settled(decimal, dates, missing and c.name not in keys) for c in columns]
        pairs = zip(columns, settled, strict=True)
        return _build(table, columns, [decide_column(table, c, how) for c, how in pairs])
    except duckdb.Error as error:
        reason = str(error).splitlines()[0][:120]
        raise InputError(
            f"could not be typed ({reason})",
            "report this file",
            code="unreadable",
            file=loaded.file,
        ) from None


def _check_parameters(decimal: str | None, dates: str | None, on_bad_value: str) -> None:
    allowed = {"decimal": (".", ","), "dates": ORDERS, "on_bad_value": ("refuse", "missing")}
    given = {"decimal": decimal, "dates": dates, "on_bad_value": on_bad_value}
    for name, value in given.items():
        if value is not None:
            check_choice(name, value, allowed[name])


def _build(table: TextTable, columns: list[TextColumn], decided: list[Decided]) -> Typed:
    """Creates the typed table."""
    names = [column.name for column in columns]
    target = Target(table.con, f"{table.loaded.table}_typed", table.loaded.folder)
    stored = target.fill([d.sql for d in decided], names, table.sql, ROW)
    pairs = list(zip(columns, decided, strict=True))
    numbers = [column for column, d in pairs if d.decision.type == "number"]
    extremes = _note_extremes(table, target.quoted, numbers)
    notes = [n for column, d in pairs for n in (*d.notes, *extremes.get(column.plain, ()))]
    return Typed(
        target.name,
        tuple(d.decision for d in decided),
        tuple(notes),
        {column.name: d.faults for column, d in pairs if d.faults},
        stored,
    )


def _note_extremes(
    table: TextTable, typed: str, numbers: list[TextColumn]
) -> dict[str, tuple[Note, ...]]:
    """The notes on columns with numbers too large to compute with, by plain name."""
    notes: dict[str, tuple[Note, ...]] = {}
    for batch in batches(numbers):
        largest = ", ".join(f"max(abs({quoted(c.name)}))" for c in batch)
        row = table.con.execute(f"SELECT {largest} FROM {typed}").fetchone()
        assert row is not None
        for column, most in zip(batch, row, strict=True):
            if most is not None and most > _EXTREME:
                what = f"holds numbers up to {most:g}"
                notes[column.plain] = (Note("extreme", what, None, column.name),)
    return notes
