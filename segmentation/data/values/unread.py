"""Text that holds numbers which no style reads: noted, or refused if it measures something."""

from __future__ import annotations

import re

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.rows.names import names_an_identifier
from segmentation.data.sql import literal
from segmentation.data.values.case import MOST, Case
from segmentation.data.values.dates import ODD_DATE, ODD_MONTH
from segmentation.data.values.numerals import CURRENCY, EXACT

_HEAD = 2_000  # rows that tell whether a column has to be looked at
_FEW = 10  # different signs and words around the numbers
_CODE = r"[^\W\d_]-?9"  # A-17, Corporate L3
_RUN = "[0-9][0-9.,'’\\s\u00a0\u2007\u2009\u202f]*"
_DECIMAL = "^[^0-9]*[0-9][0-9.,'’\u00a0\u2007\u2009\u202f ]*[.,][0-9]{1,2}[^0-9.,]*$"
_TIME = "-?[0-9]+:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?"
_SPAN = "-?P(?:[0-9]+[YMWD])*(?:T(?:[0-9.]+[HMS])+)?|(?:[0-9]+ ?[dhms](?:in|ec)? ?){2,4}"
_LONG = "-?(?:00?:[0-5][0-9]:[0-5][0-9].*|(?:2[4-9]|[3-9][0-9]|[0-9]{3,}):[0-5][0-9]:[0-5][0-9].*)"


def refuse_odd_dates(case: Case) -> None:
    """Raises the fault of dates in a form that is not read."""
    if _holds_digits(case) and _most(case, case.column.matches(ODD_DATE)):
        what = f"dates that cannot be read, as in {_quote(case)}"
        raise _refuse(case, "bad-date", what, "write them as 2024-12-31 or 2024-12-31 17:30:00")


def explain_text(case: Case) -> tuple[Note, ...]:
    """The note on text that holds numbers, empty if it holds few or names something, as A-17 does.

    Raises the fault of durations, and of amounts within the same few signs.
    """
    counts = case.column.counts
    if counts.exact:
        return _explain_exact(case)
    digits = _holds_digits(case)
    dates = counts.dates_like * 5 > counts.present
    if dates or (digits and _most(case, case.column.matches(ODD_MONTH))):
        what = f"is text that looks like dates, as in {_quote(case)}; 2024-12-31 would be read"
        return (case.note("mostly-numbers", what),)
    rests = _count_rests(case) if digits else []
    if not rests:
        what = f"is text: {counts.numbers_like:,} of {counts.present:,} values look like numbers"
        many = counts.numbers_like * 5 > counts.present
        return (case.note("mostly-numbers", what),) if many else ()
    if _most(case, case.column.matches(_SPAN)):
        what = f"lengths of time such as {_quote(case)}"
        raise _refuse(case, "durations", what, "write them as seconds or days, 3600 for PT1H")
    words = all(rest[:1].isalpha() or rest[:1] == "#" for rest in rests)
    if not words and _most(case, case.column.matches(_TIME)):
        return _explain_times(case)
    text = case.column.text
    decimal = f"regexp_matches({text}, {literal(_DECIMAL)})"
    decimal += f" AND NOT regexp_matches({text}, '[.][0-9]+[.][0-9]+')"  # a version
    if _most(case, decimal, 0.5):
        raise _refuse(case, "units", f"amounts as in {_quote(case)}", "write them as 1234.50")
    if all(re.match(CURRENCY, rest) for rest in rests):
        raise _refuse(case, "units", f"amounts as in {_quote(case)}", "write them as 1234.50")
    if names_an_identifier(case.column.name) or all(re.search(_CODE, rest) for rest in rests):
        return ()
    what = f"is text: its values hold numbers, as in {_quote(case)}; 1234.50 would be read"
    return (case.note("mostly-numbers", what),)


def _holds_digits(case: Case) -> bool:
    """Whether nearly all values hold a digit; if not, none of the patterns fits nearly all."""
    return case.column.counts.digits > MOST * case.column.counts.present


def _most(case: Case, where: str, share: float = MOST) -> bool:
    """Whether more than a share of the values meet a condition; the first rows rule out most."""
    usable = case.column.usable
    counts = f"count(*) FILTER ({where}), count(*) FILTER ({usable})"
    some, present = case.table.one(counts, f"rowid < {_HEAD}")
    if some <= share * present or case.table.loaded.rows <= _HEAD:
        return bool(some > share * present)
    return case.table.count(where) > share * case.column.counts.present


def _count_rests(case: Case) -> list[str]:
    """What is left of nearly all cells without their numbers; empty unless it is the same few."""
    c = case.column
    rest = f"trim(regexp_replace({c.text}, {literal(_RUN)}, '9', 'g'))"
    some = case.table.rows(
        f"{rest} AS rest, count(*)",
        f"rowid < {_HEAD} AND {c.usable}",
        "GROUP BY rest ORDER BY 2 DESC, rest LIMIT 50",
    )
    rests = [str(rest) for rest, _ in some[:_FEW] if _holds_numbers(str(rest))]
    count = sum(n for rest, n in some if rest in rests)
    if not rests or count <= MOST * sum(n for _, n in some):
        return []
    if case.table.loaded.rows > _HEAD:
        count = case.table.count(f"{c.usable} AND {rest} IN ({', '.join(map(literal, rests))})")
    return rests if count > MOST * c.counts.present else []


def _holds_numbers(rest: str) -> bool:
    return "9" in rest and "@" not in rest and "://" not in rest


def _explain_times(case: Case) -> tuple[Note, ...]:
    """The note on times of the day; raises the fault of durations."""
    what = f"times such as {_quote(case)}"
    if _most(case, case.column.matches(_LONG), 0.5):
        raise _refuse(case, "durations", what, "write them as seconds, 205 for 00:03:25")
    return (case.note("mostly-numbers", f"is text: {what}"),)


def _explain_exact(case: Case) -> tuple[Note, ...]:
    """The note on numbers that stay text as they are written, empty if there are few of them."""
    counts, text = case.column.counts, case.column.text
    if counts.numbers * 5 <= counts.present or names_an_identifier(case.column.name):
        return ()
    exact = f"{case.column.usable} AND regexp_matches({text}, {literal(EXACT)})"
    what = "is text: leading zeros, underscores or over 15 digits in its numbers, "
    what += f"as in {_quote(case, exact)}; 1234.50 or 2024-12-31 would be read"
    return (case.note("mostly-numbers", what),)


def _quote(case: Case, where: str = "") -> str:
    (cell,) = case.table.one(case.column.plain, where or case.column.usable)
    return repr(shown(cell, 20))


def _refuse(case: Case, code: str, what: str, remedy: str) -> InputError:
    return case.refuse_where(code, what, remedy, case.column.usable)
