"""Passes over a table in the embedded engine: batch by batch, in NumPy, on all cores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.passes.batches import Batch, map_batches
from segmentation.analysis.passes.moments import Moments, add_moments, log_values, measure_values
from segmentation.analysis.passes.nearest import find_nearest
from segmentation.analysis.passes.placed_rows import SEGMENT, list_placed_rows
from segmentation.analysis.passes.placement import Borders
from segmentation.analysis.passes.sampling import WEIGHT, add_key, find_chances
from segmentation.analysis.passes.scales import Counts, Scales, scale_values
from segmentation.analysis.passes.tallies import (
    Added,
    Crossed,
    Sums,
    Wanted,
    count_values,
    cross_categories,
    make_sums,
    measure_segments,
)
from segmentation.data import PRIME, ROW, hash_keys

Result = TypeVar("Result")
PART = 8_192  # rows that are added up at once


class Batched:
    """See `Passes`."""

    def __init__(self, table: ir.Table) -> None:
        self.table = table

    def measure(
        self, features: Sequence[str], fills: Mapping[str, float | None]
    ) -> tuple[Counts, Moments, Moments]:
        """The rows counted; the moments of their values, and of log(1 + value)."""

        def measure(values: np.ndarray) -> tuple[int, np.ndarray, Moments, Moments]:
            lacking = np.isnan(values)
            whole = _fill(values, [fills[name] for name in features])
            if lacking.any():
                whole = whole[:, ~np.isnan(whole).any(axis=0)]
            logged = measure_values(log_values(whole))
            return values.shape[1], lacking.sum(axis=1), measure_values(whole), logged

        rows, missing, plain, logged = zip(*self._map_values(features, measure), strict=True)
        moments = add_moments(plain)
        lost = dict(zip(features, np.sum(missing, axis=0).tolist(), strict=True))
        return Counts(sum(rows), int(moments.n[0]), lost), moments, add_moments(logged)

    def draw(self, scales: Scales, size: int, seed: int, key: str | None) -> pd.DataFrame:
        """About `size` rows in order, indexed by `ROW`: features, filled, and `WEIGHT`."""
        features = [scale.feature for scale in scales]
        name, keyed = add_key(self.table, key)

        def draw(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
            values = _fill(batch.values, [scale.fill for scale in scales])
            weights = 1.0 / find_chances(scale_values(values, scales), scales, size)
            hashed = hash_keys(batch.kept.column(name).to_numpy(), seed)
            drawn = hashed < np.floor(PRIME / weights)  # NaN is never drawn
            rows = batch.kept.column(ROW).to_numpy()
            return rows[drawn], np.vstack([values[:, drawn], weights[drawn]])

        kept = list(dict.fromkeys([ROW, name]))
        rows, values = zip(*map_batches(keyed, features, draw, kept), strict=True)
        index = pd.Index(np.concatenate(rows), name=ROW)
        return pd.DataFrame(np.hstack(values).T, index, [*features, WEIGHT])

    def fetch(self, rows: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
        """Columns for these rows, in this order, indexed by `ROW`."""
        asked = ibis.memtable(pd.DataFrame({ROW: np.asarray(rows, dtype=np.int64)}))
        own = self.table.semi_join(asked, ROW).select(ROW, *names)
        return own.execute().set_index(ROW).loc[list(rows)]

    def add_up(self, borders: Borders) -> tuple[np.ndarray, np.ndarray]:
        """The sum of the coordinates (k × d) and the number (k) of the rows of each segment."""
        k = len(borders.centres)

        def add(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            Z = borders.measure(values)
            first = find_nearest(Z, borders.centres)
            if not first.all():
                Z, first = Z[:, first > 0], first[first > 0]
            members = (first == np.arange(1, k + 1)[:, None]).astype(float)
            return members @ Z.T, np.count_nonzero(members, axis=1)

        sums, sizes = zip(*self._map_values(borders.features, add), strict=True)
        return np.sum(sums, axis=0), np.sum(sizes, axis=0)

    def place(self, borders: Borders, kept: Sequence[str]) -> pa.Table:
        """The kept columns and those of `list_placed_rows` for every row, in order of `ROW`."""

        def place(batch: Batch) -> pa.RecordBatch:
            return list_placed_rows(batch, borders.place(batch.values), borders)

        return pa.Table.from_batches(map_batches(self.table, borders.features, place, kept))

    def sum_up(self, borders: Borders, placed: pa.Table, wanted: Wanted) -> Sums:
        """What is added up by segment, of rows that `place` has placed by these borders."""
        labels, k = _positions(placed, borders.numbers), len(borders.numbers)

        def add(batch: Batch) -> tuple[list[Moments], list[Crossed], np.ndarray]:
            rows, values = batch.kept.column(ROW).to_numpy() - 1, batch.values
            own = labels[rows[0] : rows[-1] + 1]
            parts = [slice(at, at + PART) for at in range(0, len(own), PART)]
            moments = [measure_segments(values[:, part], own[part], k) for part in parts]
            crossed = [
                cross_categories(batch.kept.column(name), own, name) for name in wanted.crossed
            ]
            bins = count_values(values[: len(wanted.edges)], wanted.edges.values())
            return moments, crossed, bins

        kept = [ROW, *wanted.crossed]
        parts = map_batches(self.table, wanted.numbers, add, kept)
        moments, crossed, bins = zip(*parts, strict=True)
        counted: Crossed = sum(chain.from_iterable(crossed), Counter())
        sizes = np.bincount(labels, minlength=k + 1)[1:]
        whole = add_moments(chain.from_iterable(moments))
        added = Added(whole, sizes, counted, np.sum(bins, axis=0))
        return make_sums(added, borders.numbers, wanted)

    def count_bins(self, edges: Mapping[str, Sequence[float]]) -> np.ndarray:
        """How many rows are in each bin of the first feature, the second, …: `count_values`."""

        def count(values: np.ndarray) -> np.ndarray:
            return count_values(values, edges.values())

        return np.sum(list(self._map_values(list(edges), count)), axis=0)

    def _map_values(
        self, features: Sequence[str], work: Callable[[np.ndarray], Result]
    ) -> Iterator[Result]:
        """What `work` makes of the values (d × n) of each batch."""
        return map_batches(self.table, features, lambda batch: work(batch.values), kept=())


def _fill(values: np.ndarray, fills: Sequence[float | None]) -> np.ndarray:
    """The values (d × n) with the missing ones of a feature filled, where it has a fill."""
    if all(fill is None for fill in fills):
        return values
    standing = np.array([np.nan if fill is None else fill for fill in fills])
    return np.where(np.isnan(values), standing[:, None], values)


def _positions(placed: pa.Table, numbers: Sequence[int]) -> np.ndarray:
    """The position (from 1) of every row's segment among these numbers, 0 for rows in none."""
    found = np.zeros(max(numbers) + 1, dtype=np.int16)
    found[list(numbers)] = np.arange(1, len(numbers) + 1)
    return found[placed[SEGMENT].fill_null(0).to_numpy()]
