"""An Ibis backend that runs queries as they were written and explains what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import sqlglot as sg
from ibis.backends.sql import SQLBackend

from segmentation.data.rows.engines import Remote

Explain = Callable[[Exception], Exception | None]


class RemoteBackend(Remote, SQLBackend):
    """Extends a backend of Ibis for a database in which nothing may be created.

    Queries are named in a WITH clause before every statement, so their text reaches the engine
    unchanged. `explain` translates an error of the driver, or returns None.
    """

    explain: Explain = staticmethod(lambda error: None)
    queries: tuple[tuple[str, str], ...] = ()
    hint = ""  # stands between AS and a named query

    def name_query(self, sql: str, schema: Any) -> ir.Table:
        """The rows of a query, as a table of this backend."""
        name = f"segmentation_{len(self.queries) + 1}"
        self.queries = (*self.queries, (name, sql))
        return ops.DatabaseTable(name=name, schema=schema, source=self).to_expr()

    def compile(self, expr: ir.Expr, /, **options: Any) -> str:
        """The SQL with the definitions of all named queries."""
        sql = self.compile_bare(expr, **options)
        used = [self._define(name, query) for name, query in self.queries]
        rest = f", {sql[5:]}" if sql.startswith("WITH ") else f" {sql}"
        return f"WITH {', '.join(used)}{rest}" if used else sql

    def compile_bare(self, expr: ir.Expr, **options: Any) -> str:
        """The SQL without the definitions of named queries."""
        return str(super().compile(expr, **options))

    def execute(self, expr: ir.Expr, /, **options: Any) -> Any:
        """The result, as Ibis returns it; errors are explained."""
        with self.explaining():
            return super().execute(expr, **options)

    def to_pyarrow_batches(self, expr: ir.Expr, /, **options: Any) -> pa.RecordBatchReader:
        """The result in batches, as Ibis returns them; errors are explained."""
        with self.explaining():
            reader = super().to_pyarrow_batches(expr, **options)
        return pa.RecordBatchReader.from_batches(reader.schema, self._explained(reader))

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Replaces an error of the driver by its explanation."""
        try:
            yield
        except Exception as error:
            explained = self.explain(error)
            if explained is None:
                raise
            raise explained from None

    def _explained(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        with self.explaining():
            yield from reader

    def _define(self, name: str, query: str) -> str:
        return f"{sg.to_identifier(name, quoted=True).sql(self.dialect)} AS {self.hint}({query})"
