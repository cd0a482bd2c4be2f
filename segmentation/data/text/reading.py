"""Tables from files, read exactly or refused by name: delimited text, workbooks, JSON lines.

Every cell is text as written. An empty cell, quoted or not, is the empty text: there are no NULLs.
Rows without any value are left out and counted. What cells mean is decided afterwards (`types`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.data.errors import InputError, Note
from segmentation.data.limits import Limits
from segmentation.data.parquet.files import load_parquet
from segmentation.data.sql import ROW, columns_of, quoted
from segmentation.data.text.containers import Opened, check_path, open_container, unchanged
from segmentation.data.text.dialects import Trial, decide_dialect, take_sample
from segmentation.data.text.encodings import Text, open_text
from segmentation.data.text.headers import Header, decide_header
from segmentation.data.text.jsonlines import is_json_lines, load_json_lines, refuse_json
from segmentation.data.text.loading import Rows, load_records, load_regular
from segmentation.data.text.records import Dialect, cell_limit, read_records
from segmentation.data.text.scanning import Irregular, Lines
from segmentation.data.text.sheets import load_sheet
from segmentation.data.text.storing import Store, Target
from segmentation.data.text.strangers import Base, check_rows

_NO_LIMITS = Limits()


@dataclass(frozen=True)
class Hints:
    """What settles an ambiguity: each None is decided by the reader."""

    encoding: str | None = None
    delimiter: str | None = None  # "" for a single column
    header: int | None = None  # its line; 0 when the first line is data
    table: str | None = None  # the sheet of a workbook


@dataclass(frozen=True)
class Loaded:
    """A table of text in DuckDB: `table` has `__row__` (1-based BIGINT) and VARCHAR columns."""

    table: str
    columns: tuple[str, ...]
    rows: int
    file: str
    encoding: str
    delimiter: str
    header_line: int | None
    skipped: tuple[int, ...]
    notes: tuple[Note, ...]
    lines: Lines
    folder: Path | None = None  # where the rows of a long text are kept

    def line(self, row: int) -> int:
        """The physical line on which the row with this `__row__` begins."""
        return self.lines.of(row - 1)


@dataclass(frozen=True)
class RawTable:
    """A table of text as a frame, and how it was read."""

    frame: pd.DataFrame
    encoding: str
    delimiter: str
    header_line: int | None
    skipped: tuple[int, ...]
    notes: tuple[Note, ...]
    lines: np.ndarray[Any, np.dtype[np.int64]]  # the physical line of each row


@dataclass(frozen=True)
class _Got:
    """What a way of reading hands back."""

    header: Header
    rows: Rows
    encoding: str
    delimiter: str


def read_raw(
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: int | None = None,
    table: str | None = None,
    limits: Limits = _NO_LIMITS,
) -> RawTable:
    """The table in a file, every cell as written; `InputError` when it cannot be read right."""
    with duckdb.connect() as con:
        got = load_text(
            con,
            path,
            encoding=encoding,
            delimiter=delimiter,
            header=header,
            table=table,
            limits=limits,
        )
        arrow = con.execute(f"SELECT * EXCLUDE ({ROW}) FROM {quoted(got.table)} ORDER BY {ROW}")
        frame = arrow.to_arrow_table().to_pandas()
    frame = frame.astype("str")
    return RawTable(
        frame,
        got.encoding,
        got.delimiter,
        got.header_line,
        got.skipped,
        got.notes,
        got.lines.all(got.rows),
    )


def load_text(
    con: duckdb.DuckDBPyConnection,
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: int | None = None,
    table: str | None = None,
    limits: Limits = _NO_LIMITS,
    name: str = "raw",
    store: Store | None = None,
) -> Loaded:
    """The table in a file as a DuckDB view `name` of text; `InputError` when it is not readable.

    With a `store` the rows of a long text are kept there.
    """
    path = Path(path)
    hints = Hints(encoding, delimiter, header, table)
    with _as_input_error(path), tempfile.TemporaryDirectory(prefix="reading-") as folder:
        check_path(path, limits)
        with unchanged(path):
            opened = open_container(path, Path(folder), limits)
            kept = None if store is None or opened.kind != "text" else store.folder_for(opened.path)
            target = Target(con, f"{name}_text", kept)
            got = _load(target, (opened, Path(folder)), hints, limits)
        empty = any(note.code == "no-rows" for note in got.rows.notes)
        check_rows(Base(con, target.name, got.header, got.rows.lines.of), got.rows.after_gap, empty)
        return _loaded(con, name, path, opened, got, kept)


def _load(
    target: Target,
    source: tuple[Opened, Path],
    hints: Hints,
    limits: Limits,
) -> _Got:
    opened, folder = source
    if opened.kind == "workbook":
        header, rows = load_sheet(target, opened.path, hints.table, hints.header, limits)
        return _Got(header, rows, "", "")
    if opened.kind == "parquet":
        header, rows = load_parquet(target.con, target.name, opened.path, folder, limits)
        return _Got(header, rows, "", "")
    if hints.table is not None:
        raise InputError(
            "table names a sheet, and this is a text file", "leave table out", code="bad-hint"
        )
    text = open_text(opened.path, folder, hints.encoding, limits)
    with cell_limit(limits):
        if hints.delimiter is None:
            refuse_json(text)
        if hints.delimiter is None and is_json_lines(text):
            header, rows = load_json_lines(target, text, limits)
            return _Got(header, rows, text.encoding, "")
        return _load_delimited(target, (text, folder), hints, limits)


def _load_delimited(
    target: Target,
    source: tuple[Text, Path],
    hints: Hints,
    limits: Limits,
) -> _Got:
    text = source[0]
    sample = take_sample(text, limits)
    trial = decide_dialect(sample, hints.delimiter, limits)
    if not trial.records or (not sample.whole and len(trial.records) < 2 and text.quotes):
        records = list(_first_records(text, trial.dialect, limits))
        trial = type(trial)(trial.dialect, tuple(records), len(records[-1].cells), 0, True)
    header = _header(trial, hints)
    limits.check("max_columns", len(header.names), line=header.line)
    first = 1 if header.line is None else header.line
    rows = None
    if first == trial.records[0].line == 1 and sample.hint is None and not header.skipped:
        rows = _fast(target, source, (trial.dialect, header), limits)
    if rows is None:
        records_of_file = read_records(text, trial.dialect, limits)
        rows = load_records(target, records_of_file, header, trial.dialect, limits)
    rows.notes[:0] = [*text.notes, *header.notes, *_say_dialect(trial.dialect)]
    rows.notes += _say_controls(text)
    return _Got(header, rows, text.encoding, trial.dialect.delimiter)


def _header(trial: Trial, hints: Hints) -> Header:
    """The header from the sample; where it has no rows, a wrong quote is the reason to name."""
    try:
        return decide_header(list(trial.records), trial.width, trial.before, hints.header)
    except InputError as error:
        if trial.fault is not None and error.code in ("no-rows", "empty-file"):
            raise trial.fault from None
        raise


def _first_records(text: Text, dialect: Dialect, limits: Limits) -> Iterator[Any]:
    """The first records, however long their quoted cells are."""
    for count, record in enumerate(read_records(text, dialect, limits)):
        if count > 2:
            return
        yield record


def _fast(
    target: Target,
    source: tuple[Text, Path],
    decided: tuple[Dialect, Header],
    limits: Limits,
) -> Rows | None:
    """The rows of a regular file, read by DuckDB and checked against the scan; else None."""
    dialect, header = decided
    try:
        found = load_regular(target, source, dialect, header, limits)
    except Irregular:
        return None
    rows = Rows(found.records, found.lines)
    if header.line is not None:
        rows.count -= 1
        rows.lines = found.lines.without_first()
    return rows


def _say_dialect(dialect: Dialect) -> list[Note]:
    if dialect.aligned:
        return [Note("aligned", "columns are aligned by spaces; runs of spaces separate them")]
    if dialect.spaced:
        sides = "before and after" if dialect.padded else "after"
        return [Note("spaced-delimiter", f"the space {sides} each delimiter was dropped")]
    return []


def _say_controls(text: Text) -> list[Note]:
    if not text.controls:
        return []
    what = f"{text.controls:,} control characters in names or cells, kept; shown without them"
    return [Note("control-characters", what)]


def _loaded(
    con: duckdb.DuckDBPyConnection,
    name: str,
    path: Path,
    opened: Opened,
    got: _Got,
    kept: Path | None,
) -> Loaded:
    columns = ", ".join(
        f"{plain} AS {quoted(column)}"
        for plain, column in zip(columns_of(len(got.header.names)), got.header.names, strict=True)
    )
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS "
        f"SELECT rowid + 1 AS {ROW}, {columns} FROM {quoted(name + '_text')}"
    )
    notes = (*opened.notes, *got.rows.notes)
    return Loaded(
        name,
        got.header.names,
        got.rows.count,
        path.name,
        got.encoding,
        got.delimiter,
        got.header.line,
        got.header.skipped,
        notes,
        got.rows.lines,
        kept,
    )


@contextmanager
def _as_input_error(path: Path) -> Iterator[None]:
    """Whatever a part raises becomes one `InputError` with the file's name."""
    try:
        yield
    except InputError as error:
        raise error.at(path) from None
    except MemoryError:
        raise InputError(
            "does not fit into memory",
            "give the machine more or read less of it",
            code="unreadable",
            file=path,
        ) from None
    except (
        duckdb.Error,
        pa.ArrowException,
        OSError,
        ValueError,
        OverflowError,
        RuntimeError,
        RecursionError,
        AssertionError,
    ) as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(
            f"could not be read ({said[:120]})",
            "export the table again as CSV",
            code="unreadable",
            file=path,
        ) from None
