"""Which number of segments to take: reproducible first, and never one that makes accidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import Segments, choose_k
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.resamples import STRONG, VALID
from segmentation.analysis.trust.valleys import Valley
from segmentation.data import InputError

TINY, TINY_SHARE = 5, 0.02  # below the larger of the two, a segment is a list of customers


@dataclass(frozen=True)
class Choice:
    """The recommended k, the next best if any, and the scores of each k.

    `table`, indexed by k: silhouette, strength, least_jaccard (of the weakest segment), smallest
    (share of customers), strength_se, apart (whether a clear gap lies between all neighbours), and
    veto: why it may not be recommended (tiny, weak, split, or empty).
    """

    k: int
    runner_up: int | None
    table: pd.DataFrame

    @property
    def strong(self) -> list[int]:
        """The numbers of segments with a prediction strength of .8 or more."""
        return [int(k) for k in self.table.index[self.table["strength"] >= STRONG]]

    @property
    def one_group(self) -> bool:
        """Whether every prediction strength is below .8 by more than two standard errors."""
        return bool((self.table["strength"] + 2 * self.table["strength_se"] < STRONG).all())

    @property
    def reproducible(self) -> bool:
        """Whether the recommended k is strong and has no veto."""
        return self.k in self.strong and not self.table.loc[self.k, "veto"]

    def count_apart(self, k: int) -> int:
        """Returns the largest number above k of segments that come back and lie apart, else 0."""
        held = self.table["apart"] & (self.table["least_jaccard"] >= VALID)
        return max((int(more) for more in self.table.index[held] if more > k), default=0)


def recommend_k(scan: Scan, evidence: Evidence) -> Choice:
    """Recommends the largest k with a prediction strength of .8 and no veto.

    Vetoed are weak, tiny and split segments. Split are neighbours without a gap, if the customers
    have gaps. If no k passes: the highest prediction strength, tiny segments still vetoed.
    """
    resamples, weights = evidence.resamples, scan.sample.weights
    table = pd.DataFrame(
        {
            "silhouette": scan.table["silhouette"],
            "strength": resamples.strength["mean"],
            "least_jaccard": {k: resampled.weakest for k, resampled in resamples.by_k.items()},
            "smallest": {k: _smallest(fit, weights) for k, fit in scan.fits.items()},
        }
    ).loc[resamples.strength.index]
    valleys = [evidence.valleys.get(int(k), []) for k in table.index]
    table["strength_se"] = resamples.strength["se"]
    table["apart"] = [bool(near) and all(valley.clear for valley in near) for near in valleys]
    rows = zip(table.iterrows(), valleys, strict=True)
    table["veto"] = [_object(row, weights, near) for (_, row), near in rows]
    order = _rank(table)
    others = [k for k in order[1:] if table.loc[k, "veto"] != "tiny"]
    return Choice(order[0], others[0] if others else None, table)


def choose_segments(scan: Scan, choice: Choice, k: int | None) -> Segments:
    """Returns the segments at k, by default the recommended one, or as the algorithm found them.

    Raises `InputError` if so many are not possible, or the algorithm finds k itself.
    """
    if scan.found is None:
        return choose_k(scan.fits, choice.k if k is None else k)
    if k is not None:
        raise InputError(
            f"k = {k}, but {scan.found.title} finds the number of segments itself",
            "leave out k, or choose algorithm: kmeans",
            code="k-too-large",
        )
    return scan.found


def _rank(table: pd.DataFrame) -> list[int]:
    """Returns all k, best first: those that pass, largest first; then by prediction strength."""
    strong = table["strength"] >= STRONG
    passing = table.index[strong & (table["veto"] == "")]
    split = table.index[strong & (table["veto"] == "split")]
    rest = table.drop(index=[*passing, *split])
    rest = rest.assign(tiny=rest["veto"] == "tiny", down=-rest["strength"])
    last = rest.sort_values(["tiny", "down"], kind="stable").index
    return [int(k) for k in [*sorted(passing, reverse=True), *sorted(split, reverse=True), *last]]


def _object(row: pd.Series, weights: np.ndarray, valleys: Sequence[Valley]) -> str:
    if row["smallest"] < max(TINY / weights.sum(), TINY_SHARE):
        return "tiny"
    if row["least_jaccard"] < VALID:
        return "weak"
    return "split" if any(valley.splits for valley in valleys) else ""


def _smallest(fit: Segments, weights: np.ndarray) -> float:
    return float(np.bincount(fit.labels, weights, minlength=fit.k + 1)[1:].min() / weights.sum())
