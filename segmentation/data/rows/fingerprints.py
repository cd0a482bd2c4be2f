"""What tells one state of an input from another: a digest of a file, folder or table's rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import ibis.expr.types as ir

from segmentation.data.parquet.folders import parquet_files
from segmentation.data.rows.engines import fence
from segmentation.data.rows.keys import md5, read_hex
from segmentation.data.sql import ROW, quoted

_ROWS = 100_000
_PARTS, _DIGITS = 2, 7  # of each row's md5: the sum of 28 bits fits into 64 for 2**35 rows
_MD5 = "__md5__"


def file_sha256(path: Path) -> str:
    """The sha256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def path_sha256(path: Path) -> str:
    """The sha256, in hex, of a file's bytes; of a folder, of its Parquet files and their paths."""
    if path.is_file():
        return file_sha256(path)
    digest = hashlib.sha256()
    for file in parquet_files(path):
        digest.update(f"{file.relative_to(path).as_posix()}\0{file_sha256(file)}\n".encode())
    return digest.hexdigest()


def rows_sha256(table: ir.Table) -> str:
    """The sha256, in hex, of the names and types of the columns and of the rows in their order.

    A row counts as the digest of its values, each as the engine writes it with its length before.
    """
    con = table.get_backend()
    kinds = [(name, str(kind)) for name, kind in table.schema().items()]
    digest = hashlib.sha256(json.dumps(kinds).encode())
    columns = [f"CAST({quoted(name)} AS VARCHAR)" for name, _ in kinds if name != ROW]
    cells = ", ".join(f"coalesce(strlen({c}) || ':' || {c}, '-')" for c in columns)
    sql = f"SELECT sha256(concat({cells})) FROM ({con.compile(table)}) ORDER BY {ROW}"
    for batch in con.con.execute(sql).to_arrow_reader(_ROWS):
        digest.update("".join(batch.column(0).to_pylist()).encode())
    return digest.hexdigest()


def rows_digest(table: ir.Table) -> str:
    """The same of a table that stays in its database, in any order that its rows lie in there.

    It is the sha256 of the names and types, the number of rows, and two sums over all rows: of
    the first and the next seven hex digits of each row's md5 (56 bits, by which two states are
    told apart). Only these sums leave the database.
    """
    kinds = [(name, str(kind)) for name, kind in table.schema().items()]
    names = [name for name, _ in kinds if name != ROW]
    texts = fence(table.select(**{f"t{at}": table[n].cast("string") for at, n in enumerate(names)}))
    cells = [_cell(texts[name]) for name in texts.columns]
    hashed = fence(texts.select(md5(cells[0].concat(*cells[1:])).name(_MD5)))
    parts = [read_hex(hashed[_MD5], _DIGITS * at, _DIGITS) for at in range(_PARTS)]
    sums = {f"part{at}": part.sum() for at, part in enumerate(parts)}
    found = hashed.aggregate(rows=hashed.count(), **sums).execute().iloc[0]
    counted = [int(found[name]) for name in ("rows", *sums)]
    return hashlib.sha256(json.dumps([kinds, counted]).encode()).hexdigest()


def _cell(text: ir.StringValue) -> ir.StringValue:
    """A value's text with its length before; "-" where it is missing."""
    return (text.length().cast("string") + ":" + text).fill_null("-")
