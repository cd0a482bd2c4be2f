"""The figures of two reports side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from segmentation.analysis.later.comparing import Comparison, find_medians, find_shares
from segmentation.analysis.show.flows import draw_flow
from segmentation.analysis.show.style import segment_colour
from segmentation.data import Report

PALE = "#dde0e5"  # a segment without a counterpart; grey is the colour of the fourth segment


def plot_both(compared: Comparison, ax: Axes) -> Axes:
    """Draws the flow from the segments of one report to those of the other."""
    flow = compared.flow
    names = [[str(number) for number in axis] for axis in flow.axes]
    colours = [
        [_choose_colour(compared, report, number) for number in axis]
        for report, axis in zip((compared.one, compared.other), flow.axes, strict=True)
    ]
    draw_flow(flow.to_numpy(dtype=float), names, colours, ax)
    ax.set_xticks([0, 1], compared.labels)
    return ax


def plot_maps(compared: Comparison, features: Sequence[str], axs: Sequence[Axes]) -> None:
    """Draws the segments of each report as circles at their medians, sized by their customers."""
    x, y = features
    medians = pd.concat([find_medians(report)[[x, y]] for report in (compared.one, compared.other)])
    low, high = medians.min(), medians.max()
    room = 0.2 * (high - low).replace(0, 1.0)
    for report, ax in zip((compared.one, compared.other), axs, strict=True):
        _draw_circles(compared, report, features, ax)
        ax.set(xlabel=x, ylabel=y, title=report.name)
        ax.set(
            xlim=(low[x] - room[x], high[x] + room[x]), ylim=(low[y] - room[y], high[y] + room[y])
        )


def _draw_circles(compared: Comparison, report: Report, features: Sequence[str], ax: Axes) -> None:
    x, y = features
    table, size = find_medians(report), 1600 * find_shares(report)
    colours = [_choose_colour(compared, report, number) for number in table.index]
    ax.scatter(table[x], table[y], s=size, color=colours, alpha=0.7, edgecolor="white")
    for number, row in table.iterrows():
        ax.annotate(str(number), (row[x], row[y]), ha="center", va="center", fontweight="bold")


def _choose_colour(compared: Comparison, report: Report, segment: int) -> str:
    """Returns the colour of a segment of one, or of its counterpart in one, or pale."""
    number = segment if report is compared.one else compared.matched.get(segment)
    return PALE if number is None else segment_colour(number)
