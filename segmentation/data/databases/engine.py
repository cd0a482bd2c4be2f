"""What every kind of database gives: its tables, the columns of one, and the rows in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from segmentation.data.databases.address import Address
from segmentation.data.errors import InputError, Note

BATCH_CELLS = 400_000


@dataclass(frozen=True)
class Column:
    """One column: its name, the SQL that reads it, what arrives, and what is wrong with it.

    `odd` is the SQL of the texts among its numbers; `dated` texts may be dates, where the database
    has no type for them. The type is None where it stays what the database says.
    """

    name: str
    sql: str
    type: pa.DataType | None
    fault: InputError | None = None
    odd: str | None = None
    dated: bool = False
    notes: tuple[Note, ...] = ()


class Engine(Protocol):
    """A database that is open for reading only."""

    dialect: Any  # as sqlglot knows it
    home: str  # the schema whose tables need no schema before their name

    def tables(self) -> list[tuple[str, str]]:
        """Schema and name of every table and view."""

    def names(self, relation: str) -> list[str]:
        """The names of the columns of a relation, in its order."""

    def columns(self, relation: str, names: Sequence[str]) -> list[Column]:
        """How each column is read."""

    def batches(self, relation: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """The rows, some at a time: columns c1, c2, … and what is odd in them, o1, o2, …"""

    @staticmethod
    def explain(address: Address, error: Exception) -> InputError | None:
        """What a driver's error means, or None where it is none of the driver's."""

    def close(self) -> None:
        """Ends the connection."""


def rows_of(cursor: Any, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
    """What a cursor of Python's own kind yields, as Arrow."""
    types = [c.type for c in columns] + [pa.string() for c in columns if c.odd]
    names = [f"c{at + 1}" for at in range(len(columns))] + odd_names(columns)
    while rows := cursor.fetchmany(batch_rows(columns)):
        values = zip(*rows, strict=True)
        arrays = [pa.array(v, kind) for v, kind in zip(values, types, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, names)


def batch_rows(columns: Sequence[Column]) -> int:
    """How many rows of so many columns are read at a time."""
    return max(1000, BATCH_CELLS // max(1, len(columns)))


def cells_of(columns: Sequence[Column]) -> str:
    """The SQL of all columns, named c1, c2, …, and of what is odd in them."""
    cells = [f"{column.sql} AS c{at + 1}" for at, column in enumerate(columns)]
    cells += [f"{column.odd} AS o{at + 1}" for at, column in enumerate(columns) if column.odd]
    return ", ".join(cells)


def odd_names(columns: Sequence[Column]) -> list[str]:
    """The names of what is odd: o3 belongs to c3."""
    return [f"o{at + 1}" for at, column in enumerate(columns) if column.odd]


def no_values(name: str, kind: str) -> Column:
    """A column of a kind that is not read: empty, with the fault that says so."""
    what = f"holds {kind}, not numbers, dates or text"
    fault = InputError(
        what, "turn it into one of them in a query: table", code="column-type", column=name
    )
    return Column(name, "CAST(NULL AS VARCHAR(1))", pa.string(), fault)
