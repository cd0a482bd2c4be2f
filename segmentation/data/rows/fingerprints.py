"""Fingerprints of an input: digests of a file, a folder or a table's rows."""

from __future__ import annotations

import errno
import hashlib
import json
import stat
from pathlib import Path

import ibis.expr.types as ir

from segmentation.data.parquet.folders import parquet_files
from segmentation.data.rows.engines import fence
from segmentation.data.rows.keys import md5, read_hex
from segmentation.data.sql import ROW, quoted

_ROWS = 100_000
_PARTS, _DIGITS = 2, 7  # of each row's md5: a sum of 2**35 such numbers fits into 64 bits
_MD5 = "__md5__"


def file_sha256(path: Path) -> str:
    """The sha256 of the file's bytes, in hex.

    Raises `OSError` for anything but a regular file: a pipe would be waited for.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "is no regular file", str(path))
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def path_sha256(path: Path) -> str:
    """The sha256, in hex, of a file's bytes, or of a folder's Parquet files and their paths."""
    if path.is_file():
        return file_sha256(path)
    digest = hashlib.sha256()
    for file in parquet_files(path):
        digest.update(f"{file.relative_to(path).as_posix()}\0{file_sha256(file)}\n".encode())
    return digest.hexdigest()


def rows_sha256(table: ir.Table) -> str:
    """The sha256, in hex, of the columns' names and types and of the rows in their order.

    A row is represented by the digest of its values' texts, each preceded by its length.
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
    """The sha256, in hex, of a table that stays in its database, whatever the order of its rows.

    It covers the columns' names and types, the number of rows, and two sums over all rows: of the
    first and the next seven hex digits of each row's md5 (56 bits). Only the sums leave the
    database.
    """
    kinds = [(name, str(kind)) for name, kind in table.schema().items()]
    names = [name for name, _ in kinds if name != ROW]
    texts = fence(table.select(**{f"t{i}": table[n].cast("string") for i, n in enumerate(names)}))
    cells = [_cell(texts[name]) for name in texts.columns]
    hashed = fence(texts.select(md5(cells[0].concat(*cells[1:])).name(_MD5)))
    parts = [read_hex(hashed[_MD5], _DIGITS * i, _DIGITS) for i in range(_PARTS)]
    sums = {f"part{i}": part.sum() for i, part in enumerate(parts)}
    totals = hashed.aggregate(rows=hashed.count(), **sums).execute().iloc[0]
    counted = [int(totals[name]) for name in ("rows", *sums)]
    return hashlib.sha256(json.dumps([kinds, counted]).encode()).hexdigest()


def _cell(text: ir.StringValue) -> ir.StringValue:
    """A value's text preceded by its length; "-" if it is missing."""
    return (text.length().cast("string") + ":" + text).fill_null("-")
