"""One-liners for the end of the report's notebook: another map, one feature, a few customers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes

from segmentation.analysis.fitting.clustering import Segments, draw_by_weight
from segmentation.analysis.fitting.sample import Prepared
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.say.segments import say_map
from segmentation.analysis.show.page import show, show_table
from segmentation.analysis.show.plots import (
    WIDEST_LABEL,
    choose_axes,
    drawing,
    plot_map,
    segment_colour,
)
from segmentation.analysis.words import say_number, shorten


def show_map(
    prepared: Prepared, segments: Segments, features: Sequence[str] | None = None, most: int = 100
) -> None:
    """Displays the map of these segments on two features, or on those in which they differ most.

    At most so many customers are drawn, by weight.
    """
    axes = choose_axes(prepared.X, segments.labels, prepared.weights)
    if features is not None:
        axes = [prepared.features.index(name) for name in features]
    rows = draw_by_weight(prepared.weights, most, seed=0)
    with drawing() as (ax,):
        plot_map(prepared, segments, axes, rows, ax)
    show(ax, say_map(prepared, segments, axes, rows))


def show_feature(prepared: Prepared, segments: Segments, feature: str) -> None:
    """Displays how one feature spreads in every segment: a box for the middle half."""
    values = prepared.frame[feature]
    with drawing(height=0.8 + 0.4 * segments.k) as (ax,):
        plot_feature(values, segments, ax)
    own = {number: values[segments.numbered == number].median() for number in segments.numbers}
    most, least = max(own, key=lambda number: own[number]), min(own, key=lambda n: own[n])
    high, low = say_number(own[most]), say_number(own[least])
    said = f"The median is highest in segment {most} ({high}) and lowest in segment {least} ({low})"
    show(ax, f"{feature} by segment. {said}.")


def plot_feature(values: pd.Series, segments: Segments, ax: Axes) -> Axes:
    """A box a segment: the middle half of its customers, and whiskers to the 5th and 95th."""
    own = [values[segments.numbered == number] for number in segments.numbers]
    boxes = ax.boxplot(
        own,
        orientation="horizontal",
        whis=(5, 95),
        showfliers=False,
        patch_artist=True,
        tick_labels=list(map(str, segments.numbers)),
        medianprops={"color": "#1f2933"},
    )
    for box, number in zip(boxes["boxes"], segments.numbers, strict=True):
        box.set_facecolor(segment_colour(number))
    ax.invert_yaxis()
    ax.set(xlabel=shorten(str(values.name), WIDEST_LABEL), ylabel="Segment")
    return ax


def show_segment(profiles: Profiles, names: Sequence[str], number: int) -> None:
    """Displays one segment beside all customers: the median of every column."""
    at = list(profiles.sizes.index).index(number)
    columns = {
        "this segment": profiles.medians.loc[number],
        "all customers": profiles.market["q50"],
    }
    show_table(pd.DataFrame(columns).rename_axis("median of"), f"{number} · {names[at]}")


def show_customers(customers: pa.Table, number: int, most: int = 5) -> None:
    """Displays the customers who are most certainly in a segment."""
    own = customers.filter(pc.equal(customers["segment"], number)).drop_columns("left_out")
    first = own.sort_by([("certainty", "descending")]).slice(0, most).to_pandas()
    who = pd.Index(first.iloc[:, 0].convert_dtypes())
    show_table(first.iloc[:, 1:].set_index(who), f"The clearest customers of segment {number}")
