"""PostgreSQL: one read-only transaction on one snapshot of the database."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from ibis.backends.postgres import Backend
from ibis.formats.pandas import PandasData
from ibis.util import gen_name
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction

from segmentation.data.databases.address import Address
from segmentation.data.databases.backend import RemoteBackend
from segmentation.data.databases.engine import Column, cells_of, first_line, no_values, rows_of
from segmentation.data.errors import InputError, shown
from segmentation.data.sql import quoted
from segmentation.data.values.date_range import note_odd, odd_sql, within_sql

_WAIT = "10"  # seconds for a server to answer
_WHOLE = {"int2", "int4", "int8", "oid"}
_MOST_DIGITS, _MANY_DIGITS = 38, 300  # of an exact number here, and of one that no float holds
_LOST = ("08", "080", "57P")  # SQLSTATE of a lost connection or a server that stops
_TABLES = """
    SELECT n.nspname, c.relname, n.nspname = current_schema()
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    ORDER BY 1, 2"""


class Server(RemoteBackend, Backend):
    """Ibis' own backend, extended."""

    hint = "NOT MATERIALIZED "

    def fence(self, table: ir.Table) -> ir.Table:
        """The same table behind OFFSET 0, which PostgreSQL never merges into other queries."""
        return self.name_query(f"{self.compile_bare(table)} OFFSET 0", table.schema())

    def execute(self, expr: ir.Expr, /, **options: Any) -> Any:
        """The result, of DuckDB's types: Ibis' own method rounds exact numbers."""
        table = expr.as_table()
        with self.explaining(), self.con.transaction():
            rows = self.con.execute(self.compile(table, **options).encode()).fetchall()
        frame = _as_arrow(rows, table.schema().to_pyarrow()).to_pandas()
        return expr.__pandas_result__(PandasData.convert_table(frame, table.schema()))

    def to_pyarrow_batches(
        self, expr: ir.Expr, /, *, chunk_size: int = 1_000_000, **options: Any
    ) -> pa.RecordBatchReader:
        """The result in batches; unlike Ibis' reader, this one may be left before its end."""
        kinds = expr.as_table().schema().to_pyarrow()
        rows = self._batches(self.compile(expr, **options), kinds, chunk_size)
        return pa.RecordBatchReader.from_batches(kinds, rows)

    def _batches(self, sql: str, kinds: pa.Schema, size: int) -> Iterator[pa.RecordBatch]:
        with self.explaining(), self.con.cursor(name=gen_name("segmentation")) as cursor:
            cursor.execute(sql.encode())
            while rows := cursor.fetchmany(size):
                yield _as_arrow(rows, kinds)


class Postgres:
    """A PostgreSQL database."""

    dialect = "postgres"

    def __init__(self, address: Address) -> None:
        self.backend: Server = _connect(address)
        self.backend.explain = partial(self.explain, address)
        self.con: psycopg.Connection[Any] = self.backend.con
        try:
            self.con.execute("SET default_transaction_read_only = on")
            self.con.autocommit = False
            self.con.read_only = True
            self.con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self.home = str(self._all("SELECT coalesce(current_schema(), 'public')")[0][0])
        except BaseException:
            self.con.close()
            raise

    def tables(self) -> list[tuple[str, str]]:
        """Every table and view that this user may read."""
        return [(schema, name) for schema, name, _ in self._all(_TABLES)]

    def names(self, relation: str) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self._described(relation)]

    def columns(self, relation: str, names: Sequence[str]) -> list[Column]:
        """Each column by its type; all but numbers, dates and booleans are read as text."""
        described = self._described(relation)
        oids = list({column.type_code for column in described})
        query = "SELECT oid, typname, typcategory FROM pg_catalog.pg_type WHERE oid = ANY(%s)"
        kinds = {oid: (name, category) for oid, name, category in self._all(query, oids)}
        columns = [_judge(c, *kinds.get(c.type_code, ("text", "S"))) for c in described]
        dates = [c.name for c in columns if c.type is not None and pa.types.is_temporal(c.type)]
        counts = ", ".join(odd_sql(quoted(name)) for name in dates)
        counted = self._all(f"SELECT {counts} FROM {relation}")[0] if dates else ()
        odd = dict(zip(dates, counted, strict=True))
        return [replace(c, notes=note_odd(c.name, odd.get(c.name, 0))) for c in columns]

    def batches(self, relation: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """The rows in batches, from a cursor on the server."""
        with self.con.cursor(name="segmentation") as cursor:
            cursor.execute(f"SELECT {cells_of(columns)} FROM {relation}".encode())
            yield from rows_of(cursor, columns)

    def has_more(self, relation: str, rows: int) -> bool:
        """Whether there are more rows than this; counts no further."""
        some = f"SELECT 1 FROM {relation} LIMIT {rows + 1}"
        return int(self._all(f"SELECT count(*) FROM ({some}) AS first_rows")[0][0]) > rows

    def rows(self, relation: str, columns: Sequence[Column]) -> ir.Table:
        """The columns as an Ibis table; the transaction ends when its backend is released."""
        cells = ", ".join(f"{_clean(column)} AS {quoted(column.name)}" for column in columns)
        kinds = pa.schema([(column.name, column.type) for column in columns])
        weakref.finalize(self.backend, self.con.close)
        return self.backend.name_query(f"SELECT {cells} FROM {relation}", kinds)

    @staticmethod
    def explain(address: Address, error: Exception) -> InputError | None:
        """Translates an error of the server or its driver by its class."""
        if not isinstance(error, psycopg.Error):
            return None
        fault = first_line(error)
        refuse = address.refuse
        if isinstance(error, ReadOnlySqlTransaction):
            return refuse(
                f"table: only a query that reads is run ({fault})",
                "give one SELECT",
                "writing-query",
            )
        if isinstance(error, InsufficientPrivilege):
            return refuse(
                f"may not be read ({fault})", "ask for the right to SELECT", "no-permission"
            )
        if isinstance(error, psycopg.OperationalError) and (error.sqlstate or "08")[:3] in _LOST:
            return refuse(
                "the connection was lost while the rows were read",
                "run it again",
                "connection-lost",
            )
        if isinstance(error, psycopg.DataError):
            return refuse(
                f"holds a value that cannot be read ({fault})",
                "mend it, or leave it out in a query: table",
                "unreadable",
            )
        return refuse(f"table: the query fails ({fault})", "mend it", "bad-query")

    def close(self) -> None:
        """Ends the transaction and the connection."""
        self.con.close()

    def _all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.con.execute(sql.encode(), values or None).fetchall()

    def _described(self, relation: str) -> list[psycopg.Column]:
        cursor = self.con.execute(f"SELECT * FROM {relation} LIMIT 0".encode())
        return cursor.description or []


def _as_arrow(rows: Sequence[Sequence[Any]], kinds: pa.Schema) -> pa.RecordBatch:
    """Rows of Python values as Arrow."""
    values = zip(*rows, strict=True) if rows else [()] * len(kinds)
    arrays = [_as_array(v, kind) for v, kind in zip(values, kinds.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=kinds)


def _as_array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """The values of a column; sums and means of whole numbers arrive as exact decimals."""
    first = next((value for value in values if value is not None), None)
    if isinstance(first, Decimal) and not pa.types.is_decimal(kind):
        plain = float if pa.types.is_floating(kind) else int
        values = [None if value is None else plain(value) for value in values]
    return pa.array(values, kind)


def _connect(address: Address) -> Any:
    """Connects; refuses a server, user or database without showing the password."""
    try:
        parts: dict[str, Any] = {"connect_timeout": _WAIT} | conninfo_to_dict(address.url)
        parts["database"] = parts.pop("dbname")
    except psycopg.Error:
        raise address.refuse(
            "is no URL of a PostgreSQL database",
            "write postgresql://user:password@host:port/database",
            "bad-url",
        ) from None
    try:
        return Server().connect(**parts)
    except psycopg.Error as error:
        raise _explain_refusal(address, str(error)) from None


def _explain_refusal(address: Address, text: str) -> InputError:
    """Why there is no connection, from the server's words: libpq passes on no codes."""
    fault = shown(text.splitlines()[0].rpartition("FATAL:")[2].strip(), 120)
    if "database" in fault and "does not exist" in fault:
        return address.refuse("the server has no such database", "check its name", "no-database")
    if "FATAL:" in text or "password" in text:
        return address.refuse(
            f"the server refuses the login ({fault})", "check user, password and rights", "login"
        )
    return address.refuse(
        f"no server answers ({fault})", "check host and port, and that it runs", "no-server"
    )


def _clean(column: Column) -> str:
    """The SQL of a column with NaN as missing and -0 as 0."""
    return f"nullif({column.sql}, 'NaN') + 0" if column.type == pa.float64() else column.sql


def _as_float(number: str) -> str:
    """The SQL of a number of any size as a float: infinite if too large, 0 if too small."""
    return (
        f"CASE WHEN abs({number}) > 1.79e308 THEN sign({number})::float8 * 'infinity' "
        f"WHEN abs({number}) < 1e-307 THEN 0 ELSE {number}::float8 END"
    )


def _judge(column: psycopg.Column, type: str, category: str) -> Column:
    name, sql = column.name, quoted(column.name)
    if type == "bytea" or category in ("A", "C"):
        return no_values(name, {"A": "lists", "C": "records"}.get(category, "bytes"))
    if type in _WHOLE:
        return Column(name, f"{sql}::int8", pa.int64())
    if type == "numeric" and column.scale == 0 and (column.precision or 99) <= _MOST_DIGITS:
        return Column(name, f"nullif({sql}, 'NaN')", pa.decimal128(column.precision, 0))
    if type == "numeric" and (column.precision or _MANY_DIGITS) >= _MANY_DIGITS:
        return Column(name, _as_float(sql), pa.float64())
    if type in ("numeric", "money"):
        return Column(name, f"{sql}::numeric::float8", pa.float64())
    if type in ("float4", "float8"):
        return Column(name, f"{sql}::float8", pa.float64())
    if type == "bool":
        return Column(name, sql, pa.bool_())
    if type == "date":
        return Column(name, within_sql(sql), pa.date32())
    if type in ("timestamp", "timestamptz"):
        return Column(name, f"{within_sql(sql)}::timestamp", pa.timestamp("us"))  # in UTC
    return Column(name, f"{sql}::text", pa.string())
