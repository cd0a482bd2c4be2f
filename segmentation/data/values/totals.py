"""Rows that are the sum of others, in whatever language they are called a total."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from segmentation.data.errors import InputError, shown
from segmentation.data.rows.names import names_an_identifier
from segmentation.data.rows.table import Rows
from segmentation.data.sql import ROW

_MOST_ROWS = 1_100_000  # of a sheet, and some; a longer table was never a report with totals
_MOST_COLUMNS, _MOST_CELLS = 50, 10_000_000  # at least two columns, however many the rows
_FEWEST = 3  # values that are not zero, of which a sum is no chance
_MANY = 10  # amounts, of which no customer's is the sum
_AT_ONCE = 1_000  # rows
_CLOSE = 1e-6  # a report may add up amounts that it rounds
_DIGITS = 6  # of sums, that agree wherever a row stands
Floats = npt.NDArray[np.float64]
IsSum = Callable[[Floats, Floats], bool]


def check_totals(rows: Rows, remedy: str = "delete it: it is no customer") -> None:
    """Refuses a row that is the sum of all others, and subtotals between them."""
    kinds = rows.typed.schema()
    names = [name for name, kind in kinds.items() if kind.is_numeric() and name != ROW]
    count = int(rows.typed.count().execute())
    most = min(_MOST_COLUMNS, max(2, _MOST_CELLS // max(1, count)))
    names = [name for name in names if not names_an_identifier(name)][:most]
    if not names or not 4 <= count <= _MOST_ROWS:
        return
    cells = {str(i): rows.typed[name].cast("float64") for i, name in enumerate(names)}
    read = rows.typed.order_by(ROW).select(**cells).to_pyarrow()
    values = np.column_stack([column.to_numpy() for column in read.columns])
    values[~np.isfinite(values)] = 0
    with np.errstate(all="ignore"):  # sums may be beyond the largest float
        found = _find_totals(values)
    if found:
        raise _refuse(rows, found, remedy)


def _refuse(rows: Rows, found: list[int], remedy: str) -> InputError:
    """The refusal of rows, counted from 0, by their lines if they have any."""
    first = rows.written.filter(rows.written[ROW] == found[0] + 1).drop(ROW).execute()
    label = "" if first.empty or first.iloc[0, 0] is None else first.iloc[0, 0]
    kind = "row" if rows.line is None else "line"
    lines = [f"{rows.line(row + 1) if rows.line else row + 1:,}" for row in found]
    where = f"row {lines[0]}, " if rows.line is None else ""
    what = f"{where}{shown(label, 40)!r} is the sum of other rows: a total"
    if len(found) > 1:
        few = ", ".join(lines[1:6])
        what += f", as {f'{kind} {few} is' if len(found) == 2 else f'{kind}s {few} are'}"
    first, *others = [rows.refuse(what, remedy, "footer", row + 1) for row in found]
    first.faults = (first, *others)  # all, so that all can be left out
    return first


def _find_totals(values: Floats) -> list[int]:
    """Returns the first or last row, another one or several, from 0; empty without totals."""
    last = len(values) - 1
    ends = [
        row
        for row, others in ((last, values[:-1]), (0, values[1:]))
        if _is_sum(values[row], others)
    ]
    return (
        ends
        or _find_grand_totals(values)
        or _find_subtotals(values, _is_sum_throughout, fewest=2)
        or _find_subtotals(values, _is_clear_sum, fewest=1)
    )


def _equals_sum(row: Floats, others: Floats) -> npt.NDArray[np.bool_]:
    """Returns for each column whether a row's value is the sum of enough others."""
    filled = (others != 0).sum(axis=0)
    close = np.abs(row - others.sum(axis=0)) <= _CLOSE * np.abs(row)
    return close & (row != 0) & (filled >= _FEWEST)


def _is_sum(row: Floats, others: Floats) -> bool:
    """Whether a row is the sum of others: in two columns, in the only one, or of many amounts."""
    equal = _equals_sum(row, others)
    amounts = equal & ((others != 0).sum(axis=0) >= _MANY) & (others >= 0).all(axis=0)
    return bool(equal.sum() >= min(2, len(row)) or amounts.any())


def _is_sum_throughout(row: Floats, others: Floats) -> bool:
    close = np.abs(row - others.sum(axis=0)) <= _CLOSE * np.abs(row)
    return bool(close.all()) and _is_sum(row, others)


def _is_clear_sum(row: Floats, others: Floats) -> bool:
    """Whether so many digits agree that it is no chance; proportional columns count once."""
    equal = np.flatnonzero(_equals_sum(row, others))
    if len(equal) < min(2, len(row)):
        return False
    _, different = np.unique((others[:, equal] / row[equal]).round(6), axis=1, return_index=True)
    columns = equal[different]
    digits = [np.log10(abs(row[i]) / _find_grain(others[:, i])) for i in columns]
    return bool(np.clip(digits, 0, _DIGITS).sum() >= _DIGITS)


def _find_grain(column: Floats) -> float:
    """Returns the unit in which a column counts: 1, 0.1 … 0.000001."""
    steps = (10.0**-places for places in range(_DIGITS))
    return next((s for s in steps if np.allclose(column / s, (column / s).round(), 0, 1e-3)), 1e-6)


def _find_grand_totals(values: Floats) -> list[int]:
    """Returns the row that is the sum of all others, wherever it stands."""
    total = values.sum(axis=0)
    equal = (np.abs(2 * values - total) <= _CLOSE * np.abs(values)) & (values != 0)
    found = np.flatnonzero(equal.sum(axis=1) >= min(2, values.shape[1])).tolist()[:_FEWEST]
    return [row for row in found if _is_clear_sum(values[row], np.delete(values, row, axis=0))]


def _find_subtotals(values: Floats, is_sum: IsSum, fewest: int) -> list[int]:
    """Returns the rows that are the sum of those since the last such row, if there are enough."""
    sums = np.vstack([np.zeros(values.shape[1]), np.cumsum(values, axis=0)])
    found: list[int] = []
    while (row := _find_subtotal(values, sums, found[-1] + 1 if found else 0, is_sum)) is not None:
        found.append(row)
    return found if len(found) >= fewest else []


def _find_subtotal(values: Floats, sums: Floats, start: int, is_sum: IsSum) -> int | None:
    """The first row that is the sum of those from `start` on; looks at more and more at a time."""
    first, width = start + _FEWEST, _AT_ONCE
    while first < len(values):
        some = values[first : first + width]
        added = sums[first : first + len(some)] - sums[start]
        equal = (np.abs(some - added) <= _CLOSE * np.abs(some)) & (some != 0)
        enough = equal.sum(axis=1) >= min(2, values.shape[1])
        for row in (first + np.flatnonzero(enough)).tolist():
            if is_sum(values[row], values[start:row]):
                return int(row)
        first, width = first + width, 2 * width
    return None
