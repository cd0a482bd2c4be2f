"""A file as a frame of text, for tests of how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmentation.data.errors import CODES, InputError, Note
from segmentation.data.limits import Limits
from segmentation.data.text.reading import Hints, load_text


@dataclass(frozen=True)
class RawTable:
    """A table of text as a frame, and how it was read."""

    frame: pd.DataFrame
    encoding: str
    delimiter: str
    header_line: int | None
    skipped: tuple[int, ...]
    notes: tuple[Note, ...]
    lines: np.ndarray[Any, np.dtype[np.int64]]  # the line of each row


@cache
def _open_engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def connect() -> duckdb.DuckDBPyConnection:
    """A connection to this process's DuckDB, in a tenth of the time of a new one.

    Its temporary tables, and the reader makes no others, are its own.
    """
    return _open_engine().cursor()


def read_raw(path: str | Path, *, limits: Limits | None = None, **hints: Any) -> RawTable:
    """The table in a file, every cell as written."""
    with connect() as con:
        loaded = load_text(con, path, Hints(**hints), limits=limits or Limits())
        cells = con.execute(f"SELECT * EXCLUDE (__row__) FROM {loaded.table} ORDER BY __row__")
        frame = cells.to_arrow_table().to_pandas()
    return RawTable(
        frame.astype("str"),
        loaded.encoding,
        loaded.delimiter,
        loaded.header_line,
        loaded.skipped,
        loaded.notes,
        loaded.lines.all(loaded.rows),
    )


def refusal(path: Path, **hints: Any) -> InputError:
    """The error with which a file is refused."""
    with pytest.raises(InputError) as caught:
        read_raw(path, **hints)
    assert caught.value.code in CODES and len(str(caught.value)) <= 300
    return caught.value
