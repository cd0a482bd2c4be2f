"""How well k segments fit, for every k at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from joblib import cpu_count
from kneed import KneeLocator
from scipy.spatial.distance import cdist
from sklearn.model_selection import StratifiedShuffleSplit
from threadpoolctl import threadpool_limits

from segmentation.analysis.fitting.clustering import (
    FINDS_K,
    Segments,
    find_segments,
    fit_all,
)

MOST_FOR_SILHOUETTE = 20_000
MOST_MOVED = 1_000  # rows, beyond which measuring all is as quick
BLOCK = 128  # rows: 10 MB of distances at 10,000 customers


@dataclass(frozen=True)
class Scan:
    """The fits for every k that was tried, and the one of an algorithm that finds k itself.

    `table`, indexed by k: inertia, silhouette, calinski_harabasz, davies_bouldin (and bic of
    mixtures). `segments` holds the fit of each k: K-Means where `found` is another algorithm's.
    """

    table: pd.DataFrame
    segments: dict[int, Segments]
    found: Segments | None = None

    @property
    def labels(self) -> dict[int, np.ndarray]:
        """The labels (n) of every k from 2."""
        return {k: fit.labels for k, fit in self.segments.items() if k > 1}


def list_ks(k_max: int, k: int | None = None) -> list[int]:
    """The numbers of segments to try: 1 … `k_max`, and `k` where it is given."""
    return sorted({*range(1, k_max + 1), *([] if k is None else [k])})


def scan_k(
    X: np.ndarray, weights: np.ndarray, ks: Sequence[int], seed: int, algorithm: str = "kmeans"
) -> Scan:
    """Fits and scores of every k, as far as the rows allow; k = 1 has an inertia and no scores."""
    alone = algorithm in FINDS_K
    found = find_segments(X, weights, algorithm) if alone else None
    within = [k for k in ks if k < len(X)]
    fits = fit_all(X, weights, within, seed, "kmeans" if alone else algorithm)
    wanted = [fit for fit in [*fits.values(), found] if fit is not None and fit.k > 1]
    measured = measure_widths(X, weights, wanted, seed)
    if found is not None:
        found = measured.pop()
    fits |= {fit.k: fit for fit in measured}
    table = pd.DataFrame([_score(X, weights, fit) for fit in fits.values()]).set_index("k")
    return Scan(table.dropna(axis=1, how="all"), fits, found)


def measure_widths(
    X: np.ndarray, weights: np.ndarray, fits: Sequence[Segments], seed: int
) -> list[Segments]:
    """The fits with the silhouettes of their rows: of a stratified 20,000 where there are more."""
    if not fits:
        return []
    rows = _rows_for_silhouette(X, max(fits, key=lambda fit: fit.k).labels, seed)
    found = _sum_by_label(X[rows], [fit.labels[rows] for fit in fits], weights[rows])
    measured = []
    for fit, some in zip(fits, found, strict=True):
        reach = np.full((len(X), some.shape[1]), np.nan)
        reach[rows] = some
        measured.append(_take_widths(fit, reach, weights))
    return measured


def move_widths(
    X: np.ndarray, weights: np.ndarray, fit: Segments, before: np.ndarray, seed: int
) -> Segments:
    """The fit with the silhouettes of its labels, where it has those of the labels `before` (n).

    Of few rows that moved, their distances alone tell; else all are measured anew.
    """
    moved = np.flatnonzero(fit.labels != before)
    if fit.reach.shape != (len(X), fit.k) or len(moved) > MOST_MOVED:
        return measure_widths(X, weights, [fit], seed)[0]
    moved = moved[np.isfinite(fit.reach[moved, 0])]
    change = _onehot(fit.labels[moved], fit.k) - _onehot(before[moved], fit.k)
    apart = cdist(X, X[moved]) * weights[moved]
    return _take_widths(fit, fit.reach + apart @ change, weights)


def _take_widths(fit: Segments, reach: np.ndarray, weights: np.ndarray) -> Segments:
    rows, widths = np.isfinite(reach[:, 0]), np.full(len(reach), np.nan)
    widths[rows] = _widths(reach[rows], fit.labels[rows], weights[rows])
    inside = np.isfinite(widths)
    mean = float(np.average(widths[inside], weights=weights[inside]))
    return replace(fit, widths=widths, silhouette=mean, reach=reach)


def find_elbows(scan: Scan) -> dict[int, int | None]:
    """Where the inertia curve bends most, for every window from the first k to a last one.

    Kneedle (Satopää et al. 2011): shown, never decisive, as it moves with the window.
    """
    inertia = scan.table["inertia"]
    return {
        int(inertia.index[at]): _find_knee(inertia.iloc[: at + 1]) for at in range(4, len(inertia))
    }


def _find_knee(inertia: pd.Series) -> int | None:
    knee = KneeLocator(inertia.index, inertia, curve="convex", direction="decreasing").knee
    return None if knee is None else int(knee)


def silhouette_widths(
    X: np.ndarray, labelings: Sequence[np.ndarray], weights: np.ndarray | None = None
) -> list[np.ndarray]:
    """The silhouette of every row (Rousseeuw 1987) for many labelings, in one pass of distances.

    Labels are 1 … k, and 0 for rows in none (NaN). A row alone in its segment has 0. Distances
    are multiplied block by block with the one-hot labels of all labelings at once.
    """
    weights = np.ones(len(X)) if weights is None else weights
    if not labelings:
        return []
    parts = _sum_by_label(X, labelings, weights)
    return [_widths(part, labels, weights) for part, labels in zip(parts, labelings, strict=True)]


def _sum_by_label(
    X: np.ndarray, labelings: Sequence[np.ndarray], weights: np.ndarray
) -> list[np.ndarray]:
    """Every row's summed distance (n × k) to the rows of each label, for every labeling."""
    ks = [int(labels.max()) for labels in labelings]
    each = zip(labelings, ks, strict=True)
    onehot = np.hstack([_onehot(labels, k) for labels, k in each]) * weights[:, None]
    return np.split(sum_distances(X, onehot), np.cumsum(ks)[:-1], axis=1)


def calinski_harabasz(X: np.ndarray, weights: np.ndarray, fit: Segments) -> float:
    """Variance between over variance within segments (Caliński, Harabasz 1974), with weights."""
    mean = np.average(X, axis=0, weights=weights)
    total = float(weights @ ((X - mean) ** 2).sum(axis=1))
    within = fit.inertia / (weights.sum() - fit.k)
    return (total - fit.inertia) / (fit.k - 1) / within if within > 0 else np.inf


def davies_bouldin(X: np.ndarray, weights: np.ndarray, fit: Segments) -> float:
    """Mean over segments of the worst (spread + spread) / distance, as scikit-learn defines it."""
    reach = np.linalg.norm(X - fit.centres[fit.labels - 1], axis=1)
    size = np.bincount(fit.labels - 1, weights, minlength=fit.k)
    spread = np.bincount(fit.labels - 1, weights * reach, minlength=fit.k) / size
    gap = np.linalg.norm(fit.centres[:, None] - fit.centres[None], axis=2)
    np.fill_diagonal(gap, np.inf)
    return float(((spread[:, None] + spread[None]) / gap).max(axis=1).mean())


def _score(X: np.ndarray, weights: np.ndarray, fit: Segments) -> dict[str, float]:
    several = fit.k > 1
    return {
        "k": fit.k,
        "inertia": fit.inertia,
        "silhouette": fit.silhouette,
        "calinski_harabasz": calinski_harabasz(X, weights, fit) if several else np.nan,
        "davies_bouldin": davies_bouldin(X, weights, fit) if several else np.nan,
        "bic": fit.bic,
    }


def _rows_for_silhouette(X: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """All rows, or above 20,000 a seeded sample stratified by the segments."""
    if len(X) <= MOST_FOR_SILHOUETTE:
        return np.arange(len(X))
    rare = np.bincount(labels)[labels] < 2
    strata = np.where(rare, labels[~rare][0], labels)
    split = StratifiedShuffleSplit(1, train_size=MOST_FOR_SILHOUETTE, random_state=seed)
    return np.sort(next(split.split(X, strata))[0])


def sum_distances(X: np.ndarray, onehot: np.ndarray) -> np.ndarray:
    """Every row's summed distance to each column's rows (n × columns), in blocks that fit a cache.

    A single product gives the squared distances: ‖x‖² − 2 x·y + ‖y‖².
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
    # One BLAS thread in each of ours: blocks this small only wait for one another.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(cores) as pool:
        list(pool.map(work_through, (starts[core::cores] for core in range(cores))))
    return sums


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
