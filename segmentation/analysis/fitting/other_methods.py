"""The same customers segmented by other methods: where they agree, and where they do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from segmentation.analysis.fitting.clustering import (
    TAKES_K,
    TITLES,
    Segments,
    draw_by_weight,
    find_segments,
    fit_segments,
)
from segmentation.analysis.trust.stability import match_labels
from segmentation.data import InputError

MOST_ROWS = 5_000


def compare_methods(
    X: np.ndarray, weights: np.ndarray, segments: Segments, seed: int
) -> pd.DataFrame:
    """Every other method against the report's own segments, each with its own sensible defaults.

    Index: the method. `segments` it made (0: it found none), `agreement` (adjusted Rand index of
    the customers who have a segment in both), `without_segment`: the share it leaves out,
    `torn_segment`: the own one that it tears most, `torn_share`: how much of that lands elsewhere.
    Of more than 5,000 rows, or a weighted sample, a draw by weight is compared.
    """
    rows = draw_by_weight(weights, MOST_ROWS, seed)
    own, X = segments.numbered[rows], X[rows]
    others = [name for name in TITLES if name != segments.algorithm]
    with threadpool_limits(1):
        found = {TITLES[name]: _compare(own, _label(X, name, segments.k, seed)) for name in others}
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("method")


def _label(X: np.ndarray, algorithm: str, k: int, seed: int) -> np.ndarray:
    ones = np.ones(len(X))
    try:
        if algorithm in TAKES_K:
            return fit_segments(X, ones, k, seed, algorithm).labels
        return find_segments(X, ones, algorithm).labels
    except InputError:  # it finds no two groups: that is an answer too
        return np.zeros(len(X), dtype=int)


def _compare(own: np.ndarray, other: np.ndarray) -> dict[str, float]:
    both = (own > 0) & (other > 0)
    nothing = {"agreement": np.nan, "torn_segment": 0, "torn_share": np.nan}
    k_found = int(other.max())
    share = float((other == 0).mean()) if k_found else np.nan
    common = {"segments": k_found, "without_segment": share}
    if not both.any():
        return common | nothing
    numbers, one = np.unique(own[both], return_inverse=True)
    one, two, k = one + 1, other[both], len(numbers)
    same = np.append(0, match_labels(one, two, np.ones(len(one)), k))[two] == one
    lost = [1 - same[one == at].mean() if (one == at).any() else 0.0 for at in range(1, k + 1)]
    if max(lost) == 0:
        return common | nothing | {"agreement": float(adjusted_rand_score(one, two))}
    worst = int(np.argmax(lost))
    return common | {
        "agreement": float(adjusted_rand_score(one, two)),
        "torn_segment": int(numbers[worst]),
        "torn_share": float(lost[worst]),
    }
