"""SQLite files: a column may hold values of any type, so all of its values decide."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import ibis
import pyarrow as pa

from segmentation.data.cells import MARKERS
from segmentation.data.databases.address import Address
from segmentation.data.databases.engine import Column, cells_of, no_values, rows_of
from segmentation.data.errors import InputError, Note
from segmentation.data.sql import literal, quoted
from segmentation.data.text.storing import make_folder

_AT_ONCE = 200  # columns in one query
_CLOSED = (  # READONLY: a program that was killed left a journal, which would have to be undone
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
)
_UNDECODABLE = "Could not decode to UTF-8"
_MARKERS = ", ".join(literal(marker) for marker in sorted(MARKERS))


class SQLite:
    """An SQLite file, opened read-only, in one transaction."""

    dialect, home = "sqlite", "main"

    def __init__(self, address: Address) -> None:
        assert address.path is not None
        path = self._copy_with_log(address.path)
        uri = f"{path.absolute().as_uri()}?mode=ro{_as_it_lies(path)}"
        self.con = sqlite3.connect(uri, uri=True, isolation_level=None)
        try:
            self.backend = ibis.sqlite.from_connection(self.con)
            self.con.execute("PRAGMA query_only = ON")
            self.con.execute(
                "PRAGMA case_sensitive_like = OFF"
            )  # SQLite's default, which Ibis changes
            self.con.execute("BEGIN")
        except BaseException:
            self.con.close()
            raise

    def _copy_with_log(self, path: Path) -> Path:
        """A copy of a file with rows in its log, of which SQLite would write an index beside it.

        Where there is an index, another process may have opened the file: it is read as it lies.
        """
        log = find_log(path)
        if log is None or path.with_name(f"{path.name}-shm").exists():
            return path
        folder = make_folder(self)
        shutil.copy(log, folder)
        return Path(shutil.copy(path, folder))

    def tables(self) -> list[tuple[str, str]]:
        """Every table and view, except SQLite's own."""
        names = self.backend.list_tables(database=self.home)
        return [(self.home, name) for name in names if not name.startswith("sqlite_")]

    def names(self, relation: str) -> list[str]:
        """The names of the columns."""
        described = self.con.execute(f"SELECT * FROM {relation} LIMIT 0").description
        return [column[0] for column in described]

    def columns(self, relation: str, names: Sequence[str]) -> list[Column]:
        """Each column by its values: SQLite does not enforce the declared type."""
        columns = []
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            counts = ", ".join(_counts(name) for name in some)
            row = self.con.execute(f"SELECT {counts} FROM {relation}").fetchone()
            for i, name in enumerate(some):
                columns.append(_judge(name, *(n or 0 for n in row[5 * i : 5 * i + 5])))
        return columns

    def batches(self, relation: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """The rows in batches; text that is no UTF-8 has U+FFFD if it is to be read at all."""
        yield from rows_of(self.con.execute(f"SELECT {cells_of(columns)} FROM {relation}"), columns)

    def read_undecodable(self, error: sqlite3.Error) -> bool:
        """Reads text that is no UTF-8 from now on, if that was the error; returns whether."""
        if _UNDECODABLE not in str(error):
            return False
        self.con.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return True

    @staticmethod
    def explain(address: Address, error: Exception) -> InputError | None:
        """Translates an error of SQLite by its code."""
        if not isinstance(error, sqlite3.Error):
            return None
        fault, code = str(error).splitlines()[0], getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return address.refuse(
                f"is a damaged database ({fault})", "copy it again", "not-a-database"
            )
        if code & 0xFF in _CLOSED:
            return address.refuse(
                f"cannot be opened for reading ({fault})",
                "close what writes to it, or copy it with its -wal or -journal file elsewhere",
                "not-a-database",
            )
        return address.refuse(f"table: the query fails ({fault})", "mend it", "bad-query")

    def close(self) -> None:
        """Closes the file."""
        self.con.close()


def find_log(path: Path) -> Path | None:
    """The log beside a file in WAL mode, if it holds rows that the file lacks."""
    log = path.with_name(f"{path.name}-wal")
    return log if log.is_file() and log.stat().st_size else None


def _as_it_lies(path: Path) -> str:
    """The option to read a file in WAL mode that was closed cleanly; SQLite would write beside it.

    Bytes 18 and 19 tell the mode.
    """
    with path.open("rb") as file:
        mode = file.read(20)[18:]
    return "&immutable=1" if mode == b"\x02\x02" and find_log(path) is None else ""


def _counts(name: str) -> str:
    """The SQL that counts integers, reals, texts, blobs and missing markers."""
    column = quoted(name)
    counts = [f"sum(typeof({column}) = '{kind}')" for kind in ("integer", "real", "text", "blob")]
    return ", ".join([*counts, f"sum(typeof({column}) = 'text' AND {_marker(name)})"])


def _marker(name: str) -> str:
    return f"lower(trim({quoted(name)})) IN ({_MARKERS})"


def _judge(name: str, whole: int, real: int, text: int, blob: int, marked: int) -> Column:
    column = quoted(name)
    if blob:
        return no_values(name, "bytes")
    if not whole + real:
        return Column(name, column, pa.string(), dated=True)
    kind = pa.float64() if real else pa.int64()
    if not text:
        return Column(name, column, kind)
    if text - marked > whole + real:
        what = f"is text: {whole + real:,} of {whole + real + text - marked:,} values are numbers"
        note = Note("mostly-numbers", what, None, name)
        return Column(name, f"CAST({column} AS TEXT)", pa.string(), notes=(note,))
    number = f"CASE WHEN typeof({column}) IN ('integer', 'real') THEN {column} END"
    odd = f"CASE WHEN typeof({column}) = 'text' AND NOT {_marker(name)} THEN {column} END"
    what = f"counted as missing: {marked:,} texts such as NA, or empty"
    notes = (Note("missing", what, None, name),) if marked else ()
    return Column(name, number, kind, odd=odd if text > marked else None, notes=notes)
