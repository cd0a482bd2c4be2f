"""The order of day, month and year in a column, proven by its values or left undecided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmentation.data.sql import literal

# The months by their first letters: English, German, French, Spanish, Italian, Dutch, Portuguese.
_MONTHS = (
    *("jan|gen|ene", "f[eé][bv]", "mar|mär|mrz|maa", "a[pbv]r", "ma[iygj]|mei", "juin|jun|giu"),
    *("juil|jul|lug", "aug|aou|aoû|ago", "sep|set", "o[ck]t|out|ott", "nov", "d[eéi][czs]"),
)
_MONTH = rf"(?:(?i:{'|'.join(_MONTHS)})[a-zéç]*\.?)"
_WEEKDAY = r"(?:(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*\s+|(?i:mo|di|mi|do|fr|sa|so)[.,]+\s*)"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
_BLANK = "[\\s\u00a0\u202f]"
_HALF = rf"(?:{_BLANK}?(?i:[ap]\.?m\.?))"
_ZONE = r"(?:\s?(?:Z|UTC|GMT|Uhr|h)?\s?(?:[+\-][0-9]{2}(?::?[0-9]{2})?)?)"
_TIME = rf"(?:(?:T|,?\s){_CLOCK}{_HALF}?{_ZONE}(?: \([A-Za-z ]+\))?)?"
_DAY = r"[0-9]{1,2}(?:st|nd|rd|th|\.)?"
_NUMERIC = (
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2}))"
)
_NAMED = (
    rf"(?:{_DAY}(?:\s|[-/.]| de | of )?{_MONTH}(?:[-/., ]| de |, )?(?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|{_MONTH}[-/ ]{_DAY}(?:, ?|[-/ ])(?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|[0-9]{{4}}[-/ ]{_MONTH}[-/ ][0-9]{{1,2}})"
)
_CTIME = rf"{_MONTH}\s+[0-9]{{1,2}} {_CLOCK} [0-9]{{4}}"
DATE = rf"{_WEEKDAY}?(?:(?:{_NUMERIC}|{_NAMED}){_TIME}|{_CTIME})"
# Not \p{L}{2,10}: an engine would take twenty times as long to prepare the pattern.
_LETTER = "[^\\s0-9[:punct:]]"
# Dates that are not read: with a zone's name, the time first, without a day, in other signs, with a
# month in another language, as numbers without signs.
ODD_DATE = (
    rf"(?:{_LETTER}{{2,}}[.,]*\s+|{_CLOCK}\s+)?"
    rf"(?:{_NUMERIC}|{_NAMED}|[0-9]{{4}}\s[0-9]{{2}}\s[0-9]{{2}})"
    rf"(?:(?:\W{{1,3}}|T){_CLOCK}.*|\s{_LETTER}{{1,3}}\s{_CLOCK}|\s[0-9]{{1,2}}h[0-9]{{2}})?"
    r"|(?:19|20)[0-9]{6}[T ][0-9]{4,6}.*"
    rf"|{_LETTER}{{0,2}}[0-9]{{1,4}}[年년]\s?[0-9]{{1,2}}[月월]\s?[0-9]{{1,2}}[日일].*"
    rf"|[0-9]{{1,2}}[.]?\s{_LETTER}{{3,}}[.]?\s(?:(?:19|20)[0-9]{{2}}|'[0-9]{{2}})(?:\s.+)?"
    r"|(?:19|20)[0-9]{2}(?:_[0-9]{2}_[0-9]{2}|[.]\s[0-9]{1,2}[.]\s[0-9]{1,2}[.]?)(?:\s.+)?"
    r"|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}"
    r"|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|0{8}|/Date\([0-9+-]+\)/"
)
ODD_MONTH = (
    rf"{_MONTH}[-/ .,]*'?(?:[0-9]{{4}}|[0-9]{{2}})|[0-9]{{4}}[-/ ](?:0[1-9]|1[0-2]|{_MONTH})"
)
_OFFSET = r"[0-9](?:\s?(?:UTC|GMT|Z))?\s?([+\-])([0-9]{2}):?([0-9]{2})?(?: \([A-Za-z ]+\))?$"
ORDERS = ("dmy", "mdy", "ymd")
_FORMATS = {"dmy": "%d-%m-", "mdy": "%m-%d-"}
_SEASON = 60  # minutes that a clock is changed by: offsets this near are of one place


@dataclass(frozen=True)
class Parts:
    """What the numbers of all dates in a column allow."""

    largest: tuple[int, int, int]  # first, second and third number
    year_first: int  # dates that begin with four digits
    short: int  # dates with a year of two digits
    total: int
    times: int
    unequal: int  # dates whose first two numbers differ
    named: int = 0  # dates with the name of a month
    zones: int = 0  # times with an offset from UTC
    least: int = 0  # offset in minutes
    most: int = 0

    @property
    def one_place(self) -> bool:
        """Whether all times are of one place, apart from summer time."""
        return self.zones in (0, self.times) and self.most - self.least <= _SEASON


@dataclass(frozen=True)
class Order:
    """The order that a column's dates are written in, or why it is unknown."""

    name: str | None  # dmy, mdy or ymd
    reason: str
    mixed: bool = False  # written in two ways, so that no order reads them all


def plain_sql(text: str) -> str:
    """The SQL of a date as numbers and a clock: 24-7-2020 5:34:12 PM, with its offset if any."""
    plain = _replace(text, f"^{_WEEKDAY}", "")
    for number, names in enumerate(_MONTHS, 1):
        # The name stands after the start, a sign or a digit: no letter of another word.
        plain = _replace(
            plain,
            rf"^([0-9 .,/\-]*(?:st|nd|rd|th)?\s?(?:de |of )?)(?i:{names})[a-zéç]*\.?",
            rf"\1M{number}-",
        )
    year = "([0-9]{4}|[0-9]{2})"
    plain = _replace(
        plain, rf"^M([0-9]+)-\s*([0-9]{{1,2}}) ({_CLOCK}) ([0-9]{{4}})$", r"\2-\1-\4 \3"
    )
    plain = _replace(plain, rf"^M([0-9]+)-[-/ ]*{_ordinal()}[-/, ]+{year}", r"\2-\1-\3")
    plain = _replace(
        plain, rf"^{_ordinal()}(?:[-/.\s]|de |of )*M([0-9]+)-(?:[-/.,\s]|de )*{year}", r"\1-\2-\3"
    )
    plain = _replace(plain, r"^([0-9]{4})[-/ ]M([0-9]+)-[-/ ]*([0-9]+)", r"\1-\2-\3")
    plain = _replace(plain, r"([0-9])(?:T|,?\s+)([0-9]{1,2}:)", r"\1 \2")
    return _replace(plain, rf"{_BLANK}?([AaPp])\.?[Mm]\.?({_ZONE})$", r" \1M\2")


def _ordinal() -> str:
    return r"([0-9]{1,2})(?:st|nd|rd|th|\.)?"


def _replace(text: str, pattern: str, by: str) -> str:
    return f"regexp_replace({text}, {literal(pattern)}, {literal(by)})"


def offset_sql(text: str) -> str:
    """The SQL of a time's offset from UTC in minutes, NULL if it has none."""
    sign, hours, minutes = (f"regexp_extract({text}, {literal(_OFFSET)}, {i})" for i in (1, 2, 3))
    return (
        f"CASE WHEN contains({text}, ':') THEN TRY_CAST({sign} || '1' AS INT) * "
        f"(60 * TRY_CAST({hours} AS INT) + coalesce(TRY_CAST({minutes} AS INT), 0)) END"
    )


def parts_sql(text: str, relation: str, where: str) -> str:
    """The query for what `read_parts` takes, of the trimmed dates in a relation's rows.

    They are made plain once, in a query of their own: that takes milliseconds to prepare.
    """
    three = "^([0-9]+)[-/.]([0-9]+)[-/.]([0-9]+)"
    first = r"regexp_extract(plain, '^([0-9]+)[-/.]0*([0-9]+)', 2)"
    second = r"regexp_extract(plain, '^0*([0-9]+)[-/.]', 1)"
    short = "^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}(?:[ T]|$)"
    parts = [
        *(f"max(TRY_CAST(regexp_extract(plain, '{three}', {i}) AS INT))" for i in (1, 2, 3)),
        "count(*) FILTER (regexp_matches(plain, '^[0-9]{4}'))",
        f"count(*) FILTER (regexp_matches(plain, '{short}'))",
        "count(*)",
        "count(*) FILTER (contains(written, ':'))",
        f"count(*) FILTER ({first} <> {second})",
        f"count(*) FILTER (regexp_matches(written, {literal(_MONTH)}))",
        *(f"{count}({offset_sql('plain')})" for count in ("count", "min", "max")),
    ]
    dates = f"SELECT {text} AS written, {plain_sql(text)} AS plain FROM {relation} WHERE {where}"
    return f"SELECT {', '.join(parts)} FROM ({dates})"


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
    if parts.named == parts.total:
        return Order("dmy", "months have names")
    if parts.named:
        return Order(None, "some months have names and some have numbers", mixed=True)
    if preset is not None:
        return Order(preset, f"dates: {preset}")
    if parts.short and first > 31:
        return Order("ymd", f"{first} can only be a year")
    if first > 12 and second > 12:
        reason = f"both orders occur: {first} comes first in one date, {second} second in another"
        return Order(None, reason, mixed=True)
    if parts.short and third <= 31 and second <= 12:
        return Order(None, "two-digit days, months and years cannot be told apart")
    if first > 12:
        return Order("dmy", f"{first} can only be a day")
    if second > 12:
        return Order("mdy", f"{second} can only be a day")
    if not parts.unequal and parts.total > 1:
        return Order("dmy", "day and month are always equal")
    return Order(None, "day and month cannot be told apart")


def date_sql(text: str, order: str, parts: Parts) -> str:
    """The SQL of the date or timestamp in a trimmed text; NULL if it is not one.

    Times of several places are moved to UTC; others stay as their clocks showed them.
    """
    plain = plain_sql(text)
    day = rf"regexp_replace({plain}, '^([0-9]+)[-/.]([0-9]+)[-/.]([0-9]+)', '\1-\2-\3')"
    year = "%y" if parts.short else "%Y"
    form = f"{year}-%m-%d" if order == "ymd" else _FORMATS[order] + year
    if not parts.times:
        return f"CAST(TRY_STRPTIME({day}, '{form}') AS DATE)"
    day = _replace(day, r"([0-9M])(?: \([A-Za-z ]+\))$", r"\1")
    day = _replace(day, rf"(:[0-9.,]+(?: [AaPp]M)?){_ZONE}$", r"\1")
    day = _replace(day, r"(:[0-9]{2})[.,]([0-9]{1,6})[0-9]*", r"\1.\2")
    clocks = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f")
    halves = (" %I:%M %p", " %I:%M:%S %p", " %I:%M:%S.%f %p")
    forms = ", ".join(f"'{form}{clock}'" for clock in (*clocks, *halves))
    value = f"TRY_STRPTIME({day}, [{forms}])"
    if parts.one_place:
        return value
    return f"{value} - to_minutes(coalesce({offset_sql(plain)}, 0))"
