"""The explorer's board: one picture of the segments at a k."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from segmentation.analysis import say
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.show.maps import plot_map, plot_sizes
from segmentation.analysis.show.panels import lay_out_picture
from segmentation.analysis.show.scores import plot_blades
from segmentation.analysis.show.style import STYLE

PANELS: Any = [["map", "sizes"], ["map", "blades"]]
# Fixed margins: a layout that measures its labels takes a quarter of the time of a move.
MARGINS = {"left": 0.08, "right": 0.98, "bottom": 0.12, "top": 0.97, "wspace": 0.12, "hspace": 0.45}


def lay_out_board(
    segmentation: Segmentation, profiles: Profiles, features: Sequence[int], rows: np.ndarray
) -> Markup:
    """Returns the board as a PNG with its alt text.

    The map has two `features` and these `rows` (positions in the sample).
    """
    figure = draw_board(segmentation, profiles, features, rows)
    return lay_out_picture(figure, say.board(segmentation, profiles, features, rows))


def draw_board(
    segmentation: Segmentation, profiles: Profiles, features: Sequence[int], rows: np.ndarray
) -> Figure:
    """Draws the map with its centres, the sizes, and the silhouette of every customer."""
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplot_mosaic(
            PANELS,
            figsize=(9.6, 4.4),
            width_ratios=[3, 2],
            height_ratios=[2, 3],
            gridspec_kw=MARGINS,
        )
        plot_map(segmentation, features, rows, axes["map"])
        plot_sizes(profiles, axes["sizes"])
        plot_blades(segmentation, axes["blades"])
    return figure
