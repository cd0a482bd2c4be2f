"""The Parquet files behind an embedded table, for reading their row groups directly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.data.errors import InputError, shown
from segmentation.data.sql import ROW

ENOUGH = 200_000  # rows per task
_STORED = "_segmentation_stored"  # an attribute of the engine, as two engines compare as equal


@dataclass(frozen=True)
class RowGroups:
    """Neighbouring row groups of a Parquet file, and the number of rows before them.

    `names` maps columns of the table to those of the file, if they differ; `footer` is the file's
    metadata.
    """

    path: Path
    footer: Any
    groups: tuple[int, ...]
    before: int
    names: Mapping[str, str]

    def read(self, names: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Reads these columns in batches of `size` rows, under the table's names."""
        in_file = [self.names.get(name, name) for name in names]
        try:
            with pq.ParquetFile(self.path, metadata=self.footer) as file:
                for batch in file.iter_batches(
                    size, list(self.groups), columns=in_file, use_threads=False
                ):
                    yield batch.select(in_file).rename_columns(list(names))
        except (OSError, pa.ArrowException):
            raise InputError(
                "is a damaged Parquet file",
                "copy or export it again",
                code="corrupt",
                file=self.path,
            ) from None


@dataclass(frozen=True)
class Stored:
    """The files of a table in the order of its rows.

    `names` maps columns of the table to those of the files, if they differ. `changed` columns have
    other values than in the files. `plain` is the table with NaN for missing values.
    """

    files: Sequence[Path]
    names: Mapping[str, str] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    plain: ir.Table | None = None


def remember_files(table: ir.Table, stored: Stored) -> None:
    """Remembers the files of a table, in place of an earlier table of the same engine."""
    setattr(table.get_backend(), _STORED, (table.op(), stored))


def find_plain(table: ir.Table) -> ir.Table | None:
    """The table with NaN for missing values, as its Parquet files hold them; None without files."""
    stored = _find_stored(table)
    return None if stored is None else stored.plain


def describe_files(table: ir.Table) -> list[tuple[str, int, int]] | None:
    """Path, size and time of the files of a table; None without files."""
    stored = _find_stored(table)
    if stored is None:
        return None
    stats = [(path, path.stat()) for path in stored.files]
    return [(str(path), stat.st_size, stat.st_mtime_ns) for path, stat in stats]


def _find_stored(table: ir.Table) -> Stored | None:
    expression, stored = getattr(table.get_backend(), _STORED, (None, None))
    return stored if stored is not None and expression == table.op() else None


def list_row_groups(
    table: ir.Table, kept: Sequence[str], numbers: Sequence[str]
) -> list[RowGroups]:
    """The row groups with the rows of a table, in order; empty if they must come from the engine.

    So it is for a table without Parquet files, and if Arrow would read a column differently than
    the engine: `kept` columns have to hold numbers or text, `numbers` numbers.
    """
    known = _find_stored(table)
    if known is None or known.changed & {*kept, *numbers}:
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
    """Reads rows from an engine in batches of `size`."""
    try:
        yield from rows.to_pyarrow_batches(chunk_size=size)
    except duckdb.Error as error:
        fault = shown(str(error).splitlines()[0], 80)
        raise InputError(
            f"cannot be read to its end ({fault})", "copy or export it again", code="corrupt"
        ) from None


def _gather(footer: Any) -> Iterator[tuple[tuple[int, ...], int]]:
    """Gathers neighbouring row groups into tasks of enough rows; yields groups and rows."""
    some, rows = [], 0
    for i in range(footer.num_row_groups):
        some.append(i)
        rows += footer.row_group(i).num_rows
        if rows >= ENOUGH or i == footer.num_row_groups - 1:
            yield tuple(some), rows
            some, rows = [], 0


def _are_plain(
    schema: pa.Schema, names: Mapping[str, str], kept: Sequence[str], numbers: Sequence[str]
) -> bool:
    in_table = {in_file: name for name, in_file in names.items()}
    kinds = {in_table.get(n, n): kind for n, kind in zip(schema.names, schema.types, strict=True)}
    carried = [name for name in kept if name != ROW]
    if not all(name in kinds for name in [*numbers, *carried]):
        return False
    texts = (pa.string(), pa.large_string())
    plain = all(_is_number(kinds[name]) or kinds[name] in texts for name in carried)
    return plain and all(_is_number(kinds[name]) for name in numbers)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
