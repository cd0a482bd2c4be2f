"""Whether customers fall into groups at all, whatever segments are drawn.

A group is a hill of density; two groups are two hills with a valley between them on the way from
one to the other. How often this is wrong, and how often it misses groups, is in
docs/calibration.md (`make calibrate`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from segmentation.analysis.fitting.clustering import draw_by_weight
from segmentation.analysis.trust.terrain import (
    Terrain,
    find_nearest,
    find_neighbours,
    measure_valley,
    survey,
)

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

    `votes` of `starts` kept a valley between all neighbours; `p` is the dip test's and `depth` the
    lowest point of the valley over its lower hill, each in the median start, where `needed` or
    less counts. `rows` were looked at; `tested` is False where they are fewer than 100.
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
        """Whether there were rows enough to look for groups at all."""
        return self.starts > 0

    @property
    def may_miss(self) -> bool:
        """Whether a no says little: groups are often missed in fewer than 400 customers."""
        return not self.shown and self.rows < FEWEST_FOR_NO


class Level(NamedTuple):
    """k segments left, and the weakest valley between neighbours among them."""

    k: int
    p: float
    depth: float


def find_structure(
    X: np.ndarray, weights: np.ndarray, depth: str = "full", seed: int = 42
) -> Structure:
    """Whether the rows X (n × d, standardised) fall into groups.

    From K-Means with 2 … 12 segments, neighbours without a valley between them are merged until
    all have one; a start votes yes where two or more are left. Merging by the dip: Hennig (2010),
    Advances in Data Analysis and Classification 4. Of more rows than `depth` looks at (500 or
    2,000), and of weighted rows, draws by weight are looked at, three of them.
    """
    rows = min(len(X), ROWS[depth])
    if rows < FEWEST_ROWS:
        return Structure(False, 1, 0, 0, np.nan, np.nan, rows)
    starts: list[list[Level]] = []
    with threadpool_limits(1):
        for terrain, _, rng in survey_draws(X, weights, depth, seed):
            means = [KMeans(k, n_init=5, random_state=int(rng.integers(2**31))) for k in SPLITS]
            starts += [merge_segments(terrain, mean.fit_predict(terrain.X)) for mean in means]
    return _count_votes(starts, rows, needed_depth(rows, X.shape[1]))


def survey_draws(
    X: np.ndarray, weights: np.ndarray, depth: str, seed: int
) -> Iterator[tuple[Terrain, np.ndarray, np.random.Generator]]:
    """The terrain of the rows that are looked at, their positions in X, and what draws go on with.

    Three of them where chance has a part: rows are drawn, or ties are spread; else one.
    """
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
        yield survey(spread[inner], rng), drawn[inner], rng


def needed_depth(rows: int, columns: int) -> float:
    """The depth that a valley must reach: chance digs deeper ones in fewer rows (.53 at 200).

    And in one column, of which no road takes a mean.
    """
    gate = min(0.68, 0.53 + 0.08 * np.log(rows / 200))
    return float(gate - ALONE if columns == 1 else gate)


def spread_ties(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """X, standardised, with each tied value spread over the stretch of as many other rows.

    So the steps of a scale, a yes or no, or a heap of zeros never make a valley by themselves.
    """
    spread = [column + _reach(column) * rng.uniform(-1, 1, len(X)) for column in X.T]
    X = np.column_stack(spread)
    return np.asarray((X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-12))


def merge_segments(terrain: Terrain, segment: np.ndarray) -> list[Level]:
    """What was left at each step of merging, from `segment` (n) down to two.

    Merged first: segments too small to be a group; then, of all nearest neighbours, the two with
    the least sign of a valley.
    """
    segment, levels = segment.copy(), []
    seen: dict[tuple[int, int], tuple[float, float]] = {}
    least = max(SMALLEST, SMALLEST_SHARE * len(segment))
    while len(ids := np.unique(segment)) > 1:
        small = {int(i) for i in ids if (segment == i).sum() < least}
        near = find_nearest(terrain, segment, ids)
        pairs = [pair for pair in near if not small or small & set(pair)]
        for pair in set(pairs) - set(seen):
            seen[pair] = measure_valley(terrain, segment == pair[0], segment == pair[1])
        one, other = max(pairs, key=lambda pair: seen[pair][0])
        if not small:
            deepest = max(seen[pair][1] for pair in pairs)
            levels.append(Level(len(ids), seen[one, other][0], deepest))
        segment[segment == other] = one
        seen = {pair: found for pair, found in seen.items() if not {one, other} & set(pair)}
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
    votes = [at for at, level in enumerate(best) if level.p <= ALPHA and level.depth <= gate]
    shown = len(votes) >= VOTES * len(starts)
    _, p, depth = np.median([best[at] for at in (votes if shown else range(len(best)))], axis=0)
    k = _usual_k([starts[at] for at in votes]) if shown else 1
    return Structure(shown, k, len(votes), len(starts), float(p), float(depth), rows, gate)


def _usual_k(starts: Sequence[Sequence[Level]]) -> int:
    """The largest number of groups that a quarter of the voting starts can tell apart."""
    reach = sorted((_told_apart(levels) for levels in starts), reverse=True)
    return reach[(len(reach) - 1) // 4]


def _told_apart(levels: Sequence[Level]) -> int:
    return max((level.k for level in levels if are_apart(level.p, level.depth)), default=2)


def are_apart(p: float, depth: float) -> bool:
    """Whether a valley tells two groups apart, once it is shown that there are groups."""
    return p <= TELL_APART[0] and depth <= TELL_APART[1]


def _find_inner(X: np.ndarray) -> np.ndarray:
    """The densest 95 % (mask): outliers are no group, and K-Means would spend segments on them.

    All of a single column: what is least dense there lies inside as often as outside, and a gap
    would be made by leaving it out.
    """
    if X.shape[1] == 1:
        return np.ones(len(X), dtype=bool)
    radius = find_neighbours(X)[0][:, -1]
    return np.asarray(radius <= np.quantile(radius, 1 - OUTSKIRTS))


def _reach(column: np.ndarray) -> np.ndarray:
    """For each row the distance to its m-th nearest row of another value, m sharing its own."""
    values, which, counts = np.unique(column, return_inverse=True, return_counts=True)
    ordered, ends = np.sort(column), np.cumsum(counts)
    reach = np.zeros(len(values))
    for at in np.flatnonzero(counts > 1):
        m, start, end = counts[at], ends[at] - counts[at], ends[at]
        others = np.r_[ordered[max(0, start - m) : start], ordered[end : end + m]]
        gaps = np.sort(np.abs(others - values[at]))[:m]
        reach[at] = gaps[-1] if len(gaps) else 0.0
    return np.asarray(reach[which])
