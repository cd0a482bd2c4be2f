"""The segment of every row of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.batches import Batch, map_batches
from segmentation.analysis.borders import Borders
from segmentation.analysis.clustering import PLACES_NEW, Segments, number_by_size
from segmentation.analysis.diagnostics import measure_widths
from segmentation.analysis.features import Prepared, Scale
from segmentation.analysis.nearest import Placed, place_coordinates
from segmentation.analysis.resampling import label_rows
from segmentation.data import ROW

SEGMENT, SECOND, CERTAINTY = "__segment__", "__second__", "__certainty__"
LEFT_OUT = "__left_out__"
NOWHERE_DENSE = "in no dense group"


def assign_segments(table: ir.Table, prepared: Prepared, segments: Segments) -> ir.Table:
    """The table with `SEGMENT`, `SECOND` (numbers of the segments), `CERTAINTY`, `LEFT_OUT`.

    The first three are NULL where a feature is missing, or below 0 where its logarithm is taken,
    and where the algorithm leaves a row in no segment; `LEFT_OUT` then says why. An algorithm that
    cannot place rows it has not seen gives neither second nor certainty.
    """
    if segments.algorithm in PLACES_NEW:
        borders = Borders(prepared.scales, segments.centres, segments.mixture, segments.numbers)
        return join_rows(table, place_rows(table, borders))
    return join_rows(table, _list_fitted(table, prepared, segments))


def place_rows(table: ir.Table, borders: Borders) -> pa.Table:
    """`ROW` of every row in order, with what `assign_segments` adds to it."""
    features = [scale.feature for scale in borders.scales]
    return pa.Table.from_batches(map_batches(table, features, partial(_place, borders=borders)))


def join_rows(table: ir.Table, found: pa.Table) -> ir.Table:
    """The table with the other columns of `found`, which has every `ROW` once."""
    return table.join(ibis.memtable(found), ROW)


def list_placed_rows(batch: Batch, placed: Placed, borders: Borders) -> pa.RecordBatch:
    """The columns that a batch keeps, with the segment of every row, or why it has none."""
    none, numbers = placed.first == 0, np.array([0, *borders.numbers])
    columns = {
        SEGMENT: pa.array(numbers[placed.first], mask=none),
        SECOND: pa.array(numbers[placed.second], mask=placed.second == 0),
        CERTAINTY: pa.array(placed.certainty, mask=none),
        LEFT_OUT: _say_left_out(batch.values, none, borders.scales),
    }
    kept = batch.kept
    return pa.RecordBatch.from_arrays(
        [*kept.columns, *columns.values()], [*kept.schema.names, *columns]
    )


def say_reasons(values: np.ndarray, scales: Sequence[Scale]) -> list[str]:
    """Why each of n rows (`values` d × n) has no coordinates: `missing: age; below 0: visits`."""
    faults = [list_faults(column, scale) for column, scale in zip(values, scales, strict=True)]
    kinds = [(why, scale.feature) for why in ("missing", "below 0") for scale in scales]
    tests = [fault[why] for why in ("missing", "below 0") for fault in faults]
    different, which = np.unique(np.array(tests), axis=1, return_inverse=True)
    said = [
        _say_faults([kind for kind, there in zip(kinds, column, strict=True) if there])
        for column in different.T
    ]
    return [said[at] for at in which.ravel()]


def list_faults(values: np.ndarray, scale: Scale) -> dict[str, np.ndarray]:
    """Whether each value (n) keeps its row from having a coordinate, by reason."""
    missing, below = np.isnan(values), values < 0
    return {
        "missing": missing if scale.fill is None else np.zeros_like(missing),
        "below 0": below if scale.log else np.zeros_like(below),
    }


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


def polish_segments(
    table: ir.Table, prepared: Prepared, segments: Segments, steps: int, seed: int
) -> Segments:
    """The segments of a sample after so many Lloyd steps over all rows, numbered by all rows.

    As they are where every row was fitted. Only K-Means has such steps; a mixture is numbered.
    """
    if not prepared.sampled:
        return segments
    borders = Borders(prepared.scales, segments.centres, segments.mixture, segments.numbers)
    for _ in range(steps if segments.algorithm == "kmeans" else 0):
        sums, sizes = _add_up(table, borders)
        means = sums / np.maximum(sizes, 1)[:, None]
        borders = replace(borders, centres=np.where(sizes[:, None] > 0, means, borders.centres))
    _, sizes = _add_up(table, borders)
    order = number_by_size(np.arange(segments.k), sizes, borders.centres)
    centres, mixture = borders.centres[order], segments.mixture
    if mixture is None:
        labels = label_rows(prepared.X, centres[None])[:, 0] + 1
    else:
        mixture = mixture.in_order(order)
        labels = np.argsort(order)[segments.labels - 1] + 1
    inertia = float(prepared.weights @ ((prepared.X - centres[labels - 1]) ** 2).sum(axis=1))
    polished = replace(segments, labels=labels, centres=centres, inertia=inertia, mixture=mixture)
    return measure_widths(prepared.X, prepared.weights, [polished], seed)[0]


def _place(batch: Batch, borders: Borders) -> pa.RecordBatch:
    return list_placed_rows(batch, borders.place(batch.values), borders)


def _say_left_out(values: np.ndarray, none: np.ndarray, scales: Sequence[Scale]) -> pa.Array:
    if not none.any():
        return pa.nulls(len(none), pa.string())
    said = np.full(len(none), None, dtype=object)
    said[none] = say_reasons(values[:, none], scales)
    return pa.array(said, pa.string())


def _say_faults(faults: Sequence[tuple[str, str]]) -> str:
    names: dict[str, list[str]] = {}
    for why, feature in faults:
        names.setdefault(why, []).append(feature)
    return "; ".join(f"{why}: {', '.join(found)}" for why, found in names.items()) or NOWHERE_DENSE


def _add_up(table: ir.Table, borders: Borders) -> tuple[np.ndarray, np.ndarray]:
    """The sum of the coordinates (k × d) and the number (k) of the rows of each segment."""

    def add_batch(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        Z = borders.measure(batch.values)
        first = place_coordinates(Z, borders.centres, borders.mixture).first
        inside = first > 0
        sizes = np.bincount(first[inside] - 1, minlength=len(borders.centres))
        sums = [np.bincount(first[inside] - 1, z[inside], minlength=len(sizes)) for z in Z]
        return np.array(sums).T, sizes

    features = [scale.feature for scale in borders.scales]
    parts = list(map_batches(table, features, add_batch, kept=()))
    sums, sizes = zip(*parts, strict=True)
    return np.sum(sums, axis=0), np.sum(sizes, axis=0)


def _list_fitted(table: ir.Table, prepared: Prepared, segments: Segments) -> pa.Table:
    """What `place_rows` gives, by the labels of the rows that were fitted."""
    whole = table.select(ROW, *prepared.features).order_by(ROW).execute()
    known = pd.Series(segments.numbered, index=prepared.frame.index, dtype="Int64")
    numbers = known[known > 0].reindex(whole[ROW])
    values = whole[prepared.features].to_numpy(dtype=float, na_value=np.nan).T
    none = numbers.isna().to_numpy()
    return pa.table(
        {
            ROW: pa.array(whole[ROW]),
            SEGMENT: pa.array(numbers, pa.int64()),
            SECOND: pa.nulls(len(whole), pa.int64()),
            CERTAINTY: pa.nulls(len(whole), pa.float64()),
            LEFT_OUT: _say_left_out(values, none, prepared.scales),
        }
    )
