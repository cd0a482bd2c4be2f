"""Records into a DuckDB table of text: by DuckDB from a regular file, else one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from segmentation.data.errors import InputError, Note, first_of, shown
from segmentation.data.limits import Limits
from segmentation.data.sql import columns_of, is_blank_sql, literal
from segmentation.data.text.encodings import Text
from segmentation.data.text.headers import Header, repeated_header
from segmentation.data.text.leaving_out import FOOTER, NOTHING, REMEDY, LeaveOut, note_left_out
from segmentation.data.text.records import Dialect, Record, bare_quotes
from segmentation.data.text.scanning import Irregular, Lines, Regular, check_dialect, scan
from segmentation.data.text.storing import ROWID, Target, link_plainly
from segmentation.data.text.strangers import TOTAL, is_wrapped

_BATCH_CELLS = 400_000
_BATCH_TEXT = 16 << 20
_LONGEST = 2_000_000  # bytes of a record that DuckDB may read; longer ones are read by Python
_MOST_GAPS = 100
_MOST_FAULTS = 20  # reading ends there
_FEW_FAULTS = 3  # rows that do not fit a header, which may be wrong itself
# DuckDB's reader needs some text to read as NULL: one that no table has.
_NEVER = "\x01\x02segmentation\x02\x01"


@dataclass
class Rows:
    """The rows that were loaded: how many, where they stand, and what has to be reported."""

    count: int = 0
    lines: Lines = field(default_factory=Lines)
    after_gap: list[int] = field(default_factory=list)  # rows (from 0) that follow blank rows
    first_blank: int | None = None  # the line of the first blank row
    blanks: int = 0
    notes: list[Note] = field(default_factory=list)


def load_regular(
    target: Target, text: Text, scratch: Path, dialect: Dialect, header: Header, limits: Limits
) -> Rows:
    """Creates the base table from a regular file; raises `Irregular` if DuckDB may misread it.

    The scan that proves the file regular runs at the same time.
    """
    check_dialect(text, dialect)
    width = len(header.names)
    link = link_plainly(text.path, scratch / "table.txt")
    sql = _read_sql(link, dialect, width, header.line is not None)
    with ThreadPoolExecutor(1) as pool:
        scanned = pool.submit(scan, text, dialect, width, limits)
        try:
            target.fill(columns_of(width), columns_of(width), sql, ROWID)
            regular = scanned.result()
            same = _same_content(target, regular, header)
        except duckdb.Error as error:
            raise Irregular(f"DuckDB: {error}") from None
        finally:
            link.unlink(missing_ok=True)
    if not same:
        raise Irregular("DuckDB read something else")
    if header.line is None:
        return Rows(regular.records, regular.lines)
    return Rows(regular.records - 1, regular.lines.without_first())


def _read_sql(path: Path, dialect: Dialect, width: int, headed: bool) -> str:
    """The SQL that reads a file strictly, every cell as text."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in columns_of(width))
    return f"""read_csv(
        {literal(str(path))}, auto_detect=false, columns={{{columns}}},
        delim={literal(dialect.delimiter or chr(31))}, quote='"', escape='"', header={headed},
        strict_mode=true, null_padding=false, ignore_errors=false, store_rejects=false,
        nullstr={literal(_NEVER)}, compression='none', hive_partitioning=false,
        max_line_size={_LONGEST})"""


def _same_content(target: Target, regular: Regular, header: Header) -> bool:
    """Whether the table has the rows, and each column the bytes, that the scan counted."""
    names = columns_of(regular.width)
    blank = " AND ".join(is_blank_sql(name) for name in names[:50])
    # Not FILTER, which would evaluate every column of every row.
    wanted = ["count(*)", f"(SELECT count(*) FROM {target.quoted} WHERE {blank})"]
    wanted += [f"coalesce(sum(strlen({name})), 0)::BIGINT" for name in names]
    counts: list[int] = []
    for start in range(0, len(wanted), 500):
        some = ", ".join(wanted[start : start + 500])
        row = target.con.execute(f"SELECT {some} FROM {target.quoted}").fetchone()
        assert row is not None
        counts += row
    rows, expected = regular.records, regular.bytes.tolist()
    if header.line is not None:
        rows -= 1
        expected = [n - len(cell.encode()) for n, cell in zip(expected, header.cells, strict=True)]
    return counts == [rows, 0, *expected]


def load_records(
    target: Target,
    records: Iterable[Record],
    header: Header,
    dialect: Dialect | None,
    limits: Limits,
    leave_out: LeaveOut = NOTHING,
) -> Rows:
    """Creates the base table from records below the header; refuses all faulty rows together."""
    names = columns_of(len(header.names))
    checker = _Checker(header, dialect, limits, leave_out)
    with target.filling(names) as append:
        batch = _Batch(append, names)
        try:
            for record in records:
                if header.line is not None and record.line <= header.line:
                    checker.quoted |= '"' in record.raw
                elif record.line not in header.skipped and checker.accepts(record):
                    batch.add(record.cells)
        except InputError as error:
            checker.fail(error)
        batch.flush()
    return checker.finish()


class _Batch:
    """Rows that are appended to a table as Arrow, a batch at a time."""

    def __init__(self, append: Callable[[pa.Table], None], names: list[str]) -> None:
        self.append, self.names = append, names
        self.rows: list[list[str]] = []
        self.text = 0

    def add(self, cells: list[str]) -> None:
        """Adds a row; appends the batch if it is full."""
        self.rows.append(cells)
        self.text += sum(map(len, cells))
        if len(self.rows) * len(self.names) >= _BATCH_CELLS or self.text >= _BATCH_TEXT:
            self.flush()

    def flush(self) -> None:
        """Appends the rows that are left."""
        if not self.rows:
            return
        columns = [pa.array(column, pa.string()) for column in zip(*self.rows, strict=True)]
        self.append(pa.table(columns, names=self.names))
        self.rows, self.text = [], 0


class _Checker:
    """Tells rows from blank records and faulty ones, and keeps count of all three."""

    def __init__(
        self, header: Header, dialect: Dialect | None, limits: Limits, leave_out: LeaveOut
    ) -> None:
        self.header, self.dialect, self.limits = header, dialect, limits
        self.leave_out = leave_out
        self.rows = Rows()
        self.faults: list[InputError] = []
        self.left_out: list[InputError] = []
        self.widths: set[int] = set()  # of rows with another width than the header
        self.bare: list[tuple[int, list[str]]] = []  # lines, and cells with an odd quote
        self.quoted = False  # some cell of the file is quoted
        self.folded = _folded(header.cells)
        self.next_line: int | None = None
        self.blanks_before = 0  # the last row

    def accepts(self, record: Record) -> bool:
        """Whether the record is a row of the table."""
        if not any(cell and not cell.isspace() for cell in record.cells):
            self.rows.blanks += 1
            self.rows.first_blank = self.rows.first_blank or record.line
            if len(record.cells) > 1 and len(record.cells) != len(self.header.names):
                self._ragged(record)
            return False
        if len(record.cells) != len(self.header.names):
            self._ragged(record)
            return False
        if record.line in self.leave_out.found:
            self._add(self.leave_out.found[record.line])
            return False
        faults = len(self.faults) + len(self.left_out)
        if self.header.line is not None and _folded(record.cells) == self.folded:
            self._add(repeated_header(record.line, first_row=not self.rows.count))
        if self.dialect and '"' in record.raw:
            self._check_quotes(record)
        if len(self.faults) + len(self.left_out) > faults:
            return False
        self._place(record)
        return True

    def _add(self, fault: InputError) -> None:
        """Keeps a fault, or leaves its line out."""
        if fault.code in self.leave_out.codes:
            self.left_out.append(fault)
        else:
            self.faults.append(fault)

    def _place(self, record: Record) -> None:
        """Keeps the line of a row, and whether blank rows come before it."""
        rows = self.rows
        if self.next_line is None:
            rows.lines.first = record.line
        elif record.line != self.next_line:
            rows.lines.add(np.array([rows.count]), np.array([record.line - self.next_line]))
        if rows.count and rows.blanks > self.blanks_before and len(rows.after_gap) < _MOST_GAPS:
            rows.after_gap.append(rows.count)
        self.blanks_before = rows.blanks
        self.next_line = record.line + 1
        rows.count += 1
        self.limits.check("max_cells", rows.count * len(self.header.names), more=True)

    def fail(self, error: InputError) -> None:
        """Raises the first fault of the file; `error` is the one at which reading ended."""
        faults = [*self.faults, *(fault for fault in error.faults if fault not in self.faults)]
        raise first_of(sorted(faults, key=lambda fault: fault.line or 0)) from None

    def _ragged(self, record: Record) -> None:
        fields, width = len(record.cells), len(self.header.names)
        standard = "the header" if self.header.line is not None else "the first line"
        what = f"{fields} field{'s' if fields > 1 else ''} where {standard} has {width}"
        mark = self.dialect.name if self.dialect else "delimiter"
        wrapped = [cell.strip()[0] for cell in self.header.cells if is_wrapped(cell)]
        code = "ragged-row"
        remedy = "add what is missing, or delete the line if it is not a customer"
        if wrapped:
            remedy = f"export with double quotes: cells are wrapped in {wrapped[0]}"
        elif fields > width:
            remedy = f"quote the cell that holds a {mark!r}, or remove it"
        more = [cell.strip() for cell in record.cells[width:]]
        if label := next(filter(TOTAL.fullmatch, more), None):  # as GA4 writes above all rows
            code, what = "footer", f"{shown(label, 40)!r} looks like a total"
            remedy = REMEDY
        if fields == 1 < width and FOOTER in self.leave_out.codes:
            code = FOOTER  # a remark
        self._add(InputError(what, remedy, code=code, line=record.line))
        self.widths.add(fields)
        if len(self.faults) >= _MOST_FAULTS:
            raise self._refuse()

    def _refuse(self) -> InputError:
        """The first fault, or the header's if no row fits it and all rows have the same width."""
        self.faults.sort(key=lambda fault: fault.line or 0)
        first = first_of(self.faults)
        if self.rows.count or len(self.widths) != 1 or len(self.faults) < _FEW_FAULTS:
            return first
        if first.code == "ragged-row" and self.header.line is not None:
            (fields,), width = self.widths, len(self.header.names)
            what = f"the header has {width} fields, and all rows have {fields}"
            remedy = "give both the same number: look for a delimiter too many, or a missing name"
            return InputError(what, remedy, code="ragged-row", line=self.header.line)
        return first

    def _check_quotes(self, record: Record) -> None:
        assert self.dialect is not None
        bare = bare_quotes(record, self.dialect)
        self.quoted |= not bare
        odd = [cell for cell in bare if cell.count('"') % 2]
        if any(cell.lstrip().startswith('"') for cell in bare) or len(odd) > 1:
            self._add(_stray(record.line))
        elif bare:
            self.bare.append((record.line, odd))
            del self.bare[1000:]

    def finish(self) -> Rows:
        """The rows; raises the first fault if there are any."""
        # A cell such as 5" is kept as written, unless the file uses quotes as quotes elsewhere.
        odd = [line for line, cells in self.bare if cells]
        if self.quoted:
            self.faults += [_stray(line) for line in odd]
        if self.faults:
            raise self._refuse()
        self.rows.notes += note_left_out(self.left_out, self.rows.count)
        if self.bare:
            what = f"quotes inside unquoted cells, kept as written ({len(self.bare)} rows)"
            self.rows.notes.append(Note("bare-quotes", what, self.bare[0][0]))
        if self.rows.blanks:
            rows = "1 row" if self.rows.blanks == 1 else f"{self.rows.blanks:,} rows"
            what = f"left out {rows} without any value"
            self.rows.notes.append(Note("blank-rows", what, self.rows.first_blank))
        return self.rows


def _folded(cells: Iterable[str]) -> str:
    return "\0".join(cells).casefold()


def _stray(line: int) -> InputError:
    return InputError(
        "a stray quote in an unquoted cell",
        "quote the whole cell or remove it",
        code="quote",
        line=line,
    )
