"""PostgreSQL: one read-only transaction that sees one state of the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import psycopg
import pyarrow as pa
from psycopg import errors as said_by
from psycopg.conninfo import conninfo_to_dict

from segmentation.data.engines import Column, cells_of, no_values, rows_of
from segmentation.data.errors import InputError, shown
from segmentation.data.loading import quoted
from segmentation.data.urls import Address

_WAIT = "10"  # seconds for a server to answer
_WHOLE = {"int2", "int4", "int8", "oid"}
_MOST_DIGITS = 38
_LOST = ("08", "080", "57P")  # SQLSTATE: connection exceptions, the server stops or ends us
_TABLES = """
    SELECT n.nspname, c.relname, n.nspname = current_schema()
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    ORDER BY 1, 2"""


class Postgres:
    """A PostgreSQL database."""

    dialect = "postgres"

    def __init__(self, address: Address) -> None:
        self.backend = _connect(address)
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
        """The names of the columns, from an empty result."""
        return [column.name for column in self._described(relation)]

    def columns(self, relation: str, names: Sequence[str]) -> list[Column]:
        """Each column by its type; what is neither number, date nor truth is read as text."""
        described = self._described(relation)
        oids = list({column.type_code for column in described})
        asked = "SELECT oid, typname, typcategory FROM pg_catalog.pg_type WHERE oid = ANY(%s)"
        kinds = {oid: (name, category) for oid, name, category in self._all(asked, oids)}
        return [_judge(column, *kinds.get(column.type_code, ("text", "S"))) for column in described]

    def batches(self, relation: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """The rows, some at a time, from a cursor on the server."""
        with self.con.cursor(name="segmentation") as cursor:
            cursor.execute(f"SELECT {cells_of(columns)} FROM {relation}".encode())
            yield from rows_of(cursor, columns)

    @staticmethod
    def explain(address: Address, error: Exception) -> InputError | None:
        """What the server or its driver says, by its class."""
        if not isinstance(error, psycopg.Error):
            return None
        said = shown((str(error).splitlines() or ["no reason given"])[0], 120)
        refuse = address.refuse
        if isinstance(error, said_by.ReadOnlySqlTransaction):
            return refuse(f"table: only a query that reads is run ({said})", "give one SELECT",
                          "writing-query")  # fmt: skip
        if isinstance(error, said_by.InsufficientPrivilege):
            return refuse(f"may not be read ({said})", "ask for the right to SELECT",
                          "no-permission")  # fmt: skip
        if isinstance(error, psycopg.OperationalError) and (error.sqlstate or "08")[:3] in _LOST:
            return refuse("the connection was lost while the rows were read", "run it again",
                          "connection-lost")  # fmt: skip
        if isinstance(error, psycopg.DataError):
            return refuse(f"holds a value that cannot be read ({said})",
                          "mend it, or leave it out in a query: table", "unreadable")  # fmt: skip
        return refuse(f"table: the query fails ({said})", "mend it", "bad-query")

    def close(self) -> None:
        """Ends the transaction and the connection."""
        self.con.close()

    def _all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.con.execute(sql.encode(), values or None).fetchall()

    def _described(self, relation: str) -> list[psycopg.Column]:
        cursor = self.con.execute(f"SELECT * FROM {relation} LIMIT 0".encode())
        return cursor.description or []


def _connect(address: Address) -> Any:
    """The connection, or the refusal of a server, user or database; the password is in neither."""
    try:
        parts: dict[str, Any] = {"connect_timeout": _WAIT} | conninfo_to_dict(address.url)
        parts["database"] = parts.pop("dbname")
    except psycopg.Error:
        raise address.refuse("is no URL of a PostgreSQL database",
                             "write postgresql://user:password@host:port/database",
                             "bad-url") from None  # fmt: skip
    try:
        return ibis.postgres.connect(**parts)
    except psycopg.Error as error:
        raise _explain_refusal(address, str(error)) from None


def _explain_refusal(address: Address, text: str) -> InputError:
    """Why there is no connection; told by the server's words, as libpq passes on no codes."""
    said = shown(text.splitlines()[0].rpartition("FATAL:")[2].strip(), 120)
    if "database" in said and "does not exist" in said:
        return address.refuse("the server has no such database", "check its name", "no-database")
    if "FATAL:" in text or "password" in text:
        return address.refuse(f"the server refuses the login ({said})",
                              "check user, password and rights", "login")  # fmt: skip
    return address.refuse(f"no server answers ({said})", "check host and port, and that it runs",
                          "no-server")  # fmt: skip


def _judge(column: psycopg.Column, type: str, category: str) -> Column:
    name, sql = column.name, quoted(column.name)
    if type == "bytea" or category in ("A", "C"):
        return no_values(name, {"A": "lists", "C": "records"}.get(category, "bytes"))
    if type in _WHOLE:
        return Column(name, f"{sql}::int8", pa.int64())
    if type == "numeric" and column.scale == 0 and (column.precision or 99) <= _MOST_DIGITS:
        return Column(name, f"nullif({sql}, 'NaN')", pa.decimal128(column.precision, 0))
    if type in ("numeric", "money"):
        return Column(name, f"{sql}::numeric::float8", pa.float64())
    if type in ("float4", "float8"):
        return Column(name, f"{sql}::float8", pa.float64())
    if type == "bool":
        return Column(name, sql, pa.bool_())
    if type == "date":
        return Column(name, sql, pa.date32())
    if type in ("timestamp", "timestamptz"):
        return Column(name, f"{sql}::timestamp", pa.timestamp("us"))  # in UTC
    return Column(name, f"{sql}::text", pa.string())
