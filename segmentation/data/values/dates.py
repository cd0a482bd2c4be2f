"""The order of day, month and year in one column, proven by its values or refused."""

from __future__ import annotations

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
    """The largest first, second and third number of all dates, and which kinds occur."""

    largest: tuple[int, int, int]
    year_first: int  # dates that begin with four digits
    short: int  # dates with a year of two digits
    total: int
    times: int
    unequal: int  # dates whose first two numbers differ


def parts_sql(text: str) -> str:
    """The SQL of what `Parts` needs, in its order."""
    numbers = [
        rf"max(TRY_CAST(regexp_extract({text}, '^([0-9]+)[-/.]([0-9]+)[-/.]([0-9]+)', {i}) AS INT))"
        for i in (1, 2, 3)
    ]
    first = rf"regexp_extract({text}, '^([0-9]+)[-/.]0*([0-9]+)', 2)"
    second = rf"regexp_extract({text}, '^0*([0-9]+)[-/.]', 1)"
    return ", ".join(
        [
            *numbers,
            rf"count(*) FILTER (regexp_matches({text}, '^[0-9]{{4}}'))",
            rf"count(*) FILTER (regexp_matches({text}, '^[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{2}}(?:[ T]|$)'))",  # noqa: E501
            "count(*)",
            f"count(*) FILTER (contains({text}, ':'))",
            f"count(*) FILTER ({first} <> {second})",
        ]
    )


def decide_order(parts: Parts, asked: str | None) -> tuple[str | None, str]:
    """The order (None: undecided) and, in words, what proves it or why it is undecided."""
    first, second, third = parts.largest
    if parts.year_first and parts.year_first < parts.total:
        return None, "dates with the year first and with the year last"
    if parts.year_first:
        return "ymd", "the year stands first"
    if parts.short and parts.short < parts.total:
        return None, "years of two and of four digits"
    if asked is not None:
        return asked, f"dates: {asked}"
    if parts.short and first > 31:
        return "ymd", f"{first} can only be a year"
    if first > 12 and second > 12:
        return None, f"both orders occur: {first} stands first and {second} second"
    if parts.short and third <= 31:
        return None, "day, month and year of two digits cannot be told apart"
    if first > 12:
        return "dmy", f"{first} can only be a day"
    if second > 12:
        return "mdy", f"{second} can only be a day"
    if not parts.unequal and parts.total > 1:
        return "dmy", "day and month are always equal"
    return None, "day and month cannot be told apart"


def date_sql(text: str, order: str, parts: Parts) -> str:
    """The SQL of the date (or timestamp) in a trimmed text; NULL where it is none."""
    day = rf"regexp_replace({text}, '^([0-9]+)[-/.]([0-9]+)[-/.]([0-9]+)', '\1-\2-\3')"
    day = rf"regexp_replace(replace({day}, 'T', ' '), '(?:Z|\+00:?00)$', '')"
    year = "%y" if parts.short else "%Y"
    form = f"{year}-%m-%d" if order == "ymd" else _FORMATS[order] + year
    if not parts.times:
        return f"CAST(TRY_STRPTIME({day}, '{form}') AS DATE)"
    forms = ", ".join(f"'{form}{time}'" for time in ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f"))
    return f"TRY_STRPTIME({day}, [{forms}])"
