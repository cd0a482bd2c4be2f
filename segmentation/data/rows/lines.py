"""Whether rows are customers of their own, or copies and lines of orders, several a customer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import xor

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.data.errors import Note
from segmentation.data.rows.copies import FEW, count_copies
from segmentation.data.rows.names import find_id, names_an_identifier, names_customers
from segmentation.data.rows.order_columns import UNKNOWN, find_order, offer_orders
from segmentation.data.rows.table import Rows, count_rows, query
from segmentation.data.sql import ROW

MANY_ROWS = 1_000_000  # above, looking for copies takes too long
_MOST_COLUMNS, _MOST_CELLS = 30, 10_000_000  # above, leaving out each column takes too long
_ENOUGH = 50_000  # different rows from which a share of repeats is estimated
_REPEATED = 0.2  # share of rows: one customer in four with a second line
_EXCESS = 100.0  # of equal pairs over chance: one amount may be computed from another, by a tariff


def check_lines(rows: Rows) -> None:
    """Refuses a table of order numbers, dates and amounts in which no column names customers."""
    names = [name for name in rows.typed.columns if name != ROW]
    order = find_order(names)
    orders = offer_orders(rows.typed, UNKNOWN) if order else None
    if orders and not any(map(names_customers, names)):
        raise rows.refuse(
            "no column names customers, and rows look like order lines",
            f"say which one does: {orders}; or what tells the rows apart: id: COLUMN",
            "orders",
            column=order,
        )


def check_copies(rows: Rows) -> None:
    """Refuses rows that repeat earlier ones, beside their number, unless ties explain them."""
    if rows.count > MANY_ROWS:
        return
    count, names = rows.count, rows.compared
    if not names or count - count_rows(rows.typed.select(names).distinct()) <= FEW:
        return
    frame = rows.typed.select(ROW, *names).order_by(ROW).execute().set_index(ROW)
    copies = count_copies(_number_values(frame))
    if copies:
        raise rows.refuse(
            f"{copies:,} of {count:,} rows are copies of an earlier row",
            "give copies: drop to keep one of each, or what tells them apart: id: COLUMN",
            "copied-rows",
            int(frame.index[frame.duplicated()][0]),
        )


def find_lines(rows: Rows) -> tuple[Note, ...]:
    """Returns a note if rows repeat others but for one column, as lines of orders do.

    They are equal in all other columns, more often in those that measure than ties explain.
    """
    count, names = rows.count, rows.compared
    if not 2 < len(names) <= _MOST_COLUMNS or count * len(names) > _MOST_CELLS:
        return ()
    measuring = [name for name in names if _measures(rows.typed, name)]
    if len(measuring) < 2:
        return ()
    shares = _share_repeats(rows.typed, names, count)
    line = str(shares.idxmax())
    others, measures = ([n for n in some if n != line] for some in (names, measuring))
    named = names_customers(line) or line == find_id(names)
    if named or shares[line] < _REPEATED or len(measures) < 2:
        return ()
    if not count_copies(_number_values(rows.typed.select(measures).execute()), _EXCESS):
        return ()
    repeats = count - count_rows(rows.typed.select(others).distinct())
    what = f"without {line}, {repeats:,} of {count:,} rows repeat others: these may be lines of "
    what += "orders, several a customer; if so, leave that column out and give copies: drop, or "
    what += "name who bought (orders: customer)"
    return (Note("doubtful-rows", what),)


def _share_repeats(table: ir.Table, names: Sequence[str], count: int) -> pd.Series:
    """Returns by column the share of rows that are equal to others without it.

    Estimated from the rows with some of the hashes, so that equal ones stay together.
    """
    hashed = {str(i): (table[name].hash() ^ i).hash() for i, name in enumerate(names)}
    hashes = table.select(**hashed)
    whole = reduce(xor, map(hashes.__getitem__, hashed))
    keys = hashes.select(**{i: whole ^ hashes[i] for i in hashed})
    some = {i: keys[i] % max(1, count // _ENOUGH) == 0 for i in hashed}
    unlike = {i: keys[i].nunique(where=some[i]) / some[i].sum() for i in hashed}
    shares = query(keys, **unlike)
    return 1 - pd.Series([shares[i] for i in hashed], names, dtype=float).fillna(1)


def _measures(table: ir.Table, name: str) -> bool:
    return table[name].type().is_numeric() and not names_an_identifier(name)


def _number_values(frame: pd.DataFrame) -> np.ndarray:
    """Returns a frame (n × d) with each value as its place among those of its column."""
    return np.column_stack([pd.factorize(frame[name], sort=True)[0] for name in frame])
