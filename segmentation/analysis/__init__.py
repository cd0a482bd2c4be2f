"""Segments found, tested, described, and put into words and pictures: the steps of a report.

`say` makes the sentences and `show` displays them; the other names are the steps of the pipeline.
"""

from segmentation.analysis import say, show
from segmentation.analysis.fitting.sample import take_sample
from segmentation.analysis.fitting.scaling import fit_scales
from segmentation.analysis.fitting.scan import scan_k
from segmentation.analysis.fitting.segmentation import place_customers
from segmentation.analysis.later.earlier import open_earlier
from segmentation.analysis.later.numbering import keep_numbers
from segmentation.analysis.portraits.portraits import portray
from segmentation.analysis.portraits.rfm import view_by_rfm
from segmentation.analysis.results import Findings, describe_findings, list_customers, save_findings
from segmentation.analysis.trust.choice import choose_segments, recommend_k
from segmentation.analysis.trust.gathering import gather_evidence
from segmentation.analysis.trust.opinions import ask_others
from segmentation.analysis.trust.verdict import judge

__all__ = [
    "Findings",
    "ask_others",
    "choose_segments",
    "describe_findings",
    "fit_scales",
    "gather_evidence",
    "judge",
    "keep_numbers",
    "list_customers",
    "open_earlier",
    "place_customers",
    "portray",
    "recommend_k",
    "save_findings",
    "say",
    "scan_k",
    "show",
    "take_sample",
    "view_by_rfm",
]
