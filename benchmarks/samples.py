"""Coordinates as the sample of a table, so that the pipeline of a report runs on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segmentation.analysis import fit_scales, take_sample
from segmentation.analysis.fitting.sample import Sample
from segmentation.data import open_source


def sample_coordinates(X: np.ndarray, seed: int = 0, names: Sequence[str] | None = None) -> Sample:
    """Returns all rows of X (n × d), with weight 1, neither logged nor scaled.

    By default the columns are named by their positions. Raises `ValueError` if a coordinate
    changes on its way through the table.
    """
    features = [str(position) for position in range(X.shape[1])] if names is None else list(names)
    table = open_source(pd.DataFrame(X, columns=features)).table  # unchecked: may hold copies
    scales = fit_scales(table, features, "none", "none")
    sample = take_sample(table, scales, len(X), seed)
    if not np.array_equal(sample.X, X):
        raise ValueError("the sample has other coordinates than the table it was taken from")
    return sample
