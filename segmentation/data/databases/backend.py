"""An Ibis backend whose tables are queries as they were written, and which fails in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import sqlglot as sg
from ibis.backends.sql import SQLBackend

Explain = Callable[[Exception], Exception | None]


class Standing(SQLBackend):
    """Stands before a backend of Ibis; nothing is created in the database for it.

    Queries get names in a WITH clause before every statement, so that they reach the engine as
    they are written. `explain` says what an error of the driver means, or None.
    """

    explain: Explain = staticmethod(lambda error: None)
    queries: tuple[tuple[str, str], ...] = ()
    hint = ""  # what stands between AS and a named query

    def name_query(self, sql: str, schema: Any) -> ir.Table:
        """The rows of a query, as a table of this backend."""
        name = f"segmentation_{len(self.queries) + 1}"
        self.queries = (*self.queries, (name, sql))
        return ops.DatabaseTable(name=name, schema=schema, source=self).to_expr()

    def fence(self, table: ir.Table) -> ir.Table:
        """The same table; where an engine would work its columns out again at each use, once."""
        return table

    def compile(self, expr: ir.Expr, /, **options: Any) -> str:
        """The SQL, after the queries that it names."""
        sql = self.compile_bare(expr, **options)
        used = [self._named(name, query) for name, query in self.queries]
        rest = f", {sql[5:]}" if sql.startswith("WITH ") else f" {sql}"
        return f"WITH {', '.join(used)}{rest}" if used else sql

    def compile_bare(self, expr: ir.Expr, **options: Any) -> str:
        """The SQL in which named queries are only named."""
        return str(super().compile(expr, **options))

    def execute(self, expr: ir.Expr, /, **options: Any) -> Any:
        """The result, as of any backend."""
        with self.explaining():
            return super().execute(expr, **options)

    def to_pyarrow_batches(self, expr: ir.Expr, /, **options: Any) -> pa.RecordBatchReader:
        """The result some rows at a time, as of any backend."""
        with self.explaining():
            reader = super().to_pyarrow_batches(expr, **options)
        return pa.RecordBatchReader.from_batches(reader.schema, self._explained(reader))

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Turns what the driver raises into what it means."""
        try:
            yield
        except Exception as error:
            said = self.explain(error)
            if said is None:
                raise
            raise said from None

    def _explained(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        with self.explaining():
            yield from reader

    def _named(self, name: str, query: str) -> str:
        return f"{sg.to_identifier(name, quoted=True).sql(self.dialect)} AS {self.hint}({query})"
