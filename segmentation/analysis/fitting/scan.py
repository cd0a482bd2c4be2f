"""The fits of every number of segments, and how well each of them fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from kneed import KneeLocator

from segmentation.analysis.fitting.clustering import Segments, find_segments, fit_all
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.silhouettes import measure_widths
from segmentation.data.memory import share
from segmentation.data.published.vocabulary import FINDS_K


@dataclass(frozen=True)
class Scan:
    """The fits of a sample at every k, and the fit of an algorithm that finds k itself.

    `table`, indexed by k: inertia, silhouette, calinski_harabasz, davies_bouldin (and bic of
    mixtures). `fits` are by k: K-Means if `found` is another algorithm's fit. `k_max` is the
    largest k of the scan, apart from a k that was requested beyond it.
    """

    sample: Sample
    table: pd.DataFrame
    fits: dict[int, Segments]
    found: Segments | None
    k_max: int

    @property
    def labels(self) -> dict[int, np.ndarray]:
        """The labels (n) of every k from 2."""
        return {k: fit.labels for k, fit in self.fits.items() if k > 1}

    @property
    def algorithm(self) -> str:
        """The algorithm of `fits`."""
        return next(iter(self.fits.values())).algorithm


def scan_k(
    sample: Sample, k_max: int = 10, k: int | None = None, algorithm: str = "kmeans"
) -> Scan:
    """Fits and scores 1 … `k_max` segments, and `k` if given, as far as the rows allow."""
    ks = sorted({*range(1, k_max + 1), *([] if k is None else [k])})
    table, fits, found = fit_ks(sample.X, sample.weights, ks, sample.seed, algorithm)
    return Scan(sample, table, fits, found, k_max)


@share
def fit_ks(
    X: np.ndarray, weights: np.ndarray, ks: Sequence[int], seed: int, algorithm: str
) -> tuple[pd.DataFrame, dict[int, Segments], Segments | None]:
    """Returns the scores by k, the fits by k, and the fit of an algorithm that finds k itself."""
    alone = algorithm in FINDS_K
    found = find_segments(X, weights, algorithm) if alone else None
    possible = [k for k in ks if k < len(X)]
    fits = fit_all(X, weights, possible, seed, "kmeans" if alone else algorithm)
    wanted = [fit for fit in [*fits.values(), found] if fit is not None and fit.k > 1]
    measured = measure_widths(X, weights, wanted, seed)
    if found is not None:
        found = measured.pop()
    fits |= {fit.k: fit for fit in measured}
    table = pd.DataFrame([_score(X, weights, fit) for fit in fits.values()]).set_index("k")
    return table.dropna(axis=1, how="all"), fits, found


def find_elbows(scan: Scan) -> dict[int, int | None]:
    """Returns where the inertia curve bends most, by the last k of the curve.

    Kneedle (Satopää et al. 2011): displayed, never decisive, because it moves with the window.
    """
    inertia = scan.table["inertia"]
    return {
        int(inertia.index[last]): _find_knee(inertia.iloc[: last + 1])
        for last in range(4, len(inertia))
    }


def calinski_harabasz(X: np.ndarray, weights: np.ndarray, fit: Segments) -> float:
    """Returns the variance between over that within segments (Caliński, Harabasz 1974)."""
    mean = np.average(X, axis=0, weights=weights)
    total = float(weights @ ((X - mean) ** 2).sum(axis=1))
    within = fit.inertia / (weights.sum() - fit.k)
    return (total - fit.inertia) / (fit.k - 1) / within if within > 0 else np.inf


def davies_bouldin(X: np.ndarray, weights: np.ndarray, fit: Segments) -> float:
    """Returns the mean over segments of the worst (spread + spread) / distance, as scikit-learn."""
    away = np.linalg.norm(X - fit.centres[fit.labels - 1], axis=1)
    size = np.bincount(fit.labels - 1, weights, minlength=fit.k)
    spread = np.bincount(fit.labels - 1, weights * away, minlength=fit.k) / size
    apart = np.linalg.norm(fit.centres[:, None] - fit.centres[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return float(((spread[:, None] + spread[None]) / apart).max(axis=1).mean())


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


def _find_knee(inertia: pd.Series) -> int | None:
    knee = KneeLocator(inertia.index, inertia, curve="convex", direction="decreasing").knee
    return None if knee is None else int(knee)
