"""How a feature's values are spread: counts of customers between its deciles."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from segmentation.analysis.passes.quantiles import find_quantiles

FEWEST = 5  # rows in a bin: an edge between fewer would tell a customer's value
Edges = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Bins:
    """How many customers a feature has in each bin.

    `edges` are its distinct deciles, increasing; `counts` are the customers without a value, those
    up to each edge and above the one before, and those above the last.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


def cut_edges(frame: pd.DataFrame, weights: np.ndarray) -> dict[str, tuple[float, ...]]:
    """Returns the edges of every column's bins: the distinct deciles of its weighted rows.

    Below 50 rows, quantiles with at least five rows between them.
    """
    parts = min(10, max(len(frame) // FEWEST, 2))
    shares = [round(part / parts, 3) for part in range(1, parts)]
    deciles = {name: find_quantiles(frame[name], shares, weights) for name in frame}
    return {str(name): tuple(map(float, np.unique(edges))) for name, edges in deciles.items()}


def count_values(values: np.ndarray, edges: Collection[Sequence[float]]) -> np.ndarray:
    """Counts n rows (`values` d × n) in the bins of the first feature, then the second, …"""
    counts = []
    for column, bounds in zip(values, edges, strict=True):
        missing = np.count_nonzero(np.isnan(column))
        up_to = [np.count_nonzero(below) for below in column <= np.asarray(bounds)[:, None]]
        counts += [missing, *np.diff([0, *up_to, len(column) - missing])]
    return np.array(counts)


def name_bins(counts: np.ndarray, edges: Edges) -> dict[str, Bins]:
    """Returns the bins by feature, from the sum of what `count_values` returned."""
    ends = np.cumsum([0, *(len(bounds) + 2 for bounds in edges.values())]).tolist()
    parts = zip(edges.items(), pairwise(ends), strict=True)
    return {
        name: Bins(tuple(bounds), tuple(map(int, counts[start:end])))
        for (name, bounds), (start, end) in parts
    }
