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

from segmentation.analysis.passes.threads import one_thread
from segmentation.analysis.trust.draws import Draws, plan_draws, survey_draws
from segmentation.analysis.trust.terrain import Terrain, find_nearest, measure_valley
from segmentation.data.memory import share

FEWEST_ROWS = 100  # below, the test was never calibrated
FEWEST_FOR_NO = 400  # below, it misses groups too often for a no to mean anything
SPLITS = range(2, 13)
ALPHA, VOTES = 0.05, 0.5
ALONE = 0.07  # so much deeper must a valley be in one column
TELL_APART = (0.20, 0.80)  # p and depth between two groups, once groups are shown
SMALLEST, SMALLEST_SHARE = 15, 0.05


@dataclass(frozen=True)
class Structure:
    """Whether groups exist (`shown`), a reading of how many (`k`, 1 if none), and the evidence.

    `votes` of `starts` kept a valley between all neighbours; half of the `planned` starts must, and
    none is made once too few can. In the median start, `p` is the dip test's and `depth` the lowest
    point of the valley over its lower hill; `needed` is the largest depth that counts. `rows` is
    the number of rows examined, 0 starts if fewer than 100.
    """

    shown: bool
    k: int
    votes: int
    starts: int
    planned: int
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
    draws = plan_draws(X, weights, depth)
    if draws.rows < FEWEST_ROWS:
        return Structure(False, 1, 0, 0, 0, np.nan, np.nan, draws.rows)
    planned, gate = draws.times * len(SPLITS), needed_depth(draws.rows, X.shape[1])
    starts: list[list[Level]] = []
    lost = 0
    with one_thread():
        for levels in _make_starts(draws, seed):
            starts.append(levels)
            lost += not _is_vote(_take_best(levels, gate), gate)
            if planned - lost < VOTES * planned:
                break
    return _count_votes(starts, planned, draws.rows, gate)


def _make_starts(draws: Draws, seed: int) -> Iterator[list[Level]]:
    """Yields the levels of every start; what it needs is computed only when its turn comes."""
    for terrain, _, rng in survey_draws(draws, seed):
        means = [KMeans(k, n_init=5, random_state=int(rng.integers(2**31))) for k in SPLITS]
        for mean in means:
            yield merge_segments(terrain, mean.fit_predict(terrain.X))


def needed_depth(rows: int, columns: int) -> float:
    """Returns the largest depth that counts as a valley.

    Small samples and single columns show deeper valleys by chance (.53 at 200 rows).
    """
    gate = min(0.68, 0.53 + 0.08 * np.log(rows / 200))
    return float(gate - ALONE if columns == 1 else gate)


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


def _count_votes(
    starts: Sequence[Sequence[Level]], planned: int, rows: int, gate: float
) -> Structure:
    best = [_take_best(levels, gate) for levels in starts]
    votes = [start for start, level in enumerate(best) if _is_vote(level, gate)]
    shown = len(votes) >= VOTES * planned
    k = _usual_k([starts[start] for start in votes]) if shown else 1
    _, p, depth = np.median([best[start] for start in votes] if shown else best, axis=0)
    made = len(votes), len(starts), planned
    return Structure(shown, k, *made, float(p), float(depth), rows, gate)


def _take_best(levels: Sequence[Level], gate: float) -> Level:
    """Returns the level with the clearest valley; one without a valley if there are none."""
    return min(
        levels,
        key=lambda level: (max(level.p / ALPHA, level.depth / gate), level.depth),
        default=Level(1, 1.0, 1.0),
    )


def _is_vote(level: Level, gate: float) -> bool:
    return level.p <= ALPHA and level.depth <= gate


def _usual_k(starts: Sequence[Sequence[Level]]) -> int:
    """Returns the largest number of groups that a quarter of the voting starts can tell apart."""
    numbers = sorted((_count_groups(levels) for levels in starts), reverse=True)
    return numbers[(len(numbers) - 1) // 4]


def _count_groups(levels: Sequence[Level]) -> int:
    return max((level.k for level in levels if are_apart(level.p, level.depth)), default=2)


def are_apart(p: float, depth: float) -> bool:
    """Whether a valley separates two groups, given that there are groups at all."""
    return p <= TELL_APART[0] and depth <= TELL_APART[1]
