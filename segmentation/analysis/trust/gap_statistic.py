"""The gap statistic: how much tighter k segments are than on data without any groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.sample import draw_by_weight
from segmentation.analysis.fitting.silhouettes import sum_distances
from segmentation.analysis.passes.threads import one_thread
from segmentation.analysis.trust.resampling import find_nearest, fit_rows, shrink
from segmentation.data.memory import share

REFERENCES = {"quick": 10, "full": 25}
MOST_ROWS = 500


@share
def measure_gap(
    X: np.ndarray, weights: np.ndarray, k_max: int, depth: str = "full", seed: int = 42
) -> pd.DataFrame:
    """Returns log W, the gap and its standard error for k = 1 … `k_max`, on at most 500 rows.

    Tibshirani, Walther and Hastie (2001), Journal of the Royal Statistical Society B 63, with
    uniform references along the principal axes and, like R's clusGap, plain distances.
    """
    rng = np.random.default_rng(seed)
    X = X[draw_by_weight(weights, MOST_ROWS, seed)]
    distinct = len(np.unique(X, axis=0))
    if distinct == 1:  # one value for nearly all customers: nothing is tighter than that
        return pd.DataFrame({"log_w": -np.inf, "gap": np.nan, "se": np.nan}, index=_index([1]))
    ks = range(1, min(k_max, distinct - 1) + 1)
    middle = X.mean(axis=0)
    axes = np.linalg.svd(X - middle, full_matrices=False)[2]
    turned = (X - middle) @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    drawn = rng.uniform(low, high, (REFERENCES[depth], *turned.shape))
    observed, *nulls = _fit_and_measure(np.concatenate([turned[None], drawn]), ks, rng)
    se = np.std(nulls, axis=0) * np.sqrt(1 + 1 / len(nulls))
    columns = {"log_w": observed, "gap": np.mean(nulls, axis=0) - observed, "se": se}
    return pd.DataFrame(columns, index=_index(ks))


def _index(ks: Sequence[int]) -> pd.Index:
    return pd.Index(ks, name="k")


def choose_by_gap(gap: Mapping[int, float] | pd.Series, se: Mapping[int, float] | pd.Series) -> int:
    """Returns the smallest k whose gap is at least that of k + 1 minus its error; else the last."""
    ks = list(gap.keys())
    for k, after in pairwise(ks):
        if gap[k] >= gap[after] - se[after]:
            return int(k)
    return int(ks[-1])


def log_dispersions(X: np.ndarray, labelings: Sequence[np.ndarray]) -> np.ndarray:
    """Returns log W of each labeling (1 … k): half the mean distances within segments, summed."""
    ends = np.cumsum([0, *(labels.max() for labels in labelings)])
    onehot = np.hstack([labels[:, None] == np.arange(1, labels.max() + 1) for labels in labelings])
    sums, rows = sum_distances(X, onehot.astype(float)), np.arange(len(X))
    return np.array(
        [
            np.log((sums[rows, start + labels - 1] / np.bincount(labels)[labels]).sum() / 4)
            for start, labels in zip(ends, labelings, strict=False)
        ]
    )


def _fit_and_measure(tables: np.ndarray, ks: range, rng: np.random.Generator) -> np.ndarray:
    """Returns log W of K-Means on each table (B × n × d), at each k (B × ks)."""
    rows = np.ascontiguousarray(shrink(tables)[0].transpose(0, 2, 1))
    weights = np.ones((len(rows), rows.shape[2]), rows.dtype)
    with one_thread():
        labels = [find_nearest(rows, fit_rows(rows, weights, k, rng))[0] + 1 for k in ks]
    return np.array([log_dispersions(X, own) for X, *own in zip(tables, *labels, strict=True)])
