"""Parquet files as tables of numbered rows, with their own types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.data.errors import InputError, Note
from segmentation.data.limits import Limits
from segmentation.data.parquet.folders import (
    PARQUET,
    Partition,
    check_alike,
    find_partitions,
    is_folder,
    parquet_files,
)
from segmentation.data.sql import QUIET, ROW, exact, literal, quoted
from segmentation.data.text.parquet_text import check_lengths, check_types

_READER_COLUMNS = ("file_row_number", "file_index")  # added by the engine's reader


def rows_sql(
    con: duckdb.DuckDBPyConnection, root: Path, files: Sequence[Path]
) -> tuple[str, list[Note]]:
    """The SQL of the rows of a Parquet file, or of all `files` in a folder, numbered from 1.

    Columns made of folders' names come last: `year=2024` is a column `year`. The notes name the
    columns that are left out.
    """
    counts = [_count_rows(root, file) for file in files]
    check_alike(con, root, files)
    partitions = find_partitions(con, root, files)
    for file in files:
        check_lengths(file, Limits())
    first = f"read_parquet({literal(exact(files[0]))}, hive_partitioning=false)"
    left_out = _check_names(con.execute(f"DESCRIBE SELECT * FROM {first}").fetchall(), partitions)
    paths = ", ".join(literal(exact(file)) for file in files)
    cells = [f"file_row_number + 1 + {_pick_sql(_starts_sql(counts))} AS {ROW}"]
    spare = ["file_row_number", *(quoted(note.column or "") for note in left_out)]
    cells += [f"* EXCLUDE ({', '.join(spare)})"]
    cells += [f"{_pick_sql(part.sql)} AS {quoted(part.name)}" for part in partitions]
    source = f"read_parquet([{paths}], file_row_number=true, hive_partitioning=false)"
    return f"SELECT {', '.join(cells)} FROM {source}", left_out


@contextmanager
def whole_files(root: Path | None) -> Iterator[None]:
    """Refuses a Parquet file, or one in a folder, if reading it shows that it is damaged."""
    try:
        yield
    except duckdb.Error:
        refused = None if root is None else _find_damaged(root)
        if refused is None:
            raise
        raise refused from None


def _find_damaged(root: Path) -> InputError | None:
    """The refusal of the first Parquet file that cannot be read to its end, or None."""
    if not is_folder(root) and root.suffix.lower() not in PARQUET:
        return None
    for file in parquet_files(root):
        source = f"read_parquet({literal(exact(file))}, hive_partitioning=false)"
        try:
            with duckdb.connect() as con:
                con.execute(QUIET)
                con.execute(f"SELECT max(hash(COLUMNS(*))) FROM {source}").fetchall()
        except duckdb.Error:
            return InputError(
                f"{_name_part(root, file)}is a damaged Parquet file",
                "copy or export it again",
                code="corrupt",
                file=root,
            )
    return None


def _count_rows(root: Path, file: Path) -> int:
    """The number of rows of a file, from its footer; a damaged file is refused."""
    try:
        with pq.ParquetFile(file) as opened:
            return int(opened.metadata.num_rows)
    except (OSError, ValueError, pa.ArrowException):
        what = f"{_name_part(root, file)}is no whole Parquet file"
        raise InputError(what, "copy or export it again", code="truncated") from None


def _name_part(root: Path, file: Path) -> str:
    """The file's place in the folder, before a verb; empty if it is the input itself."""
    return "" if file == root else f"{file.relative_to(root).as_posix()} "


def _pick_sql(values: str) -> str:
    """The SQL of a row's value in a list with one value per file."""
    return f"{values}[CAST(file_index AS BIGINT) + 1]"


def _starts_sql(counts: Sequence[int]) -> str:
    """The SQL of a list: the number of rows before each file."""
    starts = list(accumulate(counts, initial=0))[:-1]
    return f"CAST([{', '.join(map(str, starts))}] AS BIGINT[])"


def _check_names(described: list[tuple[str, ...]], partitions: Sequence[Partition]) -> list[Note]:
    """Notes on columns that are left out; refuses folders with the name of a column."""
    left_out = check_types([*described, *((part.name, part.type) for part in partitions)])
    names = {row[0].casefold() for row in described}
    twice = next((part.name for part in partitions if part.name.casefold() in names), None)
    if twice is not None:
        raise InputError(
            "is a column of the files and of the folders' names",
            "rename one of them",
            code="duplicate-header",
            column=twice,
        )
    reserved = next((name for name in _READER_COLUMNS if name in names), None)
    if reserved is not None:
        raise InputError(
            "is a name used inside", "rename the column", code="reserved-header", column=reserved
        )
    return left_out
