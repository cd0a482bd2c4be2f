"""The rows of a table that is checked, what is asked of them, and where they are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from segmentation.data.errors import InputError
from segmentation.data.rows.names import names_an_identifier, numbers_rows
from segmentation.data.sql import ROW

_AT_ONCE = 200  # columns in one query


@dataclass(frozen=True)
class Rows:
    """Rows to check: typed, and with their ids as they were written.

    `line` returns the physical line of a row number, for text files. `numbered_by` is the id that
    the row numbers of a table in its database are computed from; such rows have no places.
    """

    typed: ir.Table
    name: str  # for readers
    written: ir.Table
    line: Callable[[int], int] | None = None
    numbered_by: str | None = None

    def refuse(
        self, what: str, remedy: str, code: str, row: int | None = None, column: str | None = None
    ) -> InputError:
        """The refusal, with the line of the row if rows have lines."""
        line = self.line(row) if self.line is not None and row is not None else None
        return InputError(what, remedy, code=code, file=self.name, line=line, column=column)

    @cached_property
    def count(self) -> int:
        """The number of rows."""
        return count_rows(self.typed)

    @cached_property
    def compared(self) -> list[str]:
        """The columns in which copies are equal: all but those that number the rows."""
        names = [name for name in self.typed.columns if name != ROW and not numbers_rows(name)]
        unnamed = [name for name in names if not names_an_identifier(name)]
        counters = set(self._find_counters(unnamed))
        return [name for name in names if name not in counters]

    def _find_counters(self, names: Sequence[str]) -> Iterator[str]:
        """Yields those of the columns that number the rows."""
        kinds = self.typed.schema()
        ends = find_ends(self, [name for name in names if kinds[name].is_numeric()])
        spanning = [name for name, low, high in ends if high - low + 1 == self.count]
        for start in range(0, len(spanning), _AT_ONCE):
            some = spanning[start : start + _AT_ONCE]
            whole = {f"{i}": self.typed[name].round().nunique() for i, name in enumerate(some)}
            seen = query(self.typed, **whole)
            yield from (name for i, name in enumerate(some) if seen[f"{i}"] == self.count)


def find_ends(rows: Rows, names: Sequence[str]) -> Iterator[tuple[str, Any, Any]]:
    """Yields each numeric column that has values, with its least and its largest."""
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        lows = {f"{i} low": rows.typed[name].min() for i, name in enumerate(some)}
        highs = {f"{i} high": rows.typed[name].max() for i, name in enumerate(some)}
        ends = query(rows.typed, **lows, **highs)
        for i, name in enumerate(some):
            if not pd.isna(ends[f"{i} low"]):
                yield name, ends[f"{i} low"], ends[f"{i} high"]


def query(table: ir.Table, **wanted: ir.Value) -> dict[str, Any]:
    """The values of an aggregation, each with its own type: a row of a frame has only one."""
    return {name: column.iloc[0] for name, column in table.aggregate(**wanted).execute().items()}


def count_rows(table: ir.Table) -> int:
    """The number of rows of a table."""
    return int(table.count().execute())
