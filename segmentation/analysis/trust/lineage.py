"""What becomes of each segment when one more is made: kept, split, or merged."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.matching import count_shared
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.fitting.segmentation import Segmentation

MOSTLY = 0.9  # of its customers from one segment


@dataclass(frozen=True)
class Lineage:
    """Segments over k. `flows[k]` (k − 1 × k): the weight that goes from segment to segment.

    `table`: a row for each segment of each k, with its `share`, its main `origin`, the share
    `from_there`, the share `of_there` that it takes, and its `stability`: 1 minus the normalised
    entropy of its origins (Dolnicar and Leisch 2017, Marketing Letters 28), NaN at the first k.
    """

    flows: dict[int, np.ndarray]
    table: pd.DataFrame


def trace_segments(scan: Scan, segmentation: Segmentation) -> Lineage:
    """Traces the segments of every k to those of k − 1, up to the first gap in the scan.

    At its own k, the report's segments replace the scan's: a polished fit may number differently.
    """
    weights, segments = scan.sample.weights, segmentation.segments
    fits = scan.fits if scan.found else scan.fits | {segments.k: segments}
    several = [fits[k] for k in sorted(fits) if k > 1]
    flows: dict[int, np.ndarray] = {}
    rows = _shares(several[0], weights)
    for before, fit in pairwise(several):
        if fit.k != before.k + 1:
            break
        flow = count_shared(before.labels, fit.labels, weights, before.k)
        flows[fit.k] = flow
        rows += _origins(flow, weights.sum())
    return Lineage(flows, pd.DataFrame(rows).set_index(["k", "segment"]))


def _shares(fit: Segments, weights: np.ndarray) -> list[dict[str, float]]:
    sizes = np.bincount(fit.labels, weights, minlength=fit.k + 1)[1:] / weights.sum()
    empty = {"origin": 0, "from_there": np.nan, "of_there": np.nan, "stability": np.nan}
    return [
        {"k": fit.k, "segment": segment, "share": size, **empty}
        for segment, size in enumerate(sizes, 1)
    ]


def _origins(flow: np.ndarray, total: float) -> list[dict[str, float]]:
    parts = flow / flow.sum(axis=0)
    origin = parts.argmax(axis=0)
    logs = np.log(np.where(parts > 0, parts, 1))
    entropy = -(parts * logs).sum(axis=0) / np.log(max(len(flow), 2))
    return [
        {
            "k": flow.shape[1],
            "segment": column + 1,
            "share": flow[:, column].sum() / total,
            "origin": int(origin[column]) + 1,
            "from_there": parts[:, column].max(),
            "of_there": flow[origin[column], column] / flow[origin[column]].sum(),
            "stability": 1 - entropy[column],
        }
        for column in range(flow.shape[1])
    ]
