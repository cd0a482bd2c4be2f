"""Any database that Ibis works on: columns are judged by Ibis' types, large tables stay there."""

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
from segmentation.data.databases.engine import Column, batch_rows, no_values
from segmentation.data.errors import InputError, shown

_OWN = ("builtins", "ibis", "segmentation", "pandas", "pyarrow")  # whose errors no driver makes
_MOST_DIGITS = 38


class Warehouse:
    """A database behind a backend of Ibis; how it reads and what it refuses is the driver's."""

    def __init__(self, address: Address) -> None:
        self.backend = self.connect(address)
        self.backend.explain = partial(self.explain, address)
        self.dialect: Any = self.backend.dialect
        self.home = self.find_home(address)

    def connect(self, address: Address) -> RemoteBackend:
        """The backend, or the refusal of a driver that is not there or a login that fails."""
        try:
            return extend_backend(ibis.connect(address.url), RemoteBackend)
        except ImportError:
            remedy = f"pip install 'ibis-framework[{address.kind}]=={ibis.__version__}'"
            raise address.refuse(
                f"the driver of {address.kind} is not installed", remedy, "no-driver"
            ) from None
        except Exception as error:
            said = shown((str(error).splitlines() or ["no reason given"])[0], 120)
            raise address.refuse(
                f"there is no connection ({said})", "check URL and rights", "no-server"
            ) from None

    def find_home(self, address: Address) -> str:
        """The schema that is looked into."""
        return str(getattr(self.backend, "current_database", address.name))

    def tables(self) -> list[tuple[str, str]]:
        """Every table of that schema."""
        return [(self.home, name) for name in sorted(self.backend.list_tables())]

    def names(self, relation: str) -> list[str]:
        """The names of the columns."""
        return list(self._kinds(relation))

    def columns(self, relation: str, names: Sequence[str]) -> list[Column]:
        """Each column by the type that Ibis gives it."""
        return [_judge(name, kind) for name, kind in self._kinds(relation).items()]

    def has_more(self, relation: str, rows: int) -> bool:
        """Whether there are more rows; no more than these are counted."""
        return int(self._query(relation).limit(rows + 1).count().execute()) > rows

    def rows(self, relation: str, columns: Sequence[Column]) -> ir.Table:
        """The columns as an Ibis table, each value as it is copied from here."""
        table = self._query(relation)
        return table.select(
            **{column.name: _read(table[at], column) for at, column in enumerate(columns)}
        )

    def batches(self, relation: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """The rows, some at a time."""
        rows = self.rows(relation, columns)
        numbered = rows.select(**{f"c{at}": rows[c.name] for at, c in enumerate(columns, 1)})
        yield from numbered.to_pyarrow_batches(chunk_size=batch_rows(columns))

    @staticmethod
    def explain(address: Address, error: Exception) -> InputError | None:
        """What the driver says, in its own words."""
        if type(error).__module__.partition(".")[0] in _OWN:
            return None
        said = shown((str(error).splitlines() or ["no reason given"])[0], 120)
        return address.refuse(f"table: the query fails ({said})", "mend it", "bad-query")

    def close(self) -> None:
        """Ends the connection."""
        self.backend.disconnect()

    def _kinds(self, relation: str) -> dict[str, dt.DataType]:
        with self.backend.explaining():
            return dict(self.backend.sql(f"SELECT * FROM {relation}").schema())

    def _query(self, relation: str) -> ir.Table:
        weakref.finalize(self.backend, _end, getattr(self.backend, "con", None))
        return self.backend.name_query(f"SELECT * FROM {relation}", self._kinds(relation))


def extend_backend(backend: Any, way: type[RemoteBackend]) -> RemoteBackend:
    """The same backend as one that names queries and explains errors, in this way."""
    kind = type(backend)
    standing: RemoteBackend = type(kind.__name__, (way, kind), {})()
    standing.__dict__.update(backend.__dict__)
    return standing


def _end(con: Any) -> None:
    """Closes a connection, where a backend holds one that can be closed."""
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
    """A value as the copy holds it: wide numbers, NaN missing, times in UTC, the rest as text."""
    if column.fault is not None:
        return ibis.null("string")
    if column.type == pa.float64():
        number = value.cast("float64")
        return number.isnan().ifelse(ibis.null("float64"), number + 0.0)
    if column.type == pa.timestamp("us") and value.type().timezone is not None:
        value = value.cast("timestamp('UTC')")
    return value.cast(dt.DataType.from_pyarrow(column.type))
