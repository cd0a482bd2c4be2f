"""How many customers change segments by chance alone: between fits of customers drawn anew."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from segmentation.analysis.clustering import (
    PLACES_NEW,
    TAKES_K,
    Segments,
    draw_by_weight,
    find_segments,
    fit_all,
    predict,
)
from segmentation.analysis.resampling import fit_weightings, label_rows
from segmentation.analysis.stability import match_labels
from segmentation.data import InputError

MOST_ROWS, MOST_PAIRS, FEWEST_PAIRS = 20_000, 100, 10
SIZE = 200_000  # rows of all pairs
RARE = 0.95  # so many of the pairs differ by less


def measure_chance(X: np.ndarray, weights: np.ndarray, segments: Segments, seed: int) -> float:
    """The share of customers who change segments between two draws of them, in 19 of 20 pairs.

    Customers are drawn twice, with repeats, and both draws are segmented; segments are matched
    by what they share. 10 to 100 pairs, on at most 20,000 rows; other methods than K-Means 10.
    """
    rows = draw_by_weight(weights, MOST_ROWS, seed)
    X, rng = X[rows], np.random.default_rng([seed, segments.k])
    weights = np.ones(len(rows)) if np.ptp(weights) > 0 else weights[rows]
    pairs = int(np.clip(SIZE // len(X), FEWEST_PAIRS, MOST_PAIRS))
    if segments.algorithm != "kmeans":
        pairs = FEWEST_PAIRS
    n = len(X)
    draws = [np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(2 * pairs)]
    with threadpool_limits(1):
        again = _fit_draws(X, weights, np.array(draws).T, segments, seed, rng)
    moved = [_moved(again[:, at], again[:, at + pairs], weights, segments.k) for at in range(pairs)]
    return float(np.quantile(moved, RARE))


def _fit_draws(
    X: np.ndarray, weights: np.ndarray, draws: np.ndarray, segments: Segments, seed: int,
    rng: np.random.Generator,
) -> np.ndarray:  # fmt: skip
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


def _moved(one: np.ndarray, other: np.ndarray, weights: np.ndarray, k: int) -> float:
    both = (one > 0) & (other > 0)
    if not both.any():
        return 1.0
    one, other, weights = one[both], other[both], weights[both]
    match = np.append(0, match_labels(one, other, weights, max(k, int(one.max()))))
    return float(np.average(match[other] != one, weights=weights))
