"""Where the shared collections are: tests that need them skip where they are not."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import pytest

from segmentation.data.errors import InputError, Note
from segmentation.data.rows.identity import check_customers
from segmentation.data.rows.table import Rows
from segmentation.data.text.reading import load_text
from segmentation.data.text.storing import LARGE, Store
from segmentation.data.values.typed import type_table
from tests.data.raw import connect


@dataclass(frozen=True)
class Verdict:
    """What the whole chain says of a file: its notes, or the error that refused it."""

    notes: tuple[Note, ...] = ()
    error: InputError | None = None
    rows: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    def told(self) -> tuple[object, ...]:
        """All of it in plain values."""
        faults = [] if self.error is None else [(f.code, str(f)) for f in self.error.faults]
        return self.notes, faults, self.rows, self.lines


def judge(path: Path, above: int = LARGE) -> Verdict:
    """Reads, types and checks a file; any other exception than InputError escapes.

    Rows of texts `above` so many bytes are kept on disk.
    """
    with connect() as con, tempfile.TemporaryDirectory() as folder:
        try:
            loaded = load_text(con, path, store=Store(Path(folder), above))
            typed = type_table(con, loaded)
            typed.check()
            rows = con.execute(f"SELECT * FROM {typed.table} ORDER BY __row__").fetchall()
            if loaded.rows == 0:
                return Verdict(loaded.notes)
            tables = ibis.duckdb.from_connection(con)
            typed_rows, written = tables.table(typed.table), tables.table(loaded.table)
            customers = Rows(typed_rows, loaded.file, written, loaded.line)
            notes = loaded.notes + typed.notes + check_customers(customers)
            lines = tuple(loaded.lines.all(loaded.rows).tolist())
            return Verdict(notes, rows=tuple(map(repr, rows)), lines=lines)
        except InputError as error:
            return Verdict(error=error)


def corpus_entries() -> list[tuple[Path, dict[str, str]]]:
    """Each file of the shared malformed collections with its entry in the index."""
    root = os.environ.get("SEGMENTATION_BADCSV")
    if not root:
        return []
    entries = []
    for index in sorted(Path(root).rglob("index.json")):
        records = json.loads(index.read_text(encoding="utf-8"))
        entries += [(index.parent / record["file"], record) for record in records]
    return entries


@pytest.fixture
def kept_in(tmp_path, monkeypatch) -> Path:
    """The folder of a run's copies and stores."""
    (tmp_path / "kept_in").mkdir()
    monkeypatch.setenv("SEGMENTATION_SHARED", str(tmp_path / "kept_in"))
    return tmp_path / "kept_in"


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A connection of its own."""
    with connect() as connection:
        yield connection
