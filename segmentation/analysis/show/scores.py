"""Scores over the number of segments, silhouettes, and what comes back, in pictures and tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from segmentation.analysis import say
from segmentation.analysis.fitting.scan import Scan, find_elbows
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.show.page import figure
from segmentation.analysis.show.style import (
    COLOURS,
    DARK,
    EDGE,
    GREY,
    LINE,
    drawing,
    segment_colour,
)
from segmentation.analysis.show.tables import table
from segmentation.analysis.trust.choice import Choice
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.opinions import Opinions
from segmentation.analysis.trust.resamples import VALID, Resamples
from segmentation.analysis.trust.stability import DISSOLVED, Stability
from segmentation.analysis.trust.verdict import Verdict
from segmentation.analysis.words import say_number


def curves(scan: Scan, segmentation: Segmentation) -> None:
    """Displays inertia and silhouette by number of segments."""
    chosen = _chosen(scan, segmentation)
    with drawing(panels=2, height=2.7) as axs:
        plot_elbow(scan, chosen, axs[0])
        plot_silhouette(scan, chosen, axs[1])
    figure(axs[0], say.curves(scan, find_elbows(scan)))


def overlaps(verdict: Verdict) -> None:
    """Displays how well each segment is found again."""
    with drawing(height=1.0 + 0.45 * verdict.k) as (ax,):
        plot_overlaps(verdict.stability, ax)
    figure(ax, say.overlaps(verdict))


def overlaps_by_k(evidence: Evidence, scan: Scan, segmentation: Segmentation) -> None:
    """Displays how well each segment of every number of segments is found again."""
    with drawing(height=2.6) as (ax,):
        plot_overlaps_by_k(evidence.resamples, _chosen(scan, segmentation), ax)
    figure(ax, say.overlaps_by_k(evidence))


def blades(segmentation: Segmentation) -> None:
    """Displays the silhouette of every customer, one blade for each segment."""
    with drawing(height=3) as (ax,):
        plot_blades(segmentation, ax)
    figure(ax, say.blades(segmentation))


def scores(scan: Scan, choice: Choice, opinions: Opinions) -> None:
    """Displays, folded, the scores of every number of segments."""
    frame = scan.table.join(choice.table[["strength", "least_jaccard"]])
    frame = frame.join(opinions.gap[["gap", "se"]])
    heads = {"strength": "prediction strength", "se": "gap error"}
    table(frame.rename(columns=heads), "Scores of every number of segments", folded=True)


def plot_elbow(scan: Scan, chosen: int | None, ax: Axes) -> Axes:
    """Draws inertia by number of segments, with a ring at the chosen one, if any."""
    _plot_score(scan.table["inertia"], chosen, "Inertia (lower is tighter)", ax)
    ax.yaxis.set_major_formatter(lambda value, _: say_number(value))
    return ax


def plot_silhouette(scan: Scan, chosen: int | None, ax: Axes) -> Axes:
    """Draws the mean silhouette by number of segments, with a ring at the chosen one, if any."""
    return _plot_score(
        scan.table["silhouette"].dropna(), chosen, "Silhouette (higher is clearer)", ax
    )


def plot_blades(segmentation: Segmentation, ax: Axes) -> Axes:
    """Draws the silhouette of every customer, sorted within segments: a blade for each."""
    segments, labels = segmentation.segments, segmentation.labels
    widths = segments.widths
    start, gap = 0, max(1, int(np.isfinite(widths).sum()) // 60)
    for segment in segmentation.numbers:
        blade = np.sort(widths[(labels == segment) & np.isfinite(widths)])
        across = np.arange(start, start + len(blade))
        ax.fill_betweenx(
            across, 0, blade, color=segment_colour(segment), step="mid", rasterized=True
        )
        ax.text(-0.02, across.mean(), str(segment), ha="right", va="center")
        start += len(blade) + gap
    ax.axvline(segments.silhouette, color=DARK, linestyle="--", linewidth=1)
    low = min(-0.12, float(np.nanmin(widths)))
    ax.set(xlabel="Silhouette of each customer", yticks=[], xlim=(low, 1))
    ax.invert_yaxis()
    ax.spines["left"].set_visible(False)
    return ax


def plot_overlaps(stability: Stability, ax: Axes) -> Axes:
    """Draws how well each segment is found again: mean Jaccard, and the middle 80 %."""
    jaccard = stability.jaccard
    low, high = np.quantile(stability.resampled.overlaps, [0.1, 0.9], axis=0)
    for row, (segment, mean) in enumerate(jaccard.items()):
        if np.isnan(mean):
            continue
        colour = segment_colour(segment)
        ax.plot([low[row], high[row]], [row, row], color=colour, linewidth=6, alpha=0.4)
        ax.plot(mean, row, "o", color=colour, markersize=9)
        label = f"{mean:.2f}"
        ax.annotate(label, (mean, row), (0, 9), textcoords="offset points", ha="center")
    for edge in (DISSOLVED, VALID):
        ax.axvline(edge, color=EDGE, linestyle="--", linewidth=1)
    ax.set(xlim=(0, 1.05), ylabel="Segment", ylim=(len(jaccard) - 0.5, -0.7))
    ax.set_yticks(range(len(jaccard)), list(map(str, stability.numbers)))
    ax.set_xlabel("Found again: dissolved below 0.5, valid from 0.75")
    return ax


def plot_overlaps_by_k(resamples: Resamples, chosen: int | None, ax: Axes) -> Axes:
    """Draws the mean Jaccard of each segment at every k: a dot each, a line through the worst."""
    worst = {k: resampled.weakest for k, resampled in resamples.by_k.items()}
    ax.plot(list(worst), list(worst.values()), color=LINE, linewidth=1.2)
    for k, resampled in resamples.by_k.items():
        colour = COLOURS[0] if k == chosen else GREY
        ax.plot(
            [k] * len(resampled.jaccard),
            resampled.jaccard,
            "o",
            color=colour,
            markersize=6,
            alpha=0.8,
        )
    for edge in (DISSOLVED, VALID):
        ax.axhline(edge, color=EDGE, linestyle="--", linewidth=1)
    ax.set(xlabel="Number of segments", ylabel="Found again", ylim=(0, 1.05), xticks=list(worst))
    return ax


def _plot_score(score: pd.Series, chosen: int | None, label: str, ax: Axes) -> Axes:
    ax.plot(score.index, score, "o-", color=LINE, markersize=4, linewidth=1.2)
    if chosen is not None:
        ax.plot(chosen, score[chosen], "o", markersize=11, mfc="none", mec=COLOURS[0], mew=2)
    ax.set(xlabel="Number of segments, k", title=label)
    ax.title.set_fontsize(10)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def _chosen(scan: Scan, segmentation: Segmentation) -> int | None:
    """Returns the k to mark; None if the algorithm finds k itself and the curves are K-Means."""
    return None if scan.found else segmentation.k
