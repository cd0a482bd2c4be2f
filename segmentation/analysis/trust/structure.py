"""Whether customers fall into groups at all, whatever segments are drawn.

A group is a hill of density; two groups are two hills with a valley on the way from one to the
other. How often this is wrong, and how often it misses groups: docs/calibration.md
(`make calibrate`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans

from segmentation.analysis.fitting.sample import draw_by_weight
from segmentation.analysis.passes.threads import one_thread
from segmentation.analysis.trust.terrain import (
    Terrain,
    find_nearest,
    find_neighbours,
    measure_valley,
    survey,
)
from segmentation.data import find_distinct
from segmentation.data.memory import share

ROWS = {"quick": 500, "full": 2_000}
FEWEST_ROWS = 100  # below, the test was never calibrated
FEWEST_FOR_NO = 400  # below, it misses groups too often for a no to mean anything
SPLITS = range(2, 13)
REPEATS = 3  # of everything that chance decides
ALPHA, VOTES = 0.05, 0.5
ALONE = 0.07  # so much deeper must a valley be in one column
TELL_APART = (0.20, 0.80)  # p and depth between two groups, once groups are shown
SMALLEST, SMALLEST_SHARE = 15, 0.05
OUTSKIRTS = 0.05


@dataclass(frozen=True)
class Structure:
    """Whether groups exist (`shown`), a reading of how many (`k`, 1 if none), and the evidence.

    `votes` of `starts` kept a valley between all neighbours. In the median start, `p` is the dip
    test's and `depth` the lowest point of the valley over its lower hill; `needed` is the largest
    depth that counts. `rows` is the number of rows examined, 0 starts if fewer than 100.
    """

    shown: bool
    k: int
    votes: int
    starts: int
    p: float
    depth: float
    rows: int
    needed: float = np.nan

    @property
    def tested(self) -> bool:
        """Whether there were enough rows to look for groups at all."""
        return self.starts > 0

    @property
    def may_miss(self) -> bool:
        """Whether a no says little: below 400 customers groups are often missed."""
        return not self.shown and self.rows < FEWEST_FOR_NO


class Level(NamedTuple):
    """k segments left, and the weakest valley between neighbours among them."""

    k: int
    p: float
    depth: float


@share
def find_structure(
    X: np.ndarray, weights: np.ndarray, depth: str = "full", seed: int = 42
) -> Structure:
    """Tests whether the rows X (n × d, standardised) fall into groups.

    K-Means with 2 … 12 segments; neighbours without a valley between them are merged until all have
    one; a start votes yes if two or more are left. Merging by the dip: Hennig (2010), Advances in
    Data Analysis and Classification 4. Of copies of a row, only the first counts. If there are more
    rows than `depth` examines (500 or 2,000), or weights differ, three draws by weight are taken.
    """
    rows = min(len(find_distinct(X)), ROWS[depth])
    if rows < FEWEST_ROWS:
        return Structure(False, 1, 0, 0, np.nan, np.nan, rows)
    starts: list[list[Level]] = []
    with one_thread():
        for terrain, _, rng in survey_draws(X, weights, depth, seed):
            means = [KMeans(k, n_init=5, random_state=int(rng.integers(2**31))) for k in SPLITS]
            starts += [merge_segments(terrain, mean.fit_predict(terrain.X)) for mean in means]
    return _count_votes(starts, rows, needed_depth(rows, X.shape[1]))


def survey_draws(
    X: np.ndarray, weights: np.ndarray, depth: str, seed: int
) -> Iterator[tuple[Terrain, np.ndarray, np.random.Generator]]:
    """Yields the terrain of the examined rows, their positions in X, and the generator to go on.

    Three draws if chance plays a part (rows are drawn, or ties are spread), else one.
    """
    once = find_distinct(X)
    X, weights = X[once], weights[once]
    rows = min(len(X), ROWS[depth])
    whole = rows == len(X) and np.ptp(weights) == 0
    chance = not whole or any(len(np.unique(column)) < len(X) for column in X.T)
    for repeat in range(REPEATS if chance else 1):
        rng = np.random.default_rng([seed, repeat])
        drawn = np.arange(rows)
        if not whole:
            drawn = draw_by_weight(weights, rows, int(rng.integers(2**31)))
        spread = spread_ties(X[drawn], rng)
        inner = _find_inner(spread)
        yield survey(spread[inner], rng), once[drawn[inner]], rng


def needed_depth(rows: int, columns: int) -> float:
    """Returns the largest depth that counts as a valley.

    Small samples and single columns show deeper valleys by chance (.53 at 200 rows).
    """
    gate = min(0.68, 0.53 + 0.08 * np.log(rows / 200))
    return float(gate - ALONE if columns == 1 else gate)


def spread_ties(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns X, standardised, with tied values spread as far as the same number of other rows.

    So the steps of a scale, a yes/no column or a heap of zeros never make a valley by themselves.
    """
    spread = [column + _measure_ties(column) * rng.uniform(-1, 1, len(X)) for column in X.T]
    X = np.column_stack(spread)
    return np.asarray((X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-12))


def merge_segments(terrain: Terrain, segment: np.ndarray) -> list[Level]:
    """Returns the levels left at each step of merging, from `segment` (n) down to two segments.

    Segments too small to be a group merge first; then, among nearest neighbours, the pair with the
    weakest sign of a valley.
    """
    segment, levels = segment.copy(), []
    seen: dict[tuple[int, int], tuple[float, float]] = {}
    least = max(SMALLEST, SMALLEST_SHARE * len(segment))
    while len(ids := np.flatnonzero(sizes := np.bincount(segment))) > 1:
        small = set(ids[sizes[ids] < least].tolist())
        near = find_nearest(terrain, segment, ids)
        pairs = [pair for pair in near if not small or small & set(pair)]
        for pair in set(pairs) - set(seen):
            seen[pair] = measure_valley(terrain, segment == pair[0], segment == pair[1])
        one, other = max(pairs, key=lambda pair: seen[pair][0])
        if not small:
            deepest = max(seen[pair][1] for pair in pairs)
            levels.append(Level(len(ids), seen[one, other][0], deepest))
        segment[segment == other] = one
        seen = {pair: valley for pair, valley in seen.items() if not {one, other} & set(pair)}
    return levels


def _count_votes(starts: Sequence[Sequence[Level]], rows: int, gate: float) -> Structure:
    best = [
        min(
            levels,
            key=lambda level: (max(level.p / ALPHA, level.depth / gate), level.depth),
            default=Level(1, 1.0, 1.0),
        )
        for levels in starts
    ]
    votes = [start for start, level in enumerate(best) if level.p <= ALPHA and level.depth <= gate]
    shown = len(votes) >= VOTES * len(starts)
    _, p, depth = np.median(
        [best[start] for start in (votes if shown else range(len(best)))], axis=0
    )
    k = _usual_k([starts[start] for start in votes]) if shown else 1
    return Structure(shown, k, len(votes), len(starts), float(p), float(depth), rows, gate)


def _usual_k(starts: Sequence[Sequence[Level]]) -> int:
    """Returns the largest number of groups that a quarter of the voting starts can tell apart."""
    numbers = sorted((_count_groups(levels) for levels in starts), reverse=True)
    return numbers[(len(numbers) - 1) // 4]


def _count_groups(levels: Sequence[Level]) -> int:
    return max((level.k for level in levels if are_apart(level.p, level.depth)), default=2)


def are_apart(p: float, depth: float) -> bool:
    """Whether a valley separates two groups, given that there are groups at all."""
    return p <= TELL_APART[0] and depth <= TELL_APART[1]


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
