"""The segment of every row, computed by the engine over the whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.analysis.clustering import (
    PLACES_NEW,
    Mixture,
    Segments,
    number_by_size,
)
from segmentation.analysis.diagnostics import measure_widths
from segmentation.analysis.features import Prepared, Scale, add_coordinates
from segmentation.analysis.resampling import label_rows
from segmentation.data import ROW

SEGMENT, SECOND, CERTAINTY = "__segment__", "__second__", "__certainty__"
SMALLEST = -700.0  # of which PostgreSQL still takes the exponential


def assign_segments(table: ir.Table, prepared: Prepared, segments: Segments) -> ir.Table:
    """The table with `SEGMENT`, `SECOND` (numbers of the segments) and `CERTAINTY`.

    All three are NULL where a feature is, and where the algorithm leaves a row in no segment. An
    algorithm that cannot place rows it has not seen gives neither second nor certainty.
    """
    if segments.algorithm not in PLACES_NEW:
        return _join_labels(table, prepared, segments)
    placed = place_rows(table, prepared.scales, segments.centres, segments.mixture)
    return number_rows(placed, segments.numbers)


def number_rows(placed: ir.Table, numbers: Sequence[int]) -> ir.Table:
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


def place_rows(
    table: ir.Table, scales: Sequence[Scale], centres: np.ndarray, mixture: Mixture | None = None
) -> ir.Table:
    """The table with the segment of every row: the nearest centre, or the likeliest of a mixture.

    `SECOND` is the next, `CERTAINTY` 1 − d₁/d₂ of the two distances (0 on the border, 1 on the
    centre), of mixtures the posterior probability.
    """
    placed = add_coordinates(table, scales)
    score = _distance_scores if mixture is None else _density_scores
    scores = score(placed, centres, mixture)
    placed = placed.mutate(**{f"__d{at}": away for at, away in enumerate(scores)})
    away = [placed[f"__d{at}"] for at in range(len(centres))]
    placed = placed.mutate(**{SEGMENT: _least(away)})
    away = [placed[f"__d{at}"] for at in range(len(centres))]
    rest = [(placed[SEGMENT] == at).ifelse(float("inf"), d) for at, d in enumerate(away, 1)]
    near, far = ibis.least(*away), ibis.least(*rest)
    if mixture is None:
        certainty = (far == 0).ifelse(0.0, 1.0 - (near / far).sqrt())
    else:
        parts = [(near - d < SMALLEST).ifelse(0.0, (near - d).exp()) for d in away]
        certainty = 1.0 / reduce(add, parts)
    placed = placed.mutate(**{SECOND: _least(rest), CERTAINTY: certainty})
    return placed.select(*table.columns, SEGMENT, SECOND, CERTAINTY)


def polish_segments(
    table: ir.Table, prepared: Prepared, segments: Segments, steps: int, seed: int
) -> Segments:
    """The segments of a sample after so many Lloyd steps over all rows, numbered by all rows.

    As they are where every row was fitted. Only K-Means has such steps; a mixture is numbered.
    """
    if not prepared.sampled:
        return segments
    centres = segments.centres
    for _ in range(steps if segments.algorithm == "kmeans" else 0):
        centres = _mean_coordinates(table, prepared.scales, centres)
    order = _order_by_rows(place_rows(table, prepared.scales, centres, segments.mixture), centres)
    centres, mixture = centres[order], segments.mixture
    if mixture is None:
        labels = label_rows(prepared.X, centres[None])[:, 0] + 1
    else:
        mixture = mixture.in_order(order)
        labels = np.argsort(order)[segments.labels - 1] + 1
    inertia = float(prepared.weights @ ((prepared.X - centres[labels - 1]) ** 2).sum(axis=1))
    polished = replace(segments, labels=labels, centres=centres, inertia=inertia, mixture=mixture)
    return measure_widths(prepared.X, prepared.weights, [polished], seed)[0]


def _mean_coordinates(table: ir.Table, scales: Sequence[Scale], centres: np.ndarray) -> np.ndarray:
    """The mean of the rows nearest to each centre: a Lloyd step. One without rows stays."""
    placed = add_coordinates(place_rows(table, scales, centres), scales)
    means = {f"mean{at}": placed[f"__z{at}"].mean() for at in range(len(scales))}
    found = placed.filter(placed[SEGMENT].notnull()).group_by(SEGMENT).aggregate(**means)
    frame = found.execute().set_index(SEGMENT)
    moved = centres.copy()
    moved[frame.index.to_numpy(dtype=int) - 1] = frame[list(means)].to_numpy(dtype=float)
    return moved


def _order_by_rows(placed: ir.Table, centres: np.ndarray) -> np.ndarray:
    counts = placed.group_by(SEGMENT).aggregate(n=placed.count()).execute().dropna()
    sizes = np.zeros(len(centres))
    sizes[counts[SEGMENT].to_numpy(dtype=int) - 1] = counts["n"]
    return number_by_size(np.arange(len(centres)), sizes, centres)


def _join_labels(table: ir.Table, prepared: Prepared, segments: Segments) -> ir.Table:
    labels = pd.DataFrame({"__fitted__": prepared.frame.index, SEGMENT: segments.numbered})
    known = ibis.memtable(labels[segments.labels > 0].astype("int64"))
    joined = table.left_join(known, table[ROW] == known["__fitted__"])
    return joined.select(
        *table.columns,
        SEGMENT,
        **{SECOND: ibis.null("int64"), CERTAINTY: ibis.null("float64")},
    )


def _distance_scores(
    placed: ir.Table, centres: np.ndarray, _: Mixture | None
) -> list[ir.FloatingValue]:
    """Squared distances to every centre."""
    z = range(centres.shape[1])
    return [reduce(add, [_square(placed[f"__z{at}"] - float(c[at])) for at in z]) for c in centres]


def _density_scores(
    placed: ir.Table, centres: np.ndarray, mixture: Mixture | None
) -> list[ir.FloatingValue]:
    """Minus the logarithm of each component's share × density, but for what all have alike."""
    assert mixture is not None
    scores = []
    for centre, share, factor in zip(centres, mixture.shares, mixture.factors, strict=True):
        offset, free = centre @ factor, np.log(share) + np.log(np.diag(factor)).sum()
        parts = []
        for column, shift in zip(factor.T, offset, strict=True):
            terms = [placed[f"__z{at}"] * float(c) for at, c in enumerate(column) if c != 0]
            parts.append(_square(reduce(add, terms) - float(shift)))
        scores.append(0.5 * reduce(add, parts) - float(free))
    return scores


def _square(value: ir.FloatingValue) -> ir.FloatingValue:
    """The value times itself: engines compute a power many times slower."""
    return value * value


def _least(scores: Sequence[ir.FloatingValue]) -> ir.IntegerValue:
    """The number (from 1) of the least score; NULL where they are."""
    least = ibis.least(*scores)
    branches = [(score == least, at) for at, score in enumerate(scores, 1)]
    return ibis.cases(*branches, else_=None).cast("int64")
