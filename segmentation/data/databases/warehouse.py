"""Any database that Ibis supports: columns are read by Ibis' types, large tables stay there."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa

from segmentation.data.databases.address import Address
from segmentation.data.databases.backend import RemoteBackend
from segmentation.data.databases.engine import Column, batch_rows, first_line, no_values
from segmentation.data.errors import InputError

_NO_DRIVERS = ("builtins", "ibis", "segmentation", "pandas", "pyarrow")  # packages
_MOST_DIGITS = 38


class Warehouse:
    """A database behind a backend of Ibis; rights and errors are those of its driver."""

    def __init__(self, address: Address) -> None:
        self.backend = self.connect(address)
        self.backend.explain = partial(self.explain, address)
        self.dialect: Any = self.backend.dialect
        self.home = self.find_home(address)
        self._known: dict[str, dict[str, dt.DataType]] = {}

    def connect(self, address: Address) -> RemoteBackend:
        """The backend; refuses a driver that is not installed and a login that fails."""
        try:
            return extend_backend(ibis.connect(address.url), RemoteBackend)
        except ImportError:
            remedy = f"pip install 'ibis-framework[{address.kind}]=={ibis.__version__}'"
            raise address.refuse(
                f"the driver of {address.kind} is not installed", remedy, "no-driver"
            ) from None
        except Exception as error:
            fault = first_line(error)
            raise address.refuse(
                f"there is no connection ({fault})", "check URL and rights", "no-server"
            ) from None

    def find_home(self, address: Address) -> str:
        """The schema to look into."""
        return str(getattr(self.backend, "current_database", address.name))

    def tables(self) -> list[tuple[str, str]]:
        """Every table of that schema."""
        return [(self.home, name) for name in sorted(self.backend.list_tables())]

    def names(self, relation: str) -> list[str]:
        """The names of the columns."""
        return list(self._kinds(relation))

    def columns(self, relation: str, names: Sequence[str]) -> list[Column]:
        """Each column by its type in Ibis."""
        return [_judge(name, kind) for name, kind in self._kinds(relation).items()]

    def has_more(self, relation: str, rows: int) -> bool:
        """Whether there are more rows than this; counts no further."""
        return int(self._query(relation).limit(rows + 1).count().execute()) > rows

    def rows(self, relation: str, columns: Sequence[Column]) -> ir.Table:
        """The columns as an Ibis table, with the values that a copy would have."""
        table = self._query(relation)
        return table.select(
            **{column.name: _read(table[i], column) for i, column in enumerate(columns)}
        )

    def batches(self, relation: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """The rows in batches."""
        rows = self.rows(relation, columns)
        numbered = rows.select(**{f"c{i}": rows[c.name] for i, c in enumerate(columns, 1)})
        yield from numbered.to_pyarrow_batches(chunk_size=batch_rows(columns))

    @staticmethod
    def explain(address: Address, error: Exception) -> InputError | None:
        """Quotes the error of a driver."""
        if type(error).__module__.partition(".")[0] in _NO_DRIVERS:
            return None
        return address.refuse(
            f"table: the query fails ({first_line(error)})", "mend it", "bad-query"
        )

    def close(self) -> None:
        """Ends the connection."""
        self.backend.disconnect()

    def _kinds(self, relation: str) -> dict[str, dt.DataType]:
        if relation not in self._known:
            with self.backend.explaining():
                schema = self.backend.sql(f"SELECT * FROM {relation}").schema()
            self._known[relation] = dict(schema)
        return self._known[relation]

    def _query(self, relation: str) -> ir.Table:
        weakref.finalize(self.backend, _end, getattr(self.backend, "con", None))
        return self.backend.name_query(f"SELECT * FROM {relation}", self._kinds(relation))


def extend_backend(backend: Any, extension: type[RemoteBackend]) -> RemoteBackend:
    """Returns a connected backend of Ibis with the methods of `extension` before its own."""
    kind = type(backend)
    extended: RemoteBackend = type(kind.__name__, (extension, kind), {})()
    extended.__dict__.update(backend.__dict__)
    return extended


def _end(con: Any) -> None:
    """Closes the connection of a backend, if it has one."""
    if hasattr(con, "close"):
        con.close()


def _judge(name: str, kind: dt.DataType) -> Column:
    if kind.is_binary() or kind.is_nested():
        what = "bytes" if kind.is_binary() else "lists" if kind.is_array() else "records"
        return no_values(name, what)
    if kind.is_decimal() and kind.scale == 0 and (kind.precision or 99) <= _MOST_DIGITS:
        return Column(name, name, pa.decimal128(kind.precision, 0))
    for holds, type in (
        (kind.is_integer(), pa.int64()),
        (kind.is_floating() or kind.is_decimal(), pa.float64()),
        (kind.is_boolean(), pa.bool_()),
        (kind.is_date(), pa.date32()),
        (kind.is_timestamp(), pa.timestamp("us")),
    ):
        if holds:
            return Column(name, name, type)
    return Column(name, name, pa.string())


def _read(value: ir.Value, column: Column) -> ir.Value:
    """A value as in a copy: wide numbers, NaN as missing, times in UTC, the rest as text."""
    if column.fault is not None:
        return ibis.null("string")
    if column.type == pa.float64():
        number = value.cast("float64")
        return number.isnan().ifelse(ibis.null("float64"), number + 0.0)
    if column.type == pa.timestamp("us") and value.type().timezone is not None:
        value = value.cast("timestamp('UTC')")
    return value.cast(dt.DataType.from_pyarrow(column.type))
