"""Delimited text files, read strictly into the engine: every cell as the text that was written."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from segmentation.data.errors import InputError

ROW = "__row__"
DELIMITERS = ",;\t|"
_LOOK = 64_000


@dataclass(frozen=True)
class Dialect:
    """How a text file is written."""

    delimiter: str
    encoding: str
    bom: bool
    columns: tuple[str, ...]


def read_dialect(path: Path, delimiter: str | None = None, encoding: str | None = None) -> Dialect:
    """The file's delimiter, encoding and header, or the `InputError` that says why not."""
    raw = path.read_bytes()[:_LOOK]
    if not raw.strip():
        raise InputError("the file is empty", "export it again", code="empty-file", file=path.name)
    if b"\0" in raw:
        raise InputError(
            "this is not a text file", "export it as CSV", code="not-text", file=path.name
        )
    encoding = encoding or _encoding(raw, path)
    lines = raw.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()[:20]
    delimiter = delimiter or _delimiter(lines, path)
    columns = tuple(name.strip() for name in next(csv.reader(lines, delimiter=delimiter)))
    _check_header(columns, path)
    return Dialect(delimiter, encoding, raw.startswith(b"\xef\xbb\xbf"), columns)


def load_text(con: duckdb.DuckDBPyConnection, path: Path, name: str, dialect: Dialect) -> None:
    """Fills table `name` with the file's cells as text and their record number in `ROW`."""
    options: dict[str, Any] = {
        "delim": dialect.delimiter,
        "quote": '"',
        "escape": '"',
        "header": True,
        "strict_mode": True,
        "auto_detect": False,
        "null_padding": False,
        "ignore_errors": False,
        "encoding": dialect.encoding,
        "columns": dict.fromkeys(dialect.columns, "VARCHAR"),
    }
    given = ", ".join(f"{key}={value!r}" for key, value in options.items())
    try:
        con.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT row_number() OVER () AS {ROW}, * "
            f"FROM read_csv(?, {given})",
            [str(path)],
        )
    except duckdb.Error as error:
        raise _refusal(str(error), path) from None


def _encoding(raw: bytes, path: Path) -> str:
    try:
        raw[: _LOOK - 4].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(raw) - 8:
            raise InputError(
                "the text is not UTF-8",
                "save it as CSV UTF-8, or name its `encoding`",
                code="not-utf8",
                file=path.name,
                line=raw[: error.start].count(b"\n") + 1,
            ) from None
    return "utf-8"


def _delimiter(lines: list[str], path: Path) -> str:
    widths = {sign: {len(row) for row in csv.reader(lines, delimiter=sign)} for sign in DELIMITERS}
    even = {sign: max(width) for sign, width in widths.items() if len(width) == 1}
    best = max(even, key=lambda sign: even[sign]) if even else None
    if best is None or even[best] == 1:
        best = max(DELIMITERS, key=lambda sign: lines[0].count(sign))
        if best not in lines[0]:
            raise InputError(
                "no delimiter found in the header",
                "name it: --set delimiter=';'",
                code="delimiter-undecided",
                file=path.name,
                line=1,
            )
    return best


def _check_header(columns: tuple[str, ...], path: Path) -> None:
    seen: set[str] = set()
    for number, column in enumerate(columns, 1):
        if not column or column.casefold() in seen:
            fault = "has no name" if not column else f"{column!r} stands twice"
            raise InputError(
                f"column {number} of the header {fault}",
                "give every column its own name",
                code="header",
                file=path.name,
                line=1,
            )
        seen.add(column.casefold())


def _refusal(message: str, path: Path) -> InputError:
    line = re.search(r"Line: (\d+)", message)
    fields = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    what = (
        f"{fields[2]} fields where the header has {fields[1]}"
        if fields
        else message.splitlines()[-1 if "Error" not in message else 0].removeprefix("CSV Error: ")
    )
    if "unterminated quote" in message:
        what = "a quote opens and is never closed"
    return InputError(
        what,
        "quote or remove the extra sign, or mend the row",
        code="ragged-row" if fields else "unreadable",
        file=path.name,
        line=int(line[1]) if line else None,
    )
