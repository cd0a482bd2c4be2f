"""New customers placed by a model, without fitting: in the engine, or as SQL for a warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, or_
from typing import Any

import ibis
import ibis.expr.types as ir

from segmentation.analysis.assigning import CERTAINTY, SECOND, SEGMENT, number_rows, place_rows
from segmentation.analysis.drift import Shift, list_counts, take_shifts
from segmentation.analysis.features import Scale
from segmentation.analysis.model import Model, read_model
from segmentation.data import ROW, InputError, Source, find_type, nearest_name

SQL_TABLE = "customers"
OUTSIDE = "__outside__"  # how many features of a row are beyond the range that was fitted


@dataclass(frozen=True)
class Match:
    """How the columns of a new table differ from those of the model, features aside.

    `missing` and `extra` are names, `retyped` tells what a column was and is.
    """

    id: str | None
    missing: list[str]
    extra: list[str]
    retyped: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Scored:
    """What became of the new customers, counted.

    `sizes` by segment number; `left_out` rows by reason; `outside` by feature: the rows below the
    least and above the largest value that was fitted, and `outside_rows` those of any feature;
    `shifts` by feature: how differently the features are spread.
    """

    rows: int
    sizes: dict[int, int]
    left_out: dict[str, int]
    outside: dict[str, tuple[int, int]]
    outside_rows: int
    certainty: float
    shifts: dict[str, Shift]

    @property
    def placed(self) -> int:
        """How many rows have a segment."""
        return sum(self.sizes.values())


def match_columns(model: Model, source: Source, id: str | None = None) -> Match:
    """How a new table fits the model; columns are matched by name, whatever their order.

    Raises `InputError` where a feature is missing or is no number any more, naming the nearest
    column.
    """
    table, name = source.table, source.name
    types = {column: find_type(kind) for column, kind in table.schema().items() if column != ROW}
    for feature in model.features:
        if feature not in types:
            others = [column for column in types if column not in model.features]
            near = nearest_name(feature, others)
            said = f"rename the column that holds it: {', '.join(others)}"
            raise InputError(
                f"the model needs a column {feature!r}, which is not there",
                f"if it is {near}, rename it" if near else said, code="no-such-column", file=name,
            )  # fmt: skip
        if types[feature] != "number" and int(table[feature].count().execute()):
            raise InputError(
                f"was a number in the model, is {types[feature]}", "export it as numbers",
                code="unusable-feature", file=name, column=feature,
            )  # fmt: skip
    rest = {column: kind for column, kind in model.columns.items() if column not in model.features}
    who = id or source.id or (model.id if model.id in types else None)
    return Match(
        id=who,
        missing=[column for column in rest if column not in types],
        extra=[column for column in types if column not in model.columns],
        retyped={
            column: (kind, types[column])
            for column, kind in rest.items()
            if column in types and types[column] != kind
        },
    )


def score_rows(table: ir.Table, model: Model) -> ir.Table:
    """The table with `SEGMENT`, `SECOND` (numbers of the model) and `CERTAINTY` of every row.

    All three are NULL where a feature is missing, or below 0 where its logarithm is taken.
    """
    placed = place_rows(table, model.scales, model.centres, model.mixture)
    return number_rows(placed, model.numbers)


def count_scored(scored: ir.Table, model: Model) -> Scored:
    """What became of the rows of `score_rows`, counted in one pass over them."""
    segment = scored[SEGMENT]
    wanted: dict[str, ir.Value] = {"rows": scored.count(), "certainty": scored[CERTAINTY].mean()}
    wanted |= {f"size {number}": (segment == number).sum() for number in model.numbers}
    beyond = []
    for at, (scale, (low, high)) in enumerate(zip(model.scales, model.ranges, strict=True)):
        number = scored[scale.feature].cast("float64")
        below, above = number < float(low), number > float(high)
        wanted |= {f"below {at}": below.sum(), f"above {at}": above.sum()}
        wanted |= {f"reason {at} {why}": test.sum() for why, test in _faults(scored, scale).items()}
        beyond.append((below | above).fill_null(False))
    wanted["beyond"] = reduce(or_, beyond).sum()
    edges = {name: bins.edges for name, bins in model.bins.items()}
    wanted |= list_counts(scored, edges)
    found = scored.aggregate(**wanted).execute().iloc[0]

    def count(name: str) -> int:
        return int(found[name] or 0)

    reasons = {
        f"{why}: {scale.feature}": count(f"reason {at} {why}")
        for at, scale in enumerate(model.scales)
        for why in _faults(scored, scale)
    }
    return Scored(
        rows=count("rows"),
        sizes={number: count(f"size {number}") for number in model.numbers},
        left_out={reason: n for reason, n in reasons.items() if n},
        outside={
            scale.feature: (count(f"below {at}"), count(f"above {at}"))
            for at, scale in enumerate(model.scales)
            if count(f"below {at}") + count(f"above {at}")
        },
        outside_rows=count("beyond"),
        certainty=float(found["certainty"]),
        shifts=take_shifts(found, model.bins),
    )


def say_why(table: ir.Table, scales: Sequence[Scale]) -> ir.StringValue:
    """Why a row has no segment: `missing: age, spend; below 0: visits`."""
    said: list[Any] = []
    for why in ("missing", "below 0"):
        tests = [(s.feature, _faults(table, s).get(why)) for s in scales]
        parts = [t.fill_null(False).ifelse(f", {n}", "") for n, t in tests if t is not None]
        if parts:
            names = reduce(add, parts)
            said.append((names == "").ifelse("", ibis.literal(f"; {why}: ") + names.substr(2)))
    every = reduce(add, said) if said else ibis.literal("")
    return (every == "").ifelse("in no dense group", every.substr(2))


def compile_sql(record: dict[str, Any] | None) -> str | None:
    """One SELECT that scores a table `customers`, in SQL that PostgreSQL and DuckDB read alike.

    `record` is the one of `build_model`; None where there is none.
    """
    if record is None:
        return None
    model = read_model(record)
    kinds = {scale.feature: "decimal(38, 9)" for scale in model.scales}  # whatever it is: cast
    if model.id is not None:
        kinds = {model.id: "string"} | kinds
    table = ibis.table(kinds, name=SQL_TABLE)
    scored = score_rows(table, model)
    names = [(scored[SEGMENT] == n, name) for n, name in zip(model.numbers, model.names,
                                                             strict=True)]  # fmt: skip
    chosen = scored.select(
        *([model.id] if model.id is not None and model.id not in model.features else []),
        *(scale.feature for scale in model.scales),
        segment=scored[SEGMENT],
        segment_name=ibis.cases(*names, else_=None),
        second_segment=scored[SECOND],
        certainty=scored[CERTAINTY],
    )
    return f"{ibis.to_sql(chosen, dialect='postgres')}\n"


def _faults(table: ir.Table, scale: Scale) -> dict[str, ir.BooleanValue]:
    """What keeps a row from having a coordinate, by reason."""
    number = table[scale.feature].cast("float64")
    faults = {} if scale.fill is not None else {"missing": number.isnull()}
    return {**faults, "below 0": number < 0} if scale.log else faults
