"""The figure of customers placed by an earlier report."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from segmentation.analysis.later.model import Model
from segmentation.analysis.later.scoring import Scored, tabulate_placed
from segmentation.analysis.show.style import DARK, segment_colour


def plot_shares(counted: Scored, model: Model, ax: Axes) -> Axes:
    """Draws every segment's share of the customers now, with a line where it was then."""
    table = tabulate_placed(counted, model)
    y = np.arange(len(table))
    ax.barh(y, 100 * table["share"], color=[segment_colour(n) for n in table.index], height=0.6)
    ax.vlines(100 * table["share_then"], y - 0.42, y + 0.42, color=DARK, linewidth=2)
    ax.set_yticks(y, [f"Segment {number}" for number in table.index])
    ax.invert_yaxis()
    ax.set_xlabel("% of customers (line: when the segments were formed)")
    return ax
