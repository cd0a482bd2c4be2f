"""Counts of one to four customers, which would name them, are not told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segmentation.analysis.portraits.profiles import FEWEST_TO_DESCRIBE

FEW, HIDDEN = f"under {FEWEST_TO_DESCRIBE}", "not told"


def hide_cells(counts: pd.DataFrame) -> pd.DataFrame:
    """A table of counts with `under 5` for 1 to 4, and `not told` for what would betray them.

    The sums of rows and columns may be known from elsewhere, so beside a cell of 1 to 4 the
    smallest other cell of its row and of its column is hidden too.
    """
    values = counts.to_numpy(dtype=int)
    few = (values > 0) & (values < FEWEST_TO_DESCRIBE)
    hidden = few.copy()
    while (more := _find_betraying(values, few, hidden)) is not None:
        hidden[more] = True
    told = counts.astype(object)
    return told.where(~hidden, HIDDEN).where(~few, FEW)


def hide_few(counts: pd.Series) -> pd.Series:
    """`hide_cells` of a single column."""
    return hide_cells(counts.to_frame()).iloc[:, 0]


def _find_betraying(
    values: np.ndarray, few: np.ndarray, hidden: np.ndarray
) -> tuple[int, int] | None:
    """The next cell to hide: in a row or column in which what is hidden follows from the rest."""
    lines = [(axis, at) for axis in (0, 1) for at in range(values.shape[axis])]
    for axis, at in lines:
        own, small, shut = (np.take(part, at, axis) for part in (values, few, hidden))
        free = np.flatnonzero((own > 0) & ~shut)
        betrayed = shut.any() and (not (shut & ~small).any() or shut.sum() < 2)
        if betrayed and len(free):
            crossed = np.asarray(hidden.any(axis=axis))[free]  # there a cell is hidden already
            other = int(free[np.lexsort((own[free], ~crossed))[0]])
            return (at, other) if axis == 0 else (other, at)
    return None
