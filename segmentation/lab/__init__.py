"""The widgets of explore.ipynb: try features and k, name the segments, make the report."""

from segmentation.lab.explorer import Explorer
from segmentation.lab.exploring import Way
from segmentation.lab.panes import Customers, Making, Names

__all__ = ["Customers", "Explorer", "Making", "Names", "Way"]
