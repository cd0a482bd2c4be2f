"""The arithmetic that places a customer, as expressions of any engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from segmentation.analysis.passes.placed_rows import CERTAINTY, SECOND, SEGMENT
from segmentation.analysis.passes.placement import Borders
from segmentation.analysis.passes.scales import add_coordinates
from segmentation.data import is_embedded

SMALLEST = -700.0  # of which PostgreSQL still takes the exponential


def fence(part: ir.Table) -> ir.Table:
    """The part as an engine elsewhere computes it once, and not wherever it is used."""
    backend = part.get_backend()
    return part if is_embedded(part) else backend.fence(part)


def express_rows(
    table: ir.Table, borders: Borders, fence: Callable[[ir.Table], ir.Table] = lambda part: part
) -> ir.Table:
    """The table with what `Borders.place` gives every row, as expressions of any engine.

    `fence` keeps an engine from computing a part again wherever it is used.
    """
    placed = fence(add_coordinates(table, borders.scales))
    scores = _distance_scores(placed, borders)
    if borders.mixture is not None:
        scores = _density_scores(placed, borders)
    placed = fence(placed.mutate(**{f"__d{at}": away for at, away in enumerate(scores)}))
    away = [placed[f"__d{at}"] for at in range(len(scores))]
    placed = fence(placed.mutate(**{SEGMENT: _least(away)}))
    away = [placed[f"__d{at}"] for at in range(len(scores))]
    rest = [(placed[SEGMENT] == at).ifelse(float("inf"), d) for at, d in enumerate(away, 1)]
    near, far = ibis.least(*away), ibis.least(*rest)
    if borders.mixture is None:
        certainty = (far == 0).ifelse(0.0, 1.0 - (near / far).sqrt())
    else:
        parts = [(near - d < SMALLEST).ifelse(0.0, (near - d).exp()) for d in away]
        certainty = 1.0 / reduce(add, parts)
    placed = placed.mutate(**{SECOND: _least(rest), CERTAINTY: certainty})
    return _number(placed.select(*table.columns, SEGMENT, SECOND, CERTAINTY), borders.numbers)


def _number(placed: ir.Table, numbers: Sequence[int]) -> ir.Table:
    """The table with these numbers in place of the positions 1, 2 … of segments."""
    if list(numbers) == list(range(1, len(numbers) + 1)):
        return placed
    return placed.mutate(
        **{
            name: ibis.cases(
                *((placed[name] == at, number) for at, number in enumerate(numbers, 1)), else_=None
            ).cast("int64")
            for name in (SEGMENT, SECOND)
        }
    )


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
