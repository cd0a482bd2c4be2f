"""Opens any customer table as an Ibis expression on the engine that holds it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from segmentation.data.databases.address import is_database, is_remote
from segmentation.data.databases.copying import TABLE
from segmentation.data.databases.opening import Request, read_database
from segmentation.data.errors import InputError, Note, check_choice, spare_faults
from segmentation.data.limits import Limits
from segmentation.data.machine import blame_fairly
from segmentation.data.parquet.files import whole_files
from segmentation.data.parquet.folders import PARQUET, is_folder, note_others
from segmentation.data.parquet.row_groups import Stored, remember_files
from segmentation.data.reading import Dialect, Reading
from segmentation.data.remote import fetch
from segmentation.data.rows.dropping import drop_copies
from segmentation.data.rows.engines import open_engine
from segmentation.data.rows.file_hashes import path_sha256
from segmentation.data.rows.fingerprints import rows_digest, rows_sha256
from segmentation.data.rows.identity import check_customers
from segmentation.data.rows.table import Rows
from segmentation.data.sql import ROW, columns_of
from segmentation.data.text.leaving_out import REMEDY, LeaveOut, choose
from segmentation.data.text.paths import check_path
from segmentation.data.text.reading import Hints, Loaded, load_text
from segmentation.data.text.storing import make_folder, make_store
from segmentation.data.typed_tables import open_frame, open_parquet
from segmentation.data.values.text_columns import look_at, mostly_numbers, note_held
from segmentation.data.values.totals import check_totals
from segmentation.data.values.typed import Typed, type_table

_MOST_READS = 20  # of a text with lines that are left out


@dataclass(frozen=True)
class Source:
    """An opened table: its expression, its name for readers, and how it was read.

    `table` has an additional column `ROW` (`__row__`): the rows numbered from 1 in the order of the
    input, or by a number made of the id if they stay `in_place`, in their database.
    `faults` belong to single columns; `check` raises those that matter. `id` and `usual`, the usual
    features, are known only for a table made of order lines.
    """

    table: ir.Table
    name: str
    path: Path | None = None
    dialect: Dialect = field(default_factory=Dialect)
    notes: tuple[Note, ...] = ()
    faults: dict[str, tuple[InputError, ...]] = field(default_factory=dict)
    rows_check: Callable[[str | None, bool], tuple[Note, ...]] = lambda *_: ()
    id: str | None = None
    usual: tuple[str, ...] = ()
    in_place: bool = False

    def check(
        self,
        needed: Collection[str | None] | None = None,
        id: str | None = None,
        any_rows: bool = False,
    ) -> tuple[Note, ...]:
        """Returns all notes, including the faults of columns that are not `needed`.

        Raises the first fault of a needed column (of any column if None), with the others in its
        `faults`. Also refuses rows that are no customers: an id with repeats or gaps and, unless
        `any_rows`, a single row or rows that are all equal.
        """
        spared = spare_faults(self.faults, needed)
        with whole_files(self.path):
            return self.notes + self.rows_check(id, any_rows) + spared

    def fingerprint(self) -> str:
        """The sha256, in hex, of the file or folder, or of the rows in their order without one.

        For rows that stay in their database, see `rows_digest`.
        """
        if self.path is not None:
            return path_sha256(self.path)
        return rows_digest(self.table) if self.in_place else rows_sha256(self.table)


def open_table(source: str | Path | pd.DataFrame, reading: Reading | None = None) -> ir.Table:
    """The customers as an Ibis table; faults of any column are raised. See `open_source`."""
    opened = open_source(source, reading)
    opened.check()
    return opened.table


@blame_fairly()
def open_source(
    source: str | Path | pd.DataFrame,
    reading: Reading | None = None,
    copied: bool = False,
    keys: Collection[str] = (),
) -> Source:
    """Opens a text file, workbook, Parquet file or folder of these, frame or database URL.

    A large table of a database stays there if possible, unless a copy is asked for (`copied`).
    Of the columns `keys` only the differences matter: text among their numbers is no fault.
    Raises `InputError` if it does not exist or cannot be read reliably; faults of single columns
    are left to `Source.check`.
    """
    con, reading = open_engine(), Reading() if reading is None else reading
    for name in ("copies", "footer", "bad_lines"):
        check_choice(name, getattr(reading, name), ("refuse", "drop"))
    if isinstance(source, pd.DataFrame):
        return _finish(con, *_look(con, *open_frame(con, source), "frame"), reading)
    if isinstance(source, str) and is_remote(source):
        source = fetch(source, make_folder(con))
    elif isinstance(source, str) and is_database(source):
        return _from_database(con, source, reading, copied)
    path = Path(source).expanduser()
    try:
        if not is_folder(path):
            check_path(path, Limits())
        if is_folder(path) or path.suffix.lower() in PARQUET:
            table, notes = open_parquet(con, path)
            opened = _look(con, table, notes + note_others(path), path.name, path)
            return _finish(con, *opened, reading)
        return _from_text(con, path, reading, keys)
    except InputError as error:
        raise error.at(path) from None


def own_columns(table: ir.Table) -> list[str]:
    """The input's own column names, in its order."""
    return [name for name in table.columns if name != ROW]


def _from_text(con: Any, path: Path, reading: Reading, keys: Collection[str]) -> Source:
    """The source of a text or workbook, read again without lines that are to be left out."""
    leave_out = choose(reading.footer, reading.bad_lines)
    for _ in range(_MOST_READS):
        try:
            return _read_text(con, path, reading, keys, leave_out)
        except InputError as error:
            more = leave_out.add(error)
            if more is None:
                raise
            leave_out = more
    return _read_text(con, path, reading, keys, leave_out)


def _read_text(
    con: Any, path: Path, reading: Reading, keys: Collection[str], leave_out: LeaveOut
) -> Source:
    hints = Hints(reading.encoding, reading.delimiter, reading.header, reading.table, leave_out)
    loaded = load_text(con.con, path, hints, store=make_store(con, path))
    if loaded.rows == 0:
        raise InputError("has no rows", "export it again", code="no-rows", file=path)
    typed = type_table(
        con.con,
        loaded,
        decimal=reading.decimal,
        dates=reading.dates,
        on_bad_value=reading.on_bad_value,
        keys=keys,
    )
    table = con.table(typed.table)
    rows = Rows(table, path.name, con.table(loaded.table), loaded.line)
    check_totals(rows, REMEDY)
    if typed.stored is not None:
        plain = columns_of(len(loaded.columns))
        names = dict(zip(loaded.columns, plain, strict=True))
        remember_files(table, Stored([typed.stored], names))
    opened = Source(
        table,
        path.name,
        path,
        _dialect(path, loaded, typed),
        loaded.notes + typed.notes,
        typed.faults_by_column,
    )
    return _finish(con, opened, rows, reading)


def _from_database(con: Any, source: str, reading: Reading, copied: bool) -> Source:
    missing_bad, copied = reading.on_bad_value == "missing", copied or reading.copies == "drop"
    read = read_database(con, source, Request(reading.table, reading.id, missing_bad, copied))
    opened = Source(
        read.table, read.name, notes=read.notes, faults=read.faults, in_place=read.in_place
    )
    return _finish(con, opened, read.rows, reading)


def _finish(con: Any, opened: Source, rows: Rows, reading: Reading) -> Source:
    """The source with the check of its rows, without copies if so wanted."""
    if reading.copies == "drop":
        table, rows, notes = drop_copies(con, opened.table, rows)
        opened = replace(opened, table=table, notes=opened.notes + notes)
    return replace(opened, rows_check=partial(check_customers, rows))


def _dialect(path: Path, loaded: Loaded, typed: Typed) -> Dialect:
    """The dialect of the input; never a comma for both decimal and delimiter."""
    delimiter = loaded.delimiter if loaded.delimiter in (",", ";", "\t", "|") else ","
    comma = delimiter != "," and any(d.decimal == "," for d in typed.decisions)
    with path.open("rb") as file:
        bom = file.read(3) == b"\xef\xbb\xbf"
    return Dialect(delimiter, "," if comma else ".", bom)


def _look(
    con: Any, table: ir.Table, notes: tuple[Note, ...], name: str, path: Path | None = None
) -> tuple[Source, Rows]:
    """The source of a table with typed columns: text that holds numbers is a fault."""
    texts = [column for column, kind in table.schema().items() if kind.is_string()]
    faults: dict[str, tuple[InputError, ...]] = {}
    for column in texts:
        with whole_files(path):
            looks = look_at(con.con, TABLE, column)
        fault = mostly_numbers(looks, column, "write the column as numbers")
        if fault is not None:
            faults[column] = (fault.at(name),)
        else:
            notes += note_held(con.con, TABLE, column, column)
    plain = con.table(TABLE)
    with whole_files(path):
        check_totals(Rows(table, name, plain))
    return Source(table, name, path, notes=notes, faults=faults), Rows(plain, name, plain)
