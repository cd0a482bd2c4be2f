"""The Parquet files in which the rows of an embedded table stand, for whoever reads them there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.data.errors import InputError, shown
from segmentation.data.sql import ROW

ENOUGH = 200_000  # rows that are worth a task of their own
_KEPT = "_segmentation_stored"  # on the engine itself: two of them compare as equal


@dataclass(frozen=True)
class RowGroups:
    """Neighbouring row groups of a Parquet file, and the number of the row before their first.

    `names` are those of its columns in the file, where they are others than in the table;
    `footer` is what the file says of itself.
    """

    path: Path
    footer: Any
    groups: tuple[int, ...]
    before: int
    names: Mapping[str, str]

    def read(self, names: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """These columns of so many rows at a time, under the table's names."""
        own = [self.names.get(name, name) for name in names]
        try:
            with pq.ParquetFile(self.path, metadata=self.footer) as file:
                for batch in file.iter_batches(
                    size, list(self.groups), columns=own, use_threads=False
                ):
                    yield batch.select(own).rename_columns(list(names))
        except (OSError, pa.ArrowException):
            raise InputError(
                "is a damaged Parquet file",
                "copy or export it again",
                code="corrupt",
                file=self.path,
            ) from None


@dataclass(frozen=True)
class Stored:
    """The files of a table in the order of its rows, and the expression that stands for them.

    `plain` is the table as the files have it, NaN and all.
    """

    files: tuple[Path, ...]
    expression: Any
    names: Mapping[str, str]
    plain: ir.Table | None


def remember_files(
    table: ir.Table,
    files: Sequence[Path],
    names: Mapping[str, str] | None = None,
    plain: ir.Table | None = None,
) -> None:
    """Keeps in which files the rows of a table stand; another of the same engine replaces it.

    `names` are those of the columns in the files, where they are others; `plain` is the table as
    the files have it, where it holds NaN for what is missing.
    """
    stored = Stored(tuple(files), table.op(), {} if names is None else names, plain)
    setattr(table.get_backend(), _KEPT, stored)


def find_plain(table: ir.Table) -> ir.Table | None:
    """The table as its Parquet files have it, if it stands in some: NaN for what is missing."""
    stored = _find_stored(table)
    return None if stored is None else stored.plain


def describe_files(table: ir.Table) -> list[tuple[str, int, int]] | None:
    """Path, size and time of the files that a table stands in; None where it stands in none."""
    stored = _find_stored(table)
    if stored is None:
        return None
    stats = [(path, path.stat()) for path in stored.files]
    return [(str(path), stat.st_size, stat.st_mtime_ns) for path, stat in stats]


def _find_stored(table: ir.Table) -> Stored | None:
    known: Stored | None = getattr(table.get_backend(), _KEPT, None)
    return known if known is not None and known.expression == table.op() else None


def list_row_groups(
    table: ir.Table, kept: Sequence[str], numbers: Sequence[str]
) -> list[RowGroups]:
    """The row groups that hold the rows of a table in order; empty where it has to be asked.

    That is where the table is no Parquet file as it stands, and where one of the columns would be
    another in Arrow than in the engine: `kept` hold numbers or text, `numbers` numbers.
    """
    known = _find_stored(table)
    if known is None:
        return []
    groups, before = [], 0
    for path in known.files:
        with pq.ParquetFile(path) as file:
            if not _are_plain(file.schema_arrow, known.names, kept, numbers):
                return []
            footer = file.metadata
        for some, rows in _gather(footer):
            groups.append(RowGroups(path, footer, some, before, known.names))
            before += rows
    return groups


def stream_rows(rows: ir.Table, size: int) -> Iterator[pa.RecordBatch]:
    """The rows that an engine gives, so many at a time."""
    try:
        yield from rows.to_pyarrow_batches(chunk_size=size)
    except duckdb.Error as error:
        said = shown(str(error).splitlines()[0], 80)
        raise InputError(
            f"cannot be read to its end ({said})", "copy or export it again", code="corrupt"
        ) from None


def _gather(footer: Any) -> Iterator[tuple[tuple[int, ...], int]]:
    """Neighbouring row groups that have enough rows together, and how many these are."""
    some, rows = [], 0
    for at in range(footer.num_row_groups):
        some.append(at)
        rows += footer.row_group(at).num_rows
        if rows >= ENOUGH or at == footer.num_row_groups - 1:
            yield tuple(some), rows
            some, rows = [], 0


def _are_plain(
    schema: pa.Schema, names: Mapping[str, str], kept: Sequence[str], numbers: Sequence[str]
) -> bool:
    theirs = {own: name for name, own in names.items()}
    kinds = {theirs.get(n, n): kind for n, kind in zip(schema.names, schema.types, strict=True)}
    own = [name for name in kept if name != ROW]
    if not all(name in kinds for name in [*numbers, *own]):
        return False
    texts = (pa.string(), pa.large_string())
    plain = all(_is_number(kinds[name]) or kinds[name] in texts for name in own)
    return plain and all(_is_number(kinds[name]) for name in numbers)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
