"""A table or query of a database, read only: copied in a fixed order, or left in its place."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace
from typing import Any

import ibis.expr.types as ir

from segmentation.data.databases.address import WAREHOUSES, Address, read_address
from segmentation.data.databases.copying import (
    TABLE,
    Copy,
    build_table,
    copy_rows,
    note_undecodable,
    number_rows,
)
from segmentation.data.databases.duckdb import DuckDB
from segmentation.data.databases.engine import Column, Engine
from segmentation.data.databases.in_place import (
    Host,
    find_key,
    find_text_faults,
    is_large,
    note_copied,
    number_in_place,
)
from segmentation.data.databases.queries import Relation, find_relation
from segmentation.data.databases.spark import Spark
from segmentation.data.databases.sqlite import SQLite
from segmentation.data.databases.warehouse import Warehouse
from segmentation.data.errors import InputError, Note
from segmentation.data.limits import Limits
from segmentation.data.rows.table import Rows
from segmentation.data.text.headers import name_columns
from segmentation.data.text.paths import check_path
from segmentation.data.text.records import Record
from segmentation.data.values.answers import read_answers
from segmentation.data.values.totals import check_totals

ENGINES: dict[str, type[SQLite | DuckDB | Warehouse]] = {
    "sqlite": SQLite,
    "duckdb": DuckDB,
    "spark": Spark,
    **dict.fromkeys(WAREHOUSES, Warehouse),
}
_NO_CUSTOMER = "leave it out in a query (table): it is no customer"
_MAGIC = {"sqlite": (0, b"SQLite format 3\x00", "SQLite"), "duckdb": (8, b"DUCK", "DuckDB")}


@dataclass(frozen=True)
class Request:
    """What to read from a database: a table or query, the id that orders it, bad values as missing.

    `copied` asks for a copy however many rows there are.
    """

    table: str | None = None
    id: str | None = None
    missing_bad: bool = False
    copied: bool = False


@dataclass(frozen=True)
class DatabaseTable:
    """A table read from a database, in the parts of a `Source`."""

    table: ir.Table
    name: str
    rows: Rows
    notes: tuple[Note, ...] = ()
    faults: dict[str, tuple[InputError, ...]] = field(default_factory=dict)
    in_place: bool = False


@dataclass(frozen=True)
class Selection:
    """A relation in a database: its SQL, its name for readers, and how its columns are read."""

    relation: str
    name: str
    columns: tuple[Column, ...]
    notes: tuple[Note, ...]


def read_database(con: Any, source: str, request: Request) -> DatabaseTable:
    """Reads a database's table, its rows numbered by the id, or by all columns.

    A table of more than `in_place.MOST_COPIED` rows that has an id stays in its database if that
    can do the work; others are copied to `con`, an Ibis backend. Raises `InputError`, which never
    shows the password.
    """
    address = read_address(source)
    try:
        opened = _open(con.con, address, request)
    except InputError as error:
        raise _named(error, address.shown) from None
    except Exception as error:
        explained = _find_engine(address.kind).explain(address, error)
        if explained is None:
            raise
        raise explained from None
    return opened if isinstance(opened, DatabaseTable) else _build(con, *opened, request)


def _find_engine(kind: str) -> type[Any]:
    """Returns the class of a kind of database; PostgreSQL's imports a driver that few need."""
    if kind == "postgresql":
        from segmentation.data.databases.postgres import Postgres

        return Postgres
    return ENGINES[kind]


def _build(con: Any, copy: Copy, notes: tuple[Note, ...], request: Request) -> DatabaseTable:
    """The typed table of a copy."""
    number_rows(con.con, copy, request.id)
    more, faults = build_table(con.con, copy, request.missing_bad)
    table, said = read_answers(con.table(TABLE))
    rows = Rows(table, copy.name, table)
    check_totals(rows, _NO_CUSTOMER)
    return DatabaseTable(table, copy.name, rows, notes + more + said, faults)


def _open(
    con: Any, address: Address, request: Request
) -> DatabaseTable | tuple[Copy, tuple[Note, ...]]:
    """The table in its place, or a copy of it with notes."""
    if address.path is not None:
        _check_file(address)
    engine = _find_engine(address.kind)(address)
    try:
        selection = _select(engine, address, request.table)
        key, notes = _choose_key(engine, selection, request)
        if key is not None and isinstance(engine, Host):
            return _leave(engine, selection, key)
        copy = _copy(con, engine, selection)
    except BaseException:
        engine.close()
        raise
    engine.close()
    return copy, selection.notes + notes


def _select(engine: Engine, address: Address, table: str | None) -> Selection:
    relation = find_relation(table, engine.tables(), engine.home, engine.dialect)
    name = f"{address.name}.{relation.name}"
    try:
        columns, notes = _read_columns(engine, relation)
    except InputError as error:
        raise _named(error, name) from None
    return Selection(relation.sql, name, tuple(columns), notes)


def _choose_key(
    engine: Engine, selection: Selection, request: Request
) -> tuple[str | None, tuple[Note, ...]]:
    """The id if the rows stay in place; None if they are copied, with a note if they are many."""
    if request.copied or not (isinstance(engine, Host) and is_large(engine, selection.relation)):
        return None, ()
    key, why = find_key(selection.columns, request.id)
    return key, () if key is not None else (note_copied(why),)


def _leave(engine: Host, selection: Selection, key: str) -> DatabaseTable:
    """The table in its place, with the faults of its columns."""
    name, columns = selection.name, selection.columns
    numbered = number_in_place(engine, selection.relation, columns, key)
    table, said = read_answers(numbered)
    unread = {c.name: (c.fault.at(name),) for c in columns if c.fault is not None}
    notes = selection.notes + tuple(note for column in columns for note in column.notes)
    notes += said
    faults = unread | find_text_faults(table, name)
    rows = Rows(table, name, table, numbered_by=key)
    check_totals(rows, _NO_CUSTOMER)
    return DatabaseTable(table, name, rows, notes, faults, in_place=True)


def _copy(con: Any, engine: Engine, selection: Selection) -> Copy:
    try:
        columns, rows = _copy_decoded(con, engine, selection)
        if rows == 0:
            raise InputError("has no rows", "choose another table", code="no-rows")
    except InputError as error:
        raise _named(error, selection.name) from None
    return Copy(selection.name, columns, rows)


def _copy_decoded(con: Any, engine: Engine, selection: Selection) -> tuple[tuple[Column, ...], int]:
    """Copies the rows, once more if SQLite holds text that is no UTF-8: a fault of its column."""
    columns = selection.columns
    try:
        return columns, copy_rows(con, engine, selection.relation, columns)
    except sqlite3.OperationalError as error:
        if not (isinstance(engine, SQLite) and engine.read_undecodable(error)):
            raise
    rows = copy_rows(con, engine, selection.relation, columns)
    return note_undecodable(con, columns), rows


def _read_columns(engine: Engine, relation: Relation) -> tuple[list[Column], tuple[Note, ...]]:
    """The columns, under unambiguous names."""
    written = engine.names(relation.sql)
    Limits().check("max_columns", len(written))
    names, notes = name_columns(Record(1, written, ""))
    columns = engine.columns(relation.sql, written)
    named = [replace(c, name=name) for c, name in zip(columns, names, strict=True)]
    return named, tuple(replace(note, line=None) for note in notes)


def _check_file(address: Address) -> None:
    """Refuses a file that is no database of the URL's kind."""
    assert address.path is not None
    check_path(address.path, Limits())
    with address.path.open("rb") as file:
        head = file.read(64)
    kinds = [kind for kind, (start, magic, _) in _MAGIC.items() if head[start:].startswith(magic)]
    if kinds != [address.kind]:
        remedy = f"it is one of {kinds[0]}:///" if kinds else "check the path"
        what = f"is no {_MAGIC[address.kind][2]} database"
        raise InputError(what, remedy, code="not-a-database")


def _named(error: InputError, name: str) -> InputError:
    """The error with this name if it has none yet; rows of a database have no lines."""
    for fault in error.faults:
        fault.file, fault.line = fault.file or name, None
    return error
