"""Valleys between neighbouring segments: where there is a gap, and where a group is cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import diptest
import numpy as np

from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.passes.threads import one_thread
from segmentation.analysis.trust.draws import plan_draws, spread_ties, survey_draws
from segmentation.analysis.trust.structure import ALPHA, Structure, are_apart
from segmentation.analysis.trust.terrain import find_nearest, measure_valley
from segmentation.data import find_distinct
from segmentation.data.memory import share

GAP, NONE, UNCLEAR = "gap", "none", "unclear"
_NO_P, _NO_DEPTH = 0.5, 0.9
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Valley:
    """The valley between two neighbouring segments: p of the dip test, and its depth.

    `beyond`: there are more segments than the structure test could tell groups apart. `clear`: the
    valley is as deep, and as unlikely by chance, as the structure test requires.
    """

    one: int
    other: int
    p: float
    depth: float
    beyond: bool = False
    clear: bool = False

    @property
    def kind(self) -> str:
        """`gap`, `none` if clearly nothing separates the two, or `unclear` if rows are too few."""
        if are_apart(self.p, self.depth):
            return GAP
        return NONE if self.p >= _NO_P and self.depth >= _NO_DEPTH else UNCLEAR

    @property
    def splits(self) -> bool:
        """Whether the border cuts a group; an unclear one counts as a cut if `beyond`."""
        return self.kind == NONE or (self.beyond and self.kind == UNCLEAR)


@share
def find_valleys(
    X: np.ndarray,
    weights: np.ndarray,
    labels: Mapping[int, np.ndarray],
    structure: Structure,
    depth: str,
    seed: int,
) -> dict[int, list[Valley]]:
    """Returns by k the valleys between each segment and its nearest; empty if no groups are shown.

    `labels` (n) of every k are 1 … k, 0 for rows in none. Each valley is the median over the draws
    that `find_structure` makes.
    """
    if not structure.shown:
        return {k: [] for k in labels}
    measured: dict[int, dict[tuple[int, int], list[tuple[float, float]]]] = {k: {} for k in labels}
    with one_thread():
        for terrain, rows, _ in survey_draws(plan_draws(X, weights, depth), seed):
            for k, every in labels.items():
                drawn = every[rows]
                ids = np.unique(drawn[drawn > 0])
                for pair in find_nearest(terrain, drawn, ids) if len(ids) > 1 else []:
                    valley = measure_valley(terrain, drawn == pair[0], drawn == pair[1])
                    measured[k].setdefault(pair, []).append(valley)
    return {
        k: [_take_median(*pair, valleys, k, structure) for pair, valleys in sorted(pairs.items())]
        for k, pairs in measured.items()
    }


def find_gapped(sample: Sample, structure: Structure) -> list[str]:
    """Returns the features with gaps of their own, if groups are shown (dip test, p ≤ .05).

    Ties are spread first, so that the steps of a scale are no gaps. Above 20,000 rows, or on a
    weighted sample, rows drawn by weight are tested.
    """
    if not structure.shown:
        return []
    rows = np.intersect1d(sample.part(MOST_ROWS), find_distinct(sample.X))
    spread = spread_ties(sample.X[rows], np.random.default_rng(sample.seed))
    return [
        name
        for name, column in zip(sample.features, spread.T, strict=True)
        if diptest.diptest(column)[1] <= ALPHA
    ]


def _take_median(
    one: int, other: int, valleys: list[tuple[float, float]], k: int, structure: Structure
) -> Valley:
    p, depth = np.median(valleys, axis=0).tolist()
    clear = p <= ALPHA and depth <= structure.needed
    return Valley(one, other, p, depth, k > structure.k, clear)
