"""The segment of some rows as columns, and the reason a row has none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from segmentation.analysis.passes.batches import SIZE, Batch
from segmentation.analysis.passes.nearest import Placed
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.passes.scales import Scale

SEGMENT, SECOND, CERTAINTY = "__segment__", "__second__", "__certainty__"
LEFT_OUT = "__left_out__"
NOWHERE_DENSE = "in no dense group"
REASONS = ("missing", "below 0")
NUMBER, MOST_NUMBER = pa.int16(), 32_000  # of a segment
DIGITS = 4  # of a certainty
_NO_REASONS = pa.nulls(SIZE, pa.string())  # most batches take a slice of it


def list_placed_rows(batch: Batch, placed: Placed, placement: Placement) -> pa.RecordBatch:
    """Returns the carried columns of a batch, with every row's segment or why it has none.

    `SEGMENT` and `SECOND` are segment numbers, `CERTAINTY` is that of `Placed`, rounded.
    """
    none = placed.first == 0
    numbers = np.array([0, *placement.numbers], dtype=NUMBER.to_pandas_dtype())
    masks = (none, placed.second == 0) if none.any() or len(numbers) == 2 else (None, None)
    columns = {
        SEGMENT: pa.array(numbers.take(placed.first), mask=masks[0]),
        SECOND: pa.array(numbers.take(placed.second), mask=masks[1]),
        CERTAINTY: pa.array(placed.certainty.round(DIGITS), mask=masks[0]),
        LEFT_OUT: explain_left_out(batch.values, none, placement.scales),
    }
    carried = batch.carried
    return pa.RecordBatch.from_arrays(
        [*carried.columns, *columns.values()], [*carried.schema.names, *columns]
    )


def explain_left_out(values: np.ndarray, none: np.ndarray, scales: Sequence[Scale]) -> pa.Array:
    """Returns why each of n rows (`values` d × n) has no segment, NULL unless it is in `none`."""
    n = len(none)
    if not none.any():
        return _NO_REASONS[:n] if n <= SIZE else pa.nulls(n, pa.string())
    reasons = np.full(n, None, dtype=object)
    reasons[none] = list_reasons(values[:, none], scales)
    return pa.array(reasons, pa.string())


def list_reasons(values: np.ndarray, scales: Sequence[Scale]) -> list[str]:
    """Returns why each of n rows (`values` d × n) has no coordinates.

    As `missing: age; below 0: visits`.
    """
    faults = [list_faults(column, scale) for column, scale in zip(values, scales, strict=True)]
    tests = np.array([fault[reason] for reason in REASONS for fault in faults])
    patterns, which = np.unique(tests, axis=1, return_inverse=True)
    reasons = [name_faults(pattern, scales) for pattern in patterns.T]
    return [reasons[position] for position in which.ravel()]


def name_faults(faults: Sequence[bool], scales: Sequence[Scale]) -> str:
    """Names the faults of a row: `faults` has "missing" for every feature, then "below 0"."""
    kinds = [(reason, scale.feature) for reason in REASONS for scale in scales]
    names: dict[str, list[str]] = {}
    for (reason, feature), fault in zip(kinds, faults, strict=True):
        if fault:
            names.setdefault(reason, []).append(feature)
    parts = [f"{reason}: {', '.join(features)}" for reason, features in names.items()]
    return "; ".join(parts) or NOWHERE_DENSE


def list_faults(values: np.ndarray, scale: Scale) -> dict[str, np.ndarray]:
    """Returns, by reason, whether each value (n) keeps its row from having a coordinate."""
    missing, below = np.isnan(values), values < 0
    return {
        "missing": missing if scale.fill is None else np.zeros_like(missing),
        "below 0": below if scale.log else np.zeros_like(below),
    }


def renumber(placed: pa.Table, numbers: Sequence[int]) -> pa.Table:
    """Returns the placed rows with these numbers in place of 1, 2, … k."""
    if list(numbers) == list(range(1, len(numbers) + 1)):
        return placed
    names = pa.array([0, *numbers], NUMBER)
    for name in (SEGMENT, SECOND):
        position = placed.schema.get_field_index(name)
        column = pa.chunked_array([names.take(part) for part in placed[name].chunks], NUMBER)
        placed = placed.set_column(position, name, column)
    return placed
