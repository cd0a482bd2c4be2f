"""The segment of every row of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.fitting.clustering import PLACES_NEW, Segments, number_by_size
from segmentation.analysis.fitting.sample import Prepared
from segmentation.analysis.fitting.scan import move_widths
from segmentation.analysis.passes.expressions import express_rows, fence
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.placed_rows import (
    CERTAINTY,
    LEFT_OUT,
    NUMBER,
    SECOND,
    SEGMENT,
    renumber,
    say_left_out,
)
from segmentation.analysis.passes.placement import Borders
from segmentation.analysis.trust.resampling import label_rows
from segmentation.data import ROW, is_embedded


@dataclass(frozen=True)
class Assigned:
    """The segment of every row of the table that was `prepared`.

    `placed` has a row each, in order: `ROW`, the id if one, `SEGMENT` and `SECOND` (numbers of the
    segments), `CERTAINTY`, `LEFT_OUT`. The three are NULL where a feature is missing, or below 0
    where its logarithm is taken, and where the algorithm leaves a row in no segment; `LEFT_OUT`
    then says why. `borders` decide it; without them the algorithm cannot place rows it has not
    seen, and gives neither second nor certainty.
    """

    prepared: Prepared
    placed: pa.Table
    borders: Borders | None

    @property
    def customers(self) -> ir.Table:
        """The whole table with what was placed beside its columns, in the engine that has it."""
        table = self.prepared.table
        if not is_embedded(table) and self.borders is not None:
            return express_rows(table, self.borders, fence)
        found = self.placed.select([ROW, SEGMENT, SECOND, CERTAINTY, LEFT_OUT])
        return table.join(ibis.memtable(found), ROW)

    @property
    def sizes(self) -> pd.Series:
        """How many rows have a segment, by its number."""
        counts = self.placed[SEGMENT].drop_null().value_counts().to_pylist()
        found = pd.Series({part["values"]: part["counts"] for part in counts}, dtype=int)
        return found.sort_index()

    @property
    def fitted(self) -> np.ndarray:
        """The number of the segment of each row that was fitted, 0 for none."""
        at = np.searchsorted(self.placed[ROW].to_numpy(), self.prepared.frame.index)
        return np.asarray(self.placed[SEGMENT].take(at).fill_null(0).to_numpy())

    def number(self, numbers: Sequence[int]) -> Assigned:
        """The same with these numbers in place of 1, 2, … k."""
        borders = None if self.borders is None else replace(self.borders, numbers=tuple(numbers))
        return replace(self, placed=renumber(self.placed, numbers), borders=borders)


def assign_segments(
    prepared: Prepared, segments: Segments, steps: int = 0, seed: int = 0, id: str | None = None
) -> tuple[Assigned, Segments]:
    """Every row's segment, and the segments numbered by the size that they have among all rows.

    Where a sample was fitted, so many Lloyd steps over all rows come first (K-Means alone has
    them); where every row was, the segments are as they are. `id` goes along.
    """
    if not prepared.sampled:
        return place_segments(prepared, segments, id), segments
    polished = _take_steps(prepared, segments, steps if segments.algorithm == "kmeans" else 0)
    assigned = place_segments(prepared, polished, id)
    sizes = assigned.sizes.reindex(range(1, segments.k + 1), fill_value=0).to_numpy()
    order = number_by_size(np.arange(segments.k), sizes, polished.centres)
    assigned = assigned.number((np.argsort(order) + 1).tolist())
    numbered = _order_segments(prepared, polished, order)
    before = (np.argsort(order) + 1)[segments.labels - 1]
    measured = move_widths(prepared.X, prepared.weights, numbered, before, seed)
    return replace(assigned, borders=_borders(prepared, measured)), measured


def place_segments(prepared: Prepared, segments: Segments, id: str | None = None) -> Assigned:
    """Every row's segment, as the segments stand."""
    kept = [ROW] if id is None else [ROW, id]
    if segments.algorithm not in PLACES_NEW:
        return Assigned(prepared, _list_fitted(prepared, segments, kept), None)
    borders = _borders(prepared, segments)
    return Assigned(prepared, open_passes(prepared.table).place(borders, kept), borders)


def _borders(prepared: Prepared, segments: Segments) -> Borders:
    return Borders(prepared.scales, segments.centres, segments.mixture, segments.numbers)


def _take_steps(prepared: Prepared, segments: Segments, steps: int) -> Segments:
    for _ in range(steps):
        sums, sizes = open_passes(prepared.table).add_up(_borders(prepared, segments))
        means = sums / np.maximum(sizes, 1)[:, None]
        centres = np.where(sizes[:, None] > 0, means, segments.centres)
        segments = replace(segments, centres=centres)
    return segments


def _order_segments(prepared: Prepared, segments: Segments, order: np.ndarray) -> Segments:
    """The segments in this order (positions), with the labels of the rows that were fitted."""
    centres, mixture = segments.centres[order], segments.mixture
    reach = segments.reach[:, order] if len(segments.reach) else segments.reach
    if mixture is None:
        labels = label_rows(prepared.X, centres[None])[:, 0] + 1
    else:
        mixture = mixture.in_order(order)
        labels = np.argsort(order)[segments.labels - 1] + 1
    inertia = float(prepared.weights @ ((prepared.X - centres[labels - 1]) ** 2).sum(axis=1))
    changed = {"labels": labels, "centres": centres, "mixture": mixture, "reach": reach}
    return replace(segments, **changed, inertia=inertia)


def _list_fitted(prepared: Prepared, segments: Segments, kept: Sequence[str]) -> pa.Table:
    """What `Passes.place` gives, by the labels of the rows that were fitted."""
    columns = dict.fromkeys([*kept, *prepared.features])
    whole = prepared.table.select(*columns).order_by(ROW).to_pyarrow()
    known = pd.Series(segments.numbered, index=prepared.frame.index, dtype="Int64")
    numbers = known[known > 0].reindex(whole[ROW].to_numpy())
    features = whole.select(prepared.features).to_pandas()
    values = features.to_numpy(dtype=float, na_value=np.nan).T
    none = numbers.isna().to_numpy()
    placed = {
        SEGMENT: pa.array(numbers, NUMBER),
        SECOND: pa.nulls(len(whole), NUMBER),
        CERTAINTY: pa.nulls(len(whole), pa.float64()),
        LEFT_OUT: say_left_out(values, none, prepared.scales),
    }
    return pa.table({name: whole[name] for name in kept} | placed)
