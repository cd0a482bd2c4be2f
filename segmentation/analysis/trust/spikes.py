"""Values that stand for no amount, such as 999 for "never", and values that fill a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentation.analysis.fitting.sample import Sample

MOST_APART = 3  # different values at one end, such as 97, 98 and 99
FEWEST, LEAST_SHARE = 10, 0.01  # rows, and share of all, that make a heap
MAJORITY = 0.5  # of the rows with one value: the others are a minority
NEAREST = 10  # values that tell how close together a column's values lie
STEPS, WIDE = 5.0, 0.05  # a gap: this many steps between those, and this share of the range
FAR = 0.25  # a gap between amounts, as a share of the way from their end to their median


@dataclass(frozen=True)
class Spike:
    """One or a few values that many rows have; `apart`: at an end, with a gap before the rest."""

    feature: str
    values: tuple[float, ...]
    share: float
    apart: bool


def find_spikes(sample: Sample) -> list[Spike]:
    """Returns the heaps of each feature with more than two values: at an end, or a majority."""
    found = []
    for name in sample.features:
        values, which = np.unique(sample.frame[name].to_numpy(dtype=float), return_inverse=True)
        rows = np.bincount(which)
        shares = np.bincount(which, sample.weights) / sample.weights.sum()
        if len(values) < 3:
            continue
        ends = [_count_apart(values[::way], rows[::way], shares[::way]) for way in (1, -1)]
        for apart in (slice(ends[0]), slice(len(values) - ends[1], None)):
            if len(values[apart]):
                held = float(shares[apart].sum())
                found.append(Spike(name, tuple(values[apart].tolist()), held, True))
        top = int(shares.argmax())
        if shares[top] > MAJORITY and ends[0] <= top < len(values) - ends[1]:
            found.append(Spike(name, (float(values[top]),), float(shares[top]), False))
    return found


def _count_apart(values: np.ndarray, rows: np.ndarray, shares: np.ndarray) -> int:
    """Returns how many of the first values, in order from an end, are heaps before a gap."""
    for n in range(1, min(MOST_APART, len(values) - 2) + 1):
        if rows[n - 1] < FEWEST or shares[n - 1] < LEAST_SHARE:
            return 0
        if _is_apart(values[:n], values[n:], shares[n:]):
            return n
    return 0


def _is_apart(heap: np.ndarray, rest: np.ndarray, shares: np.ndarray) -> bool:
    """Whether a gap parts a heap from the rest: the only negatives, or wide for such a column.

    Amounts with decimals lie loosely, and 0 is one of them, so their gap must be wider.
    """
    if len(rest) > 2 and heap.max() < 0 <= rest.min():
        return True
    gap = abs(rest[0] - heap[-1])
    step = np.ptp(rest[:NEAREST]) / (len(rest[:NEAREST]) - 1)
    reached = np.cumsum(shares) / shares.sum()
    first, middle, last = rest[np.searchsorted(reached, [0.05, 0.5, 0.95])]
    wide = gap > STEPS * step and gap > WIDE * abs(last - first)
    whole = bool((rest == np.round(rest)).all())
    return bool(wide and (whole or gap > FAR * abs(middle - rest[0])))
