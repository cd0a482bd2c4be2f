"""Whether the segments come back when the customers change: resampled fits, compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import find_segments, fit_all
from segmentation.analysis.fitting.matching import jaccard, match_labels
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.passes.threads import one_thread
from segmentation.analysis.trust.prediction import SPLITS, predict_halves, prediction_strength
from segmentation.analysis.trust.resampling import fit_weightings, label_rows
from segmentation.data import InputError, find_distinct
from segmentation.data.memory import share
from segmentation.data.published.vocabulary import TAKES_K

RESAMPLES = {"quick": 20, "full": 100}
MOST_ROWS = 2_000  # of a larger table, a seeded draw is resampled
STABLE, DISSOLVED = 0.85, 0.5  # mean Jaccards (Hennig 2007, and fpc's clusterboot)
STAYS = 0.8  # a customer who keeps the segment less often is undecided


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


@dataclass(frozen=True)
class Resamples:
    """Resampled fits at every k, on `rows` (positions) of the sample.

    `strength`, indexed by k: prediction strength (mean, se). `by_k`: what came back. `algorithm` is
    the one resampled: K-Means if the report's own finds k itself.
    """

    strength: pd.DataFrame
    by_k: dict[int, Resampled]
    rows: np.ndarray
    depth: str
    algorithm: str = "kmeans"


@dataclass(frozen=True)
class Stability:
    """How well the report's own segments come back; `weights` (n) are those of the rows.

    `overlaps`: the Jaccard of each resample (rows) and segment number (columns).
    """

    resampled: Resampled
    weights: np.ndarray
    depth: str
    numbers: tuple[int, ...]

    @property
    def overlaps(self) -> pd.DataFrame:
        """The Jaccard similarity of each resample (rows) and segment number (columns)."""
        return pd.DataFrame(self.resampled.overlaps, columns=self._index)

    @property
    def jaccard(self) -> pd.Series:
        """The mean Jaccard by segment number, NaN if no customer of it was drawn."""
        return pd.Series(self.resampled.jaccard, self._index)

    @property
    def weakest(self) -> float:
        """The mean Jaccard of the weakest segment that was resampled."""
        return self.resampled.weakest

    @property
    def same(self) -> float:
        """How often a customer keeps the segment, averaged over customers and resamples."""
        placed = np.isfinite(self.resampled.stays)
        return float(np.average(self.resampled.stays[placed], weights=self.weights[placed]))

    @property
    def undecided(self) -> float:
        """The share of customers who keep their segment in less than 80 % of the resamples."""
        return self._count_undecided(np.isfinite(self.resampled.stays))

    @property
    def undecided_by_segment(self) -> pd.Series:
        """The share of undecided customers, by segment number."""
        labels = self.resampled.labels
        shares = [self._count_undecided(labels == k) for k in range(1, len(self.numbers) + 1)]
        return pd.Series(shares, self._index)

    @property
    def _index(self) -> pd.Index:
        return pd.Index(self.numbers, name="segment")

    def _count_undecided(self, rows: np.ndarray) -> float:
        if not rows.any():
            return np.nan
        return float(np.average(self.resampled.stays[rows] < STAYS, weights=self.weights[rows]))


@share
def resample_ks(
    X: np.ndarray,
    weights: np.ndarray,
    labels: Mapping[int, np.ndarray],
    algorithm: str,
    depth: str,
    seed: int,
) -> Resamples:
    """Returns prediction strength and Jaccards at every k, from the labels (n) of its segments.

    `depth` full: 50 splits and 100 resamples; quick, and for mixtures and Ward's tree: 20 and 20.
    Above 2,000 rows, a seeded draw is resampled. Copies of a row count once, or they would be in
    both halves.
    """
    rows = find_distinct(X)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))
    X, weights = X[rows], weights[rows]
    labels = {k: every[rows] for k, every in labels.items()}
    with one_thread():
        if algorithm == "kmeans":
            refit = Refit(algorithm, RESAMPLES[depth], seed)
            strength = {k: prediction_strength(X, weights, k, SPLITS[depth], seed) for k in labels}
            by_k = {k: resample(X, weights, ours, k, refit) for k, ours in labels.items()}
        else:
            strength = predict_halves(X, weights, list(labels), algorithm, seed)
            draws = _draw(len(X), RESAMPLES["quick"], np.random.default_rng([seed, 0])) > 0
            again = _fit_again(X, weights, draws, list(labels), algorithm, seed)
            by_k = {
                k: _compare(ours, again[k], draws, draws, weights, k) for k, ours in labels.items()
            }
    table = pd.DataFrame(strength, index=["mean", "se"]).T.rename_axis("k")
    return Resamples(table, by_k, rows, depth, algorithm)


def measure_stability(segmentation: Segmentation, resamples: Resamples) -> Stability:
    """Returns how well the report's own segments come back, whichever algorithm formed them."""
    sample, segments, rows = segmentation.sample, segmentation.segments, resamples.rows
    labels, weights = segments.labels[rows], sample.weights[rows]
    resampled = resamples.by_k.get(segments.k) if segments.algorithm == "kmeans" else None
    if resampled is None or not np.array_equal(resampled.labels, labels):
        refit = Refit(segments.algorithm, RESAMPLES[resamples.depth], sample.seed)
        with one_thread():
            resampled = resample(sample.X[rows], weights, labels, segments.k, refit)
    return Stability(resampled, weights, resamples.depth, segmentation.numbers)


def resample(
    X: np.ndarray, weights: np.ndarray, labels: np.ndarray, k: int, refit: Refit
) -> Resampled:
    """Returns the Jaccards of segments in bootstrapped fits, and how often each row stays.

    Hennig (2007), Computational Statistics and Data Analysis 52: each segment's best Jaccard with
    any segment of the resampled fit, on the rows drawn. A row stays if it falls into its segment's
    counterpart. `labels` (n) are 1 … k, 0 for rows in none.
    """
    rng = np.random.default_rng([refit.seed, k])
    draws = _draw(len(X), refit.times, rng)
    if refit.algorithm == "kmeans":
        again = label_rows(X, fit_weightings(X, weights[:, None] * draws, k, rng)) + 1
        return _compare(labels, again, draws > 0, np.ones_like(draws, dtype=bool), weights, k)
    again = _fit_again(X, weights, draws > 0, [k], refit.algorithm, refit.seed)[k]
    return _compare(labels, again, draws > 0, draws > 0, weights, k)


def _draw(n: int, times: int, rng: np.random.Generator) -> np.ndarray:
    """Returns how often each row is drawn with replacement (n × times)."""
    return np.array([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(times)]).T


def _compare(
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


def _fit_again(
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
