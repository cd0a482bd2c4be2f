"""A table or query of a database, read only: copied in a fixed order, or left in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import ibis.expr.types as ir

from segmentation.data.databases.address import WAREHOUSES, Address, read_address
from segmentation.data.databases.copying import TABLE, Copy, build_table, copy_rows, number_rows
from segmentation.data.databases.duckdb import DuckDB
from segmentation.data.databases.engine import Column, Engine
from segmentation.data.databases.in_place import (
    Host,
    find_key,
    is_large,
    note_copied,
    stay_in_place,
)
from segmentation.data.databases.postgres import Postgres
from segmentation.data.databases.queries import Relation, find_relation
from segmentation.data.databases.spark import Spark
from segmentation.data.databases.sqlite import SQLite
from segmentation.data.databases.warehouse import Warehouse
from segmentation.data.errors import InputError, Note
from segmentation.data.limits import Limits
from segmentation.data.rows.identity import Table, check_customers
from segmentation.data.text.containers import check_path
from segmentation.data.text.headers import name_columns
from segmentation.data.text.records import Record

ENGINES: dict[str, type[SQLite | DuckDB | Postgres | Warehouse]] = {
    "sqlite": SQLite,
    "duckdb": DuckDB,
    "postgresql": Postgres,
    "spark": Spark,
    **dict.fromkeys(WAREHOUSES, Warehouse),
}
_MAGIC = {"sqlite": (0, b"SQLite format 3\x00", "an SQLite"), "duckdb": (8, b"DUCK", "a DuckDB")}


@dataclass(frozen=True)
class Asked:
    """What is read of a database, and how: table or query, the id that orders it, bad values.

    `copied` where the rows are needed here, however many they are.
    """

    table: str | None = None
    id: str | None = None
    missing_bad: bool = False
    copied: bool = False


@dataclass(frozen=True)
class Rows:
    """The rows that were read, as a `Source` holds them."""

    table: ir.Table
    name: str
    notes: tuple[Note, ...] = ()
    faults: dict[str, tuple[InputError, ...]] = field(default_factory=dict)
    check: Callable[[str | None, bool], tuple[Note, ...]] = lambda *_: ()
    in_place: bool = False


@dataclass(frozen=True)
class Look:
    """What was found in a database: the SQL of what is read, its name for readers, its columns."""

    relation: str
    name: str
    columns: tuple[Column, ...]
    notes: tuple[Note, ...]


def read_database(con: Any, source: str, asked: Asked) -> Rows:
    """The rows of a database's table, numbered by the id, else by all columns.

    More than `in_place.MOST_COPIED` rows that have an id stay in a database that can work on
    them; others are copied to `con`, an Ibis backend. Raises `InputError`, without the password.
    """
    address = read_address(source)
    try:
        found = _open(con.con, address, asked)
    except InputError as error:
        raise _named(error, address.shown) from None
    except Exception as error:
        said = ENGINES[address.kind].explain(address, error)
        if said is None:
            raise
        raise said from None
    return found if isinstance(found, Rows) else _build(con, found, asked)


def _build(con: Any, found: tuple[Copy, tuple[Note, ...]], asked: Asked) -> Rows:
    """The rows of a copy."""
    copy, notes = found
    number_rows(con.con, copy, asked.id)
    more, faults = build_table(con.con, copy, asked.missing_bad)
    checked = Table(con.con, copy.name, TABLE, TABLE)
    return Rows(
        con.table(TABLE), copy.name, notes + more, faults, partial(check_customers, checked)
    )


def _open(con: Any, address: Address, asked: Asked) -> Rows | tuple[Copy, tuple[Note, ...]]:
    """The rows in their place, or a copy of them with its notes."""
    if address.path is not None:
        _check_file(address)
    engine = ENGINES[address.kind](address)
    try:
        look = _look(engine, address, asked.table)
        key, notes = _choose(engine, look, asked)
        if key is not None and isinstance(engine, Host):
            return _leave(engine, look, key)
        copy = _copy(con, engine, look)
    except BaseException:
        engine.close()
        raise
    engine.close()
    return copy, look.notes + notes


def _look(engine: Engine, address: Address, table: str | None) -> Look:
    relation = find_relation(table, engine.tables(), engine.home, engine.dialect)
    name = f"{address.name}.{relation.name}"
    try:
        columns, notes = _columns(engine, relation)
    except InputError as error:
        raise _named(error, name) from None
    return Look(relation.sql, name, tuple(columns), notes)


def _choose(engine: Engine, look: Look, asked: Asked) -> tuple[str | None, tuple[Note, ...]]:
    """The id by which rows stay in place; None where they are copied, with a note on many."""
    if asked.copied or not (isinstance(engine, Host) and is_large(engine, look.relation)):
        return None, ()
    key, why = find_key(look.columns, asked.id)
    return key, () if key is not None else (note_copied(why),)


def _leave(engine: Host, look: Look, key: str) -> Rows:
    """The rows where they are, with the faults of their columns."""
    staying = stay_in_place(engine, look.relation, look.name, look.columns, key)
    odd = {c.name: (c.fault.at(look.name),) for c in look.columns if c.fault is not None}
    notes = look.notes + tuple(note for column in look.columns for note in column.notes)
    faults = odd | staying.judge_texts()
    return Rows(staying.table, look.name, notes, faults, staying.check, in_place=True)


def _copy(con: Any, engine: Engine, look: Look) -> Copy:
    try:
        rows = copy_rows(con, engine, look.relation, look.columns)
        if rows == 0:
            raise InputError("has no rows", "choose another table", code="no-rows")
    except InputError as error:
        raise _named(error, look.name) from None
    return Copy(look.name, look.columns, rows)


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
