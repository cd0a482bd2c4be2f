"""Maps of the segments, and what sets them apart, in pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.scale import FuncScale
from matplotlib.ticker import FixedLocator, MaxNLocator, StrMethodFormatter
from sklearn.decomposition import PCA

from segmentation.analysis import say
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.portraits.drawn import choose_axes, draw_rows
from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.show.page import figure
from segmentation.analysis.show.style import (
    DIVERGING,
    EDGE,
    OUTSIDE,
    WIDEST_LABEL,
    WIDEST_TICK,
    drawing,
    segment_colour,
    segment_marker,
)
from segmentation.analysis.words import say_number, shorten


def segment_map(segmentation: Segmentation) -> None:
    """Displays the customers on the two features in which the segments differ most."""
    axes, rows = choose_axes(segmentation), draw_rows(segmentation.sample)
    with drawing() as (ax,):
        plot_map(segmentation, axes, rows, ax)
    figure(ax, say.segment_map(segmentation, axes, rows))


def components(segmentation: Segmentation) -> None:
    """Displays all features on two principal components; nothing for two features or fewer."""
    features = len(segmentation.sample.features)
    if features > 2:
        with drawing() as (ax,):
            ax, explained = plot_components(segmentation, draw_rows(segmentation.sample), ax)
        figure(ax, say.components(explained, features))


def differences(portraits: Portraits) -> None:
    """Displays how far each segment's mean is from that of all customers, as a heat map."""
    profiles = portraits.profiles
    with drawing(height=1.2 + 0.35 * len(profiles.features)) as (ax,):
        plot_differences(profiles, ax)
    figure(ax, say.differences(profiles))


def plot_map(
    segmentation: Segmentation, features: Sequence[int], rows: np.ndarray, ax: Axes
) -> Axes:
    """Draws two features in original units, coloured by segment, centres as a red X."""
    if len(features) == 1:
        return _plot_spread(segmentation, features[0], ax)
    sample, centres = segmentation.sample, segmentation.segments.centres
    scales = [sample.scales[position] for position in features]
    values = sample.frame.iloc[rows][[scale.feature for scale in scales]].to_numpy()
    _scatter(values, segmentation.labels[rows], segmentation.numbers, ax)
    middles = np.column_stack(
        [scale.invert(centres[:, at]) for at, scale in zip(features, scales, strict=True)]
    )
    for side, axis, scale in zip("xy", (ax.xaxis, ax.yaxis), scales, strict=True):
        name = shorten(scale.feature, WIDEST_LABEL)
        axis.set_label_text(name + (" (log scale)" if scale.log else ""))
        if scale.log:
            _log_axis(ax, side, axis, sample.frame[scale.feature].to_numpy()[rows])
    _mark_centres(middles, segmentation.numbers, ax)
    return ax


def plot_components(segmentation: Segmentation, rows: np.ndarray, ax: Axes) -> tuple[Axes, float]:
    """Draws all features on two principal components; also returns the variance they keep."""
    sample, numbers = segmentation.sample, segmentation.numbers
    pca = PCA(2, random_state=0).fit(sample.X)
    _scatter(pca.transform(sample.X[rows]), segmentation.labels[rows], numbers, ax)
    _mark_centres(pca.transform(segmentation.segments.centres), numbers, ax)
    for axis, weights in zip((ax.xaxis, ax.yaxis), pca.components_, strict=True):
        main = np.argsort(-np.abs(weights), kind="stable")[:2]
        names = [shorten(sample.features[at], WIDEST_LABEL) for at in main]
        signs = ["+" if weights[at] > 0 else "−" for at in main]
        parts = [f"{sign} {name}" for sign, name in zip(signs, names, strict=True)]
        axis.set_label_text("\n".join(parts))
        axis.set_ticks([])
    return ax, float(pca.explained_variance_ratio_.sum())


def plot_sizes(profiles: Profiles, ax: Axes) -> Axes:
    """Draws the customers by segment as bars."""
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
    """Draws each segment's mean, in standard deviations from the mean of all customers."""
    shown = profiles.differences.where(profiles.sizes >= FEWEST_TO_DESCRIBE, axis=0).T
    shown.index = pd.Index([shorten(name, WIDEST_TICK) for name in shown.index])
    limit = max(1.0, float(np.nanmax(np.abs(shown.to_numpy()), initial=0)))
    sns.heatmap(
        shown,
        ax=ax,
        cmap=DIVERGING,
        vmin=-limit,
        vmax=limit,
        annot=shown.round(1) + 0.0,  # no −0.0
        annot_kws={"size": 9},
        fmt="+.1f",
        linewidths=1,
        cbar=False,
    )
    ax.set(xlabel="Segment", ylabel="")
    ax.tick_params(axis="y", rotation=0, labelsize=9)
    return ax


def _plot_spread(segmentation: Segmentation, position: int, ax: Axes) -> Axes:
    """Draws the distribution of a single feature, stacked by segment."""
    sample = segmentation.sample
    name, labels = sample.features[position], segmentation.labels
    data = pd.DataFrame({name: sample.frame[name].to_numpy(), "segment": labels})
    data = data[data["segment"] > 0]
    palette = {s: segment_colour(s) for s in segmentation.numbers}
    sns.histplot(data, x=name, hue="segment", multiple="stack", palette=palette, ax=ax)
    ax.set(xlabel=shorten(name, WIDEST_LABEL), ylabel="Customers")
    return ax


def _log_axis(ax: Axes, side: str, axis: Axis, values: np.ndarray) -> None:
    """Scales an axis by log(1 + value), with margins, and ticks at 0, 1, 2, 5, 10 …"""
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
        members = values[labels == segment]
        # Rasterised, so that the page carries no exact values of single customers.
        ax.scatter(
            members[:, 0],
            members[:, 1],
            s=size,
            marker=segment_marker(segment),
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
            bbox={"boxstyle": "round,pad=0.2", "fc": "white", "ec": EDGE, "alpha": 0.9},
            zorder=5,
        )
