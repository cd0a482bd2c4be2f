"""The house style of every figure: colours, markers and fonts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

# Of matplotlib's sequences, the one whose colours stay furthest apart for colour-blind readers.
COLOURS = [to_hex(colour) for colour in mpl.color_sequences["petroff10"]]
# Below to above the mean of all customers, as in the tables of the page.
DIVERGING = LinearSegmentedColormap.from_list("segments", ["#e08a00", "#ffffff", "#2f7fcb"])
OUTSIDE = "#8a8f98"  # customers in no segment
GREY, DARK, LINE, EDGE = "#9aa1ab", "#1f2933", "#4b5563", "#6b7280"
WIDEST_LABEL, WIDEST_TICK = 36, 24  # letters
MARKERS = "osD^vP*<>pHd"
SHAPES = "●■◆▲▼✚★◀▶⬟⬢♦"  # the same as letters
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": EDGE,
    "axes.labelcolor": DARK,
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "segment-reports",
}
assert len(SHAPES) == len(MARKERS)


@contextmanager
def drawing(width: float = 5.2, height: float = 3.6, panels: int = 1) -> Iterator[list[Axes]]:
    """Yields new Axes in the house style, side by side; `page.figure` closes their figure."""
    with mpl.rc_context(STYLE):
        _, axes = plt.subplots(1, panels, figsize=(width, height), layout="tight")
        yield list(np.atleast_1d(axes))


def segment_colour(segment: int) -> str:
    """Returns the colour of a segment (hex), the same in every figure and on the page."""
    return COLOURS[(segment - 1) % len(COLOURS)]


def segment_marker(segment: int) -> str:
    """Returns the marker of a segment in scatter plots."""
    return MARKERS[(segment - 1) % len(MARKERS)]


def segment_shape(segment: int) -> str:
    """Returns the same marker as a letter, for cards."""
    return SHAPES[(segment - 1) % len(SHAPES)]
