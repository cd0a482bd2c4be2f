"""What the tests found at every number of segments: the grounds of choice and verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentation.analysis.trust.resamples import Resamples
from segmentation.analysis.trust.structure import Structure
from segmentation.analysis.trust.valleys import Valley


@dataclass(frozen=True)
class Evidence:
    """What the tests found on a scan: on the `labels` (n) of each k.

    `structure`: whether there are groups at all. `resamples`: what comes back, by k. `valleys`: the
    valleys between neighbouring segments, by k. `gapped`: the features with gaps of their own.
    `depth`: quick or full.
    """

    labels: dict[int, np.ndarray]
    structure: Structure
    resamples: Resamples
    valleys: dict[int, list[Valley]]
    gapped: list[str]
    depth: str
