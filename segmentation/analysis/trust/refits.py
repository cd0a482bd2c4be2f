"""Segments against those of resampled fits: what comes back, and who stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segmentation.analysis.fitting.clustering import find_segments, fit_all
from segmentation.analysis.fitting.matching import jaccard, match_labels
from segmentation.analysis.trust.resampling import fit_weightings, label_rows
from segmentation.data import InputError
from segmentation.data.published.vocabulary import TAKES_K

CLEAR = 5.0  # standard errors; so far from an edge, more resamples change little


@dataclass(frozen=True)
class Refit:
    """How rows are segmented again: by which algorithm, how often, from which seed."""

    algorithm: str
    times: int
    seed: int


@dataclass(frozen=True)
class Resampled:
    """Segments against those of resampled fits, on `labels` of the resampled rows.

    `overlaps` (resamples × k): the Jaccard of each segment, NaN for one without a row here.
    `stays` (n): the share of resamples in which a row keeps its segment, NaN if it has none.
    """

    labels: np.ndarray
    overlaps: np.ndarray
    stays: np.ndarray

    @property
    def jaccard(self) -> np.ndarray:
        """The mean Jaccard of each segment (k)."""
        return np.asarray(self.overlaps.mean(axis=0))

    @property
    def weakest(self) -> float:
        """The mean Jaccard of the weakest segment that was resampled."""
        return float(np.nanmin(self.jaccard))

    @property
    def times(self) -> int:
        """The number of resamples."""
        return len(self.overlaps)

    def is_clear_of(self, edge: float) -> bool:
        """Returns whether more resamples would hardly change on which side `weakest` is."""
        errors = self.overlaps.std(axis=0, ddof=1) / np.sqrt(self.times)
        above, below = self.jaccard - edge > CLEAR * errors, edge - self.jaccard > CLEAR * errors
        return bool(below.any() or (above | np.isnan(errors)).all())


def resample(
    X: np.ndarray, weights: np.ndarray, labels: np.ndarray, k: int, refit: Refit
) -> Resampled:
    """Returns the Jaccards of segments in bootstrapped fits, and how often each row stays.

    Hennig (2007), Computational Statistics and Data Analysis 52: each segment's best Jaccard with
    any segment of the resampled fit, on the rows drawn. A row stays if it falls into its segment's
    counterpart. `labels` (n) are 1 … k, 0 for rows in none.
    """
    rng = np.random.default_rng([refit.seed, k])
    draws = draw_rows(len(X), refit.times, rng)
    if refit.algorithm == "kmeans":
        again = label_rows(X, fit_weightings(X, weights[:, None] * draws, k, rng)) + 1
        return compare(labels, again, draws > 0, np.ones_like(draws, dtype=bool), weights, k)
    again = fit_again(X, weights, draws > 0, [k], refit.algorithm, refit.seed)[k]
    return compare(labels, again, draws > 0, draws > 0, weights, k)


def draw_rows(n: int, times: int, rng: np.random.Generator) -> np.ndarray:
    """Returns how often each row is drawn with replacement (n × times)."""
    return np.array([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(times)]).T


def compare(
    labels: np.ndarray,
    again: np.ndarray,
    drawn: np.ndarray,
    judged: np.ndarray,
    weights: np.ndarray,
    k: int,
) -> Resampled:
    """Compares labels (n) with those of resampled fits (n × times): overlaps where `drawn`,
    stays where `judged`."""
    n, times = again.shape
    overlaps, stays = np.zeros((times, k)), np.zeros((n, times))
    for time in range(times):
        rows, seen, theirs = drawn[:, time], judged[:, time], again[:, time]
        overlaps[time] = jaccard(labels[rows], theirs[rows], weights[rows], k).max(axis=1)
        match = match_labels(labels[seen], theirs[seen], weights[seen], k)
        stays[:, time] = np.append(match, -1)[theirs - 1] == labels
    share = (stays * judged).sum(axis=1) / np.maximum(judged.sum(axis=1), 1)
    overlaps[:, ~np.isin(np.arange(1, k + 1), labels)] = np.nan
    return Resampled(labels, overlaps, np.where(labels > 0, share, np.nan))


def fit_again(
    X: np.ndarray,
    weights: np.ndarray,
    drawn: np.ndarray,
    ks: Sequence[int],
    algorithm: str,
    seed: int,
) -> dict[int, np.ndarray]:
    """Returns labels (n × times) by k, from fits of the rows drawn; 0 if not drawn, or in none.

    An algorithm that finds k itself has the same labels under every k.
    """
    again = {k: np.zeros(drawn.shape, dtype=int) for k in ks}
    for time, rows in enumerate(drawn.T):
        part = X[rows], weights[rows]
        try:
            if algorithm in TAKES_K:
                fits = fit_all(*part, ks, seed, algorithm, rough=True)
            else:
                fits = dict.fromkeys(ks, find_segments(*part, algorithm))
        except InputError:
            continue  # this resample has no segments: none of ours came back
        for k, fit in fits.items():
            again[k][rows, time] = fit.labels
    return again
