"""Rows that are the sum of others, in whatever language they are called a total."""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt

from segmentation.data.errors import InputError, shown
from segmentation.data.rows.names import names_an_identifier
from segmentation.data.sql import ROW, quoted
from segmentation.data.text.reading import Loaded
from segmentation.data.values.deciding import Decision

_MOST_ROWS = 1_100_000  # of a sheet, and some; a longer table was never a report with totals
_MOST_COLUMNS = 50
_FEWEST = 3  # values that are not zero, of which a sum is no chance
_MANY = 10  # amounts, of which no customer's is the sum
_AT_ONCE = 1_000  # rows
_CLOSE = 1e-6  # a report may add up amounts that it rounds
Floats = npt.NDArray[np.float64]


def check_totals(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, table: str, decisions: tuple[Decision, ...]
) -> None:
    """Refuses a first or last row that is the sum of all others, and subtotals between them."""
    names = [
        d.column for d in decisions if d.type == "number" and not names_an_identifier(d.column)
    ]
    if not names or not 4 <= loaded.rows <= _MOST_ROWS:
        return
    cells = ", ".join(quoted(name) for name in names[:_MOST_COLUMNS])
    got = con.execute(f"SELECT {cells} FROM {quoted(table)} ORDER BY {ROW}").fetchnumpy()
    columns = [np.ma.filled(got[name].astype(float), np.nan) for name in names[:_MOST_COLUMNS]]
    values = np.nan_to_num(np.column_stack(columns))
    last = len(values) - 1
    ends = ((last, values[:-1]), (0, values[1:]))
    rows = [row for row, others in ends if _is_sum(values[row], others)]
    rows = rows or _find_subtotals(values)
    if not rows:
        return
    first = quoted(loaded.columns[0])
    cell = con.execute(f"SELECT {first} FROM {quoted(loaded.table)} WHERE {ROW} = {rows[0] + 1}")
    (label,) = cell.fetchone() or ("",)
    lines = [f"{loaded.line(row + 1):,}" for row in rows]
    what = f"{shown(label, 40)!r} is the sum of other rows: a total"
    remedy = "delete this line: it is not a customer"
    if len(rows) > 1:
        few = ", ".join(lines[1:6])
        what += f", as {f'line {few} is' if len(lines) == 2 else f'lines {few} are'}"
        remedy = "delete these lines: they are not customers"
    raise InputError(what, remedy, code="footer", file=loaded.file, line=loaded.line(rows[0] + 1))


def _is_sum(row: Floats, others: Floats) -> bool:
    """Whether a row is the sum of others: in two columns, in the only one, or of many amounts."""
    filled = (others != 0).sum(axis=0)
    close = np.abs(row - others.sum(axis=0)) <= _CLOSE * np.abs(others).sum(axis=0)
    equal = close & (row != 0) & (filled >= _FEWEST)
    amounts = equal & (filled >= _MANY) & (others >= 0).all(axis=0)
    return bool(equal.sum() >= min(2, len(row)) or amounts.any())


def _find_subtotals(values: Floats) -> list[int]:
    """The rows that are the sum of those since the last such row in all columns; two or none."""
    sums = np.vstack([np.zeros(values.shape[1]), np.cumsum(values, axis=0)])
    found: list[int] = []
    while (row := _find_subtotal(values, sums, found[-1] + 1 if found else 0)) is not None:
        found.append(row)
    return found if len(found) > 1 else []


def _find_subtotal(values: Floats, sums: Floats, start: int) -> int | None:
    """The first row that is the sum of those from `start` on; looks at more and more at a time."""
    first, width = start + _FEWEST, _AT_ONCE
    while first < len(values):
        some = values[first : first + width]
        added = sums[first : first + len(some)] - sums[start]
        equal = (np.abs(some - added) <= _CLOSE * np.abs(some)).all(axis=1) & some.any(axis=1)
        for row in (first + np.flatnonzero(equal)).tolist():
            if _is_sum(values[row], values[start:row]):
                return int(row)
        first, width = first + width, 2 * width
    return None
