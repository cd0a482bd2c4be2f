"""Parquet as a table of text, each value as DuckDB writes it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from segmentation.data.errors import InputError
from segmentation.data.headers import ROW, Header, name_columns
from segmentation.data.limits import Limits
from segmentation.data.loading import Rows, columns_of, literal, quoted
from segmentation.data.records import Record

_NESTED = ("STRUCT", "MAP", "UNION", "BLOB", "[]")


def load_parquet(
    con: duckdb.DuckDBPyConnection, base: str, path: Path, folder: Path, limits: Limits
) -> tuple[Header, Rows]:
    """Creates the base table from a Parquet file; NULL is the empty text."""
    link = folder / "table.parquet"
    link.unlink(missing_ok=True)
    link.symlink_to(path.absolute())
    source = f"read_parquet({literal(str(link))}, hive_partitioning=false)"
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        limits.check("max_columns", len(described))
        names, notes = name_columns(Record(1, [row[0] for row in described], ""))
        check_types(described)
        cells = ", ".join(
            f"coalesce(CAST({quoted(row[0])} AS VARCHAR), '') AS {plain}"
            for row, plain in zip(described, columns_of(len(names)), strict=True)
        )
        con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(base)} AS SELECT {cells} FROM {source}")
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise InputError(
            f"is a truncated or damaged Parquet file ({said[:80]})",
            "copy or export it again",
            code="truncated",
        ) from None
    row = con.execute(f"SELECT count(*) FROM {quoted(base)}").fetchone()
    assert row is not None
    limits.check("max_cells", row[0] * len(names))
    rows = Rows(int(row[0]), notes=list(notes))
    return Header(names, None, cells=names), rows


def check_types(described: list[tuple[str, ...]]) -> None:
    """Refuses columns that hold no numbers, dates or text, or have a name that is used inside.

    `described` is what DESCRIBE gives.
    """
    for name, *_ in described:
        if name.strip().casefold() == ROW:
            raise InputError("is a name used inside", "rename the column",
                             code="reserved-header", column=name)  # fmt: skip
    nested = next((row for row in described if any(sign in row[1] for sign in _NESTED)), None)
    if nested is not None:
        raise InputError(
            f"holds {nested[1].split('(')[0]} values, not numbers, dates or text",
            "export that column as text",
            code="json-shape",
            column=nested[0],
        )
