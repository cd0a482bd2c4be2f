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
    rows = [row for row in (last, 0) if _is_sum(values[row], np.delete(values, row, axis=0))]
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
    start, found = 0, []
    for row in range(_FEWEST, len(values)):
        equal = np.abs(values[row] - (sums[row] - sums[start])) <= _CLOSE * np.abs(values[row])
        if equal.all() and row - start >= _FEWEST and _is_sum(values[row], values[start:row]):
            found.append(row)
            start = row + 1
    return found if len(found) > 1 else []
