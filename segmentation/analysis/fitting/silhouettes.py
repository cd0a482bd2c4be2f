"""Silhouettes: how much nearer each row is to its own segment than to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from joblib import cpu_count
from scipy.spatial.distance import cdist
from sklearn.model_selection import StratifiedShuffleSplit

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.passes.threads import spread

MOST_ROWS = 20_000
MOST_MOVED = 1_000  # rows; beyond, recomputing all distances is as fast
BLOCK = 128  # rows: 10 MB of distances at 10,000 customers


def measure_widths(
    X: np.ndarray, weights: np.ndarray, fits: Sequence[Segments], seed: int
) -> list[Segments]:
    """Returns the fits with silhouettes of their rows; above 20,000, of a stratified sample."""
    if not fits:
        return []
    rows = _choose_rows(X, max(fits, key=lambda fit: fit.k).labels, seed)
    summed = _sum_by_label(X[rows], [fit.labels[rows] for fit in fits], weights[rows])
    measured = []
    for fit, part in zip(fits, summed, strict=True):
        distances = np.full((len(X), part.shape[1]), np.nan)
        distances[rows] = part
        measured.append(_take_widths(fit, distances, weights))
    return measured


def update_widths(
    X: np.ndarray, weights: np.ndarray, fit: Segments, before: np.ndarray, seed: int
) -> Segments:
    """Returns the fit with silhouettes of its labels, given those of the labels `before` (n).

    If at most 1,000 rows moved, only their distances are recomputed.
    """
    moved = np.flatnonzero(fit.labels != before)
    if fit.distances.shape != (len(X), fit.k) or len(moved) > MOST_MOVED:
        return measure_widths(X, weights, [fit], seed)[0]
    moved = moved[np.isfinite(fit.distances[moved, 0])]
    change = _onehot(fit.labels[moved], fit.k) - _onehot(before[moved], fit.k)
    added = (cdist(X, X[moved]) * weights[moved]) @ change
    return _take_widths(fit, fit.distances + added, weights)


def silhouette_widths(
    X: np.ndarray, labelings: Sequence[np.ndarray], weights: np.ndarray | None = None
) -> list[np.ndarray]:
    """Returns the silhouette of every row (n) for each labeling, in one pass over all distances.

    Rousseeuw (1987), Journal of Computational and Applied Mathematics 20. Labels are 1 … k, 0 for
    rows in no segment (NaN). A row alone in its segment scores 0.
    """
    weights = np.ones(len(X)) if weights is None else weights
    if not labelings:
        return []
    parts = _sum_by_label(X, labelings, weights)
    return [_widths(part, labels, weights) for part, labels in zip(parts, labelings, strict=True)]


def sum_distances(X: np.ndarray, onehot: np.ndarray) -> np.ndarray:
    """Returns each row's summed distance to the rows of every column (n × columns).

    Works in blocks that fit a cache. One product gives squared distances: ‖x‖² − 2 x·y + ‖y‖².
    """
    X = X - X.mean(axis=0)
    ones, norm = np.ones((len(X), 1)), (X**2).sum(axis=1, keepdims=True)
    left, right = np.hstack([X, norm, ones]), np.hstack([-2 * X, ones, norm]).T
    sums, starts = np.empty((len(X), onehot.shape[1])), range(0, len(X), BLOCK)

    def work_through(starts: range) -> None:
        block = np.empty((BLOCK, len(X)))
        for start in starts:
            rows = np.arange(start, min(start + BLOCK, len(X)))
            distances = block[: len(rows)]
            np.matmul(left[rows], right, out=distances)
            distances[rows - start, rows] = 0
            np.sqrt(np.maximum(distances, 0, out=distances), out=distances)
            np.matmul(distances, onehot, out=sums[rows[0] : rows[-1] + 1])

    cores = cpu_count()
    spread(work_through, (starts[core::cores] for core in range(cores)))
    return sums


def _choose_rows(X: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """Returns all row positions; above 20,000, a seeded sample stratified by the labels."""
    if len(X) <= MOST_ROWS:
        return np.arange(len(X))
    rare = np.bincount(labels)[labels] < 2
    strata = np.where(rare, labels[~rare][0], labels)
    split = StratifiedShuffleSplit(1, train_size=MOST_ROWS, random_state=seed)
    return np.sort(next(split.split(X, strata))[0])


def _sum_by_label(
    X: np.ndarray, labelings: Sequence[np.ndarray], weights: np.ndarray
) -> list[np.ndarray]:
    """Returns each row's summed distance to the rows of every label (n × k), by labeling."""
    ks = [int(labels.max()) for labels in labelings]
    each = zip(labelings, ks, strict=True)
    onehot = np.hstack([_onehot(labels, k) for labels, k in each]) * weights[:, None]
    return np.split(sum_distances(X, onehot), np.cumsum(ks)[:-1], axis=1)


def _take_widths(fit: Segments, distances: np.ndarray, weights: np.ndarray) -> Segments:
    rows, widths = np.isfinite(distances[:, 0]), np.full(len(distances), np.nan)
    widths[rows] = _widths(distances[rows], fit.labels[rows], weights[rows])
    measured = np.isfinite(widths)
    mean = float(np.average(widths[measured], weights=weights[measured]))
    return replace(fit, widths=widths, silhouette=mean, distances=distances)


def _onehot(labels: np.ndarray, k: int) -> np.ndarray:
    return (labels[:, None] == np.arange(1, k + 1)).astype(float)


def _widths(sums: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    inside = labels > 0
    widths = np.full(len(labels), np.nan)
    sums, labels, weights = sums[inside], labels[inside], weights[inside]
    own = (np.arange(len(labels)), labels - 1)
    size = np.bincount(labels - 1, weights, minlength=sums.shape[1])
    others = np.maximum(size[labels - 1] - weights, 0)
    alone = np.bincount(labels - 1, minlength=sums.shape[1])[labels - 1] == 1
    with np.errstate(divide="ignore", invalid="ignore"):
        within = sums[own] / others
        means = sums / size
        means[own] = np.inf
        means[:, size == 0] = np.inf
        nearest = means.min(axis=1)
        found = (nearest - within) / np.maximum(nearest, within)
    widths[inside] = np.where(alone, 0.0, np.nan_to_num(found))
    return widths
