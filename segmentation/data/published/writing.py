"""Writes tables for spreadsheets and records for programs."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.data.errors import InputError
from segmentation.data.published.formulas import RISKY, neutralise
from segmentation.data.reading import Dialect
from segmentation.data.rows.engines import compute
from segmentation.data.text.headers import check_names

MOST_ROWS_AS_TEXT = 1_000_000
# Where a spreadsheet of another country cuts an unquoted cell, such a sign would begin a new one.
_CUT = re.compile(rf"[;,\t|]\s*[{re.escape(''.join(RISKY))}]")


def write_customers(table: pa.Table, folder: Path, dialect: Dialect) -> Path:
    """Writes segmented_customers.csv in the input's dialect, or Parquet above a million rows."""
    if len(table) > MOST_ROWS_AS_TEXT:
        path = folder / "segmented_customers.parquet"
        # The first column is unique: a dictionary of it would be as long as the column.
        pq.write_table(table, path, use_dictionary=table.column_names[1:])
        return path
    path = folder / "segmented_customers.csv"
    write_csv(compute(ibis.memtable(table)), path, dialect)
    return path


def write_json(record: dict[str, Any], path: Path) -> None:
    """Writes a record as JSON; a number that is not finite is a ValueError."""
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def write_text(text: str | None, path: Path) -> None:
    """Writes a text as UTF-8; writes no file for None."""
    if text is not None:
        path.write_text(text, encoding="utf-8")


def write_csv(frame: pd.DataFrame, path: str | Path, dialect: Dialect | None = None) -> None:
    """Writes a table as UTF-8; text cells and names are neutralised, numbers are not.

    Missing values become empty cells. Raises ValueError before writing anything for what no text
    file can hold: a NUL, half a surrogate pair, a column without a name, two of the same name.
    """
    dialect = Dialect() if dialect is None else dialect
    names = [neutralise(str(name)) for name in frame.columns]
    columns = [_cells(frame.iloc[:, i], dialect.decimal) for i in range(len(names))]
    _check(names, columns)
    # A name that begins with this character would lose it: readers take it for the mark.
    bom = dialect.bom or names[0].startswith("\ufeff")
    with Path(path).open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        # A space after a delimiter may be a habit of the writer; inside quotes it is the cell's.
        texts = [cell for cells in (names, *columns) for cell in cells]
        quoted = any(cell != cell.strip() or _CUT.search(cell) for cell in texts)
        writer = csv.writer(
            file,
            delimiter=dialect.delimiter,
            lineterminator="\r\n",  # so that both characters are quoted inside cells
            quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
        )
        writer.writerow(names)
        writer.writerows(zip(*columns, strict=True))


def _check(names: list[str], columns: list[list[str]]) -> None:
    if not names or any(not name.strip() for name in names):
        raise ValueError("every column needs a name")
    try:
        check_names(tuple(names), None)
    except InputError as error:
        raise ValueError(str(error)) from None
    for cells in (names, *columns):
        text = "".join(cells)
        text.encode("utf-8")
        if "\0" in text:
            raise ValueError("a cell holds a NUL character")


def _cells(column: pd.Series, decimal: str) -> list[str]:
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return ["" if pd.isna(cell) else neutralise(str(cell)) for cell in column]
    whole = pd.api.types.is_float_dtype(column) and bool((column.dropna() % 1 == 0).all())
    written = column.astype("Int64") if whole and column.abs().max() < 2**53 else column
    return [_number(cell).replace(".", decimal) for cell in written]


def _number(value: object) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float | np.floating):
        if not np.isfinite(value):
            raise ValueError("an infinite number cannot be written")
        return repr(float(value))
    return str(value)
