"""Tables that come with types, frames and Parquet files, as views of numbered rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from segmentation.data.databases.copying import TABLE
from segmentation.data.errors import InputError, Note
from segmentation.data.parquet.files import rows_sql, whole_files
from segmentation.data.parquet.folders import parquet_files
from segmentation.data.parquet.row_groups import Stored, remember_files
from segmentation.data.sql import ROW, quoted
from segmentation.data.text.headers import name_columns
from segmentation.data.text.parquet_text import check_types
from segmentation.data.text.records import Record
from segmentation.data.values.answers import read_answers
from segmentation.data.values.date_range import mend_dates

Opened = tuple[ir.Table, tuple[Note, ...]]
_FRAME = "segmentation_frame"


def open_frame(con: Any, frame: pd.DataFrame) -> Opened:
    """Returns the rows of a frame as the view `TABLE`, and notes on columns that are left out."""
    names, said = _name_columns([str(name) for name in frame.columns])
    numbered = frame.reset_index(drop=True).set_axis(names, axis=1)
    texts = [name for name in numbered if not _has_type(numbered[name])]
    numbered = numbered.astype(dict.fromkeys(texts, "string"))
    numbered.insert(0, ROW, range(1, len(numbered) + 1))
    con.create_table(_FRAME, numbered)
    described = con.con.execute(f"DESCRIBE SELECT * EXCLUDE ({ROW}) FROM {_FRAME}").fetchall()
    left_out = check_types(described)
    spare = ", ".join([ROW, *(quoted(note.column or "") for note in left_out)])
    sql = f"SELECT {ROW}, * EXCLUDE ({spare}) FROM {_FRAME}"
    con.raw_sql(f"CREATE OR REPLACE VIEW {TABLE} AS {sql}")
    return _read(con, sql, [*left_out, *said])


def open_parquet(con: Any, path: Path) -> Opened:
    """Returns the rows of a Parquet file, or of those in a folder, as the view `TABLE`; and notes.

    The files are remembered, so that columns of numbers and text can be read from them directly.
    """
    files = parquet_files(path)
    try:
        sql, left_out = rows_sql(con.con, path, files)
        sql, written, said = _mend_names(con, sql)
        con.raw_sql(f"CREATE OR REPLACE VIEW {TABLE} AS {sql}")
    except duckdb.Error:
        raise InputError(
            "is no whole Parquet file", "copy or export it again", code="truncated", file=path
        ) from None
    with whole_files(path):
        return _read(con, sql, [*left_out, *said], Stored(files, written))


def _mend_names(con: Any, sql: str) -> tuple[str, dict[str, str], tuple[Note, ...]]:
    """Returns the rows with names as a text's header gives them, and the notes on these.

    Also returns the written name of each column that is called otherwise.
    """
    described = con.con.execute(f"DESCRIBE {sql}").fetchall()
    written = [name for name, *_ in described if name != ROW]
    names, notes = _name_columns(written)
    other = {name: old for name, old in zip(names, written, strict=True) if name != old}
    if other:
        renamed = ", ".join(f"{quoted(old)} AS {quoted(name)}" for name, old in other.items())
        sql = f"SELECT * RENAME ({renamed}) FROM ({sql})"
    return sql, other, notes


def _name_columns(written: list[str]) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """Returns the names of columns as for a text, and the notes on them, without a line."""
    try:
        names, notes = name_columns(Record(0, written, ""))
    except InputError as error:
        error.line = None
        raise
    return names, tuple(replace(note, line=None) for note in notes)


def _has_type(column: pd.Series) -> bool:
    """Returns whether the engine knows a type for a column's values; the others are text."""
    if column.isna().all():
        return False
    try:
        kind = pa.Array.from_pandas(column).type
    except pa.ArrowException:
        return False
    return not isinstance(kind, pa.BaseExtensionType)


def _read(con: Any, sql: str, said: Sequence[Note], stored: Stored | None = None) -> Opened:
    """Returns the view with 1 and 0 for answers, and NULL for NaN and for impossible dates."""
    if con.table(TABLE).count().execute() == 0:
        raise InputError("has no rows", "export it again", code="no-rows")
    dates, odd = mend_dates(con.con, TABLE)
    if dates:
        cells = ", ".join(f"{cell} AS {quoted(name)}" for name, cell in dates.items())
        con.raw_sql(f"CREATE OR REPLACE VIEW {TABLE} AS SELECT * REPLACE ({cells}) FROM ({sql})")
    plain, answers = read_answers(con.table(TABLE))
    table = _nan_to_null(plain)
    if stored is not None:
        changed = frozenset(note.column or "" for note in answers)
        remember_files(table, replace(stored, plain=plain, changed=changed))
    return table, (*said, *odd, *answers)


def _nan_to_null(table: ir.Table) -> ir.Table:
    floats = [name for name, kind in table.schema().items() if kind.is_floating()]
    return table.mutate(**{name: table[name].isnan().ifelse(None, table[name]) for name in floats})
