"""Where one segment ends and the next begins: which of them a customer is in, by arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segmentation.analysis.passes.nearest import Mixture, Placed, place_coordinates
from segmentation.analysis.passes.scales import Scale, scale_values

FARTHEST = 1e140  # of a coordinate, so that no square overflows


@dataclass(frozen=True)
class Borders:
    """Scales, centres (k × d coordinates) and the form of a mixture, if one.

    `numbers` are those of the segments that readers see, in the order of the centres.
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
        """The coordinates (d × n) of values in original units; NaN where they are missing."""
        return scale_values(values, self.scales)

    def place(self, values: np.ndarray) -> Placed:
        """The segment of each of n rows, whose `values` (d × n) are in original units."""
        Z = self.measure(values)
        placed = place_coordinates(Z, self.centres, self.mixture)
        none = placed.first == 0
        if none.any():
            far = none & ~np.isnan(Z).any(axis=0)  # squares overflowed
            near = np.clip(Z[:, far], -FARTHEST, FARTHEST)
            for part, found in zip(
                placed, place_coordinates(near, self.centres, self.mixture), strict=True
            ):
                part[far] = found
        return placed
