"""How far to trust segments: groups, stability, choice of k, verdict and second opinions."""

from segmentation.analysis.trust.choice import Choice, choose_segments, recommend_k
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.gathering import gather_evidence
from segmentation.analysis.trust.opinions import Opinions, ask_others
from segmentation.analysis.trust.verdict import Verdict, judge

__all__ = [
    "Choice",
    "Evidence",
    "Opinions",
    "Verdict",
    "ask_others",
    "choose_segments",
    "gather_evidence",
    "judge",
    "recommend_k",
]
