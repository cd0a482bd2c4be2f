"""Prediction strength: whether one half of the customers sorts the other half alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentation.analysis.fitting.clustering import fit_all, predict
from segmentation.analysis.trust.resampling import fit_weightings, label_rows

SPLITS = {"quick": 20, "full": 50}


def predict_splits(
    X: np.ndarray, weights: np.ndarray, k: int, splits: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns how well one half of the rows predicts the segments of the other, in each split.

    Prediction strength: the share of pairs of a segment that the centres of the other half keep
    together; the worst segment counts, both directions are averaged. Tibshirani and Walther (2005),
    Journal of Computational and Graphical Statistics 14.
    """
    order = np.array([rng.permutation(len(X)) for _ in range(splits)]).T
    first = order < len(X) // 2
    one = label_rows(X, fit_weightings(X, weights[:, None] * first, k, rng))
    other = label_rows(X, fit_weightings(X, weights[:, None] * ~first, k, rng))
    strengths = [
        _kept_together(ours[half, split], theirs[half, split], weights[half], k)
        for split in range(splits)
        for half, ours, theirs in ((first[:, split], one, other), (~first[:, split], other, one))
    ]
    return np.reshape(strengths, (-1, 2)).mean(axis=1)


def predict_halves(
    X: np.ndarray, weights: np.ndarray, ks: Sequence[int], algorithm: str, seed: int
) -> dict[int, np.ndarray]:
    """Returns, by k, how well mixtures or Ward's tree on one half predict the other, in 20 splits.

    Like `predict_splits`; 0 if one half cannot be cut into k.
    """
    rng, n = np.random.default_rng([seed, 0]), len(X)
    strengths: dict[int, list[float]] = {k: [] for k in ks}
    for _ in range(SPLITS["quick"]):
        first = rng.permutation(n) < n // 2
        halves = (first, ~first)
        fits = [fit_all(X[half], weights[half], ks, seed, algorithm, rough=True) for half in halves]
        for k in ks:
            for half, ours, theirs in zip(halves, fits, reversed(fits), strict=True):
                if k not in ours or k not in theirs:
                    strengths[k].append(0.0)
                    continue
                predicted = predict(X[half], theirs[k])
                kept = _kept_together(ours[k].labels - 1, predicted - 1, weights[half], k)
                strengths[k].append(kept)
    return {k: np.reshape(values, (-1, 2)).mean(axis=1) for k, values in strengths.items()}


def _kept_together(ours: np.ndarray, theirs: np.ndarray, weights: np.ndarray, k: int) -> float:
    """Returns the worst segment's share of pairs that the other labels keep together."""
    shared = np.bincount(ours * k + theirs, weights, minlength=k * k).reshape(k, k)
    itself = np.bincount(ours, weights**2, minlength=k)
    pairs = shared.sum(axis=1) ** 2 - itself
    kept = (shared**2).sum(axis=1) - itself
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(pairs > 0, kept / pairs, 0.0).min())
