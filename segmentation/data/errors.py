"""Refusals of an input (`InputError`) and remarks on one that was read (`Note`).

Both carry a stable reason code; `CODES` is the list of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Self

ALIKE = 0.6
LONGEST = 1_000  # characters of a remedy, above which nobody pastes it
_SHORTEST = 80  # of what is wrong, before a long remedy

CODES: dict[str, str] = {
    # the file itself
    "no-file": "the path does not exist",
    "not-a-file": "a device, a pipe, or a folder without Parquet files",
    "no-permission": "the file may not be read",
    "unreadable": "the operating system or a library could not read it",
    "empty-file": "0 bytes, or nothing but blank lines",
    "changed-while-reading": "the file changed between the first and the last byte",
    "bad-hint": "a parameter (encoding, delimiter, header, table) that cannot be used",
    # what it is
    "html": "an HTML or XML page",
    "json": "JSON that is not one object per line",
    "binary": "binary data of a kind that is never read",
    "pickle": "a Python pickle, never loaded",
    "truncated": "compressed data or a container that ends early",
    "corrupt": "compressed data or a container that is damaged",
    "several-members": "an archive with several files, or none",
    "password": "an encrypted workbook or archive",
    "true-type": "a file read by its content, not by its name (note)",
    # folders of Parquet files
    "files-differ": "files of one folder with different columns, types or partitions",
    "link-loop": "a link to a folder above it, or to a file that is already included",
    "table-format": "a table format whose Parquet files alone are not its rows",
    "other-files": "files of other kinds in a folder of Parquet files, left out (note)",
    # limits
    "max-bytes": "more bytes than Limits.max_bytes",
    "max-ratio": "unpacks to more than Limits.max_ratio times its size",
    "max-columns": "more columns than Limits.max_columns",
    "max-cells": "more cells than Limits.max_cells, or more text than fits a workbook's size",
    "max-cell": "a cell longer than Limits.max_cell",
    "max-line": "a line longer than Limits.max_line",
    # text
    "encoding": "undecodable, undecidable or mixed encoding; as a note: the one that was used",
    "nul-byte": "a NUL character in the text",
    "delimiter": "undecidable delimiter",
    "quote": "an unclosed or stray quote",
    "quote-character": "cells wrapped in something other than double quotes",
    "bare-quotes": "quotes inside unquoted cells, kept as written (note)",
    "ragged-row": "a row with more or fewer fields than the header",
    "spaced-delimiter": "the space after each delimiter was dropped (note)",
    "aligned": "columns are aligned by runs of spaces (note)",
    "control-characters": "control characters in names or cells (note)",
    # rows that are not data
    "no-rows": "a header and nothing below it",
    "header": "the header cannot be told from the data",
    "duplicate-header": "two columns whose names differ only in spaces, case or Unicode form",
    "blank-header": "a column without a name (note)",
    "padded-header": "names of columns with blanks around them, which are left out (note)",
    "reserved-header": "a column called __row__",
    "repeated-header": "the header occurs again as a row",
    "several-header-rows": "more than one header row",
    "several-tables": "a second table below the first",
    "preamble": "lines above the header",
    "footer": "a total or a remark below the table",
    "left-out": "a column of lists, structs or bytes, left out (note)",
    "blank-rows": "rows without any value, left out (note)",
    "left-out-lines": "lines that are left out on request (note), or too many of them",
    # workbooks and JSON lines
    "several-sheets": "more than one sheet with data, and no `table`",
    "hidden": "hidden sheets, rows or columns (note)",
    "merged-cells": "merged cells (note, or refused in the table itself)",
    "formulas": "formulas without stored values",
    "json-shape": "a JSON line that is not a flat object with the same keys",
    # URLs and databases
    "no-driver": "a URL that needs a driver which is not installed",
    "bad-url": "a URL or environment variable that does not name a readable database",
    "no-variable": "env:NAME, and the environment has no NAME",
    "not-a-database": "a file that cannot be opened as a database of the URL's kind",
    "no-server": "no server answers",
    "login": "the server refuses the user or the password",
    "no-database": "the server has no database of that name",
    "connection-lost": "the connection broke while the rows were read",
    "no-table": "the database has no table of that name",
    "which-table": "several tables, and no `table`",
    "bad-query": "a query that the database cannot run",
    "writing-query": "more than one statement, or one that may write",
    "column-type": "a column of bytes, lists or records",
    "copied": "a large database table that was copied, as it has no id (note)",
    # values
    "text-among-numbers": "text in a column of numbers",
    "mostly-numbers": "a text column with more than 90 % numbers",
    "decimal": "a comma or dot that may be a decimal or a thousands sign",
    "currencies": "several currencies in one column",
    "percent": "percentages and plain numbers in one column",
    "units": "numbers in several units, or some without",
    "durations": "times such as 00:03:25 that measure how long",
    "negatives": "negative amounts that cannot be read",
    "infinite": "inf, or a number beyond 1.8e308",
    "digits": "digits that are not 0-9",
    "dates": "day and month cannot be told apart, or both orders occur",
    "bad-date": "text or impossible dates in a column of dates",
    "excel-errors": "errors such as #REF!, counted as missing (note)",
    "missing": "how often markers of missing values occur (note)",
    "number-format": "how numbers were read (note)",
    "yes-no": "yes and no in words, or booleans, read as 1 and 0",
    "mangled-ids": "ids that a spreadsheet turned into 1E+05 (note)",
    "extreme": "numbers beyond 1e100 (note)",
    "no-values": "a column without any value (note)",
    # rows as customers
    "one-row": "a single row",
    "identical-rows": "rows that are all the same",
    "copied-rows": "rows that repeat earlier ones, as a join leaves them; as a note: left out",
    "doubtful-rows": "rows that repeat others but for one column: lines of orders? (note)",
    "constant": "a column with one value only (note)",
    "duplicate-ids": "an id that occurs more than once",
    "missing-ids": "rows without an id",
    # columns and parameters
    "no-such-column": "a parameter names a column that the table lacks",
    "named-twice": "one column named for two parts, or twice",
    "id-not-unique": "the column named as id has repeats or gaps",
    "no-features": "no column to segment on",
    "unusable-feature": "a feature or value whose numbers are not finite or do not vary",
    "orders": "order columns that do not fit; as a note: what became of the lines",
    "doubtful-orders": "guests, currencies or cancellations among order lines (note)",
    "too-few-rows": "fewer customers than any segmentation needs",
    "too-many-rows": "more customers than the algorithm can compare in pairs",
    "k-too-large": "more segments than the table allows",
    "one-group": "an algorithm that chooses its number of segments finds fewer than two",
    "names": "names that do not fit the segments",
    "names-file": "a file without names of segments",
    "foreign-model": "a model that was not written by this project, or was edited",
    "changed-report": "a file of a report that was removed or edited since it was published",
}


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant; None if none is.

    It begins with the name, or is similar as a whole or by a word.
    """

    def likeness(other: str) -> float:
        words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", other))
        forms = [other, *(word for word in words if len(word) > 2)]
        ratio = max(SequenceMatcher(None, name.casefold(), f.casefold()).ratio() for f in forms)
        begins = len(name) > 1 and other.casefold().startswith(name.casefold())
        return ratio + begins

    best = max(known, key=likeness, default=None)
    return best if best is not None and likeness(best) >= ALIKE else None


def offer_name(name: str, known: Iterable[str], otherwise: str) -> str:
    """`did you mean spend?` if a known name is similar, else the text `otherwise`."""
    near = nearest_name(name, known)
    return f"did you mean {near}?" if near else otherwise


def list_some(names: Sequence[str]) -> str:
    """The first ten names, each cut to a readable length: `it has a, b, …`."""
    return ", ".join(shown(name, 40) for name in names[:10]) + (", …" if len(names) > 10 else "")


def shown(text: object, width: int = 60) -> str:
    """The text on one line, cut to a width, without control and direction characters."""
    safe = "".join(_visible(char) for char in str(text)[: 4 * width])
    return safe if len(safe) <= width else safe[: width - 1] + "…"


def _visible(char: str) -> str:
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return "�" if char not in "\t\r\n" else " "
    return char


@dataclass(frozen=True)
class Note:
    """A remark on an input that was read: a code, one sentence, and where."""

    code: str
    what: str
    line: int | None = None
    column: str | None = None


class InputError(ValueError):
    """A refusal of an input; `str()` is one line: file, line, column, what is wrong, what to do.

    `faults` are the first 20 faults of the input, this error first. Its seven parameters are the
    parts of a message; every caller names most of them.
    """

    def __init__(
        self,
        what: str,
        remedy: str,
        *,
        code: str,
        file: str | Path | None = None,
        line: int | None = None,
        column: str | None = None,
        faults: Iterable[InputError] = (),
    ) -> None:
        """So many parameters because a fault names its place, all but two by keyword."""
        if code not in CODES:
            raise KeyError(f"{code} is not in errors.CODES")
        super().__init__(what)
        self.what, self.remedy, self.code = what, remedy, code
        self.file = None if file is None else Path(file).name
        self.line, self.column = line, column
        self.faults: tuple[InputError, ...] = (self, *(f for f in faults if f is not self))[:20]

    def __str__(self) -> str:
        """The error on one line of 300 characters: what is wrong is cut, never what to paste.

        The line is longer if the remedy is, which only ends at LONGEST characters.
        """
        place = shown(self.file, 60) if self.file else ""
        place += f" line {self.line:,}" if self.line is not None else ""
        place += f", column {shown(self.column, 40)}" if self.column is not None else ""
        place = place.strip(" ,")
        remedy = shown(self.remedy, LONGEST)
        what = shown(self.what, max(_SHORTEST, 300 - len(place) - len(remedy) - 4))
        return f"{place}: {what}; {remedy}" if place else f"{what}; {remedy}"

    def at(self, file: str | Path) -> Self:
        """The same error with the name of the file, in its faults too."""
        for fault in self.faults:
            fault.file = fault.file or Path(file).name
        return self


def check_choice(name: str, choice: str, allowed: Sequence[str]) -> None:
    """Refuses a parameter's value that is not among those allowed."""
    if choice not in allowed:
        raise InputError(
            f"{name}: {shown(choice)!r} is not known",
            f"use one of {' '.join(allowed)}",
            code="bad-hint",
        )


def spare_faults(
    faults_by_column: Mapping[str, tuple[InputError, ...]], needed: Iterable[str | None] | None
) -> tuple[Note, ...]:
    """The faults of columns that are not needed, as notes; raises the first of the others.

    `needed` is None if every column is needed.
    """
    names = set(faults_by_column) if needed is None else set(needed)
    bad = [f for name, faults in faults_by_column.items() if name in names for f in faults]
    if bad:
        raise first_of(bad)
    return tuple(
        Note(fault.code, f"not used: {fault.what}", fault.line, fault.column)
        for faults in faults_by_column.values()
        for fault in faults
    )


def first_of(faults: list[InputError]) -> InputError:
    """The first fault, to be raised, with the first 20 of all in its `faults`."""
    first = faults[0]
    first.faults = tuple(faults[:20])
    return first
