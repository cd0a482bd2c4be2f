"""Rows that are called a total, or are the sum of others, in whatever language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add
from typing import Any

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from segmentation.data.errors import InputError, shown
from segmentation.data.rows.keys import cut_blanks
from segmentation.data.rows.names import names_an_identifier
from segmentation.data.rows.table import Rows
from segmentation.data.sql import ROW
from segmentation.data.text.strangers import TOTALS

_MOST_ROWS = 1_100_000  # of a sheet, and some; a longer table was never a report with totals
_MOST_COLUMNS, _MOST_CELLS = 50, 10_000_000  # at least two columns, however many the rows
_FEWEST = 3  # values that are not zero, of which a sum is no chance
_MANY = 10  # amounts, of which no customer's is the sum
_AT_ONCE = 1_000  # rows
_LARGEST = 1e100  # of numbers that any engine can add up
_CLOSE = 1e-6  # a report may add up amounts that it rounds
_DIGITS = 6  # of sums, that agree wherever a row stands
Floats = npt.NDArray[np.float64]
IsSum = Callable[[Floats, Floats], bool]


def check_totals(rows: Rows, remedy: str = "delete it: it is no customer") -> None:
    """Refuses a row that is called a total or is the sum of all others, and subtotals.

    Rows in a database have no order, which subtotals are known by.
    """
    count = rows.count
    if count > _MOST_ROWS:
        return
    _check_labels(rows, remedy)
    kinds = rows.typed.schema()
    names = [name for name, kind in kinds.items() if kind.is_numeric() and name != ROW]
    most = min(_MOST_COLUMNS, max(2, _MOST_CELLS // max(1, count)))
    names = [name for name in names if not names_an_identifier(name)][:most]
    if not names or count < 4:
        return
    cells = rows.typed.select(ROW, **{str(i): _measure(rows, name) for i, name in enumerate(names)})
    if rows.numbered_by is not None:
        _check_unordered(rows, cells.drop(ROW), names, remedy)
        return
    read = cells.order_by(ROW).drop(ROW).to_pyarrow()
    values = np.column_stack([column.to_numpy() for column in read.columns])
    found = _find_totals(values)
    if found:
        raise _refuse(rows, found, remedy)


def _measure(rows: Rows, name: str) -> ir.FloatingValue:
    """The values of a column, 0 for those that cannot be added up."""
    value = rows.typed[name].cast("float64")
    return (value.abs() <= _LARGEST).ifelse(value, 0.0)


def _check_labels(rows: Rows, remedy: str) -> None:
    """Refuses a row with a word for totals in the first of several columns."""
    table, names = rows.written, [name for name in rows.written.columns if name != ROW]
    if len(names) < 2 or not table[names[0]].type().is_string():
        return
    called = cut_blanks(table[names[0]]).lower().isin(TOTALS)
    labels = table.filter(called).select(ROW, label=names[0])
    for row, label in labels.limit(1).execute().itertuples(index=False):
        place = None if rows.numbered_by else row
        where = "" if rows.line or rows.numbered_by else f"row {row:,}, "
        what = f"{where}{shown(label.strip(), 40)!r} looks like a total"
        raise rows.refuse(what, remedy, "footer", place)


def _check_unordered(rows: Rows, table: ir.Table, names: Sequence[str], remedy: str) -> None:
    """Refuses a row that is the sum of all others, told by its amount; it has no place."""
    cells = [table[name] for name in table.columns]
    sums = {cell.get_name(): cell.sum() for cell in cells}
    total = table.aggregate(**sums).execute().to_numpy(float)[0]
    equal = [_is_half(cell, float(whole)) for cell, whole in zip(cells, total, strict=True)]
    many = reduce(add, [each.ifelse(1, 0) for each in equal]) >= min(2, len(cells))
    found = table.filter(many).limit(_FEWEST).execute().to_numpy(float)
    some = table.limit(_AT_ONCE).execute().to_numpy(float) if len(found) else found
    filled = (some != 0).sum(axis=0) >= _FEWEST
    for row in found:
        half = np.flatnonzero(_is_half(row, total) & filled)
        if len(half) >= min(2, len(row)) and _is_no_chance(row[half], some[:, half]):
            what = f"the row whose {names[half[0]]} is {row[half[0]]:.15g} is the sum of all others"
            raise rows.refuse(f"{what}: a total", remedy, "footer")


def _is_half(value: Any, whole: Any) -> Any:
    """Whether a value, in memory or in a database, is as much as the rest of the whole.

    Squares, as `abs` takes no expression of Ibis.
    """
    return ((2 * value - whole) ** 2 <= (_CLOSE * value) ** 2) & (value != 0)


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
    equal = np.flatnonzero(_equals_sum(row, others))
    return len(equal) >= min(2, len(row)) and _is_no_chance(row[equal], others[:, equal])


def _is_no_chance(sums: Floats, others: Floats) -> bool:
    """Whether so many digits agree that it is no chance; proportional columns count once."""
    _, different = np.unique((others / sums).round(6), axis=1, return_index=True)
    digits = [np.log10(abs(sums[i]) / _find_grain(others[:, i])) for i in different]
    return bool(np.clip(digits, 0, _DIGITS).sum() >= _DIGITS)


def _find_grain(column: Floats) -> float:
    """Returns the unit in which a column counts: 1, 0.1 … 0.000001."""
    steps = (10.0**-places for places in range(_DIGITS))
    return next((s for s in steps if np.allclose(column / s, (column / s).round(), 0, 1e-3)), 1e-6)


def _find_grand_totals(values: Floats) -> list[int]:
    """Returns the row that is the sum of all others, wherever it stands."""
    half = _is_half(values, values.sum(axis=0))
    found = np.flatnonzero(half.sum(axis=1) >= min(2, values.shape[1])).tolist()[:_FEWEST]
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
