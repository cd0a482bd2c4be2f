"""Records of a text file one by one, with the line each begins on, by Python's strict csv reader.

This is the careful way: any line ends, preambles, blank lines, spaces. `scanning` is the fast way,
for files that are regular throughout.
"""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from segmentation.data.errors import InputError
from segmentation.data.limits import Limits, over_limit
from segmentation.data.text.encodings import Text

_FIELD_SIZE = threading.Lock()


@dataclass(frozen=True)
class Dialect:
    """How the fields of a record are separated; a delimiter of "" means a single column."""

    delimiter: str
    spaced: bool = False  # one space after each delimiter is dropped
    aligned: bool = False  # runs of spaces are one delimiter
    padded: bool = False  # one space before each delimiter is dropped

    @property
    def name(self) -> str:
        """The delimiter in words, for messages."""
        names = {"\t": "tab", " ": "space", "": "none"}
        return names.get(self.delimiter, self.delimiter)


class Record(NamedTuple):
    """One record: the line it begins on (from 1), its cells, and its text as written."""

    line: int
    cells: list[str]
    raw: str


class UnclosedQuote(InputError):
    """A quote that is never closed. In a sample it may be closed further down in the file."""


class _Lines:
    """Lines, counted; `taken` has those since it was last cleared."""

    def __init__(self, lines: Iterable[str], above: int) -> None:
        self.lines = iter(lines)
        self.taken: list[str] = []
        self.count = above

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.count += 1
        self.taken.append(line)
        return line


def split_records(
    lines: Iterable[str], dialect: Dialect, limits: Limits, above: int = 0
) -> Iterator[Record]:
    """The records in some lines with so many `above`; refuses a stray or unclosed quote."""
    source = _Lines(lines, above)
    if dialect.aligned:
        yield from (_aligned(source, line) for line in source)
        return
    reader = csv.reader(
        source,
        delimiter=dialect.delimiter or "\x1f",
        skipinitialspace=dialect.spaced,
        strict=True,
    )
    while True:
        first = source.count + 1
        source.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _quote_fault(error, first, "".join(source.taken), dialect, limits) from None
        limits.check("max_columns", len(cells), line=first)
        if dialect.padded:
            cells[:-1] = [cell.removesuffix(" ") for cell in cells[:-1]]
        yield Record(first, cells, "".join(source.taken))


def _aligned(source: _Lines, line: str) -> Record:
    source.taken.clear()
    return Record(source.count, line.strip(" \t\r\n").split(), line)


@contextmanager
def cell_limit(limits: Limits) -> Iterator[None]:
    """Sets the limit on one cell for Python's csv reader; a lock, as the setting is global."""
    with _FIELD_SIZE:
        before = csv.field_size_limit(limits.max_cell)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def read_records(text: Text, dialect: Dialect, limits: Limits) -> Iterator[Record]:
    """All records of a file."""
    with text.path.open("rb") as file:
        file.seek(text.bom)
        lines = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield from split_records(lines, dialect, limits)


def _quote_fault(
    error: csv.Error, first: int, raw: str, dialect: Dialect, limits: Limits
) -> InputError:
    """The refusal of the record that begins on line `first`, whose text so far is `raw`."""
    field, closed = _find_bad_quote(raw, dialect)
    line = first + len(re.findall(r"\r\n|\n|\r", raw[:field]))
    too_long = "field limit" in str(error)  # csv.Error has no code, only this text
    if too_long and (closed or not re.match(r' *"', raw[field : field + 1000])):
        return over_limit("max_cell", limits.max_cell, f"more than {limits.max_cell:,}", first)
    if closed:
        what = "a quote inside a quoted cell that is not doubled"
        return InputError(what, 'double it ("") or remove it', code="quote", line=line)
    within = f" within {limits.max_cell:,} characters" if too_long else ""
    return UnclosedQuote(
        f"a quote opens here and is never closed{within}",
        "close or remove it" + (", or shorten the cell" if too_long else ""),
        code="quote",
        line=line,
    )


def _find_bad_quote(raw: str, dialect: Dialect) -> tuple[int, bool]:
    """Where the field with the wrong quote begins, and whether a quote closes it too early."""
    mark = re.escape(dialect.delimiter or "\x1f")
    space = " *+" if dialect.spaced else ""
    field = re.compile(
        rf'{space}(?:("(?:[^"]|"")*"(?!"))|(?!")[^{mark}\r\n]*)(?=({mark})|\r|\n|\Z)'
    )
    start = 0
    while start < len(raw):
        match = field.match(raw, start)
        if match is None:
            early = re.compile(rf'{space}"(?:[^"]|"")*"(?!")').match(raw, start)
            return start, early is not None
        if match.group(2) is None:
            return start, False
        start = match.end() + 1
    return 0, False


def bare_quotes(record: Record, dialect: Dialect) -> list[str]:
    """The cells of a record that contain quotes without being quoted."""
    if '"' not in record.raw or not any('"' in cell for cell in record.cells):
        return []
    mark = re.escape(dialect.delimiter or "\x1f")
    space = " *+" if dialect.spaced else ""
    field = re.compile(rf'{space}("(?:[^"]|"")*")?([^{mark}]*)(?:{mark}|\Z)')
    return [m.group(2) for m in field.finditer(record.raw.rstrip("\r\n")) if '"' in m.group(2)]
