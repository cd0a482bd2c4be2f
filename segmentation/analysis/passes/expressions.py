"""The arithmetic that places a customer, as expressions for any engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from segmentation.analysis.passes.placed_rows import CERTAINTY, SECOND, SEGMENT
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.passes.scales import add_coordinates

SMALLEST = -700.0  # PostgreSQL's exponential fails below about -708


def keep(part: ir.Table) -> ir.Table:
    """Returns the part as it is: for engines that compute it only once anyway."""
    return part


def express_rows(
    table: ir.Table, placement: Placement, fence: Callable[[ir.Table], ir.Table] = keep
) -> ir.Table:
    """Returns the table with the columns of `Placement.place`, as expressions for any engine.

    `fence` keeps an engine from computing a part again at every use.
    """
    placed = fence(add_coordinates(table, placement.scales))
    scores = _score_distances(placed, placement)
    if placement.mixture is not None:
        scores = _score_densities(placed, placement)
    names = [f"__d{position}" for position in range(len(scores))]
    placed = fence(placed.mutate(**dict(zip(names, scores, strict=True))))
    placed = fence(placed.mutate(**{SEGMENT: _find_least([placed[name] for name in names])}))
    away = [placed[name] for name in names]
    infinite = float("inf")
    rest = [(placed[SEGMENT] == n).ifelse(infinite, score) for n, score in enumerate(away, 1)]
    near, far = ibis.least(*away), ibis.least(*rest)
    if placement.mixture is None:
        certainty = (far == 0).ifelse(0.0, 1.0 - (near / far).sqrt())
    else:
        parts = [(near - d < SMALLEST).ifelse(0.0, (near - d).exp()) for d in away]
        certainty = 1.0 / reduce(add, parts)
    placed = placed.mutate(**{SECOND: _find_least(rest), CERTAINTY: certainty})
    return _number(placed.select(*table.columns, SEGMENT, SECOND, CERTAINTY), placement.numbers)


def _number(placed: ir.Table, numbers: Sequence[int]) -> ir.Table:
    """Returns the table with these numbers in place of the positions 1, 2 … of segments."""
    positions = range(1, len(numbers) + 1)
    if list(numbers) == list(positions):
        return placed
    pairs = list(zip(positions, numbers, strict=True))
    renumbered = {
        name: ibis.cases(*((placed[name] == n, number) for n, number in pairs), else_=None)
        for name in (SEGMENT, SECOND)
    }
    return placed.mutate(**{name: column.cast("int64") for name, column in renumbered.items()})


def _score_distances(placed: ir.Table, placement: Placement) -> list[ir.FloatingValue]:
    """Returns the squared distances to every centre."""
    z = range(len(placement.scales))
    return [
        reduce(add, [_square(placed[f"__z{i}"] - float(centre[i])) for i in z])
        for centre in placement.centres
    ]


def _score_densities(placed: ir.Table, placement: Placement) -> list[ir.FloatingValue]:
    """Returns minus the logarithm of each component's share × density, up to a constant."""
    assert placement.mixture is not None
    factors, offsets = placement.mixture.factors, placement.mixture.offsets
    scores = []
    for centre, factor, offset in zip(placement.centres, factors, offsets, strict=True):
        parts = []
        for column, shift in zip(factor.T, centre @ factor, strict=True):
            terms = [placed[f"__z{i}"] * float(c) for i, c in enumerate(column) if c != 0]
            parts.append(_square(reduce(add, terms) - float(shift)))
        scores.append(0.5 * reduce(add, parts) - float(offset))
    return scores


def _square(value: ir.FloatingValue) -> ir.FloatingValue:
    """Returns the value times itself: engines compute a power many times slower."""
    return value * value


def _find_least(scores: Sequence[ir.FloatingValue]) -> ir.IntegerValue:
    """Returns the position (from 1) of the least score; NULL if the scores are NULL."""
    least = ibis.least(*scores)
    branches = [(score == least, position) for position, score in enumerate(scores, 1)]
    return ibis.cases(*branches, else_=None).cast("int64")
