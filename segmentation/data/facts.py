"""What the values of each column are, counted in as few passes as possible."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.data.memory import share_by
from segmentation.data.parquet.row_groups import describe_files, find_plain
from segmentation.data.rows.identity import MOST_CATEGORIES
from segmentation.data.rows.names import names_an_identifier
from segmentation.data.source import own_columns

FEWEST_TO_COUNT_UP = 10  # in fewer rows, 1, 2, 3 … may well be a measure
MANY_ROWS = 1_000_000  # above, counts that decide nothing are only estimated
_HEAD, _FEW = 100_000, 5_000
_AT_ONCE = 200  # columns of which different values are counted: each takes 2 MB
_TRUE, _FALSE = (True, np.True_), (False, np.False_)
# Dates written as numbers, from 2000 on; Excel days from 1920 if the name speaks of dates.
_DAYS, _RECENT_DAYS = (7_306, 73_050), (36_526, 47_848)
_RECENT_MONTHS = (200_001, 203_012)
_CLOCKS = {
    "months as 202403": (190_001, 209_912),
    "days as 20240331": (19_000_101, 20_991_231),
    "Unix seconds": (946_684_800, 2_208_988_800),
    "Unix milliseconds": (946_684_800_000, 2_208_988_800_000),
    "times as 20240331173000": (19_000_101_000_000, 20_991_231_235_959),
    "Unix microseconds": (946_684_800_000_000, 2_208_988_800_000_000),
    "Unix nanoseconds": (946_684_800_000_000_000, 2_208_988_800_000_000_000),
}
_DATE_WORD = re.compile(
    r"dates?|day|dt|time|at|on|since|last|first|created|updated|modified|joined|signup|birth(?:day)?"
    r"|dob|start|end|expiry|seen|visit|(?:time)?stamp|datum|fecha|months?|period",
    re.I,
)
Values = dict[str, Any]  # of aggregates, named by the column's position and what was counted


@dataclass(frozen=True)
class Fact:
    """One column: its rows, missing and distinct values, and the range of its numbers (else NaN).

    `newest` is its last date, or None. With `least`, `distinct` is a lower bound.
    """

    name: str
    type: str  # number, date or text
    rows: int
    missing: int
    distinct: int
    low: float
    high: float
    whole: bool  # every number is an integer
    newest: date | None = None
    least: bool = False

    @property
    def present(self) -> int:
        """The number of values that are not missing."""
        return self.rows - self.missing

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.distinct == self.rows and not self.least


@share_by(describe_files)
def describe_columns(table: ir.Table, exact: Collection[str] = ()) -> list[Fact]:
    """Returns one `Fact` per column, in the order of the table.

    Above a million rows, columns with thousands of distinct values get a lower bound, unless they
    may be an id or are among those to count in full (`exact`).
    """
    names = own_columns(table)
    values = _find_ranges(table, names)
    if values["rows"] <= MANY_ROWS:
        for start in range(0, len(names), _AT_ONCE):
            some = dict(enumerate(names[start : start + _AT_ONCE], start))
            values |= _aggregate(table, _list_counts(table, some))
    else:
        values |= _count_many(table, names, values, exact)
    return [_make_fact(table, i, name, values) for i, name in enumerate(names)]


def say_distinct(fact: Fact) -> str:
    """The number of distinct values: 1,234, or at least 98,000."""
    return f"{'at least ' if fact.least else ''}{fact.distinct:,}"


def is_identifier(fact: Fact) -> bool:
    """Whether a column only tells customers apart: by its name, near-unique text, or 1, 2, 3 …

    Distinct values alone never decide: a measure may well differ for every customer.
    """
    many = fact.distinct > max(MOST_CATEGORIES, fact.rows // 2) or fact.unique
    if names_an_identifier(fact.name) and many:
        return fact.type == "text" or fact.whole
    if fact.type == "text":
        return fact.distinct > max(MOST_CATEGORIES, 0.95 * fact.present)
    counts_up = fact.whole and fact.high - fact.low + 1 == fact.distinct == fact.rows
    return counts_up and fact.rows >= FEWEST_TO_COUNT_UP


def find_clock(fact: Fact) -> str | None:
    """The way in which numbers may count days or seconds, such as `Unix seconds`; None if none.

    Only the range is known; Excel's days could be other amounts, so the name may widen it.
    """
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", fact.name)
    named = any(_DATE_WORD.fullmatch(word) for word in words)
    clocks = {"Excel days": _DAYS if named else _RECENT_DAYS, **_CLOCKS}
    if not named and fact.distinct > 12 * (fact.high // 100 - fact.low // 100 + 1):
        clocks.pop("months as 202403")
    elif not named:
        clocks["months as 202403"] = _RECENT_MONTHS
    if not fact.whole:  # with the time of the day
        clocks = {name: ends for name, ends in clocks.items() if "as" not in name.split()}
    fits = (c for c, (low, high) in clocks.items() if low <= fact.low <= fact.high <= high)
    return next(fits, None)


def find_type(dtype: dt.DataType) -> str:
    """What a column of this type holds: number, date or text."""
    if dtype.is_numeric():
        return "number"
    return "date" if dtype.is_temporal() else "text"


def _make_fact(table: ir.Table, i: int, name: str, values: Mapping[str, Any]) -> Fact:
    rows, present = int(values["rows"]), int(values[f"{i} present"])
    kind = table.schema()[name]
    whole = kind.is_integer() or values.get(f"{i} whole") in _TRUE
    return Fact(
        name=name,
        type=find_type(kind),
        rows=rows,
        missing=rows - present,
        distinct=int(values[f"{i} distinct"]),
        low=_number(values.get(f"{i} low")),
        high=_number(values.get(f"{i} high")),
        whole=whole and present > 0,
        newest=_date(values.get(f"{i} newest")),
        least=f"{i} least" in values,
    )


def _aggregate(table: ir.Table, wanted: Mapping[str, ir.Value]) -> Values:
    return table.aggregate(**wanted).execute().iloc[0].to_dict() if wanted else {}


def _find_ranges(table: ir.Table, names: Sequence[str]) -> Values:
    """Counts rows and present values, and finds the ends of numbers and dates.

    Parquet's own statistics answer these at once, unless a column has NaN, of which they know
    nothing: its sum is then no number.
    """
    plain, columns = find_plain(table), dict(enumerate(names))
    if plain is None:
        return _aggregate(table, {"rows": table.count(), **_list_ends(table, columns)})
    floats = {i: name for i, name in columns.items() if table.schema()[name].is_floating()}
    sums = _aggregate(plain, {str(i): plain[name].sum() for i, name in floats.items()})
    odd = {i: name for i, name in floats.items() if not np.isfinite(sums[str(i)])}
    others = {i: name for i, name in columns.items() if i not in odd}
    values = _aggregate(plain, {"rows": plain.count(), **_list_ends(plain, others)})
    return values | _aggregate(table, _list_ends(table, odd))


def _list_ends(table: ir.Table, columns: Mapping[int, str]) -> dict[str, ir.Value]:
    """The aggregates of `_find_ranges` for these columns, by position in the table."""
    wanted: dict[str, ir.Value] = {}
    for i, name in columns.items():
        column, kind = table[name], table.schema()[name]
        wanted[f"{i} present"] = column.count()
        if kind.is_numeric():
            wanted |= {f"{i} low": column.min(), f"{i} high": column.max()}
        elif kind.is_date() or kind.is_timestamp():
            wanted[f"{i} newest"] = column.cast("date").max()
    return wanted


def _list_counts(table: ir.Table, columns: Mapping[int, str]) -> dict[str, ir.Value]:
    wanted: dict[str, ir.Value] = {}
    for i, name in columns.items():
        wanted[f"{i} distinct"] = table[name].nunique()
        wanted |= _list_whole(table, i, name)
    return wanted


def _list_whole(table: ir.Table, i: int, name: str) -> dict[str, ir.Value]:
    """Whether every number is an integer, unless the type says so already."""
    kind = table.schema()[name]
    if not kind.is_numeric() or kind.is_integer():
        return {}
    return {f"{i} whole": (table[name].cast("float64") % 1.0 == 0).all()}


def _count_many(
    table: ir.Table, names: Sequence[str], values: Values, exact: Collection[str]
) -> Values:
    """Distinct and whole values of a long table; its first rows tell which columns to count.

    If they hold thousands of distinct values, the rest only matters for a column that may be the
    id: for others the count of the first rows stays, as a lower bound.
    """
    head = _aggregate(table.limit(_HEAD), _list_counts(table, dict(enumerate(names))))
    wanted: dict[str, ir.Value] = {}
    bounds: Values = {}
    for i, name in enumerate(names):
        many = head[f"{i} distinct"] > _FEW and name not in exact
        share = float(head[f"{i} distinct"]) / _HEAD
        if many and not _may_be_id(table, i, name, values | {"share": share}):
            bounds |= {f"{i} distinct": _round_down(head[f"{i} distinct"]), f"{i} least": True}
        else:
            wanted[f"{i} distinct"] = table[name].nunique()
        if head.get(f"{i} whole") not in _FALSE:
            wanted |= _list_whole(table, i, name)
    return bounds | _aggregate(table, wanted)


def _may_be_id(table: ir.Table, i: int, name: str, values: Mapping[str, Any]) -> bool:
    """Whether a column of many distinct values may be an identifier, and so has to be counted."""
    if names_an_identifier(name):
        return True
    kind = table.schema()[name]
    span = _number(values.get(f"{i} high")) - _number(values.get(f"{i} low")) + 1
    counts_up = kind.is_numeric() and span == values["rows"]
    return bool(counts_up or (find_type(kind) == "text" and values["share"] > 0.9))


def _round_down(count: int) -> int:
    """The count, rounded down to two digits."""
    step = 10 ** max(0, len(str(count)) - 2)
    return int(count) // step * step


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _date(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()
