"""What the values of each column are, counted in as few passes as their number allows."""

from __future__ import annotations

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
from segmentation.data.rows.identity import names_an_identifier
from segmentation.data.source import own_columns

MOST_CATEGORIES = 20
FEWEST_TO_COUNT_UP = 10  # below, 1, 2, 3 … may well be a measure
MANY_ROWS = 1_000_000  # above, what is only told is not counted out
_HEAD, _FEW = 100_000, 5_000


@dataclass(frozen=True)
class Fact:
    """One column: how many rows, missing and distinct values; the range of numbers (else NaN).

    `newest` is the last of its dates, None where it has none; `least`: there are at least
    so many `distinct` ones.
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
    def said(self) -> int:
        """How many values are not missing."""
        return self.rows - self.missing

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.distinct == self.rows and not self.least


@share_by(describe_files)
def describe_columns(table: ir.Table, exact: Collection[str] = ()) -> list[Fact]:
    """One `Fact` a column, in the order of the table.

    Of more than a million rows different values are not counted out where there are thousands,
    unless the column may be an id, or is one of those whose count has to be `exact`.
    """
    names = own_columns(table)
    found = _find_ranges(table, names)
    if found["rows"] <= MANY_ROWS:
        found |= _aggregate(table, _list_counts(table, names))
    else:
        found |= _count_many(table, names, found, exact)
    return [_make_fact(table, at, name, found) for at, name in enumerate(names)]


def say_distinct(fact: Fact) -> str:
    """How many different values there are: 1,234, or at least 98,000."""
    return f"{'at least ' if fact.least else ''}{fact.distinct:,}"


def _make_fact(table: ir.Table, at: int, name: str, found: Mapping[str, Any]) -> Fact:
    rows, said = int(found["rows"]), int(found[f"{at} said"])
    kind = table.schema()[name]
    whole = kind.is_integer() or found.get(f"{at} whole") in (True, np.True_)
    return Fact(
        name=name,
        type=find_type(kind),
        rows=rows,
        missing=rows - said,
        distinct=int(found[f"{at} distinct"]),
        low=_number(found.get(f"{at} low")),
        high=_number(found.get(f"{at} high")),
        whole=whole and said > 0,
        newest=_date(found.get(f"{at} newest")),
        least=f"{at} least" in found,
    )


def _aggregate(table: ir.Table, wanted: Mapping[str, ir.Value]) -> dict[str, Any]:
    return table.aggregate(**wanted).execute().iloc[0].to_dict() if wanted else {}


def _find_ranges(table: ir.Table, names: Sequence[str]) -> dict[str, Any]:
    """Rows, values that are not missing, and the ends of numbers and dates.

    All of it plain, so that Parquet's own statistics may answer: they know of no NaN, and stand for
    the columns whose sum is none.
    """
    plain, columns = find_plain(table), dict(enumerate(names))
    if plain is None:
        return _aggregate(table, {"rows": table.count(), **_list_ends(table, columns)})
    floats = {at: name for at, name in columns.items() if table.schema()[name].is_floating()}
    sums = _aggregate(plain, {str(at): plain[name].sum() for at, name in floats.items()})
    odd = {at: name for at, name in floats.items() if not np.isfinite(sums[str(at)])}
    others = {at: name for at, name in columns.items() if at not in odd}
    found = _aggregate(plain, {"rows": plain.count(), **_list_ends(plain, others)})
    return found | _aggregate(table, _list_ends(table, odd))


def _list_ends(table: ir.Table, columns: Mapping[int, str]) -> dict[str, ir.Value]:
    """What `_find_ranges` asks of these columns, by their places in the table."""
    wanted: dict[str, ir.Value] = {}
    for at, name in columns.items():
        column, kind = table[name], table.schema()[name]
        wanted[f"{at} said"] = column.count()
        if kind.is_numeric():
            wanted |= {f"{at} low": column.min(), f"{at} high": column.max()}
        elif kind.is_date() or kind.is_timestamp():
            wanted[f"{at} newest"] = column.cast("date").max()
    return wanted


def _list_counts(table: ir.Table, names: Sequence[str]) -> dict[str, ir.Value]:
    wanted: dict[str, ir.Value] = {}
    for at, name in enumerate(names):
        wanted[f"{at} distinct"] = table[name].nunique()
        wanted |= _list_whole(table, at, name)
    return wanted


def _list_whole(table: ir.Table, at: int, name: str) -> dict[str, ir.Value]:
    """Whether every number is an integer, where the type does not say so."""
    kind = table.schema()[name]
    if not kind.is_numeric() or kind.is_integer():
        return {}
    return {f"{at} whole": (table[name].cast("float64") % 1.0 == 0).all()}


def _count_many(
    table: ir.Table, names: Sequence[str], found: dict[str, Any], exact: Collection[str]
) -> dict[str, Any]:
    """Different values, and what is whole, of a long table: the first rows tell what to count.

    Where these hold thousands of values there is nothing to decide by the others but whether the
    column is an id: else theirs stand, as the least that there are.
    """
    head = _aggregate(table.limit(_HEAD), _list_counts(table, names))
    wanted: dict[str, ir.Value] = {}
    least: dict[str, Any] = {}
    for at, name in enumerate(names):
        many = head[f"{at} distinct"] > _FEW and name not in exact
        if many and not _may_be_id(table, at, name, found | {"share": _share(head, at)}):
            least |= {f"{at} distinct": _rounded(head[f"{at} distinct"]), f"{at} least": True}
        else:
            wanted[f"{at} distinct"] = table[name].nunique()
        if head.get(f"{at} whole") not in (False, np.False_):
            wanted |= _list_whole(table, at, name)
    return least | _aggregate(table, wanted)


def _share(head: Mapping[str, Any], at: int) -> float:
    """The share of the first rows that have a value of their own."""
    return float(head[f"{at} distinct"]) / _HEAD


def _may_be_id(table: ir.Table, at: int, name: str, found: Mapping[str, Any]) -> bool:
    """Whether so many different values may make the column an identifier: that is told exactly."""
    if names_an_identifier(name):
        return True
    kind = table.schema()[name]
    span = _number(found.get(f"{at} high")) - _number(found.get(f"{at} low")) + 1
    counts_up = kind.is_numeric() and span == found["rows"]
    return bool(counts_up or (find_type(kind) == "text" and found["share"] > 0.9))


def _rounded(count: int) -> int:
    """The count, rounded down to two digits."""
    step = 10 ** max(0, len(str(count)) - 2)
    return int(count) // step * step


def is_identifier(fact: Fact) -> bool:
    """Whether a column only tells customers apart: by its name, near-unique text, or 1, 2, 3 …

    Distinct values alone never decide: a measure may well be different for every customer.
    """
    many = fact.distinct > max(MOST_CATEGORIES, fact.rows // 2) or fact.unique
    if names_an_identifier(fact.name) and many:
        return fact.type == "text" or fact.whole
    if fact.type == "text":
        return fact.distinct > max(MOST_CATEGORIES, 0.95 * fact.said)
    counts_up = fact.whole and fact.high - fact.low + 1 == fact.distinct == fact.rows
    return counts_up and fact.rows >= FEWEST_TO_COUNT_UP


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _date(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def find_type(dtype: dt.DataType) -> str:
    """What a column of this type holds: number, date or text."""
    if dtype.is_numeric():
        return "number"
    return "date" if dtype.is_temporal() else "text"
