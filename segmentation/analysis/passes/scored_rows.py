"""Rows placed by the rule of an earlier report, and counts of how they differ from its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from segmentation.analysis.passes.batches import Batch
from segmentation.analysis.passes.bins import Edges, count_values
from segmentation.analysis.passes.nearest import Placed
from segmentation.analysis.passes.placed_rows import list_faults, list_placed_rows
from segmentation.analysis.passes.placement import Placement


class Tally(NamedTuple):
    """Counts over some rows; each part is a number or an array, so that tallies add up.

    `sizes` (k) by the position of the segment; `certain` is the sum of all certainties; `columns`
    (d × 4) count the values that are missing, below 0 although logged, below and above the fitted
    range; `beyond` the rows outside in any feature; `bins` are those of `count_values`.
    """

    rows: int
    sizes: np.ndarray
    certain: float
    columns: np.ndarray
    beyond: int
    bins: np.ndarray


def score_batch(
    batch: Batch, placement: Placement, ranges: np.ndarray, edges: Edges
) -> tuple[pa.RecordBatch, Tally]:
    """Returns the placed rows of a batch and their tally.

    `ranges` (d × 2) are the least and largest fitted values, `edges` those of the bins by feature.
    """
    placed = placement.place(batch.values)
    rows = list_placed_rows(batch, placed, placement)
    return rows, _count(batch.values, placed, placement, ranges, edges)


def add_scored(parts: Iterable[tuple[pa.RecordBatch, Tally]]) -> tuple[pa.Table, Tally]:
    """Returns all placed rows and their tally, from those of the batches."""
    rows, tallies = zip(*parts, strict=True)
    return pa.Table.from_batches(rows), Tally._make(map(sum, zip(*tallies, strict=True)))


def _count(
    values: np.ndarray, placed: Placed, placement: Placement, ranges: np.ndarray, edges: Edges
) -> Tally:
    beyond, counts = np.zeros(values.shape[1], dtype=bool), []
    for column, scale, (low, high) in zip(values, placement.scales, ranges, strict=True):
        least, faults, ends = column.min(), [0, 0], [0, 0]
        if not least >= 0:  # no value is missing or below 0 otherwise
            faults = _count_each(list_faults(column, scale).values())
        if not (least >= low and column.max() <= high):
            outside = column < low, column > high
            ends = _count_each(outside)
            beyond |= np.logical_or(*outside)
        counts.append([*faults, *ends])
    return Tally(
        rows=values.shape[1],
        sizes=np.bincount(placed.first, minlength=len(placement.numbers) + 1)[1:],
        certain=float(np.nansum(placed.certainty)),
        columns=np.array(counts),
        beyond=int(np.count_nonzero(beyond)),
        bins=count_values(values, list(edges.values())),
    )


def _count_each(tests: Iterable[np.ndarray]) -> list[int]:
    return [int(np.count_nonzero(test)) for test in tests]
