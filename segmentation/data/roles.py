"""Which part every column plays, decided and explained before anything is fitted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.data.errors import InputError, offer_name
from segmentation.data.facts import (
    MOST_CATEGORIES,
    Fact,
    describe_columns,
    is_identifier,
    say_distinct,
)
from segmentation.data.memory import share_by
from segmentation.data.parquet.files import whole_files
from segmentation.data.parquet.row_groups import describe_files
from segmentation.data.rows.keys import thin_out
from segmentation.data.source import Source

MOST_FEATURES = 8
CODE_LEVELS = 5
COLLINEAR = 0.9
MOSTLY_MISSING = 0.5
COSTLY = 0.1  # a feature missing more often is chosen by name only
FEWEST_ROWS = 3
RESERVED = re.compile(
    r"__(row__|segment__|second__|certainty__|left_out__|earlier__|weight__|key__|md5__|faults__"
    r"|[zd]\d+)"
)
MOST_CORRELATED = 20_000
LARGEST = 1e100  # the sum of squares of a billion such values is still finite


@dataclass(frozen=True)
class Part:
    """What a column is used for: id, feature, value, descriptor or left out; and why."""

    fact: Fact
    role: str
    reason: str


@dataclass(frozen=True)
class Columns:
    """The parts of all columns of a table, in its order."""

    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return self.parts[0].fact.rows

    def named(self, role: str) -> list[str]:
        """The columns that play this role, in the order of the table."""
        return [part.fact.name for part in self.parts if part.role == role]

    @property
    def id(self) -> str | None:
        """The column that names a customer, or None where rows are only numbered."""
        return next(iter(self.named("id")), None)

    @property
    def features(self) -> list[str]:
        """The columns to segment on."""
        return self.named("feature")

    @property
    def value(self) -> str | None:
        """The money column that is shared out over the segments, if one was named."""
        return next(iter(self.named("value")), None)

    @property
    def descriptors(self) -> list[str]:
        """The columns that describe segments without forming them."""
        return self.named("descriptor")

    def frame(self) -> pd.DataFrame:
        """A row a column: column, type, role, reason, missing, distinct.

        Where they were not counted out, `distinct` is a text: at least 98,000.
        """
        return pd.DataFrame(
            [
                {
                    "column": part.fact.name,
                    "type": part.fact.type,
                    "role": part.role,
                    "reason": part.reason,
                    "missing": part.fact.missing,
                    "distinct": say_distinct(part.fact) if part.fact.least else part.fact.distinct,
                }
                for part in self.parts
            ]
        )


def check_columns(
    source: Source,
    id: str | None = None,
    features: Sequence[str] | None = None,
    value: str | None = None,
    describe: Sequence[str] | None = None,
) -> Columns:
    """The role of every column, with the reason; what is given by name wins over the rule.

    Raises `InputError` for a name that is not in the table, a feature that is no number, an id
    with gaps or repeats, and a table with nothing to segment on.
    """
    table, id = source.table, source.id if id is None else id
    with whole_files(source.path):
        facts = describe_columns(table, [] if id is None else [id])
    asked = {"describe": list(describe or ()), "value": [value] if value else []}
    asked |= {"features": list(features or ()), "id": [id] if id else []}
    _check_names([fact.name for fact in facts], asked)
    parts = {fact.name: _judge(fact) for fact in facts}
    if describe is not None:
        parts |= _give(parts, "descriptor", "left out", "not among the columns to describe by")
    parts = _choose_id(parts, id)
    for role, names in (("descriptor", asked["describe"]), ("value", asked["value"])):
        parts |= {name: Part(parts[name].fact, role, "named in the run") for name in names}
    if features is None:
        parts |= _choose_features(parts, source)
    else:
        rest = "descriptor" if describe is None else "left out"
        parts |= _give(parts, "measure", rest, "a number that is not among the features")
        parts |= {name: Part(parts[name].fact, "feature", "named in the run") for name in features}
    _check_numbers(parts)
    return Columns(tuple(parts.values()))


def find_twins(correlations: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """The columns to leave out because an earlier one says the same (|r| > .9): its name and r.

    Two columns always stay: of two, the second is no twin, however close.
    """
    names = list(correlations.columns)
    twins: dict[str, tuple[str, float]] = {}
    for first, second in combinations(names, 2):
        open_pair = first not in twins and second not in twins and len(names) - len(twins) > 2
        r = float(correlations.loc[first, second])
        if open_pair and abs(r) > COLLINEAR:
            twins[second] = (first, r)
    return twins


@share_by(describe_files)
def correlate(table: ir.Table, names: Sequence[str], rows: int) -> pd.DataFrame:
    """Pearson's r of every pair of columns; of a large table, in an even sample of its rows."""
    table = thin_out(table, rows, MOST_CORRELATED)
    numbers = {f"c{at}": table[name].cast("float64") for at, name in enumerate(names)}
    return table.select(**numbers).execute().set_axis(list(names), axis=1).corr()


def check_k(k: int | None, rows: int) -> None:
    """Raises `InputError` where so many segments cannot be made of so many customers."""
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
    """Raises `InputError` where these are not k different names."""
    if len(names) != k or len(set(names)) < k or not all(name.strip() for name in names):
        raise InputError(
            f"names: {len(names)} given for {k} segments",
            f"give {k} different names, in the order of the segments' numbers",
            code="names",
        )


def _judge(fact: Fact) -> Part:
    """The role that a column's own values give it."""
    if fact.said == 0:
        return Part(fact, "left out", "every value is missing")
    if fact.distinct == 1:
        return Part(fact, "left out", "one value throughout")
    if fact.missing > MOSTLY_MISSING * fact.rows:
        return Part(fact, "left out", f"{fact.missing:,} of {fact.rows:,} values are missing")
    if is_identifier(fact):
        why = f"looks like an identifier ({fact.distinct:,} of {fact.rows:,} distinct)"
        return Part(fact, "identifier", why)
    if fact.type == "number" and not (fact.whole and fact.distinct <= CODE_LEVELS):
        return Part(fact, "measure", "a number")
    if fact.type == "text" and fact.distinct > MOST_CATEGORIES:
        return Part(fact, "left out", f"text with {say_distinct(fact)} different values")
    kind = {"number": f"a code or scale of {fact.distinct} values", "date": "a date"}
    what = kind.get(fact.type, f"a category of {fact.distinct} values")
    return Part(fact, "descriptor", f"{what}: describes segments, does not form them")


def _give(parts: dict[str, Part], old: str, new: str, reason: str) -> dict[str, Part]:
    changed = {name: part for name, part in parts.items() if part.role == old}
    return {name: Part(part.fact, new, reason) for name, part in changed.items()}


def _choose_id(parts: dict[str, Part], asked: str | None) -> dict[str, Part]:
    found = [n for n, part in parts.items() if part.role == "identifier" and part.fact.unique]
    chosen = asked or next(iter(found), None)
    if asked and not parts[asked].fact.unique:
        fact = parts[asked].fact
        raise InputError(
            f"{fact.said - fact.distinct:,} values are repeats and {fact.missing:,} are missing",
            "an id has one value a customer: name another column, or none",
            code="id-not-unique",
            column=asked,
        )
    parts = {
        name: Part(p.fact, "left out", p.reason) if p.role == "identifier" else p
        for name, p in parts.items()
    }
    if chosen:
        parts[chosen] = Part(parts[chosen].fact, "id", "names the customer")
    return parts


def _choose_features(parts: dict[str, Part], source: Source) -> dict[str, Part]:
    """The rule: those that are usual for the table; else measures, one of each collinear group,
    at most eight; scales where they are few."""
    if source.usual:
        return _take_usual(parts, source.usual)
    costly = {name: _spare(part) for name, part in parts.items() if _is_costly(part)}
    parts = parts | costly
    chosen = {name: part for name, part in parts.items() if part.role == "measure"}
    if len(chosen) < 2:
        scales = [p for p in parts.values() if p.role == "descriptor" and p.fact.type == "number"]
        why = "a scale, used because the table has too few measures"
        chosen |= {part.fact.name: Part(part.fact, "measure", why) for part in scales}
    rows = next(iter(parts.values())).fact.rows
    names = list(chosen)
    twins = find_twins(correlate(source.table, names, rows)) if len(names) > 2 else {}
    single = [name for name in chosen if name not in twins]
    new = costly | {name: Part(p.fact, "feature", p.reason) for name, p in chosen.items()}
    for name, (twin, r) in twins.items():
        new[name] = Part(new[name].fact, "descriptor", f"says what {twin} says (r = {r:.2f})")
    for name in single[MOST_FEATURES:]:
        why = f"{MOST_FEATURES} features come before it; name it in features to use it"
        new[name] = Part(new[name].fact, "descriptor", why)
    return new


def _is_costly(part: Part) -> bool:
    return part.role == "measure" and part.fact.missing > COSTLY * part.fact.rows


def _spare(part: Part) -> Part:
    share = part.fact.missing / part.fact.rows
    why = f"missing in {share:.0%} of rows, which it would cost; name it in features to use it"
    return Part(part.fact, "descriptor", why)


def _take_usual(parts: dict[str, Part], usual: Sequence[str]) -> dict[str, Part]:
    """The usual features of a table that was made here; its other measures describe."""
    rest = _give(parts, "measure", "descriptor", "counted from the orders; describes segments")
    used = [name for name in usual if parts[name].fact.distinct > 1]
    why = "recency, frequency and monetary value are the usual features of orders"
    return rest | {name: Part(parts[name].fact, "feature", why) for name in used}


def _check_names(known: list[str], asked: dict[str, list[str]]) -> None:
    for name in known:
        if RESERVED.fullmatch(name):
            remedy = "rename the column"
            raise InputError("is a name used inside", remedy, code="reserved-header", column=name)
    for parameter, names in asked.items():
        for name in names:
            if name not in known:
                remedy = offer_name(name, known, f"it has {', '.join(known)}")
                what = f"{parameter}: the table has no column {name!r}"
                raise InputError(what, remedy, code="no-such-column")
    formed = asked["features"] + asked["value"]
    twice = next((name for name in formed if formed.count(name) > 1), None)
    if twice:
        raise InputError(
            f"{twice!r} is named twice among features and value",
            "name it once",
            code="named-twice",
        )


def _check_numbers(parts: dict[str, Part]) -> None:
    used = [part.fact for part in parts.values() if part.role in ("feature", "value")]
    if not any(part.role == "feature" for part in parts.values()):
        raise InputError(
            "no column to segment on: none is a number that varies",
            "add a measure such as age, orders or spend",
            code="no-features",
        )
    for fact in used:
        what = _unusable(fact)
        if what:
            remedy = "choose another column, or mend it"
            raise InputError(what, remedy, code="unusable-feature", column=fact.name)


def _unusable(fact: Fact) -> str | None:
    if fact.said == 0:
        return "every value is missing"
    if fact.type != "number":
        return f"it holds {'dates' if fact.type == 'date' else 'text'}, not numbers"
    if fact.distinct < 2:
        return "it has one value throughout"
    reach = max(abs(fact.low), abs(fact.high))
    if not np.isfinite(reach):
        return "it holds an infinite number"
    return f"it holds {reach:.0e}, too large to square" if reach > LARGEST else None
