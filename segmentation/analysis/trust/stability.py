"""Whether the segments come back when the customers change: resampled fits, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from threadpoolctl import threadpool_limits

from segmentation.analysis.fitting.clustering import (
    TAKES_K,
    Segments,
    find_segments,
    fit_all,
    predict,
)
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.resampling import fit_weightings, label_rows
from segmentation.data import InputError

SPLITS, RESAMPLES = {"quick": 20, "full": 50}, {"quick": 20, "full": 100}
MOST_ROWS = 2_000  # of larger tables a seeded draw is resampled
SURVIVES = 0.8  # a customer who keeps the segment less often stands on a border


@dataclass(frozen=True)
class Resampled:
    """Segments against those of resampled fits, on `labels` of the rows that were resampled.

    `overlaps` (resamples × k): the Jaccard of each segment, NaN for one that has no row here.
    `kept` (n): the share of resamples in which a row kept its segment, NaN where it has none.
    """

    labels: np.ndarray
    overlaps: np.ndarray
    kept: np.ndarray

    @property
    def jaccard(self) -> np.ndarray:
        """The mean Jaccard of each segment (k)."""
        return np.asarray(self.overlaps.mean(axis=0))

    @property
    def least(self) -> float:
        """That of the weakest segment that was resampled."""
        return float(np.nanmin(self.jaccard))


@dataclass(frozen=True)
class Trials:
    """The segments put to the test at every k, on `rows` (positions) of the fitted rows.

    `strength`, indexed by k: prediction strength (mean, se). `tried`: what came back, by k.
    `algorithm` is the one that was tried: K-Means where the report's own finds k itself.
    """

    strength: pd.DataFrame
    tried: dict[int, Resampled]
    rows: np.ndarray
    depth: str
    algorithm: str = "kmeans"


@dataclass(frozen=True)
class Stability:
    """What came back of the report's own segments; `weights` are what the rows stand for."""

    own: Resampled
    weights: np.ndarray
    depth: str

    @property
    def same(self) -> float:
        """How often a customer keeps the segment, on average over customers and resamples."""
        inside = np.isfinite(self.own.kept)
        return float(np.average(self.own.kept[inside], weights=self.weights[inside]))

    @property
    def border(self) -> float:
        """The share of customers who keep their segment in less than 80 % of the resamples."""
        return self._border(np.isfinite(self.own.kept))

    @property
    def borders(self) -> np.ndarray:
        """That share of each segment (k)."""
        k = self.own.overlaps.shape[1]
        return np.array([self._border(self.own.labels == at) for at in range(1, k + 1)])

    def _border(self, inside: np.ndarray) -> float:
        if not inside.any():
            return np.nan
        weights = self.weights[inside]
        return float(np.average(self.own.kept[inside] < SURVIVES, weights=weights))


def try_ks(X: np.ndarray, weights: np.ndarray, scan: Scan, depth: str, seed: int) -> Trials:
    """Prediction strength and the Jaccards of the segments, at every k of the scan.

    `depth` full: 50 splits and 100 resamples; quick, and for mixtures and Ward's tree: 20 and 20.
    Of more than 2,000 rows a seeded draw is resampled.
    """
    rows = np.arange(len(X))
    if len(X) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(X), MOST_ROWS, replace=False))
    X, weights = X[rows], weights[rows]
    labels = {k: fit.labels[rows] for k, fit in scan.segments.items() if k > 1}
    algorithm = next(iter(scan.segments.values())).algorithm
    with threadpool_limits(1):
        if algorithm == "kmeans":
            splits, times = SPLITS[depth], RESAMPLES[depth]
            table = {k: prediction_strength(X, weights, k, splits, seed) for k in labels}
            tried = {
                k: resample(X, weights, own, k, algorithm, times, seed) for k, own in labels.items()
            }
        else:
            table = predict_halves(X, weights, list(labels), algorithm, seed)
            draws = _draw(len(X), RESAMPLES["quick"], np.random.default_rng([seed, 0]))
            again = _fit_again(X, weights, draws > 0, list(labels), algorithm, seed)
            tried = {
                k: _compare(own, again[k], draws > 0, draws > 0, weights, k)
                for k, own in labels.items()
            }
    strength = pd.DataFrame(table, index=["mean", "se"]).T.rename_axis("k")
    return Trials(strength, tried, rows, depth, algorithm)


def measure_stability(
    X: np.ndarray, weights: np.ndarray, trials: Trials, segments: Segments, seed: int
) -> Stability:
    """What comes back of the report's own segments, whichever algorithm drew them."""
    rows, times = trials.rows, RESAMPLES[trials.depth]
    labels, own = segments.labels[rows], trials.tried.get(segments.k)
    if segments.algorithm != "kmeans" or own is None or not np.array_equal(own.labels, labels):
        with threadpool_limits(1):
            drawn, algorithm = X[rows], segments.algorithm
            own = resample(drawn, weights[rows], labels, segments.k, algorithm, times, seed)
    return Stability(own, weights[rows], trials.depth)


def prediction_strength(
    X: np.ndarray, weights: np.ndarray, k: int, splits: int, seed: int
) -> tuple[float, float]:
    """How well one half of the customers predicts the segments of the other: mean and its error.

    Tibshirani and Walther (2005): of every segment of the one half, the share of pairs that the
    centres of the other half keep together; the worst segment counts. Both directions, `splits`
    random halves.
    """
    rng = np.random.default_rng([seed, splits, k])
    order = np.array([rng.permutation(len(X)) for _ in range(splits)]).T
    first = order < len(X) // 2
    one = label_rows(X, fit_weightings(X, weights[:, None] * first, k, rng))
    other = label_rows(X, fit_weightings(X, weights[:, None] * ~first, k, rng))
    found = [
        _kept_together(own[half, at], theirs[half, at], weights[half], k)
        for at in range(splits)
        for half, own, theirs in ((first[:, at], one, other), (~first[:, at], other, one))
    ]
    return _average(found)


def predict_halves(
    X: np.ndarray, weights: np.ndarray, ks: Sequence[int], algorithm: str, seed: int
) -> dict[int, tuple[float, float]]:
    """The prediction strength of mixtures or Ward's tree at every k: mean and its error.

    As `prediction_strength`, of 20 splits; 0 where one half cannot be cut into k.
    """
    rng, n = np.random.default_rng([seed, 0]), len(X)
    found: dict[int, list[float]] = {k: [] for k in ks}
    for _ in range(SPLITS["quick"]):
        first = rng.permutation(n) < n // 2
        halves = (first, ~first)
        fits = [fit_all(X[h], weights[h], ks, seed, algorithm, rough=True) for h in halves]
        for k in ks:
            for at, half in enumerate(halves):
                if not all(k in fit for fit in fits):
                    found[k].append(0.0)
                    continue
                own, theirs = fits[at][k].labels, predict(X[half], fits[1 - at][k])
                found[k].append(_kept_together(own - 1, theirs - 1, weights[half], k))
    return {k: _average(values) for k, values in found.items()}


def resample(
    X: np.ndarray,
    weights: np.ndarray,
    labels: np.ndarray,
    k: int,
    algorithm: str,
    times: int,
    seed: int,
) -> Resampled:
    """The Jaccards of segments in bootstrapped fits, and how often each row stayed.

    Hennig (2007): of every segment the best Jaccard with any segment of the resampled fit, on the
    rows that were drawn. A row (n) stays where it falls into the segment that was matched with
    its own; NaN for rows in no segment. `labels` are 1 … k, 0 for rows in none.
    """
    rng = np.random.default_rng([seed, k])
    draws = _draw(len(X), times, rng)
    if algorithm == "kmeans":
        again = label_rows(X, fit_weightings(X, weights[:, None] * draws, k, rng)) + 1
        return _compare(labels, again, draws > 0, np.ones_like(draws, dtype=bool), weights, k)
    again = _fit_again(X, weights, draws > 0, [k], algorithm, seed)[k]
    return _compare(labels, again, draws > 0, draws > 0, weights, k)


def _draw(n: int, times: int, rng: np.random.Generator) -> np.ndarray:
    """How often each row (n × times) is drawn, with repeats."""
    return np.array([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(times)]).T


def _compare(
    labels: np.ndarray,
    again: np.ndarray,
    draws: np.ndarray,
    judged: np.ndarray,
    weights: np.ndarray,
    k: int,
) -> Resampled:
    """Labels (n) against those of resampled fits (n × times), where drawn and where judged."""
    n, times = again.shape
    overlaps, stays = np.zeros((times, k)), np.zeros((n, times))
    for at in range(times):
        drawn, seen = draws[:, at], judged[:, at]
        overlaps[at] = jaccard(labels[drawn], again[drawn, at], weights[drawn], k).max(axis=1)
        match = match_labels(labels[seen], again[seen, at], weights[seen], k)
        stays[:, at] = np.append(match, -1)[again[:, at] - 1] == labels
    kept = (stays * judged).sum(axis=1) / np.maximum(judged.sum(axis=1), 1)
    overlaps[:, ~np.isin(np.arange(1, k + 1), labels)] = np.nan
    return Resampled(labels, overlaps, np.where(labels > 0, kept, np.nan))


def jaccard(one: np.ndarray, other: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """Shared over joint weight of the segments 1 … k of `one` with each of `other` (k × m)."""
    shared = count_shared(one, other, weights, k)
    m = shared.shape[1]
    sizes = np.bincount(one, weights, minlength=k + 1)[1:]
    sizes_other = np.bincount(other, weights, minlength=m + 1)[1:]
    joint = sizes[:, None] + sizes_other - shared
    return np.asarray(shared / np.where(joint > 0, joint, 1))


def count_shared(one: np.ndarray, other: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    m = max(int(other.max()), 1)
    counts = np.bincount(one * (m + 1) + other, weights, minlength=(k + 1) * (m + 1))
    return np.asarray(counts.reshape(k + 1, m + 1)[1:, 1:])


def match_labels(one: np.ndarray, other: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """For every segment of `other` the number of the one that it is matched with, 0 for none."""
    shared = count_shared(one, other, weights, k)
    rows, columns = linear_sum_assignment(-shared)
    match = np.zeros(shared.shape[1], dtype=int)
    match[columns] = rows + 1
    return match


def _fit_again(
    X: np.ndarray,
    weights: np.ndarray,
    drawn: np.ndarray,
    ks: Sequence[int],
    algorithm: str,
    seed: int,
) -> dict[int, np.ndarray]:
    """Labels (n × times) by k of fits of the rows drawn, each once; 0 where not drawn or in none.

    An algorithm that finds k itself has its labels under every k.
    """
    again = {k: np.zeros(drawn.shape, dtype=int) for k in ks}
    for at, rows in enumerate(drawn.T):
        own = X[rows], weights[rows]
        try:
            if algorithm in TAKES_K:
                fits = fit_all(*own, ks, seed, algorithm, rough=True)
            else:
                fits = dict.fromkeys(ks, find_segments(*own, algorithm))
        except InputError:
            continue  # no segments were found in this resample: none of them came back
        for k, fit in fits.items():
            again[k][rows, at] = fit.labels
    return again


def _average(found: Sequence[float]) -> tuple[float, float]:
    """Mean and standard error of the splits, of which each was judged in both directions."""
    mean = np.reshape(found, (-1, 2)).mean(axis=1)
    return float(mean.mean()), float(mean.std(ddof=1) / np.sqrt(len(mean)))


def _kept_together(own: np.ndarray, theirs: np.ndarray, weights: np.ndarray, k: int) -> float:
    """The worst segment's share of pairs that the other labels keep together; alone is 0."""
    shared = np.bincount(own * k + theirs, weights, minlength=k * k).reshape(k, k)
    itself = np.bincount(own, weights**2, minlength=k)
    pairs = shared.sum(axis=1) ** 2 - itself
    kept = (shared**2).sum(axis=1) - itself
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(pairs > 0, kept / pairs, 0.0).min())
