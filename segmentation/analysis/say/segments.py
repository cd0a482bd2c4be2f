"""Who is in the segments and how they differ, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE
from segmentation.analysis.portraits.profiles import Profiles, find_clear_residual
from segmentation.analysis.portraits.rfm import Rfm
from segmentation.analysis.trust.opinions import Opinions
from segmentation.analysis.trust.verdict import Verdict
from segmentation.analysis.words import say_count, say_segments, say_share
from segmentation.data.published.vocabulary import ONE_GROUP


def value_shares(profiles: Profiles, value: str | None) -> str:
    """Names the segment with the most value per customer; nothing without a value column."""
    shares = profiles.shares_of_value
    if value is None:
        return ""
    if shares is None:
        return f"{value} adds up to nothing, or to less in a segment: it cannot be shared out."
    top = (shares / profiles.shares).idxmax()
    return (
        f"Segment {top} is {say_share(profiles.shares[top])} of customers and "
        f"{say_share(shares[top])} of {value}."
    )


def segment_map(segmentation: Segmentation, features: Sequence[int], rows: np.ndarray) -> str:
    """Returns the map's alt text: its axes, its segments and how many customers are drawn."""
    sample = segmentation.sample
    scales = [sample.scales[position] for position in features]
    if len(scales) == 1:
        return (
            f"How {sample.used:,} customers spread over {scales[0].feature}, "
            f"coloured by their {segmentation.k} segments."
        )
    logged = any(scale.log for scale in scales)
    middle = "mean (on a log scale: the geometric mean)" if logged else "mean"
    part = "" if len(rows) == sample.used else f" Drawn: {len(rows):,} of {sample.used:,}."
    if (segmentation.segments.labels == 0).any():
        part += " Small grey crosses are customers in no segment."
    return (
        f"Customers by {scales[0].feature} (across) and {scales[1].feature} (up), coloured by "
        f"their {segmentation.k} segments. A red X marks the {middle} of each segment.{part}"
    )


def components(explained: float, features: int) -> str:
    """Returns the alt text of the principal-component map, with the variance that it keeps."""
    return (
        f"All {features} features pressed into the two directions in which customers differ most. "
        f"They keep {say_share(explained)} of the differences; the rest is not in the picture."
    )


def sizes(profiles: Profiles) -> str:
    """Returns the alt text of the size bars: the largest and the smallest segment."""
    large, small = profiles.sizes.idxmax(), profiles.sizes.idxmin()
    return (
        f"Segment {large} is the largest with {say_count(profiles.sizes[large], 'customer')} "
        f"({say_share(profiles.shares[large])}), segment {small} the smallest with "
        f"{profiles.sizes[small]:,} ({say_share(profiles.shares[small])})."
    )


def differences(profiles: Profiles) -> str:
    """Returns the heat map's alt text: the largest difference from all customers."""
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


def descriptors(profiles: Profiles) -> str:
    """Names the category of another column most clearly associated with a segment."""
    crossed = profiles.crossed
    if not crossed:
        return ""
    strong = [
        (abs(residual), name, category, segment)
        for name, table in crossed.items()
        for (category, segment), residual in table["residual"].dropna().items()
    ]
    largest = max(strong, default=(0.0, "", "", 0))
    if largest[0] < find_clear_residual(crossed):
        return "No category of another column goes clearly together with a segment."
    _, name, category, segment = largest
    cell = crossed[name].loc[(category, segment)]
    more = "more" if cell["residual"] > 0 else "less"
    return (
        f"Of the categories of other columns, one stands out most clearly: in segment {segment}, "
        f"“{category}” ({name}) is {more} frequent ({say_share(cell['share'])}, against "
        f"{say_share(cell['share_of_all'])} of all customers)."
    )


def rfm_segments(rfm: Rfm | None) -> str:
    """Names the RFM segment with the largest share of revenue; nothing without orders."""
    if rfm is None:
        return ""
    table = rfm.table
    shares = table["share_of_revenue"].dropna()
    if shares.empty:
        return "There are too few customers to describe them by RFM segments."
    top = shares.idxmax()
    return (
        f"A second view, by fixed rules instead of likeness: of the RFM segments (recency, "
        f"frequency, monetary value, each scored in fifths), {top} bring the most, "
        f"{say_share(table.loc[top, 'share_of_revenue'])} of revenue from "
        f"{say_share(table.loc[top, 'share_of_customers'])} of customers."
    )


def rules(portraits: Portraits) -> str:
    """Returns how well short rules find the segments, on held-out customers."""
    passports = portraits.passports
    coverage, precision = (list(passports[n].dropna()) for n in ("coverage", "precision"))
    if not coverage:
        return "There are too few customers in a segment to check a rule on others."
    text = (
        f"Checked on customers that were held out: of those who meet a segment's rule, "
        f"{range_of(precision)} belong to it; of the segment's customers, {range_of(coverage)} "
        f"meet it."
    )
    without = [number for number, rule in portraits.rules.items() if not rule.text]
    return f"{text} No short rule finds {say_segments(without)}." if without else text


def range_of(shares: Sequence[float]) -> str:
    """Writes `62 to 98 %`, or a single share if they are alike."""
    low, high = say_share(min(shares)), say_share(max(shares))
    return low if low == high else f"{low} to {high}"


def next_step(portraits: Portraits, verdict: Verdict, opinions: Opinions) -> str:
    """Returns the one honest next step: whom to try something on, and what that could show."""
    trial, passports = portraits.trial, portraits.passports
    if opinions.logged is not None:
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
    text = f"Try one thing on half of segment {who}, and nothing on the other half."
    return (
        f"{text} With {customers} such a test shows a rise from 10 % of customers responding to "
        f"{say_share(0.10 + trial.difference)} or more, in four of five cases; a smaller one is "
        f"missed more often."
    )
