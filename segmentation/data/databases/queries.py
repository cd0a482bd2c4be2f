"""Finds the table to read in a database's catalogue, or checks that a query only reads."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from segmentation.data.errors import InputError, offer_name, shown

_READS = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
_STATEMENT = re.compile(
    r"\s*(?:insert|update|delete|merge|create|drop|alter|truncate|copy|grant|revoke|attach|detach"
    r"|pragma|set|call|do|explain|vacuum|begin|commit|export|import|install|load|replace|use)\s.*",
    re.IGNORECASE | re.DOTALL,
)
_WRITES = (exp.DML, exp.DDL, exp.Into, exp.Lock, exp.Command, exp.Copy, exp.Drop, exp.Set)
_MANY = 8


@dataclass(frozen=True)
class Relation:
    """A table or query: its name for readers, and its SQL after FROM."""

    name: str
    sql: str


def find_relation(
    table: str | None, tables: Sequence[tuple[str, str]], home: str, dialect: Any
) -> Relation:
    """The table of this name, the query, or without either the only table; else an `InputError`.

    `tables` are the (schema, name) pairs of the catalogue; tables in `home` need no schema.
    """
    names = {
        name if schema == home else f"{schema}.{name}": (schema, name) for schema, name in tables
    }
    if table is None:
        table = _only(list(names))
    elif table not in names:
        bare = [full for full, (_, name) in names.items() if name == table]
        full = [full for full, pair in names.items() if ".".join(pair) == table]
        if len(matches := bare or full) == 1:
            table = matches[0]
        elif _READS.match(table):
            return Relation("query", f"(\n{check_query(table, dialect)}\n) AS query")
        elif _STATEMENT.fullmatch(table):
            raise _writing()
        else:
            raise _unknown(table, list(names))
    schema, name = names[table]
    place = [exp.to_identifier(part, quoted=True).sql(dialect) for part in (schema, name)]
    return Relation(table, ".".join(place))


def check_query(query: str, dialect: Any) -> str:
    """Returns a query without its last semicolon; refuses any but one statement that reads."""
    log = logging.getLogger("sqlglot")
    level, log.level = log.level, logging.CRITICAL
    try:
        parsed = [part for part in sqlglot.parse(query, read=dialect) if part is not None]
    except (SqlglotError, RecursionError) as error:
        fault = shown(re.sub(r"\x1b\[\d*m", "", str(error)).splitlines()[0], 100)
        raise InputError(
            f"table: the query cannot be understood ({fault})", "mend the query", code="bad-query"
        ) from None
    finally:
        log.level = level
    statements = [part for part in parsed if not isinstance(part, exp.Semicolon)]
    if len(statements) != 1:
        raise InputError(
            f"table: {len(statements)} statements where one is read",
            "give one SELECT",
            code="writing-query",
        )
    if not isinstance(statements[0], exp.Query) or any(statements[0].find_all(*_WRITES)):
        raise _writing()
    return _without_end(query, dialect)


def _without_end(query: str, dialect: Any) -> str:
    """The query without a semicolon at its end."""
    tokens = sqlglot.tokenize(query, read=dialect)
    return query[: tokens[-1].start] if tokens and tokens[-1].text == ";" else query


def _only(names: list[str]) -> str:
    if not names:
        raise InputError(
            "the database has no table", "check its name and your rights in it", code="no-table"
        )
    if len(names) > 1:
        raise InputError(
            f"has {len(names):,} tables: {_list(names)}",
            "give table: one of them",
            code="which-table",
        )
    return names[0]


def _unknown(table: str, names: list[str]) -> InputError:
    remedy = offer_name(table, names, f"it has {_list(names) or 'none'}")
    return InputError(f"there is no table {shown(table, 60)!r}", remedy, code="no-table")


def _list(names: list[str]) -> str:
    some = ", ".join(shown(name, 40) for name in sorted(names)[:_MANY])
    return some + (", …" if len(names) > _MANY else "")


def _writing() -> InputError:
    return InputError(
        "table: only a query that reads is run, and this one writes",
        "give one SELECT",
        code="writing-query",
    )
