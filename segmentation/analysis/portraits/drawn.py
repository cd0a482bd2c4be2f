"""What a map of the segments draws: which customers, on which features."""

from __future__ import annotations

import numpy as np

from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.segmentation import Segmentation

MOST_DRAWN = 2_000


def choose_axes(segmentation: Segmentation) -> list[int]:
    """Returns the positions of the two features in which the segments differ most, in order."""
    labels = segmentation.segments.labels
    inside = labels > 0
    X, weights = segmentation.sample.X[inside], segmentation.sample.weights[inside]
    total = np.average((X - np.average(X, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    segments, which = np.unique(labels[inside], return_inverse=True)
    members = [which == segment for segment in range(len(segments))]
    means = np.array([np.average(X[rows], axis=0, weights=weights[rows]) for rows in members])
    within = np.average((X - means[which]) ** 2, axis=0, weights=weights)
    explained = 1 - within / np.where(total > 0, total, 1)
    return sorted(np.argsort(-explained, kind="stable")[:2].tolist())


def draw_rows(sample: Sample) -> np.ndarray:
    """Returns positions of the customers to draw: all, or a seeded 2,000, by weight."""
    n = len(sample.X)
    if n <= MOST_DRAWN:
        return np.arange(n)
    chances = sample.weights / sample.weights.sum()
    rng = np.random.default_rng(sample.seed)
    return np.sort(rng.choice(n, MOST_DRAWN, replace=False, p=chances))
