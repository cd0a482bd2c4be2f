"""A passport for every segment: who is in it, how to find it, and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.portraits.rules import Rule
from segmentation.analysis.trust.stability import Stability


def make_passports(
    profiles: Profiles,
    names: Sequence[str],
    rules: Sequence[Rule],
    segments: Segments,
    weights: np.ndarray,
    stability: Stability,
) -> pd.DataFrame:
    """A row a segment: how many, by which rule, how well that finds them, how well they hold.

    Columns: name, customers, share, rule, precision, coverage, jaccard, silhouette, and border,
    the share of its customers who keep the segment in less than 80 % of resamples. `weights` are
    those of the fitted rows.
    """
    table = pd.DataFrame({"name": list(names)}, index=profiles.sizes.index)
    table["customers"], table["share"] = profiles.sizes, profiles.shares
    table["rule"] = [rule.text for rule in rules]
    table["precision"] = [rule.precision for rule in rules]
    table["coverage"] = [rule.coverage for rule in rules]
    table["jaccard"] = stability.own.jaccard
    table["silhouette"] = [
        mean_width(segments, weights, segment) for segment in profiles.sizes.index
    ]
    table["border"] = stability.borders
    return table


def mean_width(segments: Segments, weights: np.ndarray, segment: int) -> float:
    """The mean silhouette of a segment by its number; NaN where none was measured."""
    own = (segments.numbered == segment) & np.isfinite(segments.widths)
    return float(np.average(segments.widths[own], weights=weights[own])) if own.any() else np.nan
