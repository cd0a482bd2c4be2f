"""Text columns of tables that come with types: do their cells look like numbers or dates?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import ibis.expr.types as ir

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.rows.keys import cut_blanks
from segmentation.data.rows.names import names_an_identifier
from segmentation.data.sql import literal, quoted
from segmentation.data.values.numerals import EXACT, NUMBER

# One pattern for every engine; a trimmed cell is counted if the pattern is found in it.
_NUMBER = f"^(?:{NUMBER})$"
_ISO = r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?"
_MOSTLY = 0.9
_HEAD = 2_000  # rows that tell whether the values of a text hold numbers
# One number within signs and words, as in ca. 79224 or #7, and no code such as A-17.
_HELD = r"^[^0-9@]{0,12}[0-9][0-9.,'’_ ]*[^0-9@]{0,12}$"
_CODE = r"\p{L}-?[0-9]"


@dataclass(frozen=True)
class Looks:
    """The number of cells in a text column that look like numbers or dates."""

    present: int  # not blank
    numbers: int
    exact: int  # must stay text: leading zeros, underscores, 16 and more digits
    iso: int = 0
    days: int = 0  # ten characters long
    stamps: int = 0  # read as a time by the engine

    @property
    def all_dates(self) -> bool:
        """Whether every cell is a date."""
        return 0 < self.present == self.iso == self.stamps


def look_at(con: duckdb.DuckDBPyConnection, relation: str, name: str) -> Looks:
    """What all cells of a text column in DuckDB look like."""
    column = quoted(name)
    text = f"trim({column})"
    conditions = (
        f"{text} <> ''",
        f"regexp_matches({text}, {literal(_NUMBER)})",
        f"regexp_matches({text}, {literal(EXACT)})",
        f"regexp_full_match({column}, {literal(_ISO)})",
        f"strlen({column}) = 10",
        f"TRY_CAST({column} AS TIMESTAMP) IS NOT NULL",
    )
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
    row = con.execute(f"SELECT {counts} FROM {quoted(relation)}").fetchone()
    assert row is not None
    return Looks(*row)


def note_held(
    con: duckdb.DuckDBPyConnection, relation: str, name: str, called: str
) -> tuple[Note, ...]:
    """The note on a text column in DuckDB whose first values hold one number each, else empty.

    Also empty if what the column is `called` names an identifier.
    """
    if names_an_identifier(called):
        return ()
    text = f"trim({quoted(name)})"
    held = f"regexp_matches({text}, {literal(_HELD)}) AND NOT regexp_matches({text}, '{_CODE}')"
    row = con.execute(
        f"SELECT count(*) FILTER ({text} <> ''), count(*) FILTER ({held}), "
        f"min({text}) FILTER ({held}) "
        f"FROM (SELECT {quoted(name)} FROM {quoted(relation)} LIMIT {_HEAD})"
    ).fetchone()
    assert row is not None
    present, count, cell = row
    if count <= _MOSTLY * present:
        return ()
    what = f"is text: its values hold numbers, as in {shown(cell, 20)!r}; numbers would be read"
    return (Note("mostly-numbers", what, None, called),)


def look_at_all(table: ir.Table, names: Sequence[str]) -> dict[str, Looks]:
    """The same for columns of a table on any engine, by name; dates are not counted."""
    if not names:
        return {}
    counts: dict[str, ir.Value] = {}
    for index, name in enumerate(names):
        text = cut_blanks(table[name])
        counts[f"{index} present"] = (text != "").sum()
        counts[f"{index} numbers"] = text.re_search(_NUMBER).sum()
        counts[f"{index} exact"] = text.re_search(EXACT).sum()
    row = table.aggregate(**counts).execute().iloc[0].fillna(0)
    kinds = ("present", "numbers", "exact")
    return {
        name: Looks(*(int(row[f"{index} {kind}"]) for kind in kinds))
        for index, name in enumerate(names)
    }


def mostly_numbers(looks: Looks, name: str, remedy: str) -> InputError | None:
    """The fault of a text column that is mostly numbers, or None.

    Left as text it would be ignored, though it is probably a feature.
    """
    many = looks.numbers > _MOSTLY * looks.present
    if not many or looks.exact or names_an_identifier(name):
        return None
    what = f"is text, and {looks.numbers:,} of {looks.present:,} values look like numbers"
    return InputError(what, remedy, code="mostly-numbers", column=name)
