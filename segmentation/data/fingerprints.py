"""What tells one state of an input from another: the sha256 of a file, folder or table's rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import ibis.expr.types as ir

from segmentation.data.folders import parquet_files
from segmentation.data.headers import ROW
from segmentation.data.loading import quoted

_ROWS = 100_000


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
