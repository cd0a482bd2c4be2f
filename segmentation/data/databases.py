"""A table or query of a database, read only, copied into the embedded engine in a fixed order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import ibis.expr.types as ir

from segmentation.data.containers import check_path
from segmentation.data.copies import TABLE, Copy, build_table, copy_rows, number_rows
from segmentation.data.customers import Table, check_customers
from segmentation.data.engines import Column, Engine
from segmentation.data.errors import InputError, Note
from segmentation.data.from_duckdb import DuckDB
from segmentation.data.from_postgres import Postgres
from segmentation.data.from_sqlite import SQLite
from segmentation.data.headers import name_columns
from segmentation.data.limits import Limits
from segmentation.data.queries import Relation, find_relation
from segmentation.data.records import Record
from segmentation.data.urls import Address, read_address

ENGINES: dict[str, type[SQLite | DuckDB | Postgres]] = {
    "sqlite": SQLite,
    "duckdb": DuckDB,
    "postgresql": Postgres,
}
_MAGIC = {"sqlite": (0, b"SQLite format 3\x00", "an SQLite"), "duckdb": (8, b"DUCK", "a DuckDB")}


@dataclass(frozen=True)
class Asked:
    """What is read of a database, and how: table or query, the id that orders it, bad values."""

    table: str | None = None
    id: str | None = None
    missing_bad: bool = False


@dataclass(frozen=True)
class Rows:
    """The rows that were read, as a `Source` holds them."""

    table: ir.Table
    name: str
    notes: tuple[Note, ...] = ()
    faults: dict[str, tuple[InputError, ...]] = field(default_factory=dict)
    check: Callable[[str | None, bool], tuple[Note, ...]] = lambda *_: ()


def read_database(con: Any, source: str, asked: Asked) -> Rows:
    """The rows of a database's table, numbered by the id, else by all columns.

    `con` is the Ibis backend that they are copied to. Raises `InputError`, without the password.
    """
    address = read_address(source)
    try:
        copy, notes = _open_and_copy(con.con, address, asked.table)
    except InputError as error:
        raise _named(error, address.shown) from None
    except Exception as error:
        said = ENGINES[address.kind].explain(address, error)
        if said is None:
            raise
        raise said from None
    number_rows(con.con, copy, asked.id)
    more, faults = build_table(con.con, copy, asked.missing_bad)
    checked = Table(con.con, copy.name, TABLE, TABLE)
    return Rows(
        con.table(TABLE), copy.name, notes + more, faults, partial(check_customers, checked)
    )


def _open_and_copy(con: Any, address: Address, table: str | None) -> tuple[Copy, tuple[Note, ...]]:
    if address.path is not None:
        _check_file(address)
    engine = ENGINES[address.kind](address)
    try:
        return _copy(con, address, engine, table)
    finally:
        engine.close()


def _copy(
    con: Any, address: Address, engine: Engine, table: str | None
) -> tuple[Copy, tuple[Note, ...]]:
    relation = find_relation(table, engine.tables(), engine.home, engine.dialect)
    name = f"{address.name}.{relation.name}"
    try:
        columns, notes = _columns(engine, relation)
        rows = copy_rows(con, engine, relation.sql, columns)
        if rows == 0:
            raise InputError("has no rows", "choose another table", code="no-rows")
    except InputError as error:
        raise _named(error, name) from None
    return Copy(name, tuple(columns), rows), notes


def _columns(engine: Engine, relation: Relation) -> tuple[list[Column], tuple[Note, ...]]:
    """The columns under names that can be told apart."""
    written = engine.names(relation.sql)
    Limits().check("max_columns", len(written))
    names, notes = name_columns(Record(1, written, ""))
    columns = engine.columns(relation.sql, written)
    named = [replace(c, name=name) for c, name in zip(columns, names, strict=True)]
    return named, tuple(replace(note, line=None) for note in notes)


def _check_file(address: Address) -> None:
    """Nothing for a database file of the URL's kind; else the refusal."""
    assert address.path is not None
    check_path(address.path, Limits())
    with address.path.open("rb") as file:
        head = file.read(64)
    found = [kind for kind, (at, magic, _) in _MAGIC.items() if head[at:].startswith(magic)]
    if found != [address.kind]:
        remedy = f"it is one of {found[0]}:///" if found else "check the path"
        what = f"is no {_MAGIC[address.kind][2].split()[1]} database"
        raise InputError(what, remedy, code="not-a-database")


def _named(error: InputError, name: str) -> InputError:
    """The error with this name, where it has none yet; a line is no place in a database."""
    for fault in error.faults:
        fault.file, fault.line = fault.file or name, None
    return error
