"""The order of day, month and year in a column, proven by its values or left undecided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_TIME = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|\+00:?00)?)?"
DATE = (
    r"(?:[0-9]{4}([-/.])[0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2}))"
    + _TIME
)
ORDERS = ("dmy", "mdy", "ymd")
_FORMATS = {"dmy": "%d-%m-", "mdy": "%m-%d-"}


@dataclass(frozen=True)
class Parts:
    """What the numbers of all dates in a column allow."""

    largest: tuple[int, int, int]  # first, second and third number
    year_first: int  # dates that begin with four digits
    short: int  # dates with a year of two digits
    total: int
    times: int
    unequal: int  # dates whose first two numbers differ


@dataclass(frozen=True)
class Order:
    """The order that a column's dates are written in, or why it is unknown."""

    name: str | None  # dmy, mdy or ymd
    reason: str
    mixed: bool = False  # written in two ways, so that no order reads them all


def parts_sql(text: str) -> str:
    """The SQL of the eight numbers that `read_parts` takes."""
    numbers = [
        rf"max(TRY_CAST(regexp_extract({text}, '^([0-9]+)[-/.]([0-9]+)[-/.]([0-9]+)', {i}) AS INT))"
        for i in (1, 2, 3)
    ]
    first = rf"regexp_extract({text}, '^([0-9]+)[-/.]0*([0-9]+)', 2)"
    second = rf"regexp_extract({text}, '^0*([0-9]+)[-/.]', 1)"
    short = "^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}(?:[ T]|$)"
    return ", ".join(
        [
            *numbers,
            f"count(*) FILTER (regexp_matches({text}, '^[0-9]{{4}}'))",
            f"count(*) FILTER (regexp_matches({text}, '{short}'))",
            "count(*)",
            f"count(*) FILTER (contains({text}, ':'))",
            f"count(*) FILTER ({first} <> {second})",
        ]
    )


def read_parts(row: Sequence[int | None]) -> Parts:
    """The parts, from the row that a query of `parts_sql` gives."""
    first, second, third, *counts = (number or 0 for number in row)
    return Parts((first, second, third), *counts)


def decide_order(parts: Parts, preset: str | None) -> Order:
    """The order that the values prove, or else the `preset` one."""
    first, second, third = parts.largest
    if parts.year_first and parts.year_first < parts.total:
        return Order(None, "some dates have the year first and some have it last", mixed=True)
    if parts.year_first:
        return Order("ymd", "the year comes first")
    if parts.short and parts.short < parts.total:
        return Order(None, "some years have two digits and some have four", mixed=True)
    if preset is not None:
        return Order(preset, f"dates: {preset}")
    if parts.short and first > 31:
        return Order("ymd", f"{first} can only be a year")
    if first > 12 and second > 12:
        reason = f"both orders occur: {first} comes first in one date, {second} second in another"
        return Order(None, reason, mixed=True)
    if parts.short and third <= 31:
        return Order(None, "two-digit days, months and years cannot be told apart")
    if first > 12:
        return Order("dmy", f"{first} can only be a day")
    if second > 12:
        return Order("mdy", f"{second} can only be a day")
    if not parts.unequal and parts.total > 1:
        return Order("dmy", "day and month are always equal")
    return Order(None, "day and month cannot be told apart")


def date_sql(text: str, order: str, parts: Parts) -> str:
    """The SQL of the date or timestamp in a trimmed text; NULL if it is not one."""
    day = rf"regexp_replace({text}, '^([0-9]+)[-/.]([0-9]+)[-/.]([0-9]+)', '\1-\2-\3')"
    day = rf"regexp_replace(replace({day}, 'T', ' '), '(?:Z|\+00:?00)$', '')"
    year = "%y" if parts.short else "%Y"
    form = f"{year}-%m-%d" if order == "ymd" else _FORMATS[order] + year
    if not parts.times:
        return f"CAST(TRY_STRPTIME({day}, '{form}') AS DATE)"
    forms = ", ".join(f"'{form}{time}'" for time in ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f"))
    return f"TRY_STRPTIME({day}, [{forms}])"
