"""Segments of one to four customers, whose exact centres would tell these customers' values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.passes.nearest import place_coordinates
from segmentation.data.published.vocabulary import PLACES_NEW

FEWEST_TO_DESCRIBE = 5  # customers; figures of fewer would tell about single people
STEPS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02)  # of a coordinate, to which such centres are rounded


def blur_few(sample: Sample, segments: Segments) -> Segments:
    """Returns the segments with rounded centres for those of fewer than five customers.

    As coarsely as leaves every sampled row in its segment. Centres are published, and place new
    customers; the exact one of a single customer would be that customer's own row.
    """
    if segments.algorithm not in PLACES_NEW:
        return segments
    rows, centres, mixture = sample.X.T, segments.centres, segments.mixture
    before = place_coordinates(rows, centres, mixture).first
    counts = np.bincount(before, sample.weights, minlength=segments.k + 1)[1:]
    few = counts < FEWEST_TO_DESCRIBE
    if not few.any():
        return segments
    for step in STEPS:
        rounded = np.where(few[:, None], np.round(centres / step) * step, centres)
        if (place_coordinates(rows, rounded, mixture).first == before).all():
            break
    return replace(segments, centres=rounded)
