"""How a file or database is to be read, and how a text was written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """How a text file is written, so that another one can be written like it."""

    delimiter: str = ","
    decimal: str = "."
    bom: bool = False


@dataclass(frozen=True)
class Reading:
    """How to read a file or database; the reader decides every None, or refuses.

    `table` is a workbook's sheet, a database's table or a query; `header` the header's line (0 for
    none); `dates` the order of day, month and year (dmy, mdy, ymd); `on_bad_value` what to do with
    text among numbers (refuse, missing); `id` the column that orders a database's rows; `copies`
    what to do with rows that repeat earlier ones, `footer` with totals and remarks, `bad_lines`
    with lines of a text that do not fit (refuse, drop).
    """

    table: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header: int | None = None
    decimal: str | None = None
    dates: str | None = None
    on_bad_value: str = "refuse"
    id: str | None = None
    copies: str = "refuse"
    footer: str = "refuse"
    bad_lines: str = "refuse"
