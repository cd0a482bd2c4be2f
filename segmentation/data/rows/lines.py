"""Whether rows are customers of their own, or copies and lines of orders, several a customer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segmentation.data.rows.copies import FEW, count_copies
from segmentation.data.rows.names import names_customers
from segmentation.data.rows.order_columns import UNKNOWN, find_order, offer_orders
from segmentation.data.rows.table import Rows, count_rows, list_compared
from segmentation.data.sql import ROW

MANY_ROWS = 1_000_000  # above, looking for copies takes too long


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
    count = count_rows(rows.typed)
    if count > MANY_ROWS:
        return
    names = list_compared(rows)
    if not names or count - count_rows(rows.typed.select(names).distinct()) <= FEW:
        return
    frame = rows.typed.select(ROW, *names).order_by(ROW).execute().set_index(ROW)
    codes = np.column_stack([pd.factorize(frame[name], sort=True)[0] for name in names])
    copies = count_copies(codes)
    if copies:
        raise rows.refuse(
            f"{copies:,} of {count:,} rows are copies of an earlier row",
            "give copies: drop to keep one of each, or what tells them apart: id: COLUMN",
            "copied-rows",
            int(frame.index[frame.duplicated()][0]),
        )
