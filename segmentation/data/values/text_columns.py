"""Columns that arrive as text where numbers and dates have types: what their cells look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import ibis.expr.types as ir

from segmentation.data.errors import InputError
from segmentation.data.rows.identity import names_an_identifier
from segmentation.data.rows.keys import cut_blanks
from segmentation.data.sql import literal, quoted
from segmentation.data.values.numerals import LEADING_ZERO, NUMBER

_ISO = r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?"
_EXACT = r"[+-]?\d{16,}|.*_.*"
_MOSTLY = 0.9


@dataclass(frozen=True)
class Looks:
    """How many cells are not blank, look like a number, must stay text, are ISO dates or days."""

    said: int
    numbers: int
    exact: int  # leading zeros, underscores, 16 and more digits
    iso: int
    days: int  # ten characters long
    stamps: int  # that the engine reads as a time

    @property
    def all_dates(self) -> bool:
        """Whether every cell is a date."""
        return 0 < self.said == self.iso == self.stamps


def look_at(con: duckdb.DuckDBPyConnection, relation: str, name: str) -> Looks:
    """What the cells of a text column look like, counted on all of them."""
    column = quoted(name)
    text = f"trim({column})"
    conditions = (
        f"{text} <> ''",
        f"regexp_full_match({text}, {literal(NUMBER)})",
        f"regexp_matches({text}, {literal(LEADING_ZERO)}) "
        f"OR regexp_full_match({text}, {literal(_EXACT)})",
        f"regexp_full_match({column}, {literal(_ISO)})",
        f"strlen({column}) = 10",
        f"TRY_CAST({column} AS TIMESTAMP) IS NOT NULL",
    )
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
    row = con.execute(f"SELECT {counts} FROM {quoted(relation)}").fetchone()
    assert row is not None
    return Looks(*row)


def look_at_all(table: ir.Table, names: Sequence[str]) -> dict[str, Looks]:
    """The same of columns that stay in their database, counted there; dates are not looked for."""
    wanted: dict[str, ir.Value] = {}
    for at, name in enumerate(names):
        text = cut_blanks(table[name])
        exact = text.re_search(LEADING_ZERO) | text.re_search(f"^(?:{_EXACT})$")
        wanted[f"{at} said"] = (text != "").sum()
        wanted[f"{at} numbers"] = text.re_search(f"^(?:{NUMBER})$").sum()
        wanted[f"{at} exact"] = exact.sum()
    if not wanted:
        return {}
    found = table.aggregate(**wanted).execute().iloc[0].fillna(0)
    return {
        name: Looks(
            said=int(found[f"{at} said"]),
            numbers=int(found[f"{at} numbers"]),
            exact=int(found[f"{at} exact"]),
            iso=0,
            days=0,
            stamps=0,
        )
        for at, name in enumerate(names)
    }


def mostly_numbers(looks: Looks, name: str, remedy: str) -> InputError | None:
    """The fault of a text column that would be left out though most of its cells are numbers."""
    many = looks.numbers > _MOSTLY * looks.said
    if not many or looks.exact or names_an_identifier(name):
        return None
    what = f"is text, and {looks.numbers:,} of {looks.said:,} values look like numbers"
    return InputError(what, remedy, code="mostly-numbers", column=name)
