"""Whether the best silhouette only splits off a handful, and what logged features give instead."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.scaling import refit_scales, scale_rows
from segmentation.analysis.fitting.scan import Scan, scan_k
from segmentation.analysis.trust.cautions import list_skewed
from segmentation.analysis.trust.choice import Choice, recommend_k
from segmentation.analysis.trust.gathering import gather_evidence

HANDFUL = 0.1  # of the customers: a smaller segment at the best silhouette is split off


@dataclass(frozen=True)
class Handful:
    """The best silhouette, at two segments, one of which is a handful of customers."""

    silhouette: float
    customers: int


@dataclass(frozen=True)
class Logged:
    """What the logged features would give: the recommended k, and the sizes of its segments."""

    features: tuple[str, ...]
    k: int
    sizes: tuple[int, ...]


def find_handful(scan: Scan, choice: Choice) -> Handful | None:
    """Returns the handful that the best silhouette splits off, unless it is recommended anyway."""
    best = int(scan.table["silhouette"].idxmax())
    if best != 2 or best not in choice.table.index or (choice.k == best and choice.reproducible):
        return None
    share = float(choice.table.loc[best, "smallest"])
    if share >= HANDFUL:
        return None
    silhouette = float(scan.table.loc[best, "silhouette"])
    return Handful(silhouette, round(share * scan.sample.used))


def try_logged(scan: Scan, choice: Choice) -> Logged | None:
    """Returns what logging the skewed features would give if the best silhouette is a handful.

    None if it is not, or nothing is left to log. The rows are the same; depth is quick.
    """
    skewed = tuple(scale.feature for scale in list_skewed(scan.sample))
    if not skewed or find_handful(scan, choice) is None:
        return None
    logged = scan_k(_log(scan.sample), max(scan.fits))
    best = recommend_k(logged, gather_evidence(logged, "quick")).k
    sizes = np.bincount(logged.fits[best].labels, scan.sample.weights)[1:]
    return Logged(skewed, best, tuple(round(size) for size in sizes))


def _log(sample: Sample) -> Sample:
    scales = refit_scales(sample.frame, sample.weights, sample.scales, "auto")
    return replace(sample, X=scale_rows(sample.frame, scales), scales=scales)
