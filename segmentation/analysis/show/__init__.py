"""What the report shows: pictures, tables and sentences; the only place that makes HTML or Axes."""

from segmentation.analysis.show.changes import medians, movement, shifts
from segmentation.analysis.show.compared import plot_both, plot_maps
from segmentation.analysis.show.flows import flow, lineage
from segmentation.analysis.show.making import columns, notes, other_methods, rfm
from segmentation.analysis.show.maps import components, differences, segment_map
from segmentation.analysis.show.page import figure, sentence, tiles, title
from segmentation.analysis.show.portraits import cards, descriptors, passports, profiles
from segmentation.analysis.show.scored import plot_shares
from segmentation.analysis.show.scores import blades, curves, overlaps, overlaps_by_k, scores
from segmentation.analysis.show.style import drawing
from segmentation.analysis.show.tables import table
from segmentation.analysis.show.trying import customers, feature, map_of, segment

__all__ = [
    "blades",
    "cards",
    "columns",
    "components",
    "curves",
    "customers",
    "descriptors",
    "differences",
    "drawing",
    "feature",
    "figure",
    "flow",
    "lineage",
    "map_of",
    "medians",
    "movement",
    "notes",
    "other_methods",
    "overlaps",
    "overlaps_by_k",
    "passports",
    "plot_both",
    "plot_maps",
    "plot_shares",
    "profiles",
    "rfm",
    "scores",
    "segment",
    "segment_map",
    "sentence",
    "shifts",
    "table",
    "tiles",
    "title",
]
