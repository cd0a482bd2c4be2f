"""Records into a DuckDB table of text: straight from a regular file, else record by record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from segmentation.data.errors import InputError, Note, first_of
from segmentation.data.limits import Limits
from segmentation.data.sql import columns_of, is_blank_sql, literal
from segmentation.data.text.encodings import Text
from segmentation.data.text.headers import Header
from segmentation.data.text.records import Dialect, Record, bare_quotes
from segmentation.data.text.scanning import Irregular, Lines, Regular, may_be_regular, scan

if TYPE_CHECKING:
    from segmentation.data.text.storing import Target

_BATCH_CELLS = 400_000
_BATCH_TEXT = 16 << 20
_LONGEST = 2_000_000  # bytes of a record that DuckDB may read; longer ones are read by Python
# What stands for NULL in DuckDB's reader: no text can hold it, as NUL characters are refused.
_NEVER = "\x01\x02segmentation\x02\x01"


@dataclass
class Rows:
    """What came of reading record by record: the lines, the rows after a gap, and what to say."""

    count: int = 0
    lines: Lines = field(default_factory=Lines)
    after_gap: list[int] = field(default_factory=list)  # rows (0-based) that follow blank rows
    blank: list[int] = field(default_factory=list)  # the first lines of rows left out
    blanks: int = 0
    notes: list[Note] = field(default_factory=list)


def load_regular(
    target: Target, source: tuple[Text, Path], dialect: Dialect, header: Header, limits: Limits
) -> Regular:
    """Creates the base table from a regular file; `Irregular` when DuckDB read anything else.

    The scan that proves the file regular runs at the same time.
    """
    text, folder = source
    may_be_regular(text, dialect)
    width = len(header.names)
    link = folder / "table.txt"  # a name without * ? [ ] that DuckDB would take for a pattern
    link.unlink(missing_ok=True)
    link.symlink_to(text.path.absolute())
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in columns_of(width))
    headed = header.line is not None
    sql = f"""read_csv(
        {literal(str(link))}, auto_detect=false, columns={{{columns}}},
        delim={literal(dialect.delimiter or chr(31))}, quote='"', escape='"', header={headed},
        strict_mode=true, null_padding=false, ignore_errors=false, store_rejects=false,
        nullstr={literal(_NEVER)}, compression='none', hive_partitioning=false,
        max_line_size={_LONGEST})"""
    with ThreadPoolExecutor(1) as pool:
        scanned = pool.submit(scan, text, dialect, width, limits)
        try:
            target.fill(columns_of(width), columns_of(width), sql, "rowid")
            found = scanned.result()
            same = _same_content(target, found, header)
        except duckdb.Error as error:
            raise Irregular(f"DuckDB: {error}") from None
        finally:
            link.unlink(missing_ok=True)
    if not same:
        raise Irregular("DuckDB read something else")
    return found


def _same_content(target: Target, found: Regular, header: Header) -> bool:
    """Whether rows and the bytes of every column are those that the scan has counted."""
    names = columns_of(found.width)
    got: list[int] = []
    for at in range(0, len(names), 500):
        sums = ", ".join(
            f"coalesce(sum(strlen({name})), 0)::BIGINT" for name in names[at : at + 500]
        )
        row = target.con.execute(f"SELECT {sums} FROM {target.quoted}").fetchone()
        assert row is not None
        got += row
    blank = " AND ".join(is_blank_sql(name) for name in names[:50])
    rows_sql = f"SELECT count(*) FROM {target.quoted}"
    counts = target.con.execute(f"SELECT ({rows_sql}), ({rows_sql} WHERE {blank})").fetchone()
    rows, want = found.records, found.bytes.tolist()
    if header.line is not None:
        rows -= 1
        want = [n - len(cell.encode()) for n, cell in zip(want, header.cells, strict=True)]
    return counts == (rows, 0) and got == want


def load_records(
    target: Target,
    records: Iterable[Record],
    header: Header,
    dialect: Dialect | None,
    limits: Limits,
) -> Rows:
    """Creates the base table from records below the header; ragged rows are refused together."""
    names = columns_of(len(header.names))
    taker = _Taker(header, dialect, limits)
    with target.filling(names) as append:
        batch = _Batch(append, names)
        try:
            for record in records:
                if header.line is not None and record.line <= header.line:
                    taker.quoted |= _is_quoted(record)
                elif record.line not in header.skipped and taker.take(record):
                    batch.add(record.cells)
        except InputError as error:
            taker.fail(error)
        batch.flush()
    return taker.finish()


class _Batch:
    """Rows on their way into a table as Arrow, some at a time."""

    def __init__(self, append: Callable[[pa.Table], None], names: list[str]) -> None:
        self.append, self.names = append, names
        self.rows: list[list[str]] = []
        self.text = 0

    def add(self, cells: list[str]) -> None:
        self.rows.append(cells)
        self.text += sum(map(len, cells))
        if len(self.rows) * len(self.names) >= _BATCH_CELLS or self.text >= _BATCH_TEXT:
            self.flush()

    def flush(self) -> None:
        if not self.rows:
            return
        columns = [pa.array(column, pa.string()) for column in zip(*self.rows, strict=True)]
        self.append(pa.table(columns, names=self.names))
        self.rows, self.text = [], 0


class _Taker:
    """Decides on each record: a row, a blank one to leave out, or a fault."""

    def __init__(self, header: Header, dialect: Dialect | None, limits: Limits) -> None:
        self.header, self.dialect, self.limits = header, dialect, limits
        self.rows = Rows()
        self.faults: list[InputError] = []
        self.bare: list[tuple[int, list[str]]] = []
        self.quoted = False
        self.folded = _folded(header.cells)
        self.expected: int | None = None

    def take(self, record: Record) -> bool:
        """Whether the record is a row of the table."""
        if not any(cell and not cell.isspace() for cell in record.cells):
            self.rows.blanks += 1
            self.rows.blank += [record.line] if len(self.rows.blank) < 5 else []
            if len(record.cells) > 1 and len(record.cells) != len(self.header.names):
                self._ragged(record)
            return False
        if len(record.cells) != len(self.header.names):
            self._ragged(record)
            return False
        if self.header.line is not None and _folded(record.cells) == self.folded:
            self._repeated(record)
        if self.dialect and '"' in record.raw:
            self._note_quotes(record)
        self._place(record)
        return True

    def _place(self, record: Record) -> None:
        rows = self.rows
        expected = self.expected
        if expected is None:
            rows.lines.first = record.line
        elif record.line != expected:
            rows.lines.add(np.array([rows.count]), np.array([record.line - expected]))
        if rows.blanks and rows.count and self._gap:
            rows.after_gap.append(rows.count)
        self._blanks_before = rows.blanks
        self.expected = record.line + 1
        rows.count += 1
        self.limits.check("max_cells", rows.count * len(self.header.names), more=True)

    _blanks_before = 0

    @property
    def _gap(self) -> bool:
        return self.rows.blanks > self._blanks_before and len(self.rows.after_gap) < 100

    def fail(self, error: InputError) -> None:
        """Raises the first fault of the file, given the one at which reading has ended."""
        faults = [*self.faults, *(fault for fault in error.faults if fault not in self.faults)]
        raise first_of(sorted(faults, key=lambda fault: fault.line or 0)) from None

    def _repeated(self, record: Record) -> None:
        code = "repeated-header" if self.rows.count else "several-header-rows"
        self.faults.append(
            InputError(
                "the header occurs again: a second table or header row",
                "keep one table in the file",
                code=code,
                line=record.line,
            )
        )

    def _ragged(self, record: Record) -> None:
        got, width = len(record.cells), len(self.header.names)
        fields = f"{got} field{'s' if got > 1 else ''}"
        where = "the header has" if self.header.line is not None else "the first line has"
        mark = self.dialect.name if self.dialect else "delimiter"
        remedy = (
            f"quote the cell that holds a {mark!r}, or remove it"
            if got > width
            else "add what is missing, or delete the line if it is no customer"
        )
        fault = InputError(
            f"{fields} where {where} {width}", remedy, code="ragged-row", line=record.line
        )
        self.faults.append(fault)
        if len(self.faults) >= 20:
            raise first_of(self.faults)

    def _note_quotes(self, record: Record) -> None:
        assert self.dialect is not None
        bare = bare_quotes(record, self.dialect)
        self.quoted |= _is_quoted(record) and not bare
        odd = [cell for cell in bare if cell.count('"') % 2]
        if any(cell.lstrip().startswith('"') for cell in bare):
            self.faults.append(_stray(record.line))
        elif bare:
            self.bare.append((record.line, odd))
            del self.bare[1000:]
        if len(odd) > 1 and not any(f.line == record.line for f in self.faults):
            self.faults.append(_stray(record.line))

    def finish(self) -> Rows:
        """The rows, or the refusal of all faults."""
        odd = [line for line, cells in self.bare if cells]
        if self.quoted:
            self.faults += [_stray(line) for line in odd]
        if self.faults:
            raise first_of(sorted(self.faults, key=lambda fault: fault.line or 0))
        if self.bare:
            what = f"quotes inside unquoted cells kept as written ({len(self.bare)} rows)"
            self.rows.notes.append(Note("bare-quotes", what, self.bare[0][0]))
        if self.rows.blanks:
            what = f"{self.rows.blanks:,} rows without any value left out"
            self.rows.notes.append(Note("blank-rows", what, self.rows.blank[0]))
        return self.rows


def _folded(cells: Iterable[str]) -> str:
    return "\0".join(cells).casefold()


def _is_quoted(record: Record) -> bool:
    return '"' in record.raw


def _stray(line: int) -> InputError:
    return InputError(
        "a stray quote in an unquoted cell",
        "quote the whole cell or remove it",
        code="quote",
        line=line,
    )
