"""One-liners for the end of the report's notebook: another map, one feature, a few customers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes

from segmentation.analysis import say
from segmentation.analysis.fitting.sample import draw_by_weight
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.fitting.segmentation import Segmentation, segment_sample
from segmentation.analysis.portraits.drawn import choose_axes
from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.show.maps import plot_map
from segmentation.analysis.show.page import figure
from segmentation.analysis.show.style import DARK, WIDEST_LABEL, drawing, segment_colour
from segmentation.analysis.show.tables import table
from segmentation.analysis.words import say_number, shorten


def map_of(scan: Scan, k: int, features: Sequence[str] | None = None, most: int = 100) -> None:
    """Displays the map of another number of segments, on two features.

    By default those in which the segments differ most. At most `most` customers are drawn.
    """
    segmentation = segment_sample(scan.sample, scan.fits[k])
    axes = choose_axes(segmentation)
    if features is not None:
        axes = [scan.sample.features.index(name) for name in features]
    rows = draw_by_weight(scan.sample.weights, most, seed=0)
    with drawing() as (ax,):
        plot_map(segmentation, axes, rows, ax)
    figure(ax, say.segment_map(segmentation, axes, rows))


def feature(segmentation: Segmentation, name: str) -> None:
    """Displays how one feature spreads in every segment: a box for the middle half."""
    values, labels = segmentation.sample.frame[name], segmentation.labels
    with drawing(height=0.8 + 0.4 * segmentation.k) as (ax,):
        plot_feature(values, segmentation, ax)
    medians = {n: values[labels == n].median() for n in segmentation.numbers}
    most, least = max(medians, key=medians.__getitem__), min(medians, key=medians.__getitem__)
    high, low = say_number(medians[most]), say_number(medians[least])
    sentence = f"The median is highest in segment {most} ({high}) and lowest in segment {least}"
    figure(ax, f"{name} by segment. {sentence} ({low}).")


def plot_feature(values: pd.Series, segmentation: Segmentation, ax: Axes) -> Axes:
    """Draws a box for each segment: the middle half, whiskers to the 5th and 95th percentile."""
    numbers, labels = segmentation.numbers, segmentation.labels
    boxes = ax.boxplot(
        [values[labels == number] for number in numbers],
        orientation="horizontal",
        whis=(5, 95),
        showfliers=False,
        patch_artist=True,
        tick_labels=list(map(str, numbers)),
        medianprops={"color": DARK},
    )
    for box, number in zip(boxes["boxes"], numbers, strict=True):
        box.set_facecolor(segment_colour(number))
    ax.invert_yaxis()
    ax.set(xlabel=shorten(str(values.name), WIDEST_LABEL), ylabel="Segment")
    return ax


def segment(portraits: Portraits, number: int) -> None:
    """Displays one segment beside all customers: the median of every column."""
    profiles = portraits.profiles
    columns = {
        "this segment": profiles.medians.loc[number],
        "all customers": profiles.market["q50"],
    }
    title = f"{number} · {portraits.names[number]}"
    table(pd.DataFrame(columns).rename_axis("median of"), title)


def customers(listed: pa.Table, number: int, most: int = 5) -> None:
    """Displays the customers who are most certainly in a segment."""
    members = listed.filter(pc.equal(listed["segment"], number)).drop_columns("left_out")
    first = members.sort_by([("certainty", "descending")]).slice(0, most).to_pandas()
    who = pd.Index(first.iloc[:, 0].convert_dtypes())
    table(first.iloc[:, 1:].set_index(who), f"The clearest customers of segment {number}")
