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


def read_answers(table: ir.Table, words: bool = True) -> tuple[ir.Table, tuple[Note, ...]]:
    """Returns the table with 1 and 0 for booleans, and for yes and no in `words`, and the notes."""
    schema = table.schema()
    found: dict[str, ir.Value] = {
        name: table[name].ifelse(1.0, 0.0) for name, kind in schema.items() if kind.is_boolean()
    }
    texts = [name for name, kind in schema.items() if kind.is_string() and words]
    head = table.select(texts).limit(HEAD).execute() if texts else {}
    for name in texts:
        if not _may_answer(head[name].dropna()):
            continue
        column = table[name]
        some = table.filter(column.strip() != "").select(column).distinct()
        answers = find_answers(some.limit(MOST_SPELLINGS).execute()[name])
        cases = [(column == value, ibis.literal(float(n))) for value, n in answers.items()]
        found |= {name: ibis.cases(*cases)} if cases else {}
    notes = tuple(Note("yes-no", SAID, None, name) for name in found)
    return table.mutate(**found) if found else table, notes


def _may_answer(values: pd.Series) -> bool:
    """Returns whether the first values of a column leave it open that all are answers."""
    some = [value for value in values.unique() if value.strip()]
    return not some or bool(find_answers(some)) or len(some) == 1
