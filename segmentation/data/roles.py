"""Decides and explains the role of every column before anything is fitted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segmentation.data.columns import Columns, Part, Why
from segmentation.data.errors import InputError, list_some, offer_name
from segmentation.data.facts import (
    MOST_CATEGORIES,
    Fact,
    describe_columns,
    find_clock,
    is_identifier,
    say_distinct,
)
from segmentation.data.parquet.files import whole_files
from segmentation.data.related import find_names, find_totals, find_twins, log_skewed, take_numbers
from segmentation.data.rows.names import (
    names_a_place,
    names_an_identifier,
    names_customers,
    numbers_rows,
)
from segmentation.data.source import Source

MOST_FEATURES = 8
MOST_COMPARED = 200  # measures, with one another: the work grows with the square
CODE_LEVELS = 5
MOSTLY_MISSING = 0.5
COSTLY = 0.1  # share of missing values above which a feature has to be named
FEWEST_ROWS = 3
RESERVED = re.compile(
    r"__(row__|segment__|second__|certainty__|left_out__|earlier__|weight__|key__|md5__|faults__"
    r"|[zd]\d+)"
)
LARGEST = 1e100  # the sum of squares of a billion such values is still finite
Parts = dict[str, Part]  # by column; `identifier` and `measure` are roles on the way only


def check_columns(
    source: Source,
    id: str | None = None,
    features: Sequence[str] | None = None,
    value: str | None = None,
    describe: Sequence[str] | None = None,
) -> Columns:
    """Returns the role of every column with its reason; columns given by name win over the rules.

    Raises `InputError` for a name that is not in the table, a feature that is no number, an id
    with gaps or repeats, and a table with nothing to segment on.
    """
    table, id = source.table, source.id if id is None else id
    with whole_files(source.path):
        facts = describe_columns(table, [] if id is None else [id])
    named = {"describe": list(describe or ()), "value": [value] if value else []}
    named |= {"features": list(features or ()), "id": [id] if id else []}
    _check_named([fact.name for fact in facts], named)
    parts = {fact.name: _judge(fact) for fact in facts}
    if describe is not None:
        why = "not among the columns to describe by"
        parts |= _reassign(parts, "descriptor", "left out", Why.NOT_NAMED, why)
    parts = _choose_id(parts, id)
    parts |= _give_named(parts, "descriptor", named["describe"])
    parts |= _give_named(parts, "value", named["value"])
    if features is None:
        parts |= _choose_features(parts, source)
    else:
        rest = "descriptor" if describe is None else "left out"
        why = "a number that is not among the features"
        parts |= _reassign(parts, "measure", rest, Why.NOT_NAMED, why)
        parts |= _give_named(parts, "feature", features)
    _check_numbers(parts)
    answers = {note.column for note in source.notes if note.code == "yes-no" and note.column}
    return Columns(tuple(parts.values()), frozenset(answers))


def check_k(k: int | None, rows: int) -> None:
    """Raises `InputError` if this many customers cannot make k segments."""
    if rows < FEWEST_ROWS:
        raise InputError(
            f"{rows:,} customers are too few to segment",
            f"{FEWEST_ROWS} are the least",
            code="too-few-rows",
        )
    if k is not None and not 2 <= k <= rows - 1:
        raise InputError(
            f"k must be between 2 and {rows - 1} (customers − 1), got {k}",
            "choose a smaller k",
            code="k-too-large",
        )


def check_names(names: Sequence[str], k: int) -> None:
    """Raises `InputError` unless these are k different names."""
    if len(names) != k or len(set(names)) < k or not all(name.strip() for name in names):
        raise InputError(
            f"names: {len(names)} given for {k} segments",
            f"give {k} different names, in the order of the segments' numbers",
            code="names",
        )


def _judge(fact: Fact) -> Part:
    """The role that a column's own values give it."""
    if fact.present == 0:
        return Part(fact, "left out", Why.EMPTY, "every value is missing")
    if fact.distinct == 1:
        return Part(fact, "left out", Why.CONSTANT, "one value throughout")
    if fact.missing > MOSTLY_MISSING * fact.rows:
        reason = f"{fact.missing:,} of {fact.rows:,} values are missing"
        return Part(fact, "left out", Why.MOSTLY_MISSING, reason)
    if is_identifier(fact):
        reason = f"looks like an identifier ({fact.distinct:,} of {fact.rows:,} distinct)"
        return Part(fact, "identifier", Why.IDENTIFIER, reason)
    if fact.type == "number" and fact.whole and names_an_identifier(fact.name):
        reason = "its name says that its numbers name something; name it in features to use it"
        return Part(fact, "descriptor", Why.NAMES_SOMETHING, reason)
    if names_a_place(fact.name) and -180 <= fact.low <= fact.high <= 180:
        reason = "a place on the map, not an amount; name it in features to use it"
        return Part(fact, "descriptor", Why.NAMES_SOMETHING, reason)
    clock = find_clock(fact) if fact.type == "number" else None
    if clock:
        reason = f"looks like dates written as numbers ({clock}); name it in features to use it"
        return Part(fact, "left out", Why.CLOCK, reason)
    if fact.type == "number" and not (fact.whole and fact.distinct <= CODE_LEVELS):
        return Part(fact, "measure", Why.NUMBER, "a number")
    if fact.type == "text" and fact.distinct > MOST_CATEGORIES:
        reason = f"text with {say_distinct(fact)} different values"
        return Part(fact, "left out", Why.TEXT, reason)
    return _describe_by(fact)


def _describe_by(fact: Fact) -> Part:
    kinds = {
        "number": (Why.SCALE, f"a code or scale of {fact.distinct} values"),
        "date": (Why.DATE, "a date"),
        "text": (Why.CATEGORY, f"a category of {fact.distinct} values"),
    }
    why, what = kinds[fact.type]
    return Part(fact, "descriptor", why, f"{what}: describes segments, does not form them")


def _reassign(parts: Parts, old: str, new: str, why: Why, reason: str) -> Parts:
    """The parts with the old role, in the new one."""
    changed = {name: part for name, part in parts.items() if part.role == old}
    return {name: Part(part.fact, new, why, reason) for name, part in changed.items()}


def _give_named(parts: Parts, role: str, names: Sequence[str]) -> Parts:
    return {name: Part(parts[name].fact, role, Why.NAMED, "named in the run") for name in names}


def _choose_id(parts: Parts, named: str | None) -> Parts:
    """All parts: one is the id if any column is unique, other identifiers are left out."""
    if named and not parts[named].fact.unique:
        fact = parts[named].fact
        raise InputError(
            f"{fact.present - fact.distinct:,} values are repeats and {fact.missing:,} are missing",
            "an id has one value a customer: name another column, or none",
            code="id-not-unique",
            column=named,
        )
    identifiers = {name: part for name, part in parts.items() if part.role == "identifier"}
    unique = [name for name, part in identifiers.items() if part.fact.unique]
    unique.sort(key=lambda name: (not names_customers(name), numbers_rows(name)))
    chosen = named or next(iter(unique), None)
    spare = {name: _spare_id(part) for name, part in identifiers.items()}
    parts = parts | spare
    if chosen:
        fact = parts[chosen].fact
        parts |= {chosen: Part(fact, "id", Why.NAMES_CUSTOMER, "names the customer")}
    return parts


def _spare_id(part: Part) -> Part:
    """An identifier left out; the reason says if it names customers, but not all of them."""
    fact, reason = part.fact, part.reason
    if fact.missing and names_customers(fact.name) and fact.distinct == fact.present:
        rows = "1 row" if fact.missing == 1 else f"{fact.missing:,} rows"
        reason = f"names customers, but is missing in {rows}: fill it in to follow them by it"
    return Part(fact, "left out", part.why, reason)


def _choose_features(parts: Parts, source: Source) -> Parts:
    """Features by rule: those usual for the table, else up to eight measures without twins.

    Scales count as measures if a table has fewer than two.
    """
    if source.usual:
        return _take_usual(parts, source.usual)
    spared = {name: _spare(part) for name, part in parts.items() if _is_costly(part)}
    measures = _list_measures(parts | spared)
    for name in list(measures)[MOST_COMPARED:]:
        reason = f"{MOST_COMPARED} measures come before it; name it in features to use it"
        spared[name] = Part(parts[name].fact, "descriptor", Why.CROWDED_OUT, reason)
    chosen = dict(list(measures.items())[:MOST_COMPARED])
    rows = next(iter(parts.values())).fact.rows
    numbers = take_numbers(source.table, list(chosen), rows) if len(chosen) > 1 else pd.DataFrame()
    for name in find_names([part.fact for part in chosen.values()], numbers):
        reason = "may be a number that names something; name it in features to use it"
        spared[name] = Part(parts[name].fact, "descriptor", Why.NAMES_SOMETHING, reason)
        del chosen[name]
    numbers = numbers.reindex(columns=list(chosen))
    for name, made_of in find_totals(numbers).items():
        reason = f"is made of {' and '.join(made_of)}; name it in features to use it"
        spared[name] = Part(parts[name].fact, "descriptor", Why.TOTAL, reason)
        del chosen[name]
    compared = log_skewed(numbers.reindex(columns=list(chosen)))
    twins = find_twins(compared.corr()) if len(chosen) > 2 else {}
    single = [name for name in chosen if name not in twins]
    new = {name: Part(p.fact, "feature", p.why, p.reason) for name, p in chosen.items()}
    for name, (twin, r) in twins.items():
        reason = f"says what {twin} says (r = {r:.2f})"
        new[name] = Part(parts[name].fact, "descriptor", Why.TWIN, reason)
    for name in single[MOST_FEATURES:]:
        reason = f"{MOST_FEATURES} features come before it; name it in features to use it"
        new[name] = Part(parts[name].fact, "descriptor", Why.CROWDED_OUT, reason)
    return spared | new


def _list_measures(parts: Parts) -> Parts:
    measures = {name: part for name, part in parts.items() if part.role == "measure"}
    if len(measures) >= 2:
        return measures
    scales = [p for p in parts.values() if p.role == "descriptor" and p.fact.type == "number"]
    reason = "a scale, used because the table has too few measures"
    return measures | {p.fact.name: Part(p.fact, "measure", Why.SCALE, reason) for p in scales}


def _is_costly(part: Part) -> bool:
    return part.role == "measure" and part.fact.missing > COSTLY * part.fact.rows


def _spare(part: Part) -> Part:
    share = part.fact.missing / part.fact.rows
    reason = f"missing in {share:.0%} of rows, which it would cost; name it in features to use it"
    return Part(part.fact, "descriptor", Why.COSTLY, reason)


def _take_usual(parts: Parts, usual: Sequence[str]) -> Parts:
    """The usual features of customers made of order lines; their other measures describe."""
    reason = "counted from the orders; describes segments"
    rest = _reassign(parts, "measure", "descriptor", Why.FROM_ORDERS, reason)
    used = [name for name in usual if parts[name].fact.distinct > 1]
    reason = "recency, frequency and monetary value are the usual features of orders"
    return rest | {name: Part(parts[name].fact, "feature", Why.USUAL, reason) for name in used}


def _check_named(columns: list[str], named: Mapping[str, list[str]]) -> None:
    """Refuses unknown columns and columns named twice; `named` is by parameter."""
    for name in columns:
        if RESERVED.fullmatch(name):
            remedy = "rename the column"
            raise InputError("is a name used inside", remedy, code="reserved-header", column=name)
    for parameter, names in named.items():
        for name in names:
            if name not in columns:
                remedy = offer_name(name, columns, f"it has {list_some(columns)}")
                what = f"{parameter}: the table has no column {name!r}"
                raise InputError(what, remedy, code="no-such-column")
    numbers = named["features"] + named["value"]
    twice = next((name for name in numbers if numbers.count(name) > 1), None)
    if twice:
        what = f"{twice!r} is named twice among features and value"
        raise InputError(what, "name it once", code="named-twice")


def _check_numbers(parts: Parts) -> None:
    """Refuses a table without features, and features or a value that cannot be computed with."""
    if not any(part.role == "feature" for part in parts.values()):
        raise InputError(
            "no column to segment on: none is a number that varies",
            "add a measure such as age, orders or spend",
            code="no-features",
        )
    for fact in [part.fact for part in parts.values() if part.role in ("feature", "value")]:
        what = _explain_unusable(fact)
        if what:
            remedy = "choose another column, or mend it"
            raise InputError(what, remedy, code="unusable-feature", column=fact.name)


def _explain_unusable(fact: Fact) -> str | None:
    if fact.present == 0:
        return "every value is missing"
    if fact.type != "number":
        return f"it holds {'dates' if fact.type == 'date' else 'text'}, not numbers"
    if fact.distinct < 2:
        return "it has one value throughout"
    largest = max(abs(fact.low), abs(fact.high))
    if not np.isfinite(largest):
        return "it holds an infinite number"
    return f"it holds {largest:.0e}, too large to square" if largest > LARGEST else None
