"""Whether equal rows are copies, as a join leaves them, or ties of coarse values."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

FEW, FEW_SHARE = 5, 0.01  # surplus rows that pass as chance
COMMON = 0.05  # share of rows above which one row is a spike, such as nothing bought
BINS, SAME_ORDER = 10, 0.95
FEWEST = 50  # different rows, below which nothing can be said
EXCESS = 10.0  # times as many equal pairs as the values of single columns would make


def find_distinct(X: np.ndarray) -> np.ndarray:
    """Returns the positions of the first of each row of X (n × d); of all if none is a copy."""
    return _first_rows(X)[0] if count_copies(X) else np.arange(len(X))


def count_copies(X: np.ndarray, excess: float = EXCESS) -> int:
    """Returns how many rows of X (n × d) repeat an earlier one; 0 if ties explain them.

    Ties in single columns, and relations between columns, make equal rows by themselves: a scale,
    a count, a heap of zeros. Copies make at least `excess` times as many pairs of equal rows.
    """
    first, inverse, counts = _first_rows(X)
    spike = counts > max(FEW, COMMON * len(X))
    surplus = int((counts - 1)[~spike].sum())
    distinct = first[~spike]
    if surplus <= max(FEW, FEW_SHARE * len(X)) or len(distinct) < FEWEST:
        return 0
    columns = _drop_related(X[distinct])
    rows, once = X[~spike[inverse]][:, columns], X[distinct][:, columns]
    by_chance = _relate(once) * np.prod([_share_pairs(column) for column in rows.T])
    return len(X) - len(first) if _share_pairs(rows) > excess * by_chance else 0


def _first_rows(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the first position of each different row, its number by row, and its count."""
    numbers = _number_rows(X)
    return np.unique(numbers, return_index=True)[1], numbers, np.bincount(numbers)


def _number_rows(X: np.ndarray) -> np.ndarray:
    """Returns for each row a number from 0, in order of appearance, that equal rows share."""
    numbers = np.zeros(len(X), dtype=np.int64)
    for column in X.T:
        codes, values = pd.factorize(column, use_na_sentinel=False)
        numbers = pd.factorize(numbers * len(values) + codes)[0]
    return numbers


def _drop_related(X: np.ndarray) -> list[int]:
    """Returns the columns of X that are not in the same order as an earlier one."""
    ranks = pd.DataFrame(X).rank().to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        related = np.atleast_2d(np.abs(np.corrcoef(ranks.T)) > SAME_ORDER)
    dropped: set[int] = set()
    for one, other in combinations(range(X.shape[1]), 2):
        if one not in dropped and related[one, other]:
            dropped.add(other)
    return [column for column in range(X.shape[1]) if column not in dropped]


def _relate(X: np.ndarray) -> float:
    """Returns how many times as often rows of X share a bin in all columns as if unrelated."""
    bins = (BINS * (pd.DataFrame(X).rank().to_numpy() - 0.5)) // len(X)
    return max(1.0, _share_pairs(bins) / float(np.prod([_share_pairs(b) for b in bins.T])))


def _share_pairs(values: np.ndarray) -> float:
    """Returns the share of pairs of rows, or of single values, that are equal."""
    counts = np.bincount(_number_rows(values.reshape(len(values), -1))).astype(float)
    return float((counts * (counts - 1)).sum() / (len(values) * (len(values) - 1)))
