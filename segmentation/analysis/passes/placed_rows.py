"""The segment of some rows, as columns, and in words why a row has none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from segmentation.analysis.passes.batches import SIZE, Batch
from segmentation.analysis.passes.nearest import Placed
from segmentation.analysis.passes.placement import Borders
from segmentation.analysis.passes.scales import Scale

SEGMENT, SECOND, CERTAINTY = "__segment__", "__second__", "__certainty__"
LEFT_OUT = "__left_out__"
NOWHERE_DENSE = "in no dense group"
REASONS = ("missing", "below 0")
NUMBER, MOST_NUMBER = pa.int16(), 32_000  # of a segment
DIGITS = 4  # of a certainty
_NO_REASONS = pa.nulls(SIZE, pa.string())  # of which every batch takes a part


def list_placed_rows(batch: Batch, placed: Placed, borders: Borders) -> pa.RecordBatch:
    """The columns that a batch keeps, with the segment of every row, or why it has none.

    `SEGMENT` and `SECOND` are numbers of segments, `CERTAINTY` is that of `Placed`, rounded.
    """
    none = placed.first == 0
    numbers = np.array([0, *borders.numbers], dtype=NUMBER.to_pandas_dtype())
    masks = (none, placed.second == 0) if none.any() or len(numbers) == 2 else (None, None)
    columns = {
        SEGMENT: pa.array(numbers.take(placed.first), mask=masks[0]),
        SECOND: pa.array(numbers.take(placed.second), mask=masks[1]),
        CERTAINTY: pa.array(placed.certainty.round(DIGITS), mask=masks[0]),
        LEFT_OUT: say_left_out(batch.values, none, borders.scales),
    }
    kept = batch.kept
    return pa.RecordBatch.from_arrays(
        [*kept.columns, *columns.values()], [*kept.schema.names, *columns]
    )


def say_left_out(values: np.ndarray, none: np.ndarray, scales: Sequence[Scale]) -> pa.Array:
    """Why each of n rows (`values` d × n) is in `none` of the segments, NULL for the others."""
    n = len(none)
    if not none.any():
        return _NO_REASONS[:n] if n <= SIZE else pa.nulls(n, pa.string())
    said = np.full(n, None, dtype=object)
    said[none] = say_reasons(values[:, none], scales)
    return pa.array(said, pa.string())


def say_reasons(values: np.ndarray, scales: Sequence[Scale]) -> list[str]:
    """Why each of n rows (`values` d × n) has no coordinates: `missing: age; below 0: visits`."""
    faults = [list_faults(column, scale) for column, scale in zip(values, scales, strict=True)]
    tests = np.array([fault[why] for why in REASONS for fault in faults])
    different, which = np.unique(tests, axis=1, return_inverse=True)
    said = [say_faults(column, scales) for column in different.T]
    return [said[at] for at in which.ravel()]


def say_faults(there: Sequence[bool], scales: Sequence[Scale]) -> str:
    """In words which faults a row has: of every feature whether it is missing, then below 0."""
    kinds = [(why, scale.feature) for why in REASONS for scale in scales]
    names: dict[str, list[str]] = {}
    for (why, feature), fault in zip(kinds, there, strict=True):
        if fault:
            names.setdefault(why, []).append(feature)
    return "; ".join(f"{why}: {', '.join(found)}" for why, found in names.items()) or NOWHERE_DENSE


def list_faults(values: np.ndarray, scale: Scale) -> dict[str, np.ndarray]:
    """Whether each value (n) keeps its row from having a coordinate, by reason."""
    missing, below = np.isnan(values), values < 0
    return {
        "missing": missing if scale.fill is None else np.zeros_like(missing),
        "below 0": below if scale.log else np.zeros_like(below),
    }


def renumber(placed: pa.Table, numbers: Sequence[int]) -> pa.Table:
    """The placed rows with these numbers in place of 1, 2, … k."""
    if list(numbers) == list(range(1, len(numbers) + 1)):
        return placed
    names = pa.array([0, *numbers], NUMBER)
    for name in (SEGMENT, SECOND):
        at = placed.schema.get_field_index(name)
        column = pa.chunked_array([names.take(part) for part in placed[name].chunks], NUMBER)
        placed = placed.set_column(at, name, column)
    return placed
