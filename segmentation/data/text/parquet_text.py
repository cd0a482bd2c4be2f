"""A Parquet file as a table of text, as DuckDB writes its values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from segmentation.data.errors import InputError
from segmentation.data.limits import Limits
from segmentation.data.sql import ROW, columns_of, literal, quoted
from segmentation.data.text.headers import Header, name_columns
from segmentation.data.text.loading import Rows
from segmentation.data.text.records import Record
from segmentation.data.text.storing import ROWID, Target, link_plainly

_NESTED = ("STRUCT", "MAP", "UNION", "BLOB", "[]")


def load_parquet(target: Target, path: Path, scratch: Path, limits: Limits) -> tuple[Header, Rows]:
    """Creates the base table from a Parquet file; NULL becomes the empty text."""
    link = link_plainly(path, scratch / "table.parquet")
    source = f"read_parquet({literal(str(link))}, hive_partitioning=false)"
    try:
        described = target.con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        limits.check("max_columns", len(described))
        names, notes = name_columns(Record(1, [row[0] for row in described], ""))
        check_types(described)
        cells = [f"coalesce(CAST({quoted(row[0])} AS VARCHAR), '')" for row in described]
        target.fill(cells, columns_of(len(names)), source, ROWID)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].replace(str(link), path.name)
        raise InputError(
            f"is a truncated or damaged Parquet file ({reason[:80]})",
            "copy or export it again",
            code="truncated",
        ) from None
    row = target.con.execute(f"SELECT count(*) FROM {target.quoted}").fetchone()
    assert row is not None
    limits.check("max_cells", row[0] * len(names))
    return Header(names, None, cells=names), Rows(int(row[0]), notes=list(notes))


def check_types(described: Sequence[Sequence[str]]) -> None:
    """Refuses columns with a reserved name, or of values other than numbers, dates and text.

    `described` has the name and the type of each column first, as the rows of DESCRIBE have.
    """
    for name, *_ in described:
        if name.strip().casefold() == ROW:
            raise InputError(
                "is a name used inside", "rename the column", code="reserved-header", column=name
            )
    nested = next((row for row in described if any(sign in row[1] for sign in _NESTED)), None)
    if nested is not None:
        raise InputError(
            f"holds {nested[1].split('(')[0]} values, not numbers, dates or text",
            "export that column as text",
            code="json-shape",
            column=nested[0],
        )
