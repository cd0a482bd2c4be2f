"""How many customers change segments by chance alone: between fits of redrawn customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentation.analysis.fitting.clustering import Segments, find_segments, fit_all, predict
from segmentation.analysis.fitting.matching import count_shared, divide_by_joint, pair_up
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.passes.threads import one_thread
from segmentation.analysis.trust.resampling import fit_weightings, label_rows
from segmentation.data import InputError
from segmentation.data.published.vocabulary import PLACES_NEW, TAKES_K

MOST_ROWS, MOST_PAIRS, FEWEST_PAIRS = 20_000, 100, 10
SIZE = 200_000  # rows of all pairs
RARE = 0.95  # the share of pairs that differ by less
SAME = 0.5  # two segments are the same if they share more than half of their joint customers


@dataclass(frozen=True)
class Chance:
    """What redrawing the customers does to segments if nothing else changes.

    `moved`: the share of customers who change segments, in 19 of 20 pairs of draws; NaN if no pair
    could be segmented. `renumbered`: the share of pairs in which a segment shares half or less with
    every segment of the other draw, and would get a new number.
    """

    moved: float
    renumbered: float


def measure_chance(segmentation: Segmentation, fitted_then: int | None = None) -> Chance:
    """Compares pairs of redrawn samples, each segmented anew: who changes segments by chance.

    10 to 100 pairs (10 for other methods than K-Means), on at most 20,000 rows, from which the
    share is scaled by the root of the rows. `fitted_then`: the rows fitted by the earlier report,
    if different.
    """
    sample, segments = segmentation.sample, segmentation.segments
    rows, fitted = sample.part(MOST_ROWS), len(sample.X)
    rng = np.random.default_rng([sample.seed, segments.k])
    X, n = sample.X[rows], len(rows)
    weights = np.ones(n) if np.ptp(sample.weights) > 0 else sample.weights[rows]
    pairs = int(np.clip(SIZE // n, FEWEST_PAIRS, MOST_PAIRS))
    if segments.algorithm != "kmeans":
        pairs = FEWEST_PAIRS
    draws = [np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(2 * pairs)]
    with one_thread():
        again = _fit_draws(X, weights, np.array(draws).T, segments, sample.seed, rng)
    compared = [
        _compare(again[:, pair], again[:, pair + pairs], weights, segments.k)
        for pair in range(pairs)
    ]
    kept = [pair for pair in compared if pair is not None]
    moved, renumbered = np.array(kept or [(np.nan, True)]).T
    scale = np.sqrt(n * (1 / fitted + 1 / (fitted_then or fitted)) / 2)
    return Chance(float(np.quantile(moved, RARE) * scale), float(renumbered.mean()))


def _fit_draws(
    X: np.ndarray,
    weights: np.ndarray,
    draws: np.ndarray,
    segments: Segments,
    seed: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Returns the labels of all rows (n × B) by the fit of each draw, 0 if it cannot place."""
    if segments.algorithm == "kmeans":
        return label_rows(X, fit_weightings(X, weights[:, None] * draws, segments.k, rng)) + 1
    labels = np.zeros(draws.shape, dtype=int)
    for draw, drawn in enumerate((draws > 0).T):
        try:
            if segments.algorithm in TAKES_K:
                fits = fit_all(X[drawn], weights[drawn], [segments.k], seed, segments.algorithm)
                fit = fits[segments.k]
            else:
                fit = find_segments(X[drawn], weights[drawn], segments.algorithm)
        except (InputError, KeyError):
            continue  # this draw has no such segments
        labels[drawn, draw] = fit.labels
        if segments.algorithm in PLACES_NEW:
            labels[:, draw] = predict(X, fit)
    return labels


def _compare(
    one: np.ndarray, other: np.ndarray, weights: np.ndarray, k: int
) -> tuple[float, bool] | None:
    """Returns the share that moves between two labelings, and whether a segment has no partner."""
    both = (one > 0) & (other > 0)
    if not both.any():
        return None
    one, other, weights = one[both], other[both], weights[both]
    shared = count_shared(one, other, weights, max(k, int(one.max()), int(other.max())))
    moved = 1 - sum(shared[pair] for pair in pair_up(shared)) / weights.sum()
    overlap, sizes = divide_by_joint(shared), shared.sum(axis=0)
    alone = any(overlap[pair] <= SAME and sizes[pair[1]] > 0 for pair in pair_up(overlap))
    return float(moved), bool(alone)
