"""Two published reports side by side, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from segmentation.analysis.later.comparing import ALIKE, Comparison, Unfollowed
from segmentation.analysis.words import (
    MISSING,
    say_count,
    say_list,
    say_of_100,
    say_score,
    say_share,
)


def compared_title(compared: Comparison) -> str:
    """Returns the headline: which two."""
    return "{} and {}, side by side".format(*compared.names)


def together(compared: Comparison) -> str:
    """Says how far the two put the same customers together."""
    if not compared.shared:
        return (
            f"Customers cannot be followed: {_explain(compared)}. So the segments are compared "
            f"by what is typical of them."
        )
    sentence = f"{say_count(compared.shared, 'customer')} have a segment in both."
    if compared.agreement >= ALIKE:
        return f"{sentence} The two are one segmentation in practice."
    (one, other), (there, back) = compared.names, map(say_of_100, compared.together)
    return (
        f"{sentence} {there} of 100 stay together from {one} to {other}, {back} of 100 from "
        f"{other} to {one}: they go where most of their segment goes."
    )


def agreement(compared: Comparison) -> str:
    """Says the adjusted Rand index of the customers in both; nothing if there are none."""
    if not compared.shared:
        return ""
    return (
        f"Adjusted Rand index: {say_score(compared.agreement)}, where 1 is the same segments and "
        f"0 what chance would give."
    )


def incomparable(compared: Comparison) -> str:
    """Says that scores on different features or tables are no grounds, if they differ."""
    if not compared.differ_in:
        return ""
    return (
        f"Scores of different {say_list(compared.differ_in)} cannot be compared, and did not "
        f"decide."
    )


def compared_tiles(compared: Comparison) -> list[tuple[str, str, str]]:
    """Returns the fact tiles: label, figure and remark of each."""
    tiles = [
        (report.name, str(report.result.get("k")), f"segments: {report.verdict.get('in_words')}")
        for report in (compared.one, compared.other)
    ]
    tiles.append(("In both", f"{compared.shared:,}", "customers with a segment"))
    stay = f"{say_of_100(min(compared.together))} of 100" if compared.shared else MISSING
    return [*tiles, ("Stay together", stay, "customers, seen from either report")]


def compared_flow(compared: Comparison) -> str:
    """Returns the alt text of the flow: where most of each segment of one is in the other."""
    parts = [
        f"{say_share(row.max() / row.sum())} of segment {number} in segment {row.idxmax()}"
        for number, row in compared.flow.iterrows()
    ]
    return f"Where the customers of {compared.one.name} are in {compared.other.name}: " + (
        f"{say_list(parts)}."
    )


def compared_maps(compared: Comparison, features: Sequence[str]) -> str:
    """Returns the alt text of the maps: the axes, and how many segments each has."""
    ks = [report.result.get("k") for report in (compared.one, compared.other)]
    return (
        f"The segments of both by their medians of {features[0]} (across) and {features[1]} (up), "
        f"as large as their share of customers: {ks[0]} in {compared.one.name}, {ks[1]} in "
        f"{compared.other.name}."
    )


def nearest(compared: Comparison) -> str:
    """Says which segments of the two are most alike by their medians, or that none can be told."""
    if compared.apart.empty:
        return (
            "The two have no feature in common whose spread is known, so their segments cannot be "
            "compared by profiles."
        )
    pairs = [
        f"segment {number} is most like segment {other}"
        for number, other in compared.apart.idxmin(axis=1).items()
    ]
    one, other = compared.names
    return f"By what is typical, of {one} and {other}: {say_list(pairs)}."


def _explain(compared: Comparison) -> str:
    """Says why customers cannot be followed."""
    if compared.unfollowed is Unfollowed.NO_CUSTOMER_IN_BOTH:
        return "they have no customer in common"
    one, other = compared.one, compared.other
    if compared.unfollowed is Unfollowed.NO_ID:
        without = [report.name for report in (one, other) if report.result.get("id") is None]
        return f"no column of {say_list(without)} names them"
    return (
        f"{one.name} names them by {one.result.get('id')}, {other.name} by {other.result.get('id')}"
    )
