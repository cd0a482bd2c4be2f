"""The arithmetic of a model as SQL, for a warehouse that places its own customers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import ibis
import ibis.expr.types as ir

from segmentation.analysis.assigning import CERTAINTY, SECOND, SEGMENT, number_rows
from segmentation.analysis.borders import Borders
from segmentation.analysis.features import add_coordinates
from segmentation.analysis.model import read_model

SQL_TABLE = "customers"
SMALLEST = -700.0  # of which PostgreSQL still takes the exponential


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
    scored = express_rows(ibis.table(kinds, name=SQL_TABLE), model.borders)
    named = zip(model.numbers, model.names, strict=True)
    names = [(scored[SEGMENT] == number, name) for number, name in named]
    chosen = scored.select(
        *([model.id] if model.id is not None and model.id not in model.features else []),
        *(scale.feature for scale in model.scales),
        segment=scored[SEGMENT],
        segment_name=ibis.cases(*names, else_=None),
        second_segment=scored[SECOND],
        certainty=scored[CERTAINTY],
    )
    return f"{ibis.to_sql(chosen, dialect='postgres')}\n"


def express_rows(table: ir.Table, borders: Borders) -> ir.Table:
    """The table with what `Borders.place` gives every row, as expressions of any engine."""
    placed = add_coordinates(table, borders.scales)
    scores = _distance_scores(placed, borders)
    if borders.mixture is not None:
        scores = _density_scores(placed, borders)
    placed = placed.mutate(**{f"__d{at}": away for at, away in enumerate(scores)})
    away = [placed[f"__d{at}"] for at in range(len(scores))]
    placed = placed.mutate(**{SEGMENT: _least(away)})
    away = [placed[f"__d{at}"] for at in range(len(scores))]
    rest = [(placed[SEGMENT] == at).ifelse(float("inf"), d) for at, d in enumerate(away, 1)]
    near, far = ibis.least(*away), ibis.least(*rest)
    if borders.mixture is None:
        certainty = (far == 0).ifelse(0.0, 1.0 - (near / far).sqrt())
    else:
        parts = [(near - d < SMALLEST).ifelse(0.0, (near - d).exp()) for d in away]
        certainty = 1.0 / reduce(add, parts)
    placed = placed.mutate(**{SECOND: _least(rest), CERTAINTY: certainty})
    return number_rows(placed.select(*table.columns, SEGMENT, SECOND, CERTAINTY), borders.numbers)


def _distance_scores(placed: ir.Table, borders: Borders) -> list[ir.FloatingValue]:
    """Squared distances to every centre."""
    z = range(len(borders.scales))
    return [
        reduce(add, [_square(placed[f"__z{at}"] - float(centre[at])) for at in z])
        for centre in borders.centres
    ]


def _density_scores(placed: ir.Table, borders: Borders) -> list[ir.FloatingValue]:
    """Minus the logarithm of each component's share × density, but for what all have alike."""
    assert borders.mixture is not None
    factors, offsets = borders.mixture.factors, borders.mixture.offsets
    scores = []
    for centre, factor, offset in zip(borders.centres, factors, offsets, strict=True):
        parts = []
        for column, shift in zip(factor.T, centre @ factor, strict=True):
            terms = [placed[f"__z{at}"] * float(c) for at, c in enumerate(column) if c != 0]
            parts.append(_square(reduce(add, terms) - float(shift)))
        scores.append(0.5 * reduce(add, parts) - float(offset))
    return scores


def _square(value: ir.FloatingValue) -> ir.FloatingValue:
    """The value times itself: engines compute a power many times slower."""
    return value * value


def _least(scores: Sequence[ir.FloatingValue]) -> ir.IntegerValue:
    """The number (from 1) of the least score; NULL where they are."""
    least = ibis.least(*scores)
    branches = [(score == least, at) for at, score in enumerate(scores, 1)]
    return ibis.cases(*branches, else_=None).cast("int64")
