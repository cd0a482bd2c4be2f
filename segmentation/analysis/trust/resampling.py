"""K-Means on many weightings of the same rows at once: what resampled fits are made of."""

from __future__ import annotations

import numpy as np

FIRST_STEPS, STEPS = 3, 100


def fit_weightings(
    X: np.ndarray, weightings: np.ndarray, k: int, rng: np.random.Generator
) -> np.ndarray:
    """The centres (B × k × d) of K-Means on many weightings (n × B) of the same rows at once.

    In single precision, which is twice as fast. The best of a few k-means++ starts each: a start
    from the segments that are put to the test would find them again (Mall at k = 4: prediction
    strength .96 instead of .69).
    """
    middle = X.mean(axis=0)
    reach = max(float(np.abs(X - middle).max()), 1e-300)
    X = ((X - middle) / reach).astype(np.float32)
    weightings = weightings.astype(np.float32)
    each = np.arange(weightings.shape[1])
    best = np.full(len(each), np.inf)
    found = np.zeros((len(each), k, X.shape[1]), np.float32)
    starts, order = _draw_starts(X, weightings, k, rng)
    for which in order:
        centres, inertia = _run_lloyd(X, weightings, starts[which, each], FIRST_STEPS)
        better = inertia < best
        found[better], best[better] = centres[better], inertia[better]
    return _run_lloyd(X, weightings, found, STEPS)[0].astype(float) * reach + middle


def _draw_starts(
    X: np.ndarray, weightings: np.ndarray, k: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Starts (2k or 10 × B × k × d), and the numbers (5 to 10 × B) of those to go on from.

    Of more than five segments a start easily misses one: many are drawn, and those that lie
    nearest to the rows are tried. For fewer, how near a start lies says little, so all are.
    """
    drawn = [_draw_centres(X, weightings, k, rng) for _ in range(max(10, 2 * k))]
    starts, reached = map(np.array, zip(*drawn, strict=True))
    return starts, np.argsort(reached, axis=0, kind="stable")[: int(np.clip(50 // k, 5, 10))]


def _draw_centres(
    X: np.ndarray, weightings: np.ndarray, k: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A k-means++ start (Arthur, Vassilvitskii 2007) for every weighting (B × k × d).

    With it the weighted squared distances of the rows to it (B).
    """
    norms, times = (X**2).sum(axis=1)[:, None], weightings.shape[1]
    nearest = np.full(weightings.shape, np.inf, X.dtype)
    centres = np.empty((times, k, X.shape[1]), X.dtype)
    for at in range(k):
        ends = np.cumsum(weightings if at == 0 else weightings * nearest, axis=0)
        drawn = (ends < rng.random(times) * ends[-1]).sum(axis=0)
        centres[:, at] = X[np.minimum(drawn, len(X) - 1)]
        away = norms - 2 * X @ centres[:, at].T + (centres[:, at] ** 2).sum(axis=1)
        nearest = np.minimum(nearest, away.clip(0))
    return centres, np.einsum("ij,ij->j", weightings, nearest)


def _run_lloyd(
    X: np.ndarray, weightings: np.ndarray, centres: np.ndarray, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Lloyd's algorithm from `centres` (B × k × d) until no label changes, and the inertias (B).

    A segment that loses all its rows stays where it was. The inertia is that of the last labels,
    but for a term that all centres have alike.
    """
    found, inertia = centres.copy(), np.zeros(len(centres))
    n, times = weightings.shape
    active, before = np.arange(times), np.full((n, times), -1, np.int16)
    for _ in range(steps):
        labels, score = _find_nearest(X, found[active])
        own = weightings[:, active]
        inertia[active] = -2 * np.einsum("ij,ij->j", own, score)
        changed = ((labels != before[:, active]) & (own > 0)).any(axis=0)
        before[:, active] = labels
        if not changed.any():
            break
        active = active[changed]
        found[active] = _move(X, own[:, changed], labels[:, changed], found[active])
    return found, inertia


def label_rows(X: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The nearest of k centres, from 0, for every row and each of B sets of them (n × B)."""
    return _find_nearest(X, centres)[0].astype(np.intp)


def _find_nearest(X: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest centre's number, and x·c − |c|²/2 for it (n × B each): more is nearer."""
    rows = np.column_stack([X, np.ones(len(X), X.dtype)])
    halves = (-0.5 * (centres**2).sum(axis=2))[..., None]
    columns = np.concatenate([centres, halves], axis=2).transpose(1, 2, 0)
    best = rows @ columns[0]
    labels, score = np.zeros(best.shape, dtype=np.int16), np.empty_like(best)
    for at in range(1, len(columns)):
        np.matmul(rows, columns[at], out=score)
        np.copyto(labels, at, where=score > best)
        np.maximum(best, score, out=best)
    return labels, best


def _move(
    X: np.ndarray, weightings: np.ndarray, labels: np.ndarray, centres: np.ndarray
) -> np.ndarray:
    moved = centres.copy()
    for at in range(centres.shape[1]):
        own = weightings * (labels == at)
        weight = own.sum(axis=0)
        there = weight > 0
        moved[there, at] = (own.T @ X)[there] / weight[there, None]
    return moved
