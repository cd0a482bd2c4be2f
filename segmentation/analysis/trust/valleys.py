"""Whether segments follow the gaps: between which neighbours there is one, and which are split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import diptest
import numpy as np
from threadpoolctl import threadpool_limits

from segmentation.analysis.fitting.clustering import draw_by_weight
from segmentation.analysis.fitting.sample import Prepared
from segmentation.analysis.trust.structure import (
    ALPHA,
    Structure,
    are_apart,
    spread_ties,
    survey_draws,
)
from segmentation.analysis.trust.terrain import find_nearest, measure_valley

GAP, NONE, UNCLEAR = "gap", "none", "unclear"
_NO_P, _NO_DEPTH = 0.5, 0.9
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Border:
    """Two neighbouring segments, and the valley between them: p of the dip test, and its depth.

    `beyond`: they are of more segments than the structure test could tell groups apart; `clear`:
    the valley is as deep, and as little by chance, as the test asks for.
    """

    one: int
    other: int
    p: float
    depth: float
    beyond: bool = False
    clear: bool = False

    @property
    def kind(self) -> str:
        """`gap`, `none` where clearly nothing parts the two, or `unclear`: too few to tell."""
        if are_apart(self.p, self.depth):
            return GAP
        return NONE if self.p >= _NO_P and self.depth >= _NO_DEPTH else UNCLEAR

    @property
    def splits(self) -> bool:
        """Whether it cuts a group, as far as can be told: an unclear one does, `beyond`."""
        return self.kind == NONE or (self.beyond and self.kind == UNCLEAR)


def find_borders(
    X: np.ndarray,
    weights: np.ndarray,
    labels: Mapping[int, np.ndarray],
    structure: Structure,
    depth: str,
    seed: int,
) -> dict[int, list[Border]]:
    """The borders of each segment with its nearest, by k; none where no groups are shown.

    `labels` (n) of every k are 1 … k, 0 for rows in none. In the median of the draws that
    `find_structure` makes.
    """
    if not structure.shown:
        return {k: [] for k in labels}
    found: dict[int, dict[tuple[int, int], list[tuple[float, float]]]] = {k: {} for k in labels}
    with threadpool_limits(1):
        for terrain, rows, _ in survey_draws(X, weights, depth, seed):
            for k, every in labels.items():
                own = every[rows]
                ids = np.unique(own[own > 0])
                for pair in find_nearest(terrain, own, ids) if len(ids) > 1 else []:
                    valley = measure_valley(terrain, own == pair[0], own == pair[1])
                    found[k].setdefault(pair, []).append(valley)
    return {
        k: [_typical(*pair, valleys, k, structure) for pair, valleys in sorted(pairs.items())]
        for k, pairs in found.items()
    }


def _typical(
    one: int, other: int, valleys: list[tuple[float, float]], k: int, structure: Structure
) -> Border:
    p, depth = np.median(valleys, axis=0).tolist()
    clear = p <= ALPHA and depth <= structure.needed
    return Border(one, other, p, depth, k > structure.k, clear)


def find_gapped(prepared: Prepared, structure: Structure, seed: int) -> list[str]:
    """The features in which customers fall apart by themselves, where groups are shown.

    Dip test, p ≤ .05; ties are spread first, so that the steps of a scale are no gaps. Of more
    than 20,000 rows, or of a weighted sample, a draw by weight is looked at.
    """
    if not structure.shown:
        return []
    rows = draw_by_weight(prepared.weights, MOST_ROWS, seed)
    spread = spread_ties(prepared.X[rows], np.random.default_rng(seed))
    return [
        name
        for name, column in zip(prepared.features, spread.T, strict=True)
        if diptest.diptest(column)[1] <= ALPHA
    ]
