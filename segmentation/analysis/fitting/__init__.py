"""Fitting: scales, the sample, every number of segments, and every customer in one."""

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.sample import Sample, take_sample
from segmentation.analysis.fitting.scaling import fit_scales
from segmentation.analysis.fitting.scan import Scan, scan_k
from segmentation.analysis.fitting.segmentation import Segmentation, place_customers

__all__ = [
    "Sample",
    "Scan",
    "Segmentation",
    "Segments",
    "fit_scales",
    "place_customers",
    "scan_k",
    "take_sample",
]
