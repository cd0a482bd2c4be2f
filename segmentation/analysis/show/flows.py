"""Customers who go from segments to segments: over k, and since an earlier report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from segmentation.analysis import say
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.later.movement import NOBODY, NOWHERE, Movement
from segmentation.analysis.later.numbering import Changes
from segmentation.analysis.show.page import figure
from segmentation.analysis.show.style import GREY, drawing, segment_colour
from segmentation.analysis.trust.lineage import Lineage
from segmentation.analysis.trust.opinions import Opinions


def lineage(opinions: Opinions, scan: Scan, segmentation: Segmentation) -> None:
    """Displays where customers go when one more segment is made; nothing for a single k."""
    traced = opinions.lineage
    if traced.flows:
        with drawing(height=2.8) as (ax,):
            plot_lineage(traced, segmentation, ax)
        figure(ax, say.lineage(traced, scan, segmentation))


def flow(changes: Changes | None) -> None:
    """Displays where the customers of each earlier segment are now, if they can be followed."""
    if changes is not None and changes.movement is not None:
        with drawing(height=3.4) as (ax,):
            plot_flow(changes.movement, ax)
        figure(ax, say.flow(changes.movement))


def plot_lineage(traced: Lineage, segmentation: Segmentation, ax: Axes) -> Axes:
    """Draws the segments of each k as bars, and where customers go when one more is made.

    The report's own segments are coloured; each bar is near the one that it comes from.
    """
    chosen = segmentation.k
    ks = [min(traced.flows) - 1, *traced.flows]
    tops = {ks[0]: _stack(traced.table.loc[ks[0], "share"].to_numpy(), None)}
    for k in ks[1:]:
        flow = traced.flows[k] / traced.flows[k].sum()
        order = tops[k - 1] @ flow / flow.sum(axis=0)
        tops[k] = _stack(flow.sum(axis=0), order)
        _draw_ribbons(k, flow, tops, ax)
    for k in ks:
        shares = traced.table.loc[k, "share"].to_numpy()
        numbers = segmentation.numbers if k == chosen else range(len(shares))
        for at, top, share in zip(numbers, tops[k], shares, strict=True):
            colour = segment_colour(at) if k == chosen else GREY
            ax.bar(k, share, 0.18, bottom=-top - share, color=colour)
            if k == chosen and share > 0.03:
                box = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none"}
                middle = -top - share / 2
                ax.text(k, middle, str(at), ha="center", va="center", fontsize=8, bbox=box)
    ax.set(xlabel="Number of segments", yticks=[], xticks=ks)
    ax.spines["left"].set_visible(False)
    return ax


def plot_flow(movement: Movement, ax: Axes) -> Axes:
    """Draws the segments then and now as bars, with bands between them."""
    counts = movement.flow
    sides = [
        [str(_short(at, side)) for at in axis]
        for side, axis in zip(("joined", "left"), (counts.index, counts.columns), strict=True)
    ]
    colours = [[_colour(at) for at in axis] for axis in (counts.index, counts.columns)]
    draw_flow(counts.to_numpy(dtype=float), sides, colours, ax)
    ax.set_xticks([0, 1], ["then", "now"])
    return ax


def draw_flow(
    flow: np.ndarray, names: Sequence[Sequence[str]], colours: Sequence[Sequence[str]], ax: Axes
) -> Axes:
    """Draws two stacks of bars, and bands from rows (left) to columns (right)."""
    flow = flow / max(flow.sum(), 1)
    sums = (flow.sum(axis=1), flow.sum(axis=0))
    tops = {side: _stack(shares, None) for side, shares in enumerate(sums)}
    _draw_ribbons(1, flow, tops, ax)
    for side, shares in enumerate(sums):
        each = zip(tops[side], shares, names[side], colours[side], strict=True)
        for top, share, name, colour in each:
            ax.bar(side, share, 0.18, bottom=-top - share, color=colour)
            if share > 0.015:
                at, ha = (side - 0.12, "right") if side == 0 else (side + 0.12, "left")
                ax.text(at, -top - share / 2, name, ha=ha, va="center", fontsize=9)
    ax.set(yticks=[], xlim=(-0.35, 1.35))
    ax.spines["left"].set_visible(False)
    return ax


def _stack(shares: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    """Returns where each bar starts if they are stacked in this order, with gaps."""
    place = np.arange(len(shares)) if order is None else np.argsort(order, kind="stable")
    starts = np.cumsum(np.append(0, shares[place][:-1] + 0.02))
    tops = np.empty(len(shares))
    tops[place] = starts
    return tops


def _draw_ribbons(k: int, flow: np.ndarray, tops: dict[int, np.ndarray], ax: Axes) -> None:
    """Draws the customers who go from each segment of k − 1 to each of k, as bands."""
    left, right = tops[k - 1].copy(), tops[k].copy()
    across = np.linspace(0, 1, 20)
    bend = across**2 * (3 - 2 * across)
    for one in np.argsort(left, kind="stable"):
        for other in np.argsort(right, kind="stable"):
            width = flow[one, other]
            if width > 0.002:
                top = -(left[one] + (right[other] - left[one]) * bend)
                ax.fill_between(
                    k - 0.91 + 0.82 * across,
                    top,
                    top - width,
                    color=GREY,
                    alpha=0.35,
                    lw=0,
                    rasterized=True,
                )
            left[one] += width
            right[other] += width


def _short(label: object, nobody: str) -> object:
    return nobody if label == NOBODY else "none" if label == NOWHERE else label


def _colour(label: int) -> str:
    return segment_colour(int(label)) if label not in (NOBODY, NOWHERE) else GREY
