"""The segmentation of a report as arithmetic: what places a customer, and whom it was fitted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentation.analysis.passes.bins import Bins
from segmentation.analysis.passes.nearest import Mixture
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.passes.scales import Scale


@dataclass(frozen=True)
class Model:
    """What places a customer: scales, the segments' centres (k × d) and, for a mixture, its shape.

    `numbers`, `names` and `sizes` (customers) of the segments are in the order of `centres`; `id`
    is the column that names the customer; `verdict` is the report's, in words; `highest` is the
    largest number that a segment ever had, in this report and in those whose numbers it kept.
    `columns` are the types of the table's columns by name, `ranges` (d × 2) bounds of the fitted
    values, `bins` how the features were spread.
    """

    scales: tuple[Scale, ...]
    numbers: list[int]
    names: list[str]
    sizes: list[int]
    centres: np.ndarray
    mixture: Mixture | None
    id: str | None
    verdict: str
    highest: int
    columns: dict[str, str]
    ranges: np.ndarray
    bins: dict[str, Bins]

    @property
    def features(self) -> list[str]:
        """The features, in the order of the coordinates."""
        return [scale.feature for scale in self.scales]

    @property
    def placement(self) -> Placement:
        """The decision rule: which segment a customer is in."""
        return Placement(self.scales, self.centres, self.mixture, self.numbers)

    @property
    def edges(self) -> dict[str, tuple[float, ...]]:
        """The edges of the bins, by feature in the order of the coordinates."""
        return {name: self.bins[name].edges for name in self.features}
