"""Any customer table as an Ibis expression on the embedded engine; rows stay where they live."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import python_calamine

from segmentation.data.errors import InputError, nearest_name
from segmentation.data.reading import ROW, Dialect, load_text, read_dialect
from segmentation.data.types import type_columns

EXCEL = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Source:
    """A table that was opened: the expression, its name for readers, and how its file is written.

    `table` has the column `ROW` (`__row__`, 1-based, the order of the input) beside its own.
    """

    table: ir.Table
    name: str
    path: Path | None = None
    dialect: Dialect | None = None


def open_table(
    source: str | Path | pd.DataFrame, table: str | None = None, **reading: Any
) -> ir.Table:
    """The customers as an Ibis table; see `open_source`, which also says how they were written."""
    return open_source(source, table, **reading).table


def open_source(
    source: str | Path | pd.DataFrame,
    table: str | None = None,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Source:
    """A CSV, Parquet or Excel file, or a frame, opened on DuckDB; `table` names an Excel sheet.

    Raises `InputError` where there is no such file or it cannot be read whole.
    """
    con = ibis.duckdb.connect()
    if isinstance(source, pd.DataFrame):
        return Source(_from_frame(con, source), "frame")
    path = find_file(source)
    kind = path.suffix.lower()
    if kind in PARQUET:
        return Source(_from_parquet(con, path), path.name, path)
    if kind in EXCEL:
        return Source(_from_excel(con, path, table), path.name, path)
    dialect = read_dialect(path, delimiter, encoding)
    load_text(con.con, path, "raw", dialect)
    typed = type_columns(con.table("raw"), path.name)
    return Source(
        _with_rows(con.create_table("customers", typed), path.name), path.name, path, dialect
    )


def find_file(source: str | Path) -> Path:
    """The path of an existing file, or an `InputError` that offers the nearest name."""
    path = Path(source).expanduser()
    if path.is_file():
        return path.resolve()
    what = "is a folder, not a file" if path.is_dir() else "there is no such file"
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest_name(path.name, names)
    remedy = f"did you mean {near}?" if near else "check its name and folder"
    raise InputError(what, remedy, code="no-file", file=path.name)


def fingerprint(path: Path) -> str:
    """The sha256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def own_columns(table: ir.Table) -> list[str]:
    """The input's own column names, in its order."""
    return [name for name in table.columns if name != ROW]


def _from_frame(con: Any, frame: pd.DataFrame, file: str | None = None) -> ir.Table:
    numbered = frame.reset_index(drop=True).rename(columns=str)
    if numbered.columns.duplicated().any():
        twice = numbered.columns[numbered.columns.duplicated()][0]
        raise InputError(
            "the name stands twice", "rename one", code="header", file=file, column=twice
        )
    empty = [name for name in numbered if numbered[name].isna().all()]
    numbered = numbered.astype(dict.fromkeys(empty, "string"))
    numbered.insert(0, ROW, range(1, len(numbered) + 1))
    return _with_rows(_nan_to_null(con.create_table("customers", numbered)), file)


def _from_parquet(con: Any, path: Path) -> ir.Table:
    quoted = str(path).replace("'", "''")
    try:
        con.raw_sql(
            f"CREATE OR REPLACE VIEW customers AS SELECT file_row_number + 1 AS {ROW}, "
            f"* EXCLUDE (file_row_number) FROM read_parquet('{quoted}', file_row_number=true)"
        )
    except duckdb.Error:
        raise InputError(
            "this is not a whole Parquet file", "export it again", code="unreadable", file=path.name
        ) from None
    return _with_rows(_nan_to_null(con.table("customers")), path.name)


def _from_excel(con: Any, path: Path, sheet: str | None) -> ir.Table:
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
    except (python_calamine.CalamineError, OSError):
        raise InputError(
            "this Excel file cannot be opened",
            "save it again without a password",
            code="unreadable",
            file=path.name,
        ) from None
    rows = book.get_sheet_by_name(_sheet(book, sheet, path)).to_python()
    if len(rows) < 2:
        raise InputError(
            "the sheet has no rows", "name another: table", code="empty-file", file=path.name
        )
    header: list[Hashable] = [str(name).strip() for name in rows[0]]
    frame = pd.DataFrame(rows[1:], columns=header).replace("", None)
    return _from_frame(con, frame.convert_dtypes(), path.name)


def _sheet(book: Any, sheet: str | None, path: Path) -> str:
    names = list(book.sheet_names)
    if sheet is None and len(names) == 1:
        return names[0]
    if sheet in names:
        return str(sheet)
    what = "several sheets" if sheet is None else f"no sheet {sheet!r}"
    raise InputError(what, f"name one of {', '.join(names)}: table", code="sheet", file=path.name)


def _nan_to_null(table: ir.Table) -> ir.Table:
    floats = [name for name, kind in table.schema().items() if kind.is_floating()]
    return table.mutate(**{name: table[name].isnan().ifelse(None, table[name]) for name in floats})


def _with_rows(table: ir.Table, file: str | None) -> ir.Table:
    if table.count().execute() == 0:
        raise InputError("there are no rows", "export it again", code="no-rows", file=file)
    return table
