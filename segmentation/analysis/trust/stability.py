"""Whether the report's own segments come back when the customers change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.passes.threads import one_thread
from segmentation.analysis.trust.refits import Refit, Resampled, resample
from segmentation.analysis.trust.resamples import RESAMPLES, Resamples, go_on

STABLE, DISSOLVED = 0.85, 0.5  # mean Jaccards (Hennig 2007, and fpc's clusterboot)
STAYS = 0.8  # a customer who keeps the segment less often is undecided


@dataclass(frozen=True)
class Stability:
    """How well the report's own segments come back; `weights` (n) are those of the rows.

    `overlaps`: the Jaccard of each resample (rows) and segment number (columns).
    """

    resampled: Resampled
    weights: np.ndarray
    depth: str
    numbers: tuple[int, ...]

    @property
    def overlaps(self) -> pd.DataFrame:
        """The Jaccard similarity of each resample (rows) and segment number (columns)."""
        return pd.DataFrame(self.resampled.overlaps, columns=self._index)

    @property
    def jaccard(self) -> pd.Series:
        """The mean Jaccard by segment number, NaN if no customer of it was drawn."""
        return pd.Series(self.resampled.jaccard, self._index)

    @property
    def weakest(self) -> float:
        """The mean Jaccard of the weakest segment that was resampled."""
        return self.resampled.weakest

    @property
    def same(self) -> float:
        """How often a customer keeps the segment, averaged over customers and resamples."""
        placed = np.isfinite(self.resampled.stays)
        return float(np.average(self.resampled.stays[placed], weights=self.weights[placed]))

    @property
    def undecided(self) -> float:
        """The share of customers who keep their segment in less than 80 % of the resamples."""
        return self._count_undecided(np.isfinite(self.resampled.stays))

    @property
    def undecided_by_segment(self) -> pd.Series:
        """The share of undecided customers, by segment number."""
        labels = self.resampled.labels
        shares = [self._count_undecided(labels == k) for k in range(1, len(self.numbers) + 1)]
        return pd.Series(shares, self._index)

    @property
    def _index(self) -> pd.Index:
        return pd.Index(self.numbers, name="segment")

    def _count_undecided(self, rows: np.ndarray) -> float:
        if not rows.any():
            return np.nan
        return float(np.average(self.resampled.stays[rows] < STAYS, weights=self.weights[rows]))


def measure_stability(segmentation: Segmentation, resamples: Resamples) -> Stability:
    """Returns how well the report's own segments come back, whichever algorithm formed them."""
    sample, segments, rows = segmentation.sample, segmentation.segments, resamples.rows
    labels, weights = segments.labels[rows], sample.weights[rows]
    refit = Refit(segments.algorithm, RESAMPLES[resamples.depth], sample.seed)
    resampled = resamples.by_k.get(segments.k) if segments.algorithm == "kmeans" else None
    if resampled is None or not np.array_equal(resampled.labels, labels):
        with one_thread():
            resampled = resample(sample.X[rows], weights, labels, segments.k, refit)
    elif not resamples.is_full(segments.k):
        resamples = go_on(resamples, sample.X, sample.weights, [segments.k], sample.seed)
        resampled = resamples.by_k[segments.k]
    return Stability(resampled, weights, resamples.depth, segmentation.numbers)
