"""The same customers segmented by other methods: where they agree, and where they do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis.fitting.clustering import find_segments, fit_segments
from segmentation.analysis.fitting.matching import match_labels
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.passes.threads import one_thread
from segmentation.data import InputError
from segmentation.data.published.vocabulary import TAKES_K, TITLES

MOST_ROWS = 5_000


def compare_methods(segmentation: Segmentation) -> pd.DataFrame:
    """Compares every other method, at its own sensible defaults, with these segments.

    A row a method: `segments` (0: it found none), `agreement` (adjusted Rand index over the
    customers with a segment in both), `without_segment` (the share it leaves out), `torn_segment`
    (the segment of ours that it splits most) and `torn_share` (how much of it lands elsewhere).
    Above 5,000 rows, or on a weighted sample, rows drawn by weight are compared.
    """
    sample = segmentation.sample
    rows = sample.part(MOST_ROWS)
    ours, X = segmentation.labels[rows], sample.X[rows]
    others = [name for name in TITLES if name != segmentation.algorithm]
    with one_thread():
        found = {
            TITLES[name]: _compare(ours, _label(X, name, segmentation.k, sample.seed))
            for name in others
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("method")


def _label(X: np.ndarray, algorithm: str, k: int, seed: int) -> np.ndarray:
    ones = np.ones(len(X))
    try:
        if algorithm in TAKES_K:
            return fit_segments(X, ones, k, seed, algorithm).labels
        return find_segments(X, ones, algorithm).labels
    except InputError:  # no two groups: a result as good as any
        return np.zeros(len(X), dtype=int)


def _compare(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    both = (ours > 0) & (theirs > 0)
    torn = {"agreement": np.nan, "torn_segment": 0, "torn_share": np.nan}
    k = int(theirs.max())
    outside = float((theirs == 0).mean()) if k else np.nan
    common = {"segments": k, "without_segment": outside}
    if not both.any():
        return common | torn
    numbers, one = np.unique(ours[both], return_inverse=True)
    one, two = one + 1, theirs[both]
    match = np.append(0, match_labels(one, two, np.ones(len(one)), len(numbers)))
    same = match[two] == one
    lost = [1 - same[one == segment].mean() for segment in range(1, len(numbers) + 1)]
    torn["agreement"] = float(adjusted_rand_score(one, two))
    if max(lost) > 0:
        worst = int(np.argmax(lost))
        torn |= {"torn_segment": int(numbers[worst]), "torn_share": float(lost[worst])}
    return common | torn
