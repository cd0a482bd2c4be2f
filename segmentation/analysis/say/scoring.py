"""New customers placed by an earlier report, in sentences, tables and a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from segmentation.analysis.later.drift import MUCH, Shift
from segmentation.analysis.later.model import Model
from segmentation.analysis.later.scoring import Match, Scored
from segmentation.analysis.results import make_finite
from segmentation.analysis.say.head import orders_line as find_making
from segmentation.analysis.show.style import segment_colour
from segmentation.analysis.words import say_are, say_count, say_list, say_share
from segmentation.data import Note, Source

SAME = 0.005  # of a share
UNJUDGED = (
    "Nothing was fitted anew: each customer got the segment that the earlier report's model "
    "gives, whose verdict was: {verdict}. Whether segments still fit these customers is not judged "
    "here; that takes a report of its own."
)


def say_placed_title(counted: Scored, report: str) -> str:
    """The finding in a line: how many customers were placed, and by which report."""
    return f"{say_count(counted.placed, 'customer')} placed in the segments of {report}"


def say_placed(counted: Scored, model: Model) -> str:
    """The largest segment now, and the one whose share differs most from that of the report."""
    if counted.placed == 0:
        return "No customer could be placed."
    table = tabulate_placed(counted, model)
    largest = table["customers"].idxmax()
    said = (
        f"The largest is segment {largest} ({table.loc[largest, 'name']}), with "
        f"{say_share(table.loc[largest, 'share'])} of them."
    )
    moved = table["share"] - table["share_then"]
    most = moved.abs().idxmax()
    if abs(moved[most]) < SAME:
        return (
            f"{said} Every segment's share is within half a percentage point of what it was when "
            f"the segments were formed."
        )
    whose = f"the share of segment {most} ({table.loc[most, 'name']})"
    return (
        f"{said} Against the customers that the segments were formed on, "
        f"{'its share' if most == largest else whose} differs most: "
        f"{say_share(table.loc[most, 'share_then'])} then, {say_share(table.loc[most, 'share'])} "
        f"now."
    )


def say_unjudged(counted: Scored, model: Model) -> str:
    """What was not judged, the verdict of the report, and features that differ much by now."""
    said, much = UNJUDGED.format(verdict=model.verdict), _list_much(counted)
    if not much:
        return said
    return f"{said} These customers differ much from those before in {say_list(much)}."


def list_placed(counted: Scored, model: Model) -> list[tuple[str, str, str]]:
    """The fact tiles: label, figure and remark of each."""
    left = counted.rows - counted.placed
    beyond = counted.outside_rows / counted.rows if counted.rows else 0.0
    return [
        ("Placed", f"{counted.placed:,}", f"of {say_count(counted.rows, 'customer')}"),
        ("Segments", str(len(model.numbers)), "of the earlier report"),
        ("Left out", f"{left:,}", "they lack what a segment needs" if left else "none"),
        ("Beyond", say_share(beyond), "of customers: in a feature unlike any before"),
    ]


def tabulate_placed(counted: Scored, model: Model) -> pd.DataFrame:
    """A row a segment: name, customers and share now, share_then of those it was formed on."""
    sizes = pd.Series(counted.sizes).rename_axis("segment")
    then = pd.Series(model.sizes, index=model.numbers)
    return pd.DataFrame(
        {
            "name": pd.Series(model.names, index=model.numbers),
            "customers": sizes,
            "share": sizes / max(int(sizes.sum()), 1),
            "share_then": then / max(int(then.sum()), 1),
        }
    ).rename_axis("segment")


def tabulate_shares(counted: Scored, model: Model) -> pd.DataFrame:
    """`tabulate_placed` for readers: shares in per cent, the segment with its name."""
    table = tabulate_placed(counted, model)
    shares = table[["share", "share_then"]].map(say_share)
    shares.insert(0, "customers", table["customers"])
    shares.index = pd.Index(
        [f"{number} · {name}" for number, name in table["name"].items()], name="segment"
    )
    return shares.rename(columns={"share": "share now", "share_then": "share then"})


def plot_shares(counted: Scored, model: Model, ax: Axes) -> Axes:
    """Every segment's share of the customers now, with a line where it was then."""
    table = tabulate_placed(counted, model)
    at = np.arange(len(table))
    ax.barh(at, 100 * table["share"], color=[segment_colour(n) for n in table.index], height=0.6)
    ax.vlines(100 * table["share_then"], at - 0.42, at + 0.42, color="#1f2933", linewidth=2)
    ax.set_yticks(at, [f"Segment {number}" for number in table.index])
    ax.invert_yaxis()
    ax.set_xlabel("% of customers (line: when the segments were formed)")
    return ax


def say_shares(counted: Scored, model: Model) -> str:
    """Alt text of the shares: every segment's share now and then."""
    table = tabulate_placed(counted, model)
    parts = [
        f"segment {row.Index} {say_share(row.share)} now, {say_share(row.share_then)} then"
        for row in table.itertuples()
    ]
    return f"Share of the customers by segment: {'; '.join(parts)}."


def say_unplaced(counted: Scored) -> str:
    """How many customers have no segment, by reason."""
    left = counted.rows - counted.placed
    if not left:
        return "Every customer has a segment."
    because = [f"{reason.replace(': ', ' ')} in {n:,}" for reason, n in counted.left_out.items()]
    return (
        f"{say_count(left, 'customer')} of {counted.rows:,} {say_are(left)} left out: "
        f"{say_list(because)}. The list of customers says of each one why."
    )


def say_outside(counted: Scored) -> str:
    """How many customers are beyond the values that the segments were formed on, by feature."""
    if not counted.outside_rows:
        return "No value lies beyond those that the segments were formed on."
    said = []
    for feature, (below, above) in counted.outside.items():
        ends = [f"{n:,} {side}" for n, side in ((below, "below"), (above, "above")) if n]
        said.append(f"{feature} ({' and '.join(ends)})")
    return (
        f"{say_count(counted.outside_rows, 'customer')} "
        f"{'has a value' if counted.outside_rows == 1 else 'have values'} below or above all that "
        f"the segments were formed on: {say_list(said)}. They have the nearest segment, though "
        f"nobody like them was there when it was formed."
    )


def say_shifts(counted: Scored) -> str:
    """In which features these customers differ from those of the report, beyond chance."""
    shown = {name: shift.index for name, shift in counted.shifts.items() if shift.shown}
    if not shown:
        return (
            "In no feature do these customers differ from those that the segments were formed "
            "on by more than chance."
        )
    much = _list_much(counted)
    some = [name for name in shown if name not in much]
    said = []
    if much:
        said.append(
            f"These customers differ much in {say_list(much)}: the segments may no longer fit; "
            f"make a report of these customers."
        )
    if some:
        said.append(
            f"They differ {'in' if much else 'by more than chance in'} {say_list(some)}, "
            f"less than would call the segments in question."
        )
    return " ".join(said)


def _list_much(counted: Scored) -> list[str]:
    return [n for n, shift in counted.shifts.items() if shift.shown and shift.index >= MUCH]


def tabulate_shifts(shifts: Mapping[str, Shift]) -> pd.DataFrame:
    """A row a feature: its population stability index, and what chance alone reaches."""
    rows = {
        name: [_say_index(shift.index), _say_index(shift.by_chance)]
        for name, shift in shifts.items()
    }
    heads = ["population stability index", "by chance, at most"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=heads).rename_axis("feature")


def _say_index(index: float) -> str:
    return "0" if index == 0 else "under 0.001" if index < 0.001 else f"{index:.3f}"


def say_match(match: Match) -> str:
    """Which columns are no longer there, are new, or hold something else now."""
    said = []
    if match.missing:
        said.append(f"No longer there: {say_list(match.missing)}.")
    if match.extra:
        said.append(f"New, and not used: {say_list(match.extra)}.")
    said += [f"{name} was a {old}, is a {new} now." for name, (old, new) in match.retyped.items()]
    if not said:
        return "The columns are those that the segments were formed on."
    return f"{' '.join(said)} None of these forms the segments."


def say_new_source(source: Source, counted: Scored, notes: list[Note]) -> str:
    """Where the new customers come from: never the file's path."""
    return f"Data: {source.name}, {find_making(notes) or say_count(counted.rows, 'row')}."


def describe_scored(
    counted: Scored, model: Model, match: Match, headline: str, report: str
) -> dict[str, Any]:
    """The record result.json of customers that were placed; there is no verdict in it."""
    record = {
        "title": headline,
        "k": len(model.numbers),
        "sizes": list(counted.sizes.values()),
        "colours": [segment_colour(number) for number in model.numbers],
        "rows": counted.rows,
        "rows_used": counted.placed,
        "features": model.features,
        "names": model.names,
        "verdict": {"kind": None, "in_words": f"placed in the segments of {report}"},
        "segments": tabulate_placed(counted, model).reset_index().to_dict("records"),
        "left_out": counted.left_out,
        "outside": counted.outside,
        "outside_rows": counted.outside_rows,
        "certainty": counted.certainty,
        "shifts": {name: asdict(shift) for name, shift in counted.shifts.items()},
        "columns_missing": match.missing,
        "columns_extra": match.extra,
        "columns_retyped": match.retyped,
    }
    finite: dict[str, Any] = make_finite(record)
    return finite
