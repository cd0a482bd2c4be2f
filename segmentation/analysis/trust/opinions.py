"""What else was asked about the segments: other scores, other methods, and what is odd."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from segmentation.analysis.fitting.other_methods import compare_methods
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.trust.cautions import Cautions, find_cautions
from segmentation.analysis.trust.choice import Choice
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.gap_statistic import measure_gap
from segmentation.analysis.trust.lineage import Lineage, trace_segments
from segmentation.analysis.trust.logged import Handful, Logged, find_handful, try_logged
from segmentation.analysis.trust.near_ties import Ties, find_ties
from segmentation.data import Columns


@dataclass(frozen=True)
class Opinions:
    """Second opinions on a segmentation; none of them decides.

    `gap`: the gap statistic by k. `ties`: near ties of K-Means. `others`: a row for each other
    method. `lineage`: the segments over k. `handful`: what the best silhouette splits off, if
    little; `logged`: what logged features give then. `cautions`: what is odd.
    """

    gap: pd.DataFrame
    ties: Ties
    others: pd.DataFrame
    lineage: Lineage
    handful: Handful | None
    logged: Logged | None
    cautions: Cautions


def ask_others(
    scan: Scan,
    evidence: Evidence,
    choice: Choice,
    segmentation: Segmentation,
    columns: Columns,
) -> Opinions:
    """Gathers second opinions: other scores, other methods, other scales, and cautions."""
    sample = scan.sample
    return Opinions(
        gap=measure_gap(sample.X, sample.weights, scan.k_max, evidence.depth, sample.seed),
        ties=find_ties(sample, segmentation.k),
        others=compare_methods(segmentation),
        lineage=trace_segments(scan, segmentation),
        handful=find_handful(scan, choice),
        logged=try_logged(scan, choice),
        cautions=find_cautions(columns, segmentation),
    )
