"""What the report found, in sentences: the verdict first, then who is in the segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.sample import Prepared
from segmentation.analysis.portraits.profiles import (
    FEWEST_TO_DESCRIBE,
    Profiles,
    find_clear_residual,
)
from segmentation.analysis.portraits.rules import Rule
from segmentation.analysis.portraits.trial import Trial
from segmentation.analysis.say.trust import say_missed
from segmentation.analysis.trust.stability import Stability
from segmentation.analysis.trust.structure import FEWEST_ROWS
from segmentation.analysis.trust.valleys import UNCLEAR
from segmentation.analysis.trust.verdict import (
    CONSTRUCTIVE,
    NATURAL,
    ONE_GROUP,
    REPRODUCIBLE,
    TOO_FEW,
    Verdict,
)
from segmentation.analysis.words import say_count, say_list, say_share

TITLES = {
    NATURAL: "{customers} in {k} clear groups",
    REPRODUCIBLE: "{customers} in {k} stable bands",
    CONSTRUCTIVE: "{customers}, cut into {k} bands",
    ONE_GROUP: "{customers}, one group",
    TOO_FEW: "{customers}, sorted into {k} segments",
}
FINDINGS = {
    NATURAL: "Clear groups: there are gaps between these customers, and the same groups come back "
    "when the customers change.",
    REPRODUCIBLE: "No gaps found between customers, but stable bands: they come back when the "
    "customers change, yet where one ends and the next begins is our choice.",
    CONSTRUCTIVE: "Arbitrary bands: no gaps were found between customers, and the borders move "
    "when the customers change.",
    ONE_GROUP: "One group: no gaps were found between these customers, and no cut on which two "
    "random halves of them agree reliably. Do not segment on these columns as they are; what "
    "follows only shows what a cut would give.",
    TOO_FEW: f"Too few customers to tell whether groups exist: below {FEWEST_ROWS} this sorts a "
    "list and finds nothing about a market.",
}
IN_WORDS = {
    NATURAL: "clear groups",
    REPRODUCIBLE: "stable bands, no gaps",
    CONSTRUCTIVE: "arbitrary bands",
    ONE_GROUP: "one group: do not segment",
    TOO_FEW: "too few customers to tell",
}
UNFOLLOWED = "There are groups among these customers, but these segments do not follow them: {how}."


def say_kind(verdict: Verdict) -> str:
    """The verdict in a few words, for lists of reports."""
    if verdict.kind != NATURAL and verdict.structure.shown:
        return "groups exist, not these segments"
    return IN_WORDS[verdict.kind]


def say_title(profiles: Profiles, verdict: Verdict) -> str:
    """The finding in a line: how many customers, and what they fall into."""
    customers = say_count(profiles.customers, "customer")
    if verdict.kind != NATURAL and verdict.structure.shown:
        return f"{customers}, cut into {verdict.k} segments"
    title = TITLES[verdict.kind].format(customers=customers, k=verdict.k)
    unclear = any(border.kind == UNCLEAR for border in verdict.borders)
    return title.replace("clear groups", "groups") if unclear else title


def say_finding(verdict: Verdict, features: Sequence[str]) -> str:
    """The verdict in words, and whether other segments are better than those asked for."""
    if verdict.kind == NATURAL or not verdict.structure.shown:
        said = FINDINGS[verdict.kind]
    else:
        cut = " and ".join(map(str, verdict.split[0])) if verdict.split else ""
        how = f"no gap can be shown between {cut}"
        if not verdict.stable:
            how = "they change when the customers change"
        said = UNFOLLOWED.format(how=how)
    if verdict.kind in (ONE_GROUP, TOO_FEW):
        return said
    known = f"{said}{_say_unclear(verdict)}{say_missed(verdict)}"
    return f"{known}{_say_gapped(verdict, features)}{_say_recommended(verdict)}"


def _say_unclear(verdict: Verdict) -> str:
    """Between which segments of clear groups a gap may or may not lie."""
    unclear = [f"{b.one} and {b.other}" for b in verdict.borders if b.kind == UNCLEAR]
    if verdict.kind != NATURAL or not unclear:
        return ""
    more = f"; the same holds for {', '.join(unclear[1:])}" if len(unclear) > 1 else ""
    return f" Whether segments {unclear[0]} are two groups or one cannot be told{more}."


def _say_gapped(verdict: Verdict, features: Sequence[str]) -> str:
    """Where the gaps are, when the segments miss them."""
    if verdict.kind == NATURAL or not 0 < len(verdict.gapped) < len(features):
        return ""
    alone = "this column" if len(verdict.gapped) == 1 else "these columns"
    return (
        f" Taken one by one, only {say_list(verdict.gapped)} "
        f"{'has' if len(verdict.gapped) == 1 else 'have'} gaps: segmenting on {alone} alone may "
        f"follow them."
    )


def _say_recommended(verdict: Verdict) -> str:
    better = "" if verdict.follows else f"{verdict.recommended} are recommended."
    if verdict.kind == NATURAL and verdict.apart:
        apart = f"{verdict.apart} can be told apart"
        return (
            f" These {verdict.k} segments put some groups together: {apart}"
            f"{f', and {better}' if better else '.'}"
        )
    return f" This run was asked for {verdict.k} segments; {better}" if better else ""


def say_limits(verdict: Verdict) -> str:
    """What the verdict does not cover, said before anything is believed."""
    held = "This holds for these columns and this list of customers"
    if verdict.structure.may_miss and verdict.structure.tested:
        held += f"; among {verdict.structure.rows} customers gaps are easily missed"
    return f"{held}. Trying many sets of columns and keeping the best would void it."


def list_facts(
    prepared: Prepared, profiles: Profiles, stability: Stability
) -> list[tuple[str, str, str]]:
    """The fact tiles: label, figure and remark of each."""
    lost = prepared.rows - profiles.customers
    features = say_count(len(prepared.features), "feature")
    times = 100 if stability.same == 1 else min(round(100 * stability.same), 99)
    return [
        ("Customers", f"{profiles.customers:,}", f"{lost:,} left out" if lost else "none left out"),
        ("Segments", str(len(profiles.sizes)), f"on {features}"),
        ("Same segment", f"{times} of 100", "times, when customers change"),
        ("On a border", say_share(stability.border), "of customers change segments easily"),
    ]


def say_map(
    prepared: Prepared, segments: Segments, features: Sequence[int], rows: np.ndarray
) -> str:
    """Alt text of the map: its axes, its segments and how many customers are drawn."""
    scales = [prepared.scales[at] for at in features]
    if len(scales) == 1:
        return (
            f"How {prepared.used:,} customers spread over {scales[0].feature}, "
            f"coloured by their {segments.k} segments."
        )
    logged = any(scale.log for scale in scales)
    middle = "mean (on a log scale: the geometric mean)" if logged else "mean"
    part = "" if len(rows) == prepared.used else f" Drawn: {len(rows):,} of {prepared.used:,}."
    if (segments.labels == 0).any():
        part += " Small grey crosses are customers in no segment."
    return (
        f"Customers by {scales[0].feature} (across) and {scales[1].feature} (up), coloured by "
        f"their {segments.k} segments. A red X marks the {middle} of each segment.{part}"
    )


def say_components(explained: float, features: int) -> str:
    """Alt text of the principal-component map, with the share of variance that it keeps."""
    return (
        f"All {features} features pressed into the two directions in which customers differ most. "
        f"They keep {say_share(explained)} of the differences; the rest is not in the picture."
    )


def say_sizes(profiles: Profiles) -> str:
    """Alt text of the size bars: the largest and the smallest segment."""
    large, small = profiles.sizes.idxmax(), profiles.sizes.idxmin()
    return (
        f"Segment {large} is the largest with {say_count(profiles.sizes[large], 'customer')} "
        f"({say_share(profiles.shares[large])}), segment {small} the smallest with "
        f"{profiles.sizes[small]:,} ({say_share(profiles.shares[small])})."
    )


def say_differences(profiles: Profiles) -> str:
    """Alt text of the heat map: the largest difference of any segment from all customers."""
    shown = profiles.differences[profiles.sizes >= FEWEST_TO_DESCRIBE]
    if shown.empty:
        return "Every segment is too small to be described."
    segment, feature = shown.abs().stack().idxmax()
    gap = shown.loc[segment, feature]
    return (
        f"How far each segment's mean is from the mean of all customers, in standard deviations. "
        f"Furthest: segment {segment} in {feature}, {abs(gap):.1f} "
        f"{'above' if gap > 0 else 'below'}."
    )


def say_value(profiles: Profiles, value: str) -> str:
    """The segment whose share of the value stands out most against its share of customers."""
    shares = profiles.shares_of_value
    if shares is None:
        return f"{value} adds up to nothing, or to less in a segment: it cannot be shared out."
    top = (shares / profiles.shares).idxmax()
    return (
        f"Segment {top} is {say_share(profiles.shares[top])} of customers and "
        f"{say_share(shares[top])} of {value}."
    )


def say_rfm(rfm: pd.DataFrame) -> str:
    """The RFM segment with the largest share of revenue, against its share of customers."""
    shares = rfm["share_of_revenue"].dropna()
    if shares.empty:
        return "There are too few customers to describe them by RFM segments."
    top = shares.idxmax()
    return (
        f"A second view, by fixed rules instead of likeness: of the RFM segments (recency, "
        f"frequency, monetary value, each scored in fifths), {top} bring the most, "
        f"{say_share(rfm.loc[top, 'share_of_revenue'])} of revenue from "
        f"{say_share(rfm.loc[top, 'share_of_customers'])} of customers."
    )


def say_rules(rules: Sequence[Rule], numbers: Sequence[int]) -> str:
    """How far short rules find the segments of these numbers, on customers held out meanwhile."""
    found = [rule.coverage for rule in rules if np.isfinite(rule.coverage)]
    if not found:
        return "There are too few customers in a segment to check a rule on others."
    right = [rule.precision for rule in rules if np.isfinite(rule.precision)]
    said = (
        f"Checked on customers that were held out: of those who meet a segment's rule, "
        f"{say_range(right)} belong to it; of the segment's customers, {say_range(found)} meet it."
    )
    without = [str(at) for at, rule in zip(numbers, rules, strict=True) if not rule.text]
    if not without:
        return said
    one = len(without) == 1
    return f"{said} No short rule finds segment{'' if one else 's'} {say_list(without)}."


def say_range(shares: Sequence[float]) -> str:
    """`62 to 98 %`, or one share where they are alike."""
    low, high = say_share(min(shares)), say_share(max(shares))
    return low if low == high else f"{low} to {high}"


def say_descriptors(crossed: dict[str, pd.DataFrame]) -> str:
    """The category of another column that is most clearly more or less frequent in a segment."""
    strong = [
        (abs(residual), name, category, segment)
        for name, table in crossed.items()
        for (category, segment), residual in table["residual"].dropna().items()
    ]
    largest = max(strong, default=(0.0, "", "", 0))
    if largest[0] < find_clear_residual(crossed):
        return "No category of another column goes clearly together with a segment."
    _, name, category, segment = largest
    own = crossed[name].loc[(category, segment)]
    more = "more" if own["residual"] > 0 else "less"
    return (
        f"Of the categories of other columns, one stands out most clearly: in segment {segment}, "
        f"“{category}” ({name}) is {more} frequent ({say_share(own['share'])}, against "
        f"{say_share(own['share_of_all'])} of all customers)."
    )


def say_next_step(trial: Trial, passports: pd.DataFrame, verdict: Verdict, logged: bool) -> str:
    """The one honest next step: whom to try something on, and what such a trial could show.

    `logged` says that the features should be logged first.
    """
    if logged:
        return "Rerun this report on the logged features (transform: auto) before acting on it."
    if verdict.kind == ONE_GROUP:
        return (
            "Do not act on these segments. Look for columns that say what customers want or do, "
            "and segment on those."
        )
    customers = say_count(trial.customers, "customer")
    if not np.isfinite(trial.difference):
        return (
            f"Collect more customers before acting on these segments: the halves of {customers} "
            f"are too small for a trial."
        )
    name, rule = passports.loc[trial.segment, ["name", "rule"]]
    who = (
        f"{trial.segment} ({name})"
        if name.lower() == rule.lower() or not rule
        else (f"{trial.segment} ({name}; by rule: {rule})")
    )
    said = f"Try one thing on half of segment {who}, and nothing on the other half."
    return (
        f"{said} With {customers} such a test shows a rise from 10 % of customers responding to "
        f"{say_share(0.10 + trial.difference)} or more, in four of five cases; a smaller one is "
        f"missed more often."
    )
