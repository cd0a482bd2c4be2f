"""Passes over all rows of a table, and the arithmetic they are made of.

`open_passes` chooses between two engines of one protocol: NumPy on batches, or expressions.
"""

from segmentation.analysis.passes.bins import Bins, cut_edges
from segmentation.analysis.passes.passes import Passes, open_passes
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.passes.scales import Counts, Scale, Scales

__all__ = ["Bins", "Counts", "Passes", "Placement", "Scale", "Scales", "cut_edges", "open_passes"]
