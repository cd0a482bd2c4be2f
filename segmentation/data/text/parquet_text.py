"""A Parquet file as a table of text, as DuckDB writes its values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from segmentation.data.errors import InputError, Note
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
        left_out = check_types(described)
        described = [row for row in described if row[0] not in {n.column for n in left_out}]
        names, notes = name_columns(Record(1, [row[0] for row in described], ""))
        check_lengths(path, limits)
        cells = [f"coalesce(CAST({quoted(row[0])} AS VARCHAR), '')" for row in described]
        target.fill(cells, columns_of(len(names)), source, ROWID)
    except (duckdb.Error, pa.ArrowException) as error:
        reason = str(error).splitlines()[0].replace(str(link), path.name)
        raise InputError(
            f"is a truncated or damaged Parquet file ({reason[:80]})",
            "copy or export it again",
            code="truncated",
        ) from None
    row = target.con.execute(f"SELECT count(*) FROM {target.quoted}").fetchone()
    assert row is not None
    limits.check("max_cells", row[0] * len(names))
    return Header(names, None, cells=names), Rows(int(row[0]), notes=[*notes, *left_out])


def check_types(described: Sequence[Sequence[str]]) -> list[Note]:
    """Returns a note on each column of values other than numbers, dates and text: left out.

    `described` has the name and the type of each column first, as the rows of DESCRIBE have.
    Refuses a reserved name, and a table of nothing but such columns.
    """
    for name, *_ in described:
        if name.strip().casefold() == ROW:
            raise InputError(
                "is a name used inside", "rename the column", code="reserved-header", column=name
            )
    nested = [row for row in described if any(sign in row[1] for sign in _NESTED)]
    kinds = {row[0]: "LIST" if row[1].endswith("[]") else row[1].split("(")[0] for row in nested}
    what = {
        name: f"holds {kind} values, not numbers, dates or text" for name, kind in kinds.items()
    }
    if nested and len(nested) == len(described):
        (name, *_), remedy = nested[0], "export that column as text"
        raise InputError(what[name], remedy, code="json-shape", column=name)
    return [Note("left-out", f"left out: it {said}", None, name) for name, said in what.items()]


def check_lengths(path: Path, limits: Limits) -> None:
    """Refuses a Parquet file with a text above max_cell before its rows are read.

    Only parts of a column that hold more bytes than that are looked at. Of a dictionary its values
    are, not the rows: a few bytes in the file can repeat a long text many times.
    """
    with pq.ParquetFile(path) as file:
        footer = file.metadata
    for group in range(footer.num_row_groups):
        for i in range(footer.num_columns):
            part = footer.row_group(group).column(i)
            large = part.total_uncompressed_size > limits.max_cell
            if large and part.physical_type == "BYTE_ARRAY":
                try:
                    limits.check("max_cell", _find_longest(path, group, part))
                except InputError as error:
                    error.column = part.path_in_schema
                    raise


def _find_longest(path: Path, group: int, part: Any) -> int:
    """The length of the longest text in a part of a column, in bytes; 0 in a list or struct."""
    name = part.path_in_schema
    repeats = [name] if any("DICTIONARY" in encoding for encoding in part.encodings) else []
    with pq.ParquetFile(path, read_dictionary=repeats) as file:
        if name not in file.schema_arrow.names:
            return 0
        cells = file.read_row_group(group, [name], use_threads=False).column(0)
    chunks = [c.dictionary if pa.types.is_dictionary(c.type) else c for c in cells.chunks]
    return max((pc.max(pc.binary_length(c)).as_py() or 0 for c in chunks), default=0)
