"""Which number of segments to take: reproducible first, and never one that makes accidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import Segments, choose_k
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.stability import Trials
from segmentation.analysis.trust.valleys import Border
from segmentation.data import InputError

STRONG = 0.8  # prediction strength of segments that are reproducible (Tibshirani, Walther 2005)
VALID = 0.75  # mean Jaccard of a segment that is valid (Hennig 2007)
TINY, TINY_SHARE = 5, 0.02  # below the larger of the two, a segment is a list of customers


@dataclass(frozen=True)
class Choice:
    """The recommended k, the next best (None where there is no other), and what speaks for each.

    `table`, indexed by k: silhouette, strength, least_jaccard (of the weakest segment),
    smallest (share of customers), veto (why it may not be recommended: tiny, weak, split, or
    empty), strength_se, and apart: whether a clear gap lies between all neighbours.
    """

    k: int
    runner_up: int | None
    table: pd.DataFrame

    @property
    def strong(self) -> list[int]:
        """The numbers of segments whose prediction strength reaches .8."""
        return [int(k) for k in self.table.index[self.table["strength"] >= STRONG]]

    @property
    def one_group(self) -> bool:
        """Whether all prediction strengths are clearly below .8: by two standard errors."""
        return bool((self.table["strength"] + 2 * self.table["strength_se"] < STRONG).all())

    def told_apart(self, k: int) -> int:
        """The largest number above k of segments that all come back and lie clearly apart; or 0."""
        held = self.table["apart"] & (self.table["least_jaccard"] >= VALID)
        return max((int(more) for more in self.table.index[held] if more > k), default=0)

    @property
    def reproducible(self) -> bool:
        """Whether the recommended k is one of those, and nothing speaks against it."""
        return self.k in self.strong and not self.table.loc[self.k, "veto"]


def recommend_k(
    scan: Scan, weights: np.ndarray, trials: Trials, borders: Mapping[int, Sequence[Border]]
) -> Choice:
    """The largest k whose prediction strength reaches .8, vetoed by weak, tiny or split segments.

    Split are two neighbours with no gap to show, where the customers have gaps (`borders`, by k).
    Where no k passes, the one with the highest prediction strength, tiny segments still vetoed.
    `weights` are those of the fitted rows.
    """
    table = pd.DataFrame(
        {
            "silhouette": scan.table["silhouette"],
            "strength": trials.strength["mean"],
            "least_jaccard": {k: own.least for k, own in trials.tried.items()},
            "smallest": {k: _smallest(fit, weights) for k, fit in scan.segments.items()},
        }
    ).loc[trials.strength.index]
    table["strength_se"] = trials.strength["se"]
    table["apart"] = [
        all(b.clear for b in near) and len(near) > 0
        for near in (borders.get(int(k), ()) for k in table.index)
    ]
    table["veto"] = [_object(row, weights, borders.get(int(k), ())) for k, row in table.iterrows()]
    order = _rank(table)
    others = [k for k in order[1:] if table.loc[k, "veto"] != "tiny"]
    return Choice(order[0], others[0] if others else None, table)


def choose_segments(scan: Scan, choice: Choice, k: int | None) -> Segments:
    """The report's own segments: at k, at the recommended one, or as the algorithm found them."""
    if scan.found is None:
        return choose_k(scan.segments, choice.k if k is None else k)
    if k is not None:
        raise InputError(
            f"k = {k}, but {scan.found.title} finds the number of segments itself",
            "leave out k, or choose algorithm: kmeans",
            code="k-too-large",
        )
    return scan.found


def _rank(table: pd.DataFrame) -> list[int]:
    """All k, the best first: those that pass, largest first; then by prediction strength."""
    strong = table["strength"] >= STRONG
    passing = table.index[strong & (table["veto"] == "")]
    split = table.index[strong & (table["veto"] == "split")]
    rest = table.drop(index=[*passing, *split])
    rest = rest.assign(tiny=rest["veto"] == "tiny", down=-rest["strength"])
    last = rest.sort_values(["tiny", "down"], kind="stable").index
    return [int(k) for k in [*sorted(passing, reverse=True), *sorted(split, reverse=True), *last]]


def _object(row: pd.Series, weights: np.ndarray, borders: Sequence[Border]) -> str:
    if row["smallest"] < max(TINY / weights.sum(), TINY_SHARE):
        return "tiny"
    if row["least_jaccard"] < VALID:
        return "weak"
    return "split" if any(border.splits for border in borders) else ""


def _smallest(fit: Segments, weights: np.ndarray) -> float:
    return float(np.bincount(fit.labels, weights, minlength=fit.k + 1)[1:].min() / weights.sum())
