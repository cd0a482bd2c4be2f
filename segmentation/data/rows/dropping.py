"""Rows without those that repeat an earlier one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir

from segmentation.data.errors import Note
from segmentation.data.rows.table import Rows, count_rows
from segmentation.data.sql import ROW

_FIRST, _KEPT, _LEFT = "segmentation_first", "segmentation_kept", "customers_without_copies"


def drop_copies(con: Any, table: ir.Table, rows: Rows) -> tuple[ir.Table, Rows, tuple[Note, ...]]:
    """Returns a table without copies of earlier rows, the same rows to check, and a note.

    Copies are equal in all columns of `rows` but those that number them. The rows of the table are
    numbered anew; those to check keep their numbers, and so their lines.
    """
    names = rows.compared
    if not names:
        return table, rows, ()
    first = rows.typed.group_by(names).aggregate(**{_FIRST: rows.typed[ROW].min()})[[_FIRST]]
    kept = con.create_table(_KEPT, first)
    dropped = rows.count - count_rows(kept)
    if not dropped:
        return table, rows, ()
    typed, written = (t.semi_join(kept, t[ROW] == kept[_FIRST]) for t in (rows.typed, rows.written))
    numbers = ibis.row_number().over(order_by=table[ROW]) + 1
    left = table.semi_join(kept, table[ROW] == kept[_FIRST]).mutate(**{ROW: numbers})
    what = (
        f"left out {dropped:,} {'row that is a copy' if dropped == 1 else 'rows that are copies'}"
    )
    note = Note("copied-rows", f"{what} of an earlier row")
    return con.create_table(_LEFT, left), replace(rows, typed=typed, written=written), (note,)
