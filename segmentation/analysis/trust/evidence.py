"""What the tests found at every number of segments: the grounds of choice and verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.stability import Resamples, resample_ks
from segmentation.analysis.trust.structure import Structure, find_structure
from segmentation.analysis.trust.valleys import Valley, find_gapped, find_valleys


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


def gather_evidence(scan: Scan, depth: str = "full") -> Evidence:
    """Tests whether there are groups, and at every k whether its segments come back."""
    sample = scan.sample
    X, weights, seed = sample.X, sample.weights, sample.seed
    structure = find_structure(X, weights, depth, seed)
    return Evidence(
        labels=scan.labels,
        structure=structure,
        resamples=resample_ks(X, weights, scan.labels, scan.algorithm, depth, seed),
        valleys=find_valleys(X, weights, scan.labels, structure, depth, seed),
        gapped=find_gapped(sample, structure),
        depth=depth,
    )
