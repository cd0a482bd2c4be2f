"""What would tell about single people is hidden: counts of one to four, their values, extremes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.few import FEWEST_TO_DESCRIBE

FEW, HIDDEN = f"under {FEWEST_TO_DESCRIBE}", "not told"


def hide_cells(counts: pd.DataFrame) -> pd.DataFrame:
    """Returns a table of counts with 1 to 4 hidden, and any cell that would reveal them.

    Row and column sums may be known from elsewhere, so the smallest other cell in the row and
    column of a hidden one is hidden too.
    """
    values = counts.to_numpy(dtype=int)
    few = (values > 0) & (values < FEWEST_TO_DESCRIBE)
    hidden = few.copy()
    while (more := _find_revealing(values, few, hidden)) is not None:
        hidden[more] = True
    shown = counts.astype(object)
    return shown.where(~hidden, HIDDEN).where(~few, FEW)


def hide_few(counts: pd.Series) -> pd.Series:
    """Returns a column of counts with 1 to 4 hidden, like `hide_cells`."""
    return hide_cells(counts.to_frame()).iloc[:, 0]


def round_outwards(low: float, high: float) -> tuple[float, float]:
    """Returns bounds around a range that are no customer's value: of 18.4 and 93.2, 15 and 95.

    They are multiples of half the power of ten that is nearest below the range's width.
    """
    if not high > low:
        return low, high
    places = 1 - math.floor(math.log10(high - low))
    step = 5 * 10.0**-places
    ends = math.floor(low / step) * step, math.ceil(high / step) * step
    return round(ends[0], max(places, 0)), round(ends[1], max(places, 0))


def _find_revealing(
    values: np.ndarray, few: np.ndarray, hidden: np.ndarray
) -> tuple[int, int] | None:
    """Returns the next cell to hide: one that would reveal a hidden cell of its row or column."""
    lines = [(axis, line) for axis in (0, 1) for line in range(values.shape[axis])]
    for axis, line in lines:
        counts, small, closed = (np.take(part, line, axis) for part in (values, few, hidden))
        open_cells = np.flatnonzero((counts > 0) & ~closed)
        revealed = closed.any() and (not (closed & ~small).any() or closed.sum() < 2)
        if revealed and len(open_cells):
            # Prefer a line across that hides a cell already: fewer cells are lost.
            crossed = np.asarray(hidden.any(axis=axis))[open_cells]
            other = int(open_cells[np.lexsort((counts[open_cells], ~crossed))[0]])
            return (line, other) if axis == 0 else (other, line)
    return None
