"""K-Means on many weightings of the same rows at once: what resampled fits are made of."""

from __future__ import annotations

import numpy as np

STARTS, FIRST_STEPS, STEPS = 10, 3, 100


def fit_weightings(
    X: np.ndarray, weightings: np.ndarray, k: int, rng: np.random.Generator
) -> np.ndarray:
    """The centres (B × k × d) of K-Means on many weightings (n × B) of the same rows at once.

    The best of a few k-means++ starts each: a start from the segments that are put to the test
    would find them again (Mall at k = 4: prediction strength .96 instead of .69).
    """
    best = np.full(weightings.shape[1], np.inf)
    found = np.zeros((weightings.shape[1], k, X.shape[1]))
    for _ in range(STARTS):
        centres = _run_lloyd(X, weightings, _draw_centres(X, weightings, k, rng), FIRST_STEPS)
        inertia = _inertia(X, weightings, centres)
        better = inertia < best
        found[better], best[better] = centres[better], inertia[better]
    return _run_lloyd(X, weightings, found, STEPS)


def _draw_centres(
    X: np.ndarray, weightings: np.ndarray, k: int, rng: np.random.Generator
) -> np.ndarray:
    """A k-means++ start (Arthur, Vassilvitskii 2007) for every weighting (B × k × d)."""
    norms, times = (X**2).sum(axis=1)[:, None], weightings.shape[1]
    nearest = np.full(weightings.shape, np.inf)
    centres = np.empty((times, k, X.shape[1]))
    for at in range(k):
        ends = np.cumsum(weightings if at == 0 else weightings * nearest, axis=0)
        drawn = (ends < rng.random(times) * ends[-1]).sum(axis=0)
        centres[:, at] = X[np.minimum(drawn, len(X) - 1)]
        away = norms - 2 * X @ centres[:, at].T + (centres[:, at] ** 2).sum(axis=1)
        nearest = np.minimum(nearest, away.clip(0))
    return centres


def _run_lloyd(
    X: np.ndarray, weightings: np.ndarray, centres: np.ndarray, steps: int
) -> np.ndarray:
    """Lloyd's algorithm from `centres` (B × k × d) until no label changes.

    A segment that loses all its rows stays where it was.
    """
    found = centres.copy()
    n, times = weightings.shape
    active, before = np.arange(times), np.full((n, times), -1)
    for _ in range(steps):
        labels = label_rows(X, found[active])
        changed = ((labels != before[:, active]) & (weightings[:, active] > 0)).any(axis=0)
        before[:, active] = labels
        if not changed.any():
            break
        active = active[changed]
        found[active] = _move(X, weightings[:, active], labels[:, changed], found[active])
    return found


def _inertia(X: np.ndarray, weightings: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The weighted sum of squared distances, but for a term that all centres have alike (B)."""
    times, k, d = centres.shape
    flat = centres.reshape(times * k, d)
    score = (X @ flat.T - 0.5 * (flat**2).sum(axis=1)).reshape(len(X), times, k).max(axis=2)
    return np.asarray(-2 * (weightings * score).sum(axis=0))


def label_rows(X: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The nearest of k centres, from 0, for every row and each of B sets of them (n × B)."""
    times, k, d = centres.shape
    flat = centres.reshape(times * k, d)
    score = X @ flat.T
    score -= 0.5 * (flat**2).sum(axis=1)
    return np.asarray(score.reshape(len(X), times, k).argmax(axis=2))


def _move(
    X: np.ndarray, weightings: np.ndarray, labels: np.ndarray, centres: np.ndarray
) -> np.ndarray:
    times, k, d = centres.shape
    slot = (labels + k * np.arange(times)).ravel()
    weight = np.bincount(slot, weightings.ravel(), minlength=times * k)
    sums = np.column_stack(
        [
            np.bincount(slot, (weightings * X[:, at, None]).ravel(), minlength=times * k)
            for at in range(d)
        ]
    )
    flat = centres.reshape(times * k, d)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(weight[:, None] > 0, sums / weight[:, None], flat)
    return np.asarray(moved.reshape(times, k, d))
