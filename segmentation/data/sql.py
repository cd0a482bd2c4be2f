"""Parts of SQL written by hand: quoted names, texts and paths, and names of plain columns."""

from __future__ import annotations

import re
from pathlib import Path

ROW = "__row__"  # the number of a row, from 1
QUIET = "SET enable_progress_bar = false"  # which DuckDB prints into notebooks
# What str.isspace() accepts, for RE2.
WHITE = r"[\s\x0b\x1c-\x1f\x{85}\p{Z}]"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def is_blank_sql(name: str) -> str:
    """The SQL condition of a cell of nothing but white space; the first byte decides for most."""
    maybe = f"({name} < '!' OR {name} >= chr(128))"
    return f"({maybe} AND regexp_full_match({name}, '{WHITE}*'))"


def columns_of(width: int) -> list[str]:
    """The plain names of the columns of a base table: c1, c2, …"""
    return [f"c{i + 1}" for i in range(width)]


def exact(path: Path) -> str:
    """The path as a pattern that matches only itself: the engine takes * ? [ for wildcards."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(path))
