"""The clustering itself: scikit-learn fits, this module numbers the segments by a stated rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from segmentation.data import InputError

STARTS = 25  # scikit-learn's `auto` is a single start: public tutorials print local optima


@dataclass(frozen=True)
class Segments:
    """k segments of the fitted rows.

    `labels` (n) are 1 … k, the largest segment first; `centres` (k × d) are in coordinates;
    `inertia` is the weighted sum of squared distances to the own centre.
    """

    k: int
    labels: np.ndarray
    centres: np.ndarray
    inertia: float


def fit_segments(X: np.ndarray, weights: np.ndarray, k: int, seed: int) -> Segments:
    """K-Means with 25 starts, its segments numbered largest first (ties by the first feature)."""
    distinct = len(np.unique(X, axis=0))
    if not 1 <= k <= distinct:
        raise InputError(
            f"{k} segments cannot be made of {distinct} different customers",
            f"choose k from 2 to {distinct}",
            code="k-too-large",
        )
    # One thread: the same digits on every machine, and no waiting for a busy second core.
    with threadpool_limits(1, user_api="openmp"):
        fit = KMeans(k, n_init=STARTS, random_state=seed).fit(X, sample_weight=weights)
    labels, centres = number_by_size(fit.labels_, weights, fit.cluster_centers_)
    return Segments(k, labels, centres, float(fit.inertia_))


def number_by_size(
    labels: np.ndarray, weights: np.ndarray, centres: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Labels 1 … k and their centres, heaviest segment first, ties by the first coordinate."""
    sizes = np.bincount(labels, weights, minlength=len(centres))
    order = np.lexsort((centres[:, 0], -np.round(sizes, 6)))
    number = np.empty(len(centres), dtype=int)
    number[order] = np.arange(1, len(centres) + 1)
    return number[labels], centres[order]
