"""Columns of yes and no, in words, which are read as 1 and 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import ibis
import ibis.expr.types as ir
import pandas as pd

from segmentation.data.errors import Note
from segmentation.data.sql import literal

SAID = "yes and no read as 1 and 0"
HEAD = 1_000  # rows that show which columns are none
MOST_SPELLINGS = 5  # of yes and no in one column, such as Yes, yes and YES
_WORDS = (  # yes and no
    "yes/no y/n true/false t/f ja/nein j/n wahr/falsch oui/non vrai/faux sí/no si/no sì/no sim/não "
    "sim/nao ja/nee ja/nej tak/nie да/нет verdadero/falso verdadeiro/falso vero/falso evet/hayır "
    "checked/unchecked on/off"
)
_PAIRS = [tuple(pair.split("/")) for pair in _WORDS.split()]


def find_answers(values: Iterable[str]) -> dict[str, int]:
    """Returns 1 or 0 for each value if they are those of a yes and a no, else nothing.

    One of the two will do, unless it is a single letter.
    """
    said = {value: value.strip().casefold() for value in values}
    words = set(said.values())
    pair = next((pair for pair in _PAIRS if words <= set(pair)), None)
    if pair is None or max(map(len, words), default=0) == len(words) == 1:
        return {}
    return {value: int(word == pair[0]) for value, word in said.items()}


def answer_sql(cell: str, answers: Mapping[str, int]) -> str:
    """Returns the SQL of 1 or 0 for a cell."""
    cases = " ".join(f"WHEN {literal(value)} THEN {number}" for value, number in answers.items())
    return f"CAST(CASE {cell} {cases} END AS DOUBLE)"


def read_answers(table: ir.Table) -> tuple[ir.Table, tuple[Note, ...]]:
    """Returns the table with 1 and 0 for booleans and for yes and no in words, and the notes."""
    schema = table.schema()
    found: dict[str, ir.Value] = {
        name: table[name].ifelse(1.0, 0.0) for name, kind in schema.items() if kind.is_boolean()
    }
    for name, answers in _find_words(table).items():
        cases = [(table[name] == value, ibis.literal(float(n))) for value, n in answers.items()]
        found[name] = ibis.cases(*cases)
    notes = tuple(Note("yes-no", SAID, None, name) for name in found)
    return table.mutate(**found) if found else table, notes


def _find_words(table: ir.Table) -> dict[str, dict[str, int]]:
    """Returns the text columns of yes and no, each with 1 or 0 for its spellings.

    The first rows rule out most columns; one query finds whether the others hold anything else.
    """
    texts = [name for name, kind in table.schema().items() if kind.is_string()]
    head = table.select(texts).limit(HEAD).execute() if texts else {}
    first = {name: _list_words(head[name]) for name in texts}
    asked = [name for name, words in first.items() if len(words) < 2 or find_answers(words)]
    if not asked:
        return {}
    others = {
        str(i): (_is_filled(table[name]) & table[name].notin([*first[name], ""])).sum()
        for i, name in enumerate(asked)
    }
    counts = table.aggregate(**others).execute().iloc[0].fillna(0)
    for i, name in enumerate(asked):
        if counts[str(i)]:
            some = table.filter(_is_filled(table[name])).select(name).distinct()
            first[name] = some.limit(MOST_SPELLINGS).execute()[name].tolist()
    return {name: answers for name in asked if (answers := find_answers(first[name]))}


def _list_words(values: pd.Series) -> list[str]:
    return [value for value in values.dropna().unique() if value.strip()]


def _is_filled(column: ir.Value) -> ir.BooleanValue:
    return column.strip() != ""
