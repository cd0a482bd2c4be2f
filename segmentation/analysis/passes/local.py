"""Passes over a table in the embedded engine: batch by batch, in NumPy, on all cores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TypeVar

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.passes.batches import Batch, map_batches
from segmentation.analysis.passes.bins import Bins, Edges, count_values, name_bins
from segmentation.analysis.passes.moments import Moments, add_moments, log_values, measure_values
from segmentation.analysis.passes.nearest import find_nearest
from segmentation.analysis.passes.placed_rows import (
    CERTAINTY,
    LEFT_OUT,
    SECOND,
    SEGMENT,
    list_placed_rows,
)
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.passes.sampling import WEIGHT, add_key, find_chances
from segmentation.analysis.passes.scales import Counts, Scales, scale_values
from segmentation.analysis.passes.scored_rows import Tally, add_scored, score_batch
from segmentation.analysis.passes.tallies import (
    Added,
    Crossed,
    Sums,
    Wanted,
    cross_categories,
    make_sums,
    measure_segments,
)
from segmentation.data import PRIME, ROW, hash_keys

Result = TypeVar("Result")
PART = 8_192  # rows added up at once


class LocalPasses:
    """The passes over a table in this process's own engine; see `Passes`."""

    def __init__(self, table: ir.Table) -> None:
        self.table = table

    def measure(
        self, features: Sequence[str], fills: Mapping[str, float | None]
    ) -> tuple[Counts, Moments, Moments]:
        """Returns the counts of rows, the moments of their values and of log(1 + value)."""

        def measure(values: np.ndarray) -> tuple[int, np.ndarray, Moments, Moments]:
            lacking = np.isnan(values)
            usable = _fill(values, [fills[name] for name in features])
            if lacking.any():
                usable = usable[:, ~np.isnan(usable).any(axis=0)]
            logged = measure_values(log_values(usable))
            return values.shape[1], lacking.sum(axis=1), measure_values(usable), logged

        rows, lacking, plain, logged = zip(*self._map_values(features, measure), strict=True)
        moments = add_moments(plain)
        missing = dict(zip(features, np.sum(lacking, axis=0).tolist(), strict=True))
        return Counts(sum(rows), int(moments.n[0]), missing), moments, add_moments(logged)

    def draw(self, scales: Scales, size: int, seed: int, key: str | None) -> pd.DataFrame:
        """Returns about `size` rows in order, indexed by `ROW`: features (filled) and `WEIGHT`."""
        features = [scale.feature for scale in scales]
        name, keyed = add_key(self.table, key)

        def draw(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
            values = _fill(batch.values, [scale.fill for scale in scales])
            weights = 1.0 / find_chances(scale_values(values, scales), scales, size)
            hashed = hash_keys(batch.carried.column(name).to_numpy(), seed)
            drawn = hashed < np.floor(PRIME / weights)  # NaN is never drawn
            rows = batch.carried.column(ROW).to_numpy()
            return rows[drawn], np.vstack([values[:, drawn], weights[drawn]])

        carried = list(dict.fromkeys([ROW, name]))
        rows, values = zip(*map_batches(keyed, features, draw, carried), strict=True)
        index = pd.Index(np.concatenate(rows), name=ROW)
        return pd.DataFrame(np.hstack(values).T, index, [*features, WEIGHT])

    def fetch(self, rows: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
        """Returns columns of these rows, in this order, indexed by `ROW`."""
        wanted = ibis.memtable(pd.DataFrame({ROW: np.asarray(rows, dtype=np.int64)}))
        columns = self.table.semi_join(wanted, ROW).select(ROW, *names)
        return columns.execute().set_index(ROW).loc[list(rows)]

    def add_up(self, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
        """Returns the sums of coordinates (k × d) and the sizes (k) of the segments."""
        k = len(placement.centres)

        def add(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            Z = placement.measure(values)
            first = find_nearest(Z, placement.centres)
            if not first.all():
                Z, first = Z[:, first > 0], first[first > 0]
            members = (first == np.arange(1, k + 1)[:, None]).astype(float)
            return members @ Z.T, np.count_nonzero(members, axis=1)

        sums, sizes = zip(*self._map_values(placement.features, add), strict=True)
        return np.sum(sums, axis=0), np.sum(sizes, axis=0)

    def place(self, placement: Placement, carried: Sequence[str]) -> pa.Table:
        """Returns the carried columns and those of `list_placed_rows`, in order of `ROW`."""

        def place(batch: Batch) -> pa.RecordBatch:
            return list_placed_rows(batch, placement.place(batch.values), placement)

        return pa.Table.from_batches(map_batches(self.table, placement.features, place, carried))

    def score(
        self, placement: Placement, ranges: np.ndarray, edges: Edges, carried: Sequence[str]
    ) -> tuple[pa.Table, Tally]:
        """Returns what `place` returns, and counts of how the rows differ from the fitted ones."""
        work = partial(score_batch, placement=placement, ranges=ranges, edges=edges)
        return add_scored(map_batches(self.table, placement.features, work, carried))

    def customers(self, placed: pa.Table, placement: Placement | None) -> ir.Table:
        """Returns the whole table with the columns of `placed` added, in the engine that has it."""
        columns = placed.select([ROW, SEGMENT, SECOND, CERTAINTY, LEFT_OUT])
        return self.table.join(ibis.memtable(columns), ROW)

    def sum_up(self, placement: Placement, placed: pa.Table, wanted: Wanted) -> Sums:
        """Returns sums by segment over the rows that `place` has placed by this rule."""
        labels, k = _find_positions(placed, placement.numbers), len(placement.numbers)

        def add(batch: Batch) -> tuple[list[Moments], list[Crossed], np.ndarray]:
            rows, values = batch.carried.column(ROW).to_numpy() - 1, batch.values
            inside = labels[rows[0] : rows[-1] + 1]
            parts = [slice(start, start + PART) for start in range(0, len(inside), PART)]
            moments = [measure_segments(values[:, part], inside[part], k) for part in parts]
            crossed = [
                cross_categories(batch.carried.column(name), inside, name)
                for name in wanted.crossed
            ]
            bins = count_values(values[: len(wanted.edges)], wanted.edges.values())
            return moments, crossed, bins

        carried = [ROW, *wanted.crossed]
        parts = map_batches(self.table, wanted.numbers, add, carried)
        moments, crossed, bins = zip(*parts, strict=True)
        cells: Crossed = sum(chain.from_iterable(crossed), Counter())
        sizes = np.bincount(labels, minlength=k + 1)[1:]
        total = add_moments(chain.from_iterable(moments))
        added = Added(total, sizes, cells, name_bins(np.sum(bins, axis=0), wanted.edges))
        return make_sums(added, placement.numbers, wanted)

    def count_bins(self, edges: Edges) -> dict[str, Bins]:
        """Returns how many rows are in each bin, by feature."""

        def count(values: np.ndarray) -> np.ndarray:
            return count_values(values, edges.values())

        return name_bins(np.sum(list(self._map_values(list(edges), count)), axis=0), edges)

    def _map_values(
        self, features: Sequence[str], work: Callable[[np.ndarray], Result]
    ) -> Iterator[Result]:
        """Yields what `work` returns for the values (d × n) of each batch."""
        return map_batches(self.table, features, lambda batch: work(batch.values), carried=())


def _fill(values: np.ndarray, fills: Sequence[float | None]) -> np.ndarray:
    """Returns the values (d × n) with missing ones filled, for features that have a fill."""
    if all(fill is None for fill in fills):
        return values
    replacements = np.array([np.nan if fill is None else fill for fill in fills])
    return np.where(np.isnan(values), replacements[:, None], values)


def _find_positions(placed: pa.Table, numbers: Sequence[int]) -> np.ndarray:
    """Returns the position (from 1) of every row's segment in `numbers`, 0 for rows in none."""
    positions = np.zeros(max(numbers) + 1, dtype=np.int16)
    positions[list(numbers)] = np.arange(1, len(numbers) + 1)
    return positions[placed[SEGMENT].fill_null(0).to_numpy()]
