"""The decision rule of a segmentation: which segment a customer is in, by arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from segmentation.analysis.passes.nearest import Mixture, Placed, place_coordinates
from segmentation.analysis.passes.scales import Scale, scale_values

FARTHEST = 1e140  # of a coordinate, so that no square overflows


def half_ways(centres: np.ndarray) -> np.ndarray:
    """Returns half the distance from each centre (k × d) to the next (k); infinite if alone."""
    between = cdist(centres, centres)
    np.fill_diagonal(between, np.inf)
    return np.asarray(between.min(axis=1) / 2)


@dataclass(frozen=True)
class Placement:
    """Scales, centres (k × d coordinates) and, for a mixture, its shape.

    `numbers` are the segment numbers that readers see, in the order of the centres.
    """

    scales: tuple[Scale, ...]
    centres: np.ndarray
    mixture: Mixture | None
    numbers: Sequence[int]

    @property
    def features(self) -> list[str]:
        """The features, in the order of the coordinates."""
        return [scale.feature for scale in self.scales]

    def measure(self, values: np.ndarray) -> np.ndarray:
        """Returns the coordinates (d × n) of values in original units; NaN if left out."""
        return scale_values(values, self.scales)

    def place(self, values: np.ndarray) -> Placed:
        """Returns the segment of each of n rows, from `values` (d × n) in original units."""
        Z = self.measure(values)
        placed = place_coordinates(Z, self.centres, self.mixture)
        nowhere = placed.first == 0
        if nowhere.any():
            far = nowhere & ~np.isnan(Z).any(axis=0)  # squares overflowed
            clipped = np.clip(Z[:, far], -FARTHEST, FARTHEST)
            again = place_coordinates(clipped, self.centres, self.mixture)
            for part, replacement in zip(placed, again, strict=True):
                part[far] = replacement
        return placed
