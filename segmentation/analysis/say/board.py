"""The explorer's board in a sentence or two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.say.segments import segment_map, sizes
from segmentation.analysis.say.trust import blades


def board(
    segmentation: Segmentation, profiles: Profiles, features: Sequence[int], rows: np.ndarray
) -> str:
    """Returns the board's alt text: its map, the largest and smallest segment, the clearest."""
    drawn = segment_map(segmentation, features, rows)
    return f"{drawn} {sizes(profiles)} {blades(segmentation)}"
