"""How many customers change segments by chance alone: between fits of customers drawn anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from threadpoolctl import threadpool_limits

from segmentation.analysis.fitting.clustering import (
    PLACES_NEW,
    TAKES_K,
    Segments,
    draw_by_weight,
    find_segments,
    fit_all,
    predict,
)
from segmentation.analysis.trust.resampling import fit_weightings, label_rows
from segmentation.analysis.trust.stability import count_shared
from segmentation.data import InputError

MOST_ROWS, MOST_PAIRS, FEWEST_PAIRS = 20_000, 100, 10
SIZE = 200_000  # rows of all pairs
RARE = 0.95  # so many of the pairs differ by less
SAME = 0.5  # a segment is an earlier one where they share more than half of who is in either


@dataclass(frozen=True)
class Chance:
    """What drawing the customers anew does to segments, and nothing else changes.

    `moved`: the share of customers who move to another segment, in 19 of 20 pairs of draws; NaN
    where no pair could be segmented. `renumbered`: in which share of the pairs some segment
    shares half or less with each of the other draw, and would get a new number.
    """

    moved: float
    renumbered: float


def measure_chance(
    X: np.ndarray, weights: np.ndarray, segments: Segments, seed: int, then: int | None = None
) -> Chance:
    """Between two draws of customers, with repeats, each segmented anew: who moves by chance.

    Segments are matched by what they share. 10 to 100 pairs, on at most 20,000 rows, from which
    the share is scaled by the root of the rows; other methods than K-Means 10 pairs. `then` are
    the rows that the earlier segments were fitted on, where they were others in number.
    """
    rows = draw_by_weight(weights, MOST_ROWS, seed)
    fitted, rng = len(X), np.random.default_rng([seed, segments.k])
    X = X[rows]
    weights = np.ones(len(rows)) if np.ptp(weights) > 0 else weights[rows]
    pairs = int(np.clip(SIZE // len(X), FEWEST_PAIRS, MOST_PAIRS))
    if segments.algorithm != "kmeans":
        pairs = FEWEST_PAIRS
    n = len(X)
    draws = [np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(2 * pairs)]
    with threadpool_limits(1):
        again = _fit_draws(X, weights, np.array(draws).T, segments, seed, rng)
    found = [
        _compare(again[:, at], again[:, at + pairs], weights, segments.k) for at in range(pairs)
    ]
    moved, renumbered = np.array([pair for pair in found if pair is not None] or [(np.nan, True)]).T
    scale = np.sqrt(n * (1 / fitted + 1 / (then or fitted)) / 2)
    return Chance(float(np.quantile(moved, RARE) * scale), float(renumbered.mean()))


def _fit_draws(
    X: np.ndarray,
    weights: np.ndarray,
    draws: np.ndarray,
    segments: Segments,
    seed: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """The labels of all rows (n × B) by the fit of each draw; 0 where a fit cannot place a row."""
    if segments.algorithm == "kmeans":
        return label_rows(X, fit_weightings(X, weights[:, None] * draws, segments.k, rng)) + 1
    labels = np.zeros(draws.shape, dtype=int)
    for at, drawn in enumerate((draws > 0).T):
        try:
            if segments.algorithm in TAKES_K:
                fits = fit_all(X[drawn], weights[drawn], [segments.k], seed, segments.algorithm)
                fit = fits[segments.k]
            else:
                fit = find_segments(X[drawn], weights[drawn], segments.algorithm)
        except (InputError, KeyError):
            continue  # so many segments cannot be made of this draw
        labels[drawn, at] = fit.labels
        if segments.algorithm in PLACES_NEW:
            labels[:, at] = predict(X, fit)
    return labels


def _compare(
    one: np.ndarray, other: np.ndarray, weights: np.ndarray, k: int
) -> tuple[float, bool] | None:
    """The share that moves between two labelings, and whether a segment finds no partner."""
    both = (one > 0) & (other > 0)
    if not both.any():
        return None
    one, other, weights = one[both], other[both], weights[both]
    shared = count_shared(one, other, weights, max(k, int(one.max()), int(other.max())))
    rows, columns = linear_sum_assignment(-shared)
    moved = 1 - shared[rows, columns].sum() / weights.sum()
    joint = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0) - shared
    overlap = shared / np.where(joint > 0, joint, 1)
    rows, columns = linear_sum_assignment(-overlap)
    alone = overlap[rows, columns][shared.sum(axis=0)[columns] > 0] <= SAME
    return float(moved), bool(alone.any())
