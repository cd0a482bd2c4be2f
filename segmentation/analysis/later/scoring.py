"""New customers placed by a model, without fitting, and what became of them counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from segmentation.analysis.later.drift import Shift, compare_bins, name_bins
from segmentation.analysis.later.model import Model
from segmentation.analysis.passes.batches import Batch, map_batches
from segmentation.analysis.passes.nearest import Placed
from segmentation.analysis.passes.placed_rows import list_faults, list_placed_rows
from segmentation.analysis.passes.tallies import count_values
from segmentation.data import ROW, InputError, Source, find_type, nearest_name


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
                f"if it is {near}, rename it" if near else said,
                code="no-such-column",
                file=name,
            )
        if types[feature] != "number" and int(table[feature].count().execute()):
            raise InputError(
                f"was a number in the model, is {types[feature]}",
                "export it as numbers",
                code="unusable-feature",
                file=name,
                column=feature,
            )
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


class Tally(NamedTuple):
    """What is counted of some rows; each part is a number or an array, so that tallies add up.

    `sizes` (k), `certain` the sum of all certainties, `columns` (d × 4) the values that are
    missing, below 0 where the logarithm is taken, below and above the range that was fitted,
    `beyond` the rows outside in any feature, `bins` as `count_values` has them.
    """

    rows: int
    sizes: np.ndarray
    certain: float
    columns: np.ndarray
    beyond: int
    bins: np.ndarray


def score_rows(table: ir.Table, model: Model, id: str | None = None) -> tuple[pa.Table, Scored]:
    """Every row in order, and what became of them, in one pass over the table.

    The columns are `ROW`, the `id` if one, and those that `assign_segments` adds.
    """
    kept = (ROW,) if id is None else (ROW, id)
    parts = map_batches(table, model.features, partial(_score, model=model), kept)
    placed, tallies = zip(*parts, strict=True)
    whole = Tally._make(map(sum, zip(*tallies, strict=True)))
    return pa.Table.from_batches(placed), _tell(whole, model)


def _score(batch: Batch, model: Model) -> tuple[pa.RecordBatch, Tally]:
    placed = model.borders.place(batch.values)
    return list_placed_rows(batch, placed, model.borders), _count(batch.values, placed, model)


def _count(values: np.ndarray, placed: Placed, model: Model) -> Tally:
    beyond, counts = np.zeros(values.shape[1], dtype=bool), []
    for column, scale, (low, high) in zip(values, model.scales, model.ranges, strict=True):
        least, faults, ends = column.min(), [0, 0], [0, 0]
        if not least >= 0:  # nothing is missing or below 0 otherwise
            faults = [int(np.count_nonzero(test)) for test in list_faults(column, scale).values()]
        if not (least >= low and column.max() <= high):
            outside = column < low, column > high
            ends = [int(np.count_nonzero(test)) for test in outside]
            beyond |= np.logical_or(*outside)
        counts.append([*faults, *ends])
    return Tally(
        rows=values.shape[1],
        sizes=np.bincount(placed.first, minlength=len(model.numbers) + 1)[1:],
        certain=float(np.nansum(placed.certainty)),
        columns=np.array(counts),
        beyond=int(np.count_nonzero(beyond)),
        bins=count_values(values, list(model.edges.values())),
    )


def _tell(tally: Tally, model: Model) -> Scored:
    placed = int(tally.sizes.sum())
    missing, negative, below, above = tally.columns.T.tolist()
    reasons = {f"missing: {name}": n for name, n in zip(model.features, missing, strict=True)}
    reasons |= {f"below 0: {name}": n for name, n in zip(model.features, negative, strict=True)}
    ends = zip(model.features, below, above, strict=True)
    return Scored(
        rows=tally.rows,
        sizes=dict(zip(model.numbers, tally.sizes.tolist(), strict=True)),
        left_out={reason: n for reason, n in reasons.items() if n},
        outside={name: (low, high) for name, low, high in ends if low or high},
        outside_rows=tally.beyond,
        certainty=tally.certain / placed if placed else float("nan"),
        shifts=compare_bins(model.bins, name_bins(tally.bins, model.edges)),
    )
