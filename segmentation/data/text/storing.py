"""Where the rows of a text are stored: in the engine's memory, or on disk if the text is long.

On disk they are Parquet files in a folder that is removed with its owner. A process that is killed
leaves its folder behind; the next process to make one removes it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.data.limits import Limits
from segmentation.data.memory import FOLDER
from segmentation.data.sql import ROW, columns_of, exact, literal, quoted

LARGE = 256 * 2**20  # bytes of plain text; rows of longer ones go to disk
COMPRESSION = "zstd"  # 8 % more CPU time than snappy, half the bytes
MEMORY = "1GB"  # while rows are written: the engine would take gigabytes and be no faster
_GROUP_CELLS = 4_000_000  # cells per row group
ROWID = "rowid"  # the engine's number of a row, from 0
_PREFIX = "segmentation-rows-"


@dataclass(frozen=True)
class Store:
    """A folder for the rows of texts longer than `above` bytes."""

    folder: Path
    above: int = LARGE

    def folder_for(self, text: Path) -> Path | None:
        """The folder for the rows of this text, None for the engine's memory."""
        return self.folder if text.stat().st_size > self.above else None


@dataclass(frozen=True)
class Target:
    """A table to be made in the engine; with a folder, as a view of a Parquet file in it."""

    con: duckdb.DuckDBPyConnection
    name: str
    folder: Path | None = None

    @property
    def quoted(self) -> str:
        """The name as an SQL identifier."""
        return quoted(self.name)

    def fill(
        self, cells: Sequence[str], names: Sequence[str], source: str, number: str
    ) -> Path | None:
        """Makes the table of a query: the SQL of each cell, its name, and the source of the rows.

        Rows are numbered by `number`: ROWID, from 0, or ROW, from 1, for a `source` that has a
        rowid. Returns the Parquet file with the rows, its columns called c1, c2, …, or None.
        """
        if self.folder is None:
            numbers = [f"rowid + 1 AS {ROW}"] if number == ROW else []
            named = [f"{cell} AS {quoted(name)}" for cell, name in zip(cells, names, strict=True)]
            select = f"SELECT {', '.join(numbers + named)} FROM {source}"
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE {self.quoted} AS {select}")
            return None
        path, plain = self._new_path(self.folder), columns_of(len(names))
        named = [f"{cell} AS {name}" for cell, name in zip(cells, plain, strict=True)]
        rows = min(122_880, max(2_048, _GROUP_CELLS // len(names)))
        with _bounded_memory(self.con):
            self.con.execute(
                f"COPY (SELECT {', '.join(named)} FROM {source}) TO {literal(str(path))} "
                f"(FORMAT parquet, COMPRESSION {COMPRESSION}, ROW_GROUP_SIZE {rows})"
            )
        self._view(path, names, number)
        return path

    @contextmanager
    def filling(self, names: Sequence[str]) -> Iterator[Callable[[pa.Table], None]]:
        """Makes the table of rows of text that are appended by the function it yields."""
        if self.folder is None:
            columns = ", ".join(f"{name} VARCHAR" for name in names)
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE {self.quoted} ({columns})")
            yield self._insert
            return
        path = self._new_path(self.folder)
        schema = pa.schema([(name, pa.string()) for name in names])
        with pq.ParquetWriter(path, schema, compression=COMPRESSION) as writer:
            yield writer.write_table
        self._view(path, names, ROWID)

    def _insert(self, rows: pa.Table) -> None:
        self.con.register("segmentation_batch", rows)
        self.con.execute(f"INSERT INTO {self.quoted} SELECT * FROM segmentation_batch")
        self.con.unregister("segmentation_batch")

    def _new_path(self, folder: Path) -> Path:
        """A name never used before: engines cache files by their names."""
        return folder / f"{uuid.uuid4().hex}.parquet"

    def _view(self, path: Path, names: Sequence[str], number: str) -> None:
        """Makes the table a view of a file, its columns c1, c2, … under these names."""
        first = f"file_row_number + {int(number == ROW)} AS {number}"
        plain = columns_of(len(names))
        named = [f"{cell} AS {quoted(name)}" for cell, name in zip(plain, names, strict=True)]
        self.con.execute(
            f"CREATE OR REPLACE TEMP VIEW {self.quoted} AS SELECT {', '.join([first, *named])} "
            f"FROM read_parquet({literal(exact(path))}, file_row_number=true, "
            f"hive_partitioning=false)"
        )


@contextmanager
def _bounded_memory(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute(f"SET memory_limit = '{MEMORY}'")
    try:
        yield
    finally:
        con.execute("RESET memory_limit")


def make_store(con: Any, path: Path, above: int = LARGE) -> Store | None:
    """A store for the rows of a file; None if its text, even unpacked, cannot be long.

    It is removed with `con`, an Ibis backend, which also puts its own temporary files there.
    """
    if path.stat().st_size * Limits().max_ratio <= above:
        return None
    folder = make_folder(con)
    con.raw_sql(f"SET temp_directory = {literal(str(folder))}")
    return Store(folder, above)


def link_plainly(path: Path, link: Path) -> Path:
    """Makes `link` a link to the file: DuckDB takes * ? [ in a path for wildcards."""
    link.unlink(missing_ok=True)
    link.symlink_to(path.absolute())
    return link


def make_folder(owner: Any) -> Path:
    """A new folder that is removed with its owner, or at the end of the process."""
    root = Path(os.environ.get(FOLDER) or tempfile.gettempdir())
    for other in root.glob(f"{_PREFIX}*"):
        pid = other.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(other, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=root))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder
