"""The Parquet files in which the rows of an embedded table stand, for whoever reads them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.data.headers import ROW
from segmentation.data.standing import Standing

_KEPT = "_segmentation_stored"  # on the engine itself: two of them compare as equal


@dataclass(frozen=True)
class RowGroup:
    """A row group of a Parquet file, and the number of the row before its first."""

    path: Path
    at: int
    before: int


@dataclass(frozen=True)
class Stored:
    """The files of a table in the order of its rows, and the expression that stands for them."""

    files: tuple[Path, ...]
    expression: Any


def is_embedded(table: ir.Table) -> bool:
    """Whether the rows are in this process's own engine, and not in a database elsewhere."""
    return not isinstance(table.get_backend(), Standing)


def remember_files(table: ir.Table, files: Sequence[Path]) -> None:
    """Keeps in which files the rows of a table stand; another of the same engine replaces it."""
    setattr(table.get_backend(), _KEPT, Stored(tuple(files), table.op()))


def list_row_groups(table: ir.Table, kept: Sequence[str], numbers: Sequence[str]) -> list[RowGroup]:
    """The row groups that hold the rows of a table in order; empty where it has to be asked.

    That is where the table is no Parquet file as it stands, and where one of the columns would be
    another in Arrow than in the engine: `kept` hold whole numbers or text, `numbers` numbers.
    """
    known: Stored | None = getattr(table.get_backend(), _KEPT, None)
    if known is None or known.expression != table.op():
        return []
    groups, before = [], 0
    for path in known.files:
        with pq.ParquetFile(path) as file:
            if not _are_plain(file.schema_arrow, kept, numbers):
                return []
            sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
        for at, rows in enumerate(sizes):
            groups.append(RowGroup(path, at, before))
            before += rows
    return groups


def _are_plain(schema: pa.Schema, kept: Sequence[str], numbers: Sequence[str]) -> bool:
    kinds = dict(zip(schema.names, schema.types, strict=True))
    asked = [*numbers, *(name for name in kept if name != ROW)]
    if not all(name in kinds for name in asked):
        return False
    whole = all(
        name == ROW or pa.types.is_integer(kinds[name]) or pa.types.is_string(kinds[name])
        for name in kept
    )
    return whole and all(
        pa.types.is_integer(kinds[name]) or pa.types.is_floating(kinds[name]) for name in numbers
    )
