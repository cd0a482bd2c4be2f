"""Which engine works on a table: the embedded one, or a database that keeps its rows."""

from __future__ import annotations

import ibis.expr.types as ir


class Remote:
    """What every Ibis backend of a database has here besides Ibis' own methods."""

    def fence(self, table: ir.Table) -> ir.Table:
        """The same table, kept apart from queries around it if the engine would merge them."""
        return table


def is_embedded(table: ir.Table) -> bool:
    """Whether a table is in this process's own engine, not in a database elsewhere."""
    return not isinstance(table.get_backend(), Remote)


def fence(table: ir.Table) -> ir.Table:
    """The table, its columns computed once by any engine instead of at each use."""
    backend = table.get_backend()
    return backend.fence(table) if isinstance(backend, Remote) else table
