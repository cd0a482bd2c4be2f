"""Files for other people: tables that their spreadsheet opens, records that programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from segmentation.data.reading import Dialect

MOST_ROWS_AS_TEXT = 1_000_000
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_customers(table: ir.Table, folder: Path, dialect: Dialect | None = None) -> Path:
    """Writes segmented_customers.csv as the input was written, or Parquet above a million rows."""
    if table.count().execute() > MOST_ROWS_AS_TEXT:
        path = folder / "segmented_customers.parquet"
        table.to_parquet(path)
        return path
    path = folder / "segmented_customers.csv"
    write_csv(table.execute(), path, dialect)
    return path


def write_csv(frame: pd.DataFrame, path: Path, dialect: Dialect | None = None) -> None:
    """Writes the frame; text that a spreadsheet would run as a formula gets a leading quote."""
    safe = frame.rename(columns=neutralise)
    text = safe.select_dtypes(["object", "string"]).columns
    safe = safe.assign(**{name: safe[name].map(neutralise, na_action="ignore") for name in text})
    whole = [name for name in safe if _is_whole(safe[name])]
    safe = safe.astype(dict.fromkeys(whole, "Int64"))
    safe.to_csv(
        path,
        index=False,
        sep=dialect.delimiter if dialect else ",",
        encoding="utf-8-sig" if dialect and dialect.bom else "utf-8",
        lineterminator="\n",
    )


def neutralise(text: object) -> object:
    """Text as it is, with a quote before what a spreadsheet would run as a formula."""
    return f"'{text}" if isinstance(text, str) and text.startswith(LIVE) else text


def write_json(record: dict[str, Any], path: Path) -> None:
    """Writes the record as JSON; a number that is not finite is an error."""
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _is_whole(column: pd.Series) -> bool:
    return column.dtype.kind == "f" and bool((column.dropna() % 1 == 0).all())
