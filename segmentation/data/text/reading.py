"""Tables from files, read exactly or refused with a reason.

Every cell is text as written. An empty cell, quoted or not, is the empty text: there are no NULLs.
Rows without any value are left out and counted. What cells mean is decided later, in `values`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from segmentation.data.errors import InputError, Note
from segmentation.data.limits import Limits
from segmentation.data.sql import ROW, columns_of, quoted
from segmentation.data.text.containers import Opened, open_container
from segmentation.data.text.dialects import Candidate, decide_dialect, take_sample
from segmentation.data.text.encodings import Text, open_text
from segmentation.data.text.headers import Header, decide_header
from segmentation.data.text.jsonlines import is_json_lines, load_json_lines, refuse_json
from segmentation.data.text.leaving_out import NOTHING, LeaveOut
from segmentation.data.text.loading import Rows, load_records, load_regular
from segmentation.data.text.parquet_text import load_parquet
from segmentation.data.text.paths import check_path, unchanged
from segmentation.data.text.records import Dialect, Record, cell_limit, read_records
from segmentation.data.text.scanning import Irregular, Lines
from segmentation.data.text.sheets import load_sheet
from segmentation.data.text.storing import Store, Target
from segmentation.data.text.strangers import Base, check_rows

_NO_LIMITS = Limits()


@dataclass(frozen=True)
class Hints:
    """What the caller has settled about a file; None leaves it to the reader."""

    encoding: str | None = None
    delimiter: str | None = None  # "" for a single column
    header: int | None = None  # its line; 0 if the first line is data
    table: str | None = None  # the sheet of a workbook
    leave_out: LeaveOut = NOTHING


_NO_HINTS = Hints()


@dataclass(frozen=True)
class Loaded:
    """A table of text in DuckDB: `table` has `__row__` (BIGINT, from 1) and VARCHAR columns."""

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
    folder: Path | None = None  # with the rows of a long text
    is_workbook: bool = False

    def line(self, row: int) -> int:
        """The line of the file on which the row with this `__row__` begins."""
        return self.lines.of(row - 1)


@dataclass(frozen=True)
class _Read:
    """What every way of reading comes to."""

    header: Header
    rows: Rows
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True)
class _Reader:
    """Where one file is read to, with what hints and limits; `scratch` is a temporary folder."""

    target: Target
    scratch: Path
    hints: Hints
    limits: Limits

    def read(self, opened: Opened) -> _Read:
        """Creates the base table from a file of any kind."""
        target, hints, limits = self.target, self.hints, self.limits
        if opened.kind == "workbook":
            table, header = hints.table, hints.header
            return _Read(*load_sheet(target, opened.path, table, header, limits, hints.leave_out))
        if opened.kind == "parquet":
            return _Read(*load_parquet(target, opened.path, self.scratch, limits))
        if hints.table is not None:
            raise InputError(
                "table names a sheet, and this is a text file", "leave table out", code="bad-hint"
            )
        text = open_text(opened.path, self.scratch, hints.encoding, limits)
        with cell_limit(limits):
            if hints.delimiter is None:
                refuse_json(text)
            if hints.delimiter is None and is_json_lines(text):
                return _Read(*load_json_lines(target, text, limits, hints.leave_out), text.encoding)
            return self._read_delimited(text)

    def _read_delimited(self, text: Text) -> _Read:
        sample = take_sample(text)
        candidate = decide_dialect(sample, self.hints.delimiter, self.limits)
        if not candidate.records or (
            not sample.whole and len(candidate.records) < 2 and text.quotes
        ):
            candidate = self._read_beyond(text, candidate)
        dialect, header = candidate.dialect, _find_header(candidate, self.hints.header)
        self.limits.check("max_columns", len(header.names), line=header.line)
        plain_top = candidate.records[0].line == 1 and sample.hint is None and not header.skipped
        rows = None
        if plain_top and header.line in (None, 1) and not self.hints.leave_out.found:
            rows = self._load_regular(text, dialect, header)
        if rows is None:
            records = read_records(text, dialect, self.limits)
            leave_out = self.hints.leave_out
            rows = load_records(self.target, records, header, dialect, self.limits, leave_out)
        rows.notes[:0] = [*text.notes, *header.notes, *_note_dialect(dialect)]
        rows.notes += _note_controls(text)
        return _Read(header, rows, text.encoding, dialect.delimiter)

    def _read_beyond(self, text: Text, candidate: Candidate) -> Candidate:
        """The candidate with its first records, however long: the sample cut them."""
        records = tuple(_first_records(text, candidate.dialect, self.limits))
        return Candidate(candidate.dialect, records, len(records[-1].cells), 0, True)

    def _load_regular(self, text: Text, dialect: Dialect, header: Header) -> Rows | None:
        """The rows as DuckDB reads them, or None if the file is not regular."""
        try:
            return load_regular(self.target, text, self.scratch, dialect, header, self.limits)
        except Irregular:
            return None


def load_text(
    con: duckdb.DuckDBPyConnection,
    path: str | Path,
    hints: Hints = _NO_HINTS,
    *,
    limits: Limits = _NO_LIMITS,
    name: str = "raw",
    store: Store | None = None,
) -> Loaded:
    """The table in a file as a DuckDB view `name` of text; raises `InputError` if unreadable.

    With a `store` the rows of a long text are kept there.
    """
    path = Path(path)
    with _as_input_error(path), tempfile.TemporaryDirectory(prefix="reading-") as scratch:
        check_path(path, limits)
        with unchanged(path):
            opened = open_container(path, Path(scratch), limits)
            is_text = opened.kind == "text"
            folder = store.folder_for(opened.path) if store is not None and is_text else None
            target = Target(con, f"{name}_text", folder)
            read = _Reader(target, Path(scratch), hints, limits).read(opened)
        empty = any(note.code == "no-rows" for note in read.rows.notes)
        base = Base(con, target.name, read.header, read.rows.count, read.rows.lines.of)
        check_rows(base, read.rows.after_gap, empty)
        _create_view(con, name, read.header.names)
    return Loaded(
        name,
        read.header.names,
        read.rows.count,
        path.name,
        read.encoding,
        read.delimiter,
        read.header.line,
        read.header.skipped,
        (*opened.notes, *read.rows.notes),
        read.rows.lines,
        folder,
        opened.kind == "workbook",
    )


def _find_header(candidate: Candidate, line: int | None) -> Header:
    """The header in the sample; if it has no rows, a wrong quote is the better reason."""
    try:
        return decide_header(list(candidate.records), candidate.width, candidate.before, line)
    except InputError as error:
        if candidate.fault is not None and error.code in ("no-rows", "empty-file"):
            raise candidate.fault from None
        raise


def _first_records(text: Text, dialect: Dialect, limits: Limits) -> Iterator[Record]:
    for count, record in enumerate(read_records(text, dialect, limits)):
        if count > 2:
            return
        yield record


def _note_dialect(dialect: Dialect) -> list[Note]:
    if dialect.aligned:
        return [Note("aligned", "columns are aligned by spaces; runs of spaces separate them")]
    if dialect.spaced:
        sides = "before and after" if dialect.padded else "after"
        return [Note("spaced-delimiter", f"the space {sides} each delimiter was dropped")]
    return []


def _note_controls(text: Text) -> list[Note]:
    if not text.controls:
        return []
    what = f"{text.controls:,} control characters in names or cells, kept; shown without them"
    return [Note("control-characters", what)]


def _create_view(con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...]) -> None:
    """Creates the view of the base table, its rows numbered from 1 and its columns named."""
    pairs = zip(columns_of(len(columns)), columns, strict=True)
    cells = ", ".join(f"{plain} AS {quoted(column)}" for plain, column in pairs)
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS "
        f"SELECT rowid + 1 AS {ROW}, {cells} FROM {quoted(name + '_text')}"
    )


@contextmanager
def _as_input_error(path: Path) -> Iterator[None]:
    """Raises any failure to read as an `InputError` with the file's name."""
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
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(
            f"could not be read ({reason[:120]})",
            "export the table again as CSV",
            code="unreadable",
            file=path,
        ) from None
