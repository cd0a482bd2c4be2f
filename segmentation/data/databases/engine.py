"""What every kind of database provides: its tables, their columns, and rows in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from segmentation.data.databases.address import Address
from segmentation.data.errors import InputError, Note, shown
from segmentation.data.sql import columns_of

BATCH_CELLS = 400_000


@dataclass(frozen=True)
class Column:
    """How a column is read: its name, its SQL, the Arrow type of the result, and any fault.

    `odd` is the SQL of texts among its numbers. `dated` marks texts that may be dates, in databases
    without a type for dates. A type of None leaves the database's own.
    """

    name: str
    sql: str
    type: pa.DataType | None
    fault: InputError | None = None
    odd: str | None = None
    dated: bool = False
    notes: tuple[Note, ...] = ()


class Engine(Protocol):
    """A database opened for reading only."""

    dialect: Any  # of sqlglot
    home: str  # tables of this schema are named without it

    def tables(self) -> list[tuple[str, str]]:
        """Schema and name of every table and view."""

    def names(self, relation: str) -> list[str]:
        """The column names of a relation, in its order."""

    def columns(self, relation: str, names: Sequence[str]) -> list[Column]:
        """How each column is read."""

    def batches(self, relation: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """The rows in batches: columns c1, c2, … and odd texts among their numbers, o1, o2, …"""

    @staticmethod
    def explain(address: Address, error: Exception) -> InputError | None:
        """Translates a driver's error; None for any other error."""

    def close(self) -> None:
        """Ends the connection."""


def rows_of(cursor: Any, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
    """The rows of a DB-API cursor, as Arrow."""
    types = [c.type for c in columns] + [pa.string() for c in columns if c.odd]
    names = cell_names(columns)
    while rows := cursor.fetchmany(batch_rows(columns)):
        values = zip(*rows, strict=True)
        arrays = [pa.array(v, kind) for v, kind in zip(values, types, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, names)


def batch_rows(columns: Sequence[Column]) -> int:
    """The number of rows in a batch of these columns."""
    return max(1000, BATCH_CELLS // max(1, len(columns)))


def cells_of(columns: Sequence[Column]) -> str:
    """The SQL of all columns, named c1, c2, …, and of odd texts in them, o1, o2, …"""
    cells = [f"{column.sql} AS c{i}" for i, column in enumerate(columns, 1)]
    cells += [f"{column.odd} AS o{i}" for i, column in enumerate(columns, 1) if column.odd]
    return ", ".join(cells)


def cell_names(columns: Sequence[Column]) -> list[str]:
    """The names of a batch's columns: the cells, then the odd texts."""
    return columns_of(len(columns)) + odd_names(columns)


def odd_names(columns: Sequence[Column]) -> list[str]:
    """The names of columns of odd texts: o3 belongs to c3."""
    return [f"o{i}" for i, column in enumerate(columns, 1) if column.odd]


def no_values(name: str, kind: str) -> Column:
    """A column of a type that is never read: empty, with a fault that says why."""
    what = f"holds {kind}, not numbers, dates or text"
    fault = InputError(
        what, "turn it into one of them in a query: table", code="column-type", column=name
    )
    return Column(name, "CAST(NULL AS VARCHAR(1))", pa.string(), fault)


def first_line(error: Exception) -> str:
    """The first line of an error, cut short."""
    return shown((str(error).splitlines() or ["no reason given"])[0], 120)
