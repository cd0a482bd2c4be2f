"""What becomes of each segment when one more is made: kept, split, or put together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.stability import count_shared

STAYS = 0.9  # of its customers from one segment


@dataclass(frozen=True)
class Across:
    """Segments over k. `flows[k]` (k − 1 × k): weight that goes from segments to segments.

    `table`: a row a segment of each k, with its `share`, where most of it came `origin`, the share
    of it from there, and its `stability`: 1 less the normalised entropy of where it came from
    (Dolnicar and Leisch 2017, SLSA), NaN at the first k.
    """

    flows: dict[int, np.ndarray]
    table: pd.DataFrame


def trace_segments(scan: Scan, segments: Segments, weights: np.ndarray) -> Across:
    """Where the segments of every k come from, as far as k follows k without a hole.

    `segments`, the report's own, stand for the scan's at their k: a polished fit may be numbered
    otherwise.
    """
    own = scan.segments if scan.found else scan.segments | {segments.k: segments}
    fits = [own[k] for k in sorted(own) if k > 1]
    flows: dict[int, np.ndarray] = {}
    rows = _shares(fits[0], weights)
    for before, fit in pairwise(fits):
        if fit.k != before.k + 1:
            break
        flow = count_shared(before.labels, fit.labels, weights, before.k)
        flows[fit.k] = flow
        rows += _origins(flow, weights.sum())
    return Across(flows, pd.DataFrame(rows).set_index(["k", "segment"]))


def _shares(fit: Segments, weights: np.ndarray) -> list[dict[str, float]]:
    sizes = np.bincount(fit.labels, weights, minlength=fit.k + 1)[1:] / weights.sum()
    empty = {"origin": 0, "from_there": np.nan, "of_there": np.nan, "stability": np.nan}
    return [{"k": fit.k, "segment": at, "share": size, **empty} for at, size in enumerate(sizes, 1)]


def _origins(flow: np.ndarray, total: float) -> list[dict[str, float]]:
    parts = flow / flow.sum(axis=0)
    origin = parts.argmax(axis=0)
    logs = np.log(np.where(parts > 0, parts, 1))
    entropy = -(parts * logs).sum(axis=0) / np.log(max(len(flow), 2))
    return [
        {
            "k": flow.shape[1],
            "segment": at + 1,
            "share": flow[:, at].sum() / total,
            "origin": int(origin[at]) + 1,
            "from_there": parts[:, at].max(),
            "of_there": flow[origin[at], at] / flow[origin[at]].sum(),
            "stability": 1 - entropy[at],
        }
        for at in range(flow.shape[1])
    ]
