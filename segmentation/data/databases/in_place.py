"""Tables too large to copy: they stay in their database, each row numbered by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from segmentation.data.databases.backend import Standing
from segmentation.data.databases.engine import Column, Engine
from segmentation.data.errors import InputError, Note, shown
from segmentation.data.rows.identity import find_id
from segmentation.data.rows.keys import cut_blanks, md5, number_key, read_key
from segmentation.data.sql import ROW
from segmentation.data.values.text_columns import look_at_all, mostly_numbers

MOST_COPIED = 100_000  # rows
_MD5 = "__md5__"


@runtime_checkable
class Host(Engine, Protocol):
    """A database that large tables stay in."""

    backend: Standing

    def has_more(self, relation: str, rows: int) -> bool:
        """Whether a relation has more rows than these."""

    def rows(self, relation: str, columns: Sequence[Column]) -> ir.Table:
        """The columns under their names, each value as it would be copied."""


@dataclass(frozen=True)
class Staying:
    """A table that stays in its database: numbered by its id, under its name for readers."""

    table: ir.Table
    name: str
    id: str

    def check(self, id: str | None = None, any_rows: bool = False) -> tuple[Note, ...]:
        """Notes on constant columns; duplicate and missing ids are refused.

        Nothing else is to be found: rows that each have an id of their own are never all the same.
        """
        for column in dict.fromkeys((self.id, id or self.id)):
            if column in self.table.columns:
                self._check_ids(column)
        return () if any_rows else self._constants()

    def judge_texts(self) -> dict[str, tuple[InputError, ...]]:
        """The faults of text columns that are mostly numbers."""
        kinds = self.table.schema()
        looks = look_at_all(self.table, [name for name, kind in kinds.items() if kind.is_string()])
        remedy = "cast it in a query: table=SELECT CAST({} AS …"
        found = {
            name: mostly_numbers(look, name, remedy.format(name)) for name, look in looks.items()
        }
        return {name: (fault.at(self.name),) for name, fault in found.items() if fault is not None}

    def _check_ids(self, column: str) -> None:
        key = self.table[ROW] if column == self.id else number_key(_cell(self.table, column))
        missing = (_text(self.table, column).fill_null("") == "").sum()
        counts = self.table.aggregate(missing=missing, rows=self.table.count(), ids=key.nunique())
        row = counts.execute().iloc[0]
        if row["missing"]:
            raise InputError(
                f"{int(row['missing']):,} rows have no id",
                "fill it in, or name another id",
                code="missing-ids",
                file=self.name,
                column=column,
            )
        if row["ids"] < row["rows"]:
            raise self._find_copies(column)

    def _find_copies(self, column: str) -> InputError:
        """The refusal of ids that occur twice; of rows that are all the same."""
        if len(self.table.drop(ROW).distinct().limit(2).execute()) < 2:
            rows = self.table.count().execute()
            return InputError(
                f"all {rows:,} rows are the same",
                "export the table again",
                code="identical-rows",
                file=self.name,
            )
        ids = self.table.select(id=_text(self.table, column)).group_by("id")
        twice = ids.aggregate(times=lambda t: t.count()).filter(lambda t: t["times"] > 1)
        found = twice.aggregate(ids=twice.count(), first=twice["id"].min()).execute().iloc[0]
        many = f"{found['ids']:,} ids occur" if found["ids"] > 1 else "1 id occurs"
        what = f"{many} more than once, first {shown(found['first'], 30)!r}"
        remedy = "remove the copies, name another column: id, or say that rows are orders: orders"
        if not found["ids"]:
            what, remedy = "two ids get the same number here", "name another column: id"
        return InputError(what, remedy, code="duplicate-ids", file=self.name, column=column)

    def _constants(self) -> tuple[Note, ...]:
        kinds = self.table.schema()
        names = [name for name, kind in kinds.items() if kind.is_numeric() and name != ROW]
        if not names:
            return ()
        numbers = [self.table[name] for name in names]
        ends = {f"{at} low": number.min().cast("float64") for at, number in enumerate(numbers)}
        ends |= {f"{at} one": n.min() == n.max() for at, n in enumerate(numbers)}
        row = self.table.aggregate(**ends).execute().iloc[0].to_dict()
        return tuple(
            Note("constant", f"is {row[f'{at} low']:g} in every row", None, name)
            for at, name in enumerate(names)
            if row[f"{at} one"] in (True, np.True_)
        )


def is_large(engine: Host, relation: str) -> bool:
    """Whether a relation has so many rows that it is left where it is."""
    return engine.has_more(relation, MOST_COPIED)


def stay_in_place(
    engine: Host, relation: str, name: str, columns: Sequence[Column], id: str
) -> Staying:
    """The table of a relation, whose column `ROW` is made of this id."""
    rows = engine.rows(relation, columns)
    key = _cell(rows, id)
    if key.type().is_integer():
        return Staying(rows.select(number_key(key).name(ROW), *rows.columns), name, id)
    hashed = engine.backend.fence(rows.mutate(md5(key).name(_MD5)))
    numbered = hashed.select(read_key(hashed[_MD5]).name(ROW), *rows.columns)
    return Staying(engine.backend.fence(numbered), name, id)


def find_key(columns: Sequence[Column], asked: str | None) -> tuple[str | None, str]:
    """The column that can number the rows (None: none), and why the table is copied without."""
    names = [column.name for column in columns]
    id = asked if asked in names else find_id(names)
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


def _cell(table: ir.Table, column: str) -> ir.Value:
    """The id as it counts: numbers as they are, text without the blanks around it."""
    return table[column] if table[column].type().is_integer() else _text(table, column)


def _text(table: ir.Table, column: str) -> ir.StringColumn:
    return cut_blanks(table[column].cast("string"))
