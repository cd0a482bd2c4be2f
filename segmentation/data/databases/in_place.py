"""Tables too large to copy: they stay in their database, each row numbered by its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import ibis.expr.types as ir
import pyarrow as pa

from segmentation.data.databases.backend import RemoteBackend
from segmentation.data.databases.engine import Column, Engine
from segmentation.data.errors import InputError, Note, shown
from segmentation.data.rows.keys import cut_blanks, md5, number_key, read_key
from segmentation.data.rows.names import find_id
from segmentation.data.sql import ROW
from segmentation.data.values.text_columns import look_at_all, mostly_numbers

MOST_COPIED = 100_000  # rows
_MD5 = "__md5__"


@runtime_checkable
class Host(Engine, Protocol):
    """A database in which large tables stay."""

    backend: RemoteBackend

    def has_more(self, relation: str, rows: int) -> bool:
        """Whether a relation has more than this many rows."""

    def rows(self, relation: str, columns: Sequence[Column]) -> ir.Table:
        """The columns under their names, with the values that a copy would have."""


def is_large(engine: Host, relation: str) -> bool:
    """Whether a relation has too many rows to be copied."""
    return engine.has_more(relation, MOST_COPIED)


def number_in_place(engine: Host, relation: str, columns: Sequence[Column], id: str) -> ir.Table:
    """Returns a relation as a table in its database, with a column `ROW` computed from this id."""
    rows = engine.rows(relation, columns)
    if rows[id].type().is_integer():
        return rows.select(number_key(rows[id]).name(ROW), *rows.columns)
    text = cut_blanks(rows[id].cast("string"))
    hashed = engine.backend.fence(rows.mutate(md5(text).name(_MD5)))
    numbered = hashed.select(read_key(hashed[_MD5]).name(ROW), *rows.columns)
    return engine.backend.fence(numbered)


def find_text_faults(table: ir.Table, name: str) -> dict[str, tuple[InputError, ...]]:
    """Returns the faults of text columns that hold mostly numbers; `name` is the table's."""
    kinds = table.schema()
    looks = look_at_all(table, [column for column, kind in kinds.items() if kind.is_string()])
    faults = {
        column: mostly_numbers(look, column, f"cast it in a query: table=SELECT CAST({column} AS …")
        for column, look in looks.items()
    }
    return {column: (fault.at(name),) for column, fault in faults.items() if fault is not None}


def find_key(columns: Sequence[Column], named: str | None) -> tuple[str | None, str]:
    """The column that can number the rows, or None and why the table has to be copied."""
    names = [column.name for column in columns]
    id = named if named in names else find_id(names)
    if id is None:
        return None, "no column is known as their id: name it (id) to leave them there"
    column = columns[names.index(id)]
    if column.fault is None and column.type is not None and _is_exact(column.type):
        return id, ""
    return None, f"{shown(id, 40)} holds neither whole numbers nor text, as an id (id) must"


def note_copied(why: str) -> Note:
    """The note on a large table that was copied."""
    what = f"more than {MOST_COPIED:,} rows were copied out of the database, as {why}"
    return Note("copied", what)


def _is_exact(kind: pa.DataType) -> bool:
    whole = pa.types.is_decimal(kind) and kind.scale == 0
    return whole or pa.types.is_integer(kind) or pa.types.is_string(kind)
