"""The rows that are searched for groups: distinct ones, their ties spread, outliers left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from segmentation.analysis.fitting.sample import draw_by_weight
from segmentation.analysis.trust.terrain import Terrain, find_neighbours, survey
from segmentation.data import find_distinct

ROWS = {"quick": 500, "full": 2_000}
REPEATS = 3  # of everything that chance decides
OUTSKIRTS = 0.05


class Draws(NamedTuple):
    """What is examined: `X` (n × d) and `weights` (n) of the distinct rows.

    `positions` (n) are theirs in the sample; `rows` are examined at a time, all or drawn by weight,
    so many `times`.
    """

    X: np.ndarray
    weights: np.ndarray
    positions: np.ndarray
    rows: int
    whole: bool
    times: int


def plan_draws(X: np.ndarray, weights: np.ndarray, depth: str) -> Draws:
    """Returns what `survey_draws` examines: all rows at once, or three draws by weight.

    Also three if ties are spread. Of copies of a row, only the first counts.
    """
    once = find_distinct(X)
    X, weights = X[once], weights[once]
    rows = min(len(X), ROWS[depth])
    whole = rows == len(X) and np.ptp(weights) == 0
    tied = any(len(np.unique(column)) < len(X) for column in X.T)
    return Draws(X, weights, once, rows, bool(whole), 1 if whole and not tied else REPEATS)


def survey_draws(
    draws: Draws, seed: int
) -> Iterator[tuple[Terrain, np.ndarray, np.random.Generator]]:
    """Yields the terrain of each draw, its rows' positions in the sample, and the generator."""
    for repeat in range(draws.times):
        rng = np.random.default_rng([seed, repeat])
        drawn = np.arange(draws.rows)
        if not draws.whole:
            drawn = draw_by_weight(draws.weights, draws.rows, int(rng.integers(2**31)))
        spread = spread_ties(draws.X[drawn], rng)
        inner = _find_inner(spread)
        yield survey(spread[inner], rng), draws.positions[drawn[inner]], rng


def spread_ties(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns X, standardised, with tied values spread as far as the same number of other rows.

    So the steps of a scale, a yes/no column or a heap of zeros never make a valley by themselves.
    """
    spread = [column + _measure_ties(column) * rng.uniform(-1, 1, len(X)) for column in X.T]
    X = np.column_stack(spread)
    return np.asarray((X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-12))


def _find_inner(X: np.ndarray) -> np.ndarray:
    """Returns a mask of the densest 95 %: outliers are no group, but would attract segments.

    A single column keeps all rows: its sparsest rows often lie between hills, and dropping them
    would dig a gap.
    """
    if X.shape[1] == 1:
        return np.ones(len(X), dtype=bool)
    radius = find_neighbours(X)[0][:, -1]
    return np.asarray(radius <= np.quantile(radius, 1 - OUTSKIRTS))


def _measure_ties(column: np.ndarray) -> np.ndarray:
    """Returns each row's distance to its m-th nearest row of another value, if m share its own."""
    values, which, counts = np.unique(column, return_inverse=True, return_counts=True)
    ordered, ends = np.sort(column), np.cumsum(counts)
    radius = np.zeros(len(values))
    for which_value in np.flatnonzero(counts > 1):
        m, end = counts[which_value], ends[which_value]
        start = end - m
        others = np.r_[ordered[max(0, start - m) : start], ordered[end : end + m]]
        gaps = np.sort(np.abs(others - values[which_value]))[:m]
        radius[which_value] = gaps[-1] if len(gaps) else 0.0
    return np.asarray(radius[which])
