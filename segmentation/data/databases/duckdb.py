"""DuckDB files, opened read-only by a second instance of the embedded engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from segmentation.data.databases.address import Address
from segmentation.data.databases.engine import Column, batch_rows, cells_of, first_line, no_values
from segmentation.data.errors import InputError
from segmentation.data.rows.engines import open_engine
from segmentation.data.sql import quoted

_KINDS = {"BLOB": "bytes", "BIT": "bits", "STRUCT": "records", "MAP": "records", "UNION": "records"}
_WIDE = ("HUGEINT", "UHUGEINT", "BIGNUM", "VARINT")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_AS_THEY_ARE = (*_WHOLE, "UBIGINT", "FLOAT", "DOUBLE", "BOOLEAN", "DATE", "VARCHAR")


class DuckDB:
    """A DuckDB file, opened read-only; queries cannot read other files through it."""

    dialect, home = "duckdb", "main"

    def __init__(self, address: Address) -> None:
        assert address.path is not None
        self.backend = open_engine(address.path, read_only=True, enable_external_access=False)
        self.con = self.backend.con

    def tables(self) -> list[tuple[str, str]]:
        """Every table and view of all schemas."""
        return self.con.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_catalog = current_database() ORDER BY ALL"
        ).fetchall()

    def names(self, relation: str) -> list[str]:
        """The names of the columns."""
        return [row[0] for row in self._described(relation)]

    def columns(self, relation: str, names: Sequence[str]) -> list[Column]:
        """Each column by its type."""
        return [_judge(row[0], row[1]) for row in self._described(relation)]

    def batches(self, relation: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """The rows in batches."""
        rows = self.con.execute(f"SELECT {cells_of(columns)} FROM {relation}")
        yield from rows.to_arrow_reader(batch_rows(columns))

    @staticmethod
    def explain(address: Address, error: Exception) -> InputError | None:
        """Translates an error of DuckDB: the file cannot be opened, or the query fails."""
        if not isinstance(error, duckdb.Error):
            return None
        fault = first_line(error).replace(str(address.path), address.name)
        if isinstance(error, duckdb.IOException | duckdb.ConnectionException):
            return address.refuse(
                f"cannot be opened for reading ({fault})",
                "close what writes to it, or copy it",
                "not-a-database",
            )
        return address.refuse(f"table: the query fails ({fault})", "mend it", "bad-query")

    def close(self) -> None:
        """Closes the file."""
        self.backend.disconnect()

    def _described(self, relation: str) -> list[tuple[str, ...]]:
        return self.con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()


def _judge(name: str, type: str) -> Column:
    column, base = quoted(name), type.split("(")[0]
    kind = "lists" if type.endswith("]") else _KINDS.get(base)
    if kind is not None:
        return no_values(name, kind)
    if base in _WIDE:
        return Column(name, f"CAST({column} AS DOUBLE)", pa.float64())
    if base.startswith("TIMESTAMP"):
        return Column(name, f"CAST({column} AS TIMESTAMP)", pa.timestamp("us"))  # in UTC
    if base in _AS_THEY_ARE or base == "DECIMAL":
        return Column(name, column, None)
    return Column(name, f"CAST({column} AS VARCHAR)", pa.string())
