"""The rows that are fitted: all of them with weight 1, or a weighted sample of a large table."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.analysis.fitting.scaling import scale_rows
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.sampling import WEIGHT
from segmentation.analysis.passes.scales import Scales, express_filled
from segmentation.data import ROW

SAMPLE_ROWS = 20_000  # rows that stand for a larger table: docs/scale.md


@dataclass(frozen=True)
class Sample:
    """The fitted rows: coordinates `X` (n × d), `weights` (n), and the table they come from.

    `id` names the customers' column, if any. `frame` holds the same rows in original units,
    indexed by row number. `seed` makes every later random choice repeatable.
    """

    table: ir.Table
    id: str | None
    frame: pd.DataFrame
    X: np.ndarray
    weights: np.ndarray
    scales: Scales
    seed: int

    @property
    def rows(self) -> int:
        """The number of rows in the table."""
        return self.scales.counts.rows

    @property
    def used(self) -> int:
        """The number of complete rows: those that can be fitted."""
        return self.scales.counts.used

    @property
    def missing(self) -> dict[str, int]:
        """The number of rows without a value, by feature."""
        return self.scales.counts.missing

    @property
    def features(self) -> list[str]:
        """The feature names, in the order of the columns of `X`."""
        return [scale.feature for scale in self.scales]

    @property
    def weighted(self) -> bool:
        """Whether `X` is a weighted sample of the complete rows."""
        return len(self.X) < self.used

    def part(self, most: int) -> np.ndarray:
        """Returns positions of at most `most` rows that stand for all without weights."""
        return draw_by_weight(self.weights, most, self.seed)


def take_sample(
    table: ir.Table,
    scales: Scales,
    sample_rows: int = SAMPLE_ROWS,
    seed: int = 42,
    id: str | None = None,
) -> Sample:
    """Returns all complete rows with weight 1; above `sample_rows`, a weighted sample of them.

    The sample has about 20,000 rows. It is the same on every engine if an `id` identifies them.
    """
    counts, features = scales.counts, [scale.feature for scale in scales]
    if counts.used > sample_rows:
        frame = open_passes(table).draw(scales, min(sample_rows, SAMPLE_ROWS), seed, id)
        weights = frame.pop(WEIGHT).to_numpy()
    else:
        numbers = {s.feature: express_filled(table, s.feature, s.fill) for s in scales}
        whole = table.select(ROW, **numbers).drop_null(features)
        frame = whole.order_by(ROW).execute().set_index(ROW)
        weights = np.ones(len(frame))
    return Sample(table, id, frame, scale_rows(frame, scales), weights, scales, seed)


def draw_by_weight(weights: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Returns sorted positions that stand for all rows without weights: all, or `most` drawn.

    Systematic sampling: `most` equally spaced points along the cumulated `weights` (n).
    """
    if len(weights) <= most and np.ptp(weights) == 0:
        return np.arange(len(weights))
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(weights))  # so that no rhythm of the rows meets that of the points
    ends = np.cumsum(weights[order]) / weights.sum()
    points = (np.arange(most) + rng.random()) / most
    return np.sort(order[np.minimum(np.searchsorted(ends, points), len(weights) - 1)])
