"""Two labelings of the same rows: what segments share, and which is which."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment


def pair_up(gains: np.ndarray) -> list[tuple[int, int]]:
    """Pairs rows with columns of `gains` (m × n) so that the gains add up to most.

    The Hungarian method (Kuhn 1955, Naval Research Logistics Quarterly 2).
    """
    rows, columns = linear_sum_assignment(-np.asarray(gains))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def count_shared(one: np.ndarray, other: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """Returns the weight shared by segments 1 … k of `one` and 1 … m of `other` (k × m)."""
    m = max(int(other.max()), 1)
    counts = np.bincount(one * (m + 1) + other, weights, minlength=(k + 1) * (m + 1))
    return np.asarray(counts.reshape(k + 1, m + 1)[1:, 1:])


def jaccard(one: np.ndarray, other: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """Returns the Jaccard similarity of segments 1 … k of `one` and those of `other` (k × m).

    Rows in no segment (label 0) of one labeling still count for their segment in the other.
    """
    shared = count_shared(one, other, weights, k)
    m = shared.shape[1]
    sizes = np.bincount(one, weights, minlength=k + 1)[1:]
    sizes_of_other = np.bincount(other, weights, minlength=m + 1)[1:]
    return divide_by_joint(shared, sizes, sizes_of_other)


def divide_by_joint(
    shared: np.ndarray, rows: np.ndarray | None = None, columns: np.ndarray | None = None
) -> np.ndarray:
    """Returns Jaccard similarities (m × n) from shared counts.

    `rows` (m) and `columns` (n) are the sizes of the segments; by default the sums of `shared`.
    """
    rows = shared.sum(axis=1) if rows is None else rows
    columns = shared.sum(axis=0) if columns is None else columns
    joint = rows[:, None] + columns - shared
    return np.asarray(shared / np.where(joint > 0, joint, 1))


def match_labels(one: np.ndarray, other: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """Returns for every segment of `other` the number of its counterpart in `one`, 0 for none."""
    shared = count_shared(one, other, weights, k)
    match = np.zeros(shared.shape[1], dtype=int)
    for row, column in pair_up(shared):
        match[column] = row + 1
    return match
