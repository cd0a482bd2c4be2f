"""The figures: an Axes in, an Axes out; nothing here opens a window or a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.scale import FuncScale
from matplotlib.ticker import FixedLocator, MaxNLocator, StrMethodFormatter
from sklearn.decomposition import PCA

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.sample import Prepared
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.portraits.profiles import FEWEST_TO_DESCRIBE, Profiles
from segmentation.analysis.trust.lineage import Across
from segmentation.analysis.trust.stability import Stability, Trials
from segmentation.analysis.words import say_number, shorten

MOST_DRAWN = 2_000
# Of matplotlib's sequences the one whose colours stay furthest apart in colour-blind eyes.
COLOURS = [to_hex(colour) for colour in mpl.color_sequences["petroff10"]]
# Below to above the mean of all customers, as in the tables of the page.
DIVERGING = LinearSegmentedColormap.from_list("segments", ["#e08a00", "#ffffff", "#2f7fcb"])
OUTSIDE = "#8a8f98"  # customers in no segment
WIDEST_LABEL, WIDEST_TICK = 36, 24  # letters
MARKERS = "osD^vP*<>pHd"
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#6b7280",
    "axes.labelcolor": "#1f2933",
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "segment-reports",
}


@contextmanager
def drawing(width: float = 5.2, height: float = 3.6, panels: int = 1) -> Iterator[list[Axes]]:
    """New Axes in the house style, side by side; the figure is closed by whoever shows it."""
    with mpl.rc_context(STYLE):
        _, axes = plt.subplots(1, panels, figsize=(width, height), layout="constrained")
        yield list(np.atleast_1d(axes))


def segment_colour(segment: int) -> str:
    """The colour of a segment, the same in every figure and on the page (hex)."""
    return COLOURS[(segment - 1) % len(COLOURS)]


def choose_axes(X: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> list[int]:
    """The two features (positions, in order) that the segments differ in most; one if alone."""
    X, labels, weights = X[labels > 0], labels[labels > 0], weights[labels > 0]
    total = np.average((X - np.average(X, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    found, inside = np.unique(labels, return_inverse=True)
    own = [labels == segment for segment in found]
    means = np.array([np.average(X[rows], axis=0, weights=weights[rows]) for rows in own])
    within = np.average((X - means[inside]) ** 2, axis=0, weights=weights)
    explained = 1 - within / np.where(total > 0, total, 1)
    return sorted(np.argsort(-explained, kind="stable")[:2].tolist())


def draw_rows(prepared: Prepared, seed: int) -> np.ndarray:
    """Positions of the customers to draw: all, or a seeded 2,000 of them, by weight."""
    n = len(prepared.X)
    if n <= MOST_DRAWN:
        return np.arange(n)
    chances = prepared.weights / prepared.weights.sum()
    chosen = np.random.default_rng(seed).choice(n, MOST_DRAWN, replace=False, p=chances)
    return np.sort(chosen)


def plot_map(
    prepared: Prepared, segments: Segments, features: Sequence[int], rows: np.ndarray, ax: Axes
) -> Axes:
    """Two features in original units, coloured by segment, centres as a red X with black edge."""
    if len(features) == 1:
        return _plot_spread(prepared, segments, features[0], ax)
    scales = [prepared.scales[at] for at in features]
    values = prepared.frame.iloc[rows][[scale.feature for scale in scales]].to_numpy()
    _scatter(values, segments.numbered[rows], segments.numbers, ax)
    centres = np.column_stack(
        [s.invert(segments.centres[:, at]) for at, s in zip(features, scales, strict=True)]
    )
    for side, axis, scale in zip("xy", (ax.xaxis, ax.yaxis), scales, strict=True):
        name = shorten(scale.feature, WIDEST_LABEL)
        axis.set_label_text(name + (" (log scale)" if scale.log else ""))
        if scale.log:
            _log_axis(ax, side, axis, prepared.frame[scale.feature].to_numpy()[rows])
    _mark_centres(centres, segments.numbers, ax)
    return ax


def plot_components(
    prepared: Prepared, segments: Segments, rows: np.ndarray, ax: Axes
) -> tuple[Axes, float]:
    """The map of more than two features on their principal components, and the share they keep."""
    pca = PCA(2, random_state=0).fit(prepared.X)
    _scatter(pca.transform(prepared.X[rows]), segments.numbered[rows], segments.numbers, ax)
    _mark_centres(pca.transform(segments.centres), segments.numbers, ax)
    for axis, weights in zip((ax.xaxis, ax.yaxis), pca.components_, strict=True):
        main = np.argsort(-np.abs(weights), kind="stable")[:2]
        names = [shorten(prepared.features[at], WIDEST_LABEL) for at in main]
        signs = ["+" if weights[at] > 0 else "−" for at in main]
        parts = [f"{sign} {name}" for sign, name in zip(signs, names, strict=True)]
        axis.set_label_text("\n".join(parts))
        axis.set_ticks([])
    return ax, float(pca.explained_variance_ratio_.sum())


def plot_elbow(scan: Scan, chosen: int | None, ax: Axes) -> Axes:
    """Inertia by number of segments, the chosen one ringed where one was chosen."""
    _plot_score(scan.table["inertia"], chosen, "Inertia (lower is tighter)", ax)
    ax.yaxis.set_major_formatter(lambda value, _: say_number(value))
    return ax


def plot_silhouette(scan: Scan, chosen: int | None, ax: Axes) -> Axes:
    """Mean silhouette by number of segments, the chosen one ringed where one was chosen."""
    return _plot_score(
        scan.table["silhouette"].dropna(), chosen, "Silhouette (higher is clearer)", ax
    )


def plot_blades(segments: Segments, ax: Axes) -> Axes:
    """The silhouette of every customer, sorted within segments, one blade a segment."""
    widths, labels = segments.widths, segments.numbered
    start, gap = 0, max(1, int(np.isfinite(widths).sum()) // 60)
    for segment in segments.numbers:
        blade = np.sort(widths[(labels == segment) & np.isfinite(widths)])
        across = np.arange(start, start + len(blade))
        ax.fill_betweenx(
            across, 0, blade, color=segment_colour(segment), step="mid", rasterized=True
        )
        ax.text(-0.02, across.mean(), str(segment), ha="right", va="center")
        start += len(blade) + gap
    ax.axvline(segments.silhouette, color="#1f2933", linestyle="--", linewidth=1)
    low = min(-0.12, float(np.nanmin(widths)))
    ax.set(xlabel="Silhouette of each customer", yticks=[], xlim=(low, 1))
    ax.invert_yaxis()
    ax.spines["left"].set_visible(False)
    return ax


def plot_overlaps(stability: Stability, numbers: Sequence[int], ax: Axes) -> Axes:
    """How well each segment was found again: mean Jaccard, with the middle 80 % of resamples.

    `numbers` are those of the segments.
    """
    own = stability.own.jaccard
    low, high = np.quantile(stability.own.overlaps, [0.1, 0.9], axis=0)
    for at, segment in enumerate(numbers):
        if np.isnan(own[at]):
            continue
        colour = segment_colour(segment)
        ax.plot([low[at], high[at]], [at, at], color=colour, linewidth=6, alpha=0.4)
        ax.plot(own[at], at, "o", color=colour, markersize=9)
        ax.annotate(
            f"{own[at]:.2f}", (own[at], at), (0, 9), textcoords="offset points", ha="center"
        )
    for edge in (0.5, 0.75):
        ax.axvline(edge, color="#6b7280", linestyle="--", linewidth=1)
    ax.set(xlim=(0, 1.05), ylabel="Segment", ylim=(len(own) - 0.5, -0.7))
    ax.set_yticks(range(len(own)), list(map(str, numbers)))
    ax.set_xlabel("Found again: dissolved below 0.5, valid from 0.75")
    return ax


def plot_overlaps_by_k(trials: Trials, chosen: int | None, ax: Axes) -> Axes:
    """The mean Jaccard of each segment at every k, one dot a segment, the worst ones joined."""
    worst = {k: own.least for k, own in trials.tried.items()}
    ax.plot(list(worst), list(worst.values()), color="#4b5563", linewidth=1.2)
    for k, own in trials.tried.items():
        colour = COLOURS[0] if k == chosen else "#9aa1ab"
        ax.plot([k] * len(own.jaccard), own.jaccard, "o", color=colour, markersize=6, alpha=0.8)
    for edge in (0.5, 0.75):
        ax.axhline(edge, color="#6b7280", linestyle="--", linewidth=1)
    ax.set(xlabel="Number of segments", ylabel="Found again", ylim=(0, 1.05), xticks=list(worst))
    return ax


def plot_across(across: Across, segments: Segments, ax: Axes) -> Axes:
    """Segments of each k as bars, and where the customers go when one more is made.

    The bars of the report's own segments are coloured; each bar stands near the one it came from.
    """
    chosen = segments.k
    ks = [min(across.flows) - 1, *across.flows]
    tops = {ks[0]: _stack(across.table.loc[ks[0], "share"].to_numpy(), None)}
    for k in ks[1:]:
        flow = across.flows[k] / across.flows[k].sum()
        order = tops[k - 1] @ flow / flow.sum(axis=0)
        tops[k] = _stack(flow.sum(axis=0), order)
        _draw_ribbons(k, flow, tops, ax)
    for k in ks:
        shares = across.table.loc[k, "share"].to_numpy()
        numbers = segments.numbers if k == chosen else range(len(shares))
        for at, top, share in zip(numbers, tops[k], shares, strict=True):
            colour = segment_colour(at) if k == chosen else "#9aa1ab"
            ax.bar(k, share, 0.18, bottom=-top - share, color=colour)
            if k == chosen and share > 0.03:
                box = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none"}
                middle = -top - share / 2
                ax.text(k, middle, str(at), ha="center", va="center", fontsize=8, bbox=box)
    ax.set(xlabel="Number of segments", yticks=[], xticks=ks)
    ax.spines["left"].set_visible(False)
    return ax


def draw_flow(
    flow: np.ndarray, names: Sequence[Sequence[str]], colours: Sequence[Sequence[str]], ax: Axes
) -> Axes:
    """Two stacks of bars, at 0 and 1, and what goes from rows (left) to columns (right)."""
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


def plot_sizes(profiles: Profiles, ax: Axes) -> Axes:
    """Customers by segment, largest on top."""
    segments = profiles.sizes.index
    colours = [segment_colour(segment) for segment in segments]
    bars = ax.barh([str(s) for s in segments], profiles.sizes, color=colours)
    ax.bar_label(bars, [f"{size:,}" for size in profiles.sizes], padding=4)
    ax.set(xlabel="Customers", ylabel="Segment")
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.margins(x=0.16)
    ax.invert_yaxis()
    return ax


def plot_differences(profiles: Profiles, ax: Axes) -> Axes:
    """Heat map of each segment's mean, in standard deviations from the mean of all customers."""
    shown = profiles.differences.where(profiles.sizes >= FEWEST_TO_DESCRIBE, axis=0).T
    shown.index = pd.Index([shorten(name, WIDEST_TICK) for name in shown.index])
    reach = max(1.0, float(np.nanmax(np.abs(shown.to_numpy()), initial=0)))
    sns.heatmap(
        shown,
        ax=ax,
        cmap=DIVERGING,
        vmin=-reach,
        vmax=reach,
        annot=True,
        annot_kws={"size": 9},
        fmt="+.1f",
        linewidths=1,
        cbar=False,
    )
    ax.set(xlabel="Segment", ylabel="")
    ax.tick_params(axis="y", rotation=0, labelsize=9)
    return ax


def _stack(shares: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    """Where each bar begins when they are stacked in this order, with gaps between them."""
    place = np.arange(len(shares)) if order is None else np.argsort(order, kind="stable")
    starts = np.cumsum(np.append(0, shares[place][:-1] + 0.02))
    tops = np.empty(len(shares))
    tops[place] = starts
    return tops


def _draw_ribbons(k: int, flow: np.ndarray, tops: dict[int, np.ndarray], ax: Axes) -> None:
    """The customers who go from each segment of k − 1 to each of k, as bands."""
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
                    color="#9aa1ab",
                    alpha=0.35,
                    lw=0,
                    rasterized=True,
                )
            left[one] += width
            right[other] += width


def _plot_score(score: pd.Series, chosen: int | None, label: str, ax: Axes) -> Axes:
    ax.plot(score.index, score, "o-", color="#4b5563", markersize=4, linewidth=1.2)
    if chosen is not None:
        ax.plot(chosen, score[chosen], "o", markersize=11, mfc="none", mec=COLOURS[0], mew=2)
    ax.set(xlabel="Number of segments, k", title=label)
    ax.title.set_fontsize(10)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def _plot_spread(prepared: Prepared, segments: Segments, at: int, ax: Axes) -> Axes:
    """One feature alone: how its values spread, stacked by segment."""
    name = prepared.features[at]
    data = pd.DataFrame({name: prepared.frame[name].to_numpy(), "segment": segments.numbered})
    data = data[data["segment"] > 0]
    palette = {s: segment_colour(s) for s in segments.numbers}
    sns.histplot(data, x=name, hue="segment", multiple="stack", palette=palette, ax=ax)
    ax.set(xlabel=shorten(name, WIDEST_LABEL), ylabel="Customers")
    return ax


def _log_axis(ax: Axes, side: str, axis: Axis, values: np.ndarray) -> None:
    """An axis of log(1 + value) with room at both ends and ticks at 0, 1, 2, 5, 10 …"""
    low, high = np.log1p([values.min(), values.max()])
    room = 0.06 * (high - low)
    ax.set(**{f"{side}scale": FuncScale(axis, (np.log1p, np.expm1))})
    ax.set(**{f"{side}lim": tuple(np.expm1([low - room, high + room]))})
    steps = (1, 2, 5) if high - low < 4 else (1,)
    ticks = [0.0, *(step * 10.0**power for power in range(16) for step in steps)]
    axis.set_major_locator(FixedLocator([t for t in ticks if low <= np.log1p(t) <= high]))
    axis.set_major_formatter(lambda value, _: say_number(value))


def _scatter(values: np.ndarray, labels: np.ndarray, numbers: Sequence[int], ax: Axes) -> None:
    size = float(np.clip(9_000 / max(len(values), 1), 7, 42))
    outside = values[labels == 0]
    across, up = outside[:, 0], outside[:, 1]
    ax.scatter(across, up, s=size / 2, marker="x", color=OUTSIDE, linewidth=0.7, rasterized=True)
    for segment in numbers:
        own = values[labels == segment]
        marker = MARKERS[(segment - 1) % len(MARKERS)]
        # Rasterised, so that the page carries a picture and not single customers' exact values.
        ax.scatter(
            own[:, 0],
            own[:, 1],
            s=size,
            marker=marker,
            color=segment_colour(segment),
            edgecolor="white",
            linewidth=0.4,
            alpha=0.85,
            rasterized=True,
        )


def _mark_centres(centres: np.ndarray, numbers: Sequence[int], ax: Axes) -> None:
    x, y = centres.T
    ax.scatter(x, y, s=110, marker="X", color="red", edgecolor="black", zorder=4)
    for segment, centre in zip(numbers, centres, strict=True):
        ax.annotate(
            str(segment),
            tuple(centre),
            xytext=(9, 7),
            textcoords="offset points",
            fontweight="bold",
            bbox={"boxstyle": "round,pad=0.2", "fc": "white", "ec": "#6b7280", "alpha": 0.9},
            zorder=5,
        )
