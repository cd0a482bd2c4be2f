"""Which engine works on a table: the embedded one, or a database that keeps its rows."""

from __future__ import annotations

from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from segmentation.data.sql import QUIET


class Remote:
    """What every Ibis backend of a database has here besides Ibis' own methods."""

    def fence(self, table: ir.Table) -> ir.Table:
        """The same table, kept apart from queries around it if the engine would merge them."""
        return table


def open_engine(path: object = ":memory:", **config: Any) -> Any:
    """Opens the embedded engine on a database, by default a new one in memory."""
    engine = ibis.duckdb.connect(str(path), **config)
    engine.raw_sql(QUIET)
    return engine


def compute(table: ir.Table) -> pd.DataFrame:
    """Returns the rows of a table that is made of memory tables alone."""
    rows: pd.DataFrame = _open_own_engine().execute(table)
    return rows


def is_embedded(table: ir.Table) -> bool:
    """Whether a table is in this process's own engine, not in a database elsewhere."""
    return not isinstance(table.get_backend(), Remote)


def fence(table: ir.Table) -> ir.Table:
    """The table, its columns computed once by any engine instead of at each use."""
    backend = table.get_backend()
    return backend.fence(table) if isinstance(backend, Remote) else table


@cache
def _open_own_engine() -> Any:
    return open_engine()
