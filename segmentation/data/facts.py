"""What the values of each column are, counted in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.data.customers import names_an_identifier
from segmentation.data.tables import own_columns

MOST_CATEGORIES = 20
FEWEST_TO_COUNT_UP = 10  # below, 1, 2, 3 … may well be a measure


@dataclass(frozen=True)
class Fact:
    """One column: how many rows, missing and distinct values; the range of numbers (else NaN).

    `newest` is the last of its dates, None where it has none.
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

    @property
    def said(self) -> int:
        """How many values are not missing."""
        return self.rows - self.missing

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.distinct == self.rows


def describe_columns(table: ir.Table) -> list[Fact]:
    """One `Fact` a column, in the order of the table, from one pass over it."""
    schema, names = table.schema(), own_columns(table)
    wanted: dict[str, ir.Value] = {"rows": table.count()}
    for at, name in enumerate(names):
        column = table[name]
        wanted |= {f"{at} said": column.count(), f"{at} distinct": column.nunique()}
        if schema[name].is_numeric():
            number = column.cast("float64")
            wanted |= {f"{at} low": number.min(), f"{at} high": number.max()}
            wanted[f"{at} whole"] = (number % 1.0 == 0).all()
        elif schema[name].is_date() or schema[name].is_timestamp():
            wanted[f"{at} newest"] = column.cast("date").max()
    found = table.aggregate(**wanted).execute().iloc[0].to_dict()
    rows = int(found["rows"])
    return [
        Fact(
            name=name,
            type=find_type(schema[name]),
            rows=rows,
            missing=rows - int(found[f"{at} said"]),
            distinct=int(found[f"{at} distinct"]),
            low=_number(found.get(f"{at} low")),
            high=_number(found.get(f"{at} high")),
            whole=found.get(f"{at} whole") in (True, np.True_),
            newest=_date(found.get(f"{at} newest")),
        )
        for at, name in enumerate(names)
    ]


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
