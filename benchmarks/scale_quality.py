"""Compares, over all rows, segments fitted on a sample with those of a full fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

from benchmarks.scale_measuring import FEATURES, K
from benchmarks.scale_others import find_squares
from segmentation.analysis import fit_scales, place_customers, take_sample
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.fitting.scaling import scale_rows
from segmentation.data import Source

FULL_STARTS = 10
BLOCK = 1_000_000


def measure_quality(source: Source, k: int = K, seed: int = 42) -> dict[str, float]:
    """Returns the inertia over all rows of our segments and scikit-learn's, and the rows we fitted.

    Both use the coordinates of our scales; scikit-learn fits all rows with ten starts.
    """
    scales = fit_scales(source.table, FEATURES)
    sample = take_sample(source.table, scales, seed=seed)
    fit = fit_segments(sample.X, sample.weights, k, seed)
    segments = place_customers(sample, fit, 1).segments
    frame: pd.DataFrame = source.table.select(*FEATURES).execute()
    X = scale_rows(frame, scales)
    full = KMeans(k, n_init=FULL_STARTS, random_state=0).fit(X)
    ours = add_up_squares(X, segments.centres)
    return {"ours": ours, "full": float(full.inertia_), "fitted": len(sample.X)}


def add_up_squares(X: np.ndarray, centres: np.ndarray) -> float:
    """Returns the inertia: the sum of squared distances from X (n × d) to the nearest centre."""
    blocks = [X[start : start + BLOCK] for start in range(0, len(X), BLOCK)]
    return float(sum(find_squares(block, centres).sum() for block in blocks))
