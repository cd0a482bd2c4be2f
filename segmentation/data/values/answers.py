"""Columns of yes and no, in words, which are read as 1 and 0; a word for unknown is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from segmentation.data.cells import is_missing
from segmentation.data.errors import Note
from segmentation.data.sql import literal

SAID = "yes and no read as 1 and 0"
HEAD = 1_000  # rows that show which columns are none
MOST_SPELLINGS = 12  # of yes, no and unknown in one column, such as Yes, yes and YES
_WORDS = (  # yes and no
    "yes/no y/n true/false t/f ja/nein j/n wahr/falsch oui/non vrai/faux sí/no si/no sì/no sim/não "
    "sim/nao ja/nee ja/nej tak/nie да/нет verdadero/falso verdadeiro/falso vero/falso evet/hayır "
    "checked/unchecked on/off"
)
_PAIRS = [tuple(pair.split("/")) for pair in _WORDS.split()]
_NOT_SAID = (
    "unknown/unk/u/dk/don't know/dont know/do not know/not known/not sure/unsure/no answer/"
    "not answered/no response/prefer not to say/not stated/not available/not applicable/"
    "unbekannt/weiss nicht/weiss ich nicht/keine angabe/k.a./k. a./"
    "inconnu/ne sait pas/je ne sais pas/nsp/sans réponse/non renseigné/desconocido/no sabe/no sé/"
    "no contesta/sin respuesta/desconhecido/não sabe/não sei/sem resposta/sconosciuto/non so/"
    "onbekend/weet niet/weet ik niet/okänd/vet ej/vet inte/ukjent/vet ikke/ukendt/ved ikke/"
    "nie wiem/brak danych/неизвестно/не знаю/bilinmiyor/bilmiyorum"
)
_UNKNOWN = frozenset(_NOT_SAID.split("/"))
Answers = dict[str, int | None]  # 1, 0 or missing, by the text of a cell


def find_answers(values: Iterable[str]) -> Answers:
    """Returns 1, 0 or None for each value if they are a yes, a no and unknown, else nothing.

    One of yes and no will do if nothing is unknown and it is no single letter.
    """
    said = {value: _plain(value) for value in values}
    words, pair = set(said.values()), _find_pair(said.values())
    known = {word for word in words if not _is_unknown(word)}
    alone = len(known) == 1 and (len(words) > 1 or len(min(known)) == 1)
    if pair is None or not known or alone or len(said) > MOST_SPELLINGS:
        return {}
    return {value: int(word == pair[0]) if word in pair else None for value, word in said.items()}


def _find_pair(words: Iterable[str]) -> tuple[str, ...] | None:
    """Returns the yes and the no of a language that words are limited to, beside unknown."""
    known = {word for word in words if not _is_unknown(word)}
    return next((pair for pair in _PAIRS if known <= set(pair)), None)


def _is_unknown(word: str) -> bool:
    return word in _UNKNOWN or is_missing(word)


def _plain(value: str) -> str:
    return value.strip().casefold().replace("’", "'")


def answer_sql(cell: str, answers: Mapping[str, int | None]) -> str:
    """Returns the SQL of 1 or 0 for a cell."""
    known = [(value, number) for value, number in answers.items() if number is not None]
    cases = " ".join(f"WHEN {literal(value)} THEN {number}" for value, number in known)
    return f"CAST(CASE {cell} {cases} END AS DOUBLE)"


def read_answers(table: ir.Table) -> tuple[ir.Table, tuple[Note, ...]]:
    """Returns the table with 1 and 0 for booleans and for yes and no in words, and the notes."""
    schema = table.schema()
    found: dict[str, ir.Value] = {
        name: table[name].ifelse(1.0, 0.0) for name, kind in schema.items() if kind.is_boolean()
    }
    notes = [Note("yes-no", SAID, None, name) for name in found]
    for name, answers in _find_words(table).items():
        known = [(value, float(n)) for value, n in answers.items() if n is not None]
        found[name] = table[name].cases(*known)
        notes += _note_answers(table, name, [value for value, n in answers.items() if n is None])
    return table.mutate(**found) if found else table, tuple(notes)


def _note_answers(table: ir.Table, name: str, unknown: Sequence[str]) -> Iterator[Note]:
    """Yields the notes on a column of answers; `unknown` texts count as missing."""
    yield Note("yes-no", SAID, None, name)
    if unknown:
        counts = table.filter(table[name].isin(unknown)).group_by(text=table[name])
        rows = counts.aggregate(n=ibis._.count()).order_by(ibis.desc("n"), "text").execute()
        texts = ", ".join(f"{text} {n:,}" for text, n in zip(rows["text"], rows["n"], strict=True))
        yield Note("missing", f"counted as missing: {texts}", None, name)


def _find_words(table: ir.Table) -> dict[str, Answers]:
    """Returns the text columns of yes and no, each with 1, 0 or None for its spellings.

    The first rows rule out most columns; one query finds whether the others hold anything else.
    """
    texts = [name for name, kind in table.schema().items() if kind.is_string()]
    head = table.select(texts).limit(HEAD).execute() if texts else {}
    first = {name: _list_words(head[name]) for name in texts}
    asked = [name for name, words in first.items() if _find_pair(map(_plain, words)) is not None]
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
            first[name] = some.limit(MOST_SPELLINGS + 1).execute()[name].tolist()
    return {name: answers for name in asked if (answers := find_answers(first[name]))}


def _list_words(values: pd.Series) -> list[str]:
    return [value for value in values.dropna().unique() if value.strip()]


def _is_filled(column: ir.Value) -> ir.BooleanValue:
    return column.strip() != ""
