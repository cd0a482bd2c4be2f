"""Numbers into names and sentences: every finding on the page is said by a function in here."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from segmentation.analysis.clustering import MIXTURE_STARTS, STARTS, Segments
from segmentation.analysis.diagnostics import Scan
from segmentation.analysis.features import Prepared, Scale
from segmentation.analysis.profiles import FEWEST_TO_DESCRIBE, Profiles
from segmentation.analysis.stability import Stability
from segmentation.data import Columns, InputError, Note

# Kaufman and Rousseeuw (1990), Finding Groups in Data, p. 88: how to read a mean silhouette.
SEPARATION = ((0.70, "strong"), (0.50, "reasonable"), (0.25, "weak"), (-1.1, "hardly any"))
# Hennig (2007), and fpc's clusterboot: how to read a mean Jaccard.
HELD = {
    "stable": ("comes back", "come back", "almost unchanged"),
    "valid": ("comes back", "come back", "with some customers exchanged"),
    "doubtful": ("comes back", "come back", "only in part: not to be relied on"),
    "dissolved": ("dissolves:", "dissolve:", "an accident of this list of customers"),
}
STRONG = 0.8  # Tibshirani and Walther (2005)
MIDDLE = "mid-range"
UNITS = {"eur", "usd", "gbp", "chf", "k$", "$", "€", "£", "k€", "pct", "percent", "%"}


def name_segments(profiles: Profiles, given: Sequence[str] | None = None) -> list[str]:
    """A true and unique name for every segment, or those given, in segment order.

    *High* is said only where the segment's median is above the 75th percentile of all customers,
    *low* where it is below the 25th.
    """
    k = len(profiles.sizes)
    if given is not None:
        if len(given) != k or len(set(given)) < k or not all(name.strip() for name in given):
            raise InputError(
                f"names: {len(given)} given for {k} segments",
                f"give {k} different names, in segment order",
                code="names",
            )
        return list(given)
    phrases = [_phrases(profiles, segment) for segment in profiles.sizes.index]
    names = [_join(choices[:2]) for choices in phrases]
    for words in range(3, len(profiles.features) + 1):
        twice = {name for name in names if names.count(name) > 1}
        names = [
            _join(choices[:words]) if name in twice else name
            for name, choices in zip(names, phrases, strict=True)
        ]
    return [
        name if names.count(name) == 1 else f"{name} ({_middle(profiles, segment)})"
        for name, segment in zip(names, profiles.sizes.index, strict=True)
    ]


def say_feature(name: str) -> str:
    """A column's name as words, its unit dropped: `AnnualIncome_k$` → annual income."""
    words = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", name)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words.replace("_", " ")).strip()
    plain = [w if w.isupper() and len(w) > 1 else w.lower() for w in words.split()]
    while len(plain) > 1 and plain[-1].lower() in UNITS:
        plain.pop()
    return " ".join(plain) or name


def say_number(value: float) -> str:
    """Three significant digits; thousands are separated from 10,000, so that a year is a year."""
    if not np.isfinite(value):
        return "n/a"
    size = abs(value)
    if size >= 1e15 or 0 < size < 0.001:
        return f"{value:.2e}"
    digits = 0 if size >= 100 or size == 0 else 2 - int(np.floor(np.log10(size)))
    text = f"{value:,.{digits}f}" if size >= 9_999.5 else f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def say_share(share: float) -> str:
    """A share in whole per cent, never 0 % or 100 % for a part."""
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")


def say_count(n: int, thing: str) -> str:
    """`1 customer`, `2,000 customers`."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def say_list(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def say_title(profiles: Profiles) -> str:
    """The finding in a line: how many customers, how many segments."""
    k = say_count(len(profiles.sizes), "segment")
    return f"{say_count(profiles.customers, 'customer')} in {k}"


def say_separation(silhouette: float) -> str:
    """One word for the gap between segments: strong, reasonable, weak, hardly any."""
    return next(word for least, word in SEPARATION if silhouette > least)


def say_finding(profiles: Profiles, names: Sequence[str], silhouette: float) -> str:
    """The answer in two sentences: how far apart the segments are, and the largest of them."""
    gap = {
        "strong": "The segments are clearly apart.",
        "reasonable": "The segments are fairly well apart, with customers between them.",
        "weak": "The segments overlap: no clear gap lies between them.",
        "hardly any": "The segments hardly differ: the borders between them are drawn by us.",
    }[say_separation(silhouette)]
    largest = profiles.sizes.idxmax()
    share = say_share(profiles.shares[largest])
    return f"{gap} The largest, {names[largest - 1]}, holds {share} of customers."


def say_limits() -> str:
    """What this report has not looked into, said before anything is believed."""
    return "Not tested here: whether such groups exist in the market, or only on this list."


def say_source(name: str, columns: Columns, notes: Sequence[Note] = ()) -> str:
    """Where the customers come from: the file's name and its size, never its path."""
    made = next((note.what for note in notes if note.code == "orders"), None)
    if made is not None:
        return f"Data: {name}, {made}."
    shape = f"{say_count(columns.rows, 'row')}, {say_count(len(columns.parts), 'column')}"
    return f"Data: {name}, {shape}."


def list_facts(
    prepared: Prepared, profiles: Profiles, silhouette: float
) -> list[tuple[str, str, str]]:
    """The fact tiles: label, figure and remark of each."""
    lost = prepared.rows - profiles.customers
    smallest = int(profiles.sizes.min())
    return [
        ("Customers", f"{profiles.customers:,}", f"{lost:,} left out" if lost else "none left out"),
        (
            "Segments",
            str(len(profiles.sizes)),
            f"on {say_count(len(prepared.features), 'feature')}",
        ),
        ("Smallest segment", f"{smallest:,}", say_share(float(profiles.shares.min()))),
        ("Separation", say_separation(silhouette), "strong, reasonable, weak or hardly any"),
    ]


def say_rows(prepared: Prepared, profiles: Profiles) -> str:
    """How many rows have a segment, and why the others do not."""
    said = f"{profiles.customers:,} of {say_count(prepared.rows, 'row')} have a segment."
    outside = prepared.used - profiles.customers
    if outside:
        said += f" {outside:,} {_are(outside)} in no dense group."
    lost = prepared.rows - prepared.used
    if not lost:
        return said
    because = [f"{name} in {n:,}" for name, n in prepared.missing.items() if n]
    said += f" {lost:,} {_are(lost)} left out, missing {say_list(because)}."
    if lost > 0.1 * prepared.rows:
        worst = max(prepared.missing, key=lambda name: prepared.missing[name])
        said += f" {worst} costs most: leave it out of the features, or fill it (missing: median)."
    return said


def say_orders(notes: Sequence[Note]) -> str:
    """What was made of the order lines, and what was left out of them."""
    return " ".join(f"{note.what}." for note in notes if note.code == "orders")


def say_rfm(rfm: pd.DataFrame) -> str:
    """The RFM segment with the largest share of revenue, against its share of customers."""
    top = rfm["share_of_revenue"].idxmax()
    return (
        f"A second view, by fixed rules instead of likeness: of the RFM segments (recency, "
        f"frequency, monetary value, each scored in fifths), {top} bring the most, "
        f"{say_share(rfm.loc[top, 'share_of_revenue'])} of revenue from "
        f"{say_share(rfm.loc[top, 'share_of_customers'])} of customers."
    )


def say_method(prepared: Prepared, segments: Segments) -> str:
    """Which algorithm drew the segments, with what it was left to decide by itself."""
    how = {
        "kmeans": f"K-Means, the best of {STARTS} starts",
        "gmm": f"a Gaussian mixture with full covariances, the best of {MIXTURE_STARTS} starts",
        "ward": "Ward's method: the two groups that are nearest are joined until these are left",
        "dbscan": "DBSCAN, its reach set so that three customers of four lie in a dense place",
        "hdbscan": "HDBSCAN: groups that stay dense while the reach shrinks",
    }[segments.algorithm]
    if not prepared.sampled:
        return f"The segments are drawn by {how}."
    return (
        f"The segments are drawn by {how}, on a weighted sample of {len(prepared.X):,} customers; "
        f"labels, sizes and profiles are of all {prepared.used:,}."
    )


def say_columns(columns: Columns) -> str:
    """Which columns form the segments, and which were left out altogether."""
    said = f"The segments are formed on {say_list(columns.features)}."
    left = columns.named("left out")
    if left:
        said += f" Left out: {say_list(left)}; the table says why."
    return said


def tabulate_notes(notes: Sequence[Note]) -> pd.DataFrame:
    """What the reader decided and counted: a row a note, with its line and what was said."""
    rows = [(note.column or "the table", note.line, note.what) for note in notes]
    table = pd.DataFrame(rows, columns=["column", "line", "what"]).set_index("column")
    return table if table["line"].notna().any() else table.drop(columns="line")


def say_scales(scales: Sequence[Scale]) -> str:
    """Which features were logged, with their skew before and after."""
    logged = [
        f"{s.feature} (skew {s.skew:.1f}, after the log {s.skew_logged:.1f})"
        for s in scales
        if s.log
    ]
    if not logged:
        return "No feature is logged."
    return f"Logged, because a few large values would own the axis: {say_list(logged)}."


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


def say_k_choice(scan: Scan, segments: Segments, recommended: int) -> str:
    """Which number of segments the scores prefer, and whether the run used it."""
    best = scan.table["silhouette"]
    scale = "The silhouette (0: no gap between segments, 1: wide gaps)"
    if scan.found is not None:
        return (
            f"{segments.title} finds the number of segments itself: {segments.k}. {scale} of "
            f"K-Means on the same features is highest at {recommended} ({best[recommended]:.2f})."
        )
    said = f"{scale} is highest at {recommended} segments ({best[recommended]:.2f})."
    if segments.k != recommended:
        return f"{said} This run was asked for {segments.k} ({best[segments.k]:.2f})."
    runner_up = best.drop(index=recommended).dropna()
    if runner_up.empty:
        return said
    k = int(runner_up.idxmax())
    return f"{said} Next comes {k} ({runner_up[k]:.2f})."


def say_dissent(scan: Scan, chosen: int) -> str:
    """What the other scores prefer."""
    table = scan.table
    prefer = {
        "Calinski–Harabasz": int(table["calinski_harabasz"].idxmax()),
        "Davies–Bouldin (scikit-learn's)": int(table["davies_bouldin"].idxmin()),
    }
    if "bic" in table:
        prefer["BIC"] = int(table["bic"].idxmin())
    if set(prefer.values()) == {chosen}:
        return f"{say_list(list(prefer))} prefer {chosen} segments too."
    said = [f"{name} {k}" for name, k in prefer.items()]
    return f"Preferred numbers of segments by other scores: {say_list(said)}."


def say_stability(stability: Stability) -> str:
    """Which segments come back when the customers are drawn anew, and which do not."""
    times, own = len(stability.overlaps), stability.own
    said = (
        f"The customers were drawn anew {times} times, with repeats, and segmented again. "
        f"A customer lands in the same segment {say_share(stability.same)} of the times; "
        f"{say_share(stability.border)} of the customers stand on a border: they change "
        f"segments in more than one draw of five."
    )
    kinds = {word: [at for at, mean in enumerate(own, 1) if _held(mean) == word] for word in HELD}
    parts = [_say_held(word, numbers) for word, numbers in kinds.items() if numbers]
    return f"{said} {' '.join(parts)}"


def say_overlaps(stability: Stability) -> str:
    """Alt text of the stability figure: how well each segment was found again."""
    own = stability.own
    worst, best = int(own.argmin()), int(own.argmax())
    return (
        f"How well each segment is found again when customers are drawn anew (Jaccard similarity, "
        f"Hennig 2007; 1: the same customers every time, below 0.5: dissolved). Best: segment "
        f"{best + 1} ({own[best]:.2f} on average), worst: segment {worst + 1} ({own[worst]:.2f})."
    )


def say_strength(stability: Stability) -> str:
    """Which numbers of segments one half of the customers predicts for the other."""
    strength = stability.strength["mean"]
    strong = [int(k) for k in strength.index[strength >= STRONG]]
    said = (
        "Prediction strength tells how well segments of one half of the customers sort the other."
    )
    if not strong:
        best = int(strength.idxmax())
        return (
            f"{said} No number of segments reaches {STRONG:.1f}, where they count as "
            f"reproducible; the best is {best} ({strength[best]:.2f})."
        )
    which = say_list([f"{k} ({strength[k]:.2f})" for k in strong])
    return f"{said} It reaches {STRONG:.1f}, where segments count as reproducible, at {which}."


def say_elbow(scan: Scan, elbow: int | None) -> str:
    """Alt text of the two curves over k: where inertia bends, where the silhouette peaks."""
    first, last = scan.table["inertia"].iloc[[0, -1]]
    bend = "without a clear bend" if elbow is None else f"bending most at {elbow} segments"
    whose = "" if scan.found is None else " (here of K-Means, for comparison)"
    return (
        f"Inertia{whose}, the squared distance of customers from their segment's centre, falls "
        f"from {say_number(first)} with {say_count(int(scan.table.index[0]), 'segment')} to "
        f"{say_number(last)} with {scan.table.index[-1]}, {bend}. "
        f"It falls for any data, so it does not choose. The silhouette beside it peaks at "
        f"{scan.table['silhouette'].idxmax()}."
    )


def say_blades(segments: Segments) -> str:
    """Alt text of the silhouette blades: the weakest segment and customers nearer to another."""
    widths = segments.widths
    measured = np.isfinite(widths)
    by_segment = pd.Series(widths[measured]).groupby(segments.labels[measured]).mean()
    weakest, strongest = int(by_segment.idxmin()), int(by_segment.idxmax())
    misplaced = int((widths < 0).sum())
    return (
        f"Silhouette of every customer, by segment: weakest on average in segment {weakest} "
        f"({by_segment[weakest]:.2f}), strongest in segment {strongest} "
        f"({by_segment[strongest]:.2f}). {say_count(misplaced, 'customer')} "
        f"{_are(misplaced)} nearer to another segment than to the own."
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


def say_checked(segments: Segments, rows: int) -> str:
    """That plain scikit-learn found the same segments; said only after the check has passed."""
    if segments.algorithm != "kmeans":
        return f"The check is of K-Means; it does not apply to {segments.title}."
    return (
        f"Plain scikit-learn gives the same {segments.k} segments: "
        f"the labels of all {say_count(rows, 'fitted customer')} agree."
    )


def say_value(profiles: Profiles, value: str) -> str:
    """The segment whose share of the value stands out most against its share of customers."""
    shares = profiles.shares_of_value
    if shares is None:
        return f"{value} has negative sums, so it cannot be shared out."
    top = (shares / profiles.shares).idxmax()
    return (
        f"Segment {top} is {say_share(profiles.shares[top])} of customers and "
        f"{say_share(shares[top])} of {value}."
    )


def _held(overlap: float) -> str:
    if overlap >= 0.75:
        return "stable" if overlap >= 0.85 else "valid"
    return "doubtful" if overlap > 0.5 else "dissolved"


def _say_held(word: str, numbers: Sequence[int]) -> str:
    one, several, how = HELD[word]
    if len(numbers) == 1:
        return f"Segment {numbers[0]} {one} {how}."
    return f"Segments {say_list([str(n) for n in numbers])} {several} {how}."


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _phrases(profiles: Profiles, segment: int) -> list[str]:
    """What may truly be said of a segment: high and low before mid-range, large gaps first."""
    gaps = profiles.differences.loc[segment].abs().sort_values(ascending=False, kind="stable")
    said = [f"{_level(profiles, segment, name)} {say_feature(name)}" for name in gaps.index]
    return sorted(said, key=lambda phrase: phrase.startswith(MIDDLE))


def _level(profiles: Profiles, segment: int, name: str) -> str:
    median, market = profiles.medians.loc[segment, name], profiles.market.loc[name]
    if median > market["q75"]:
        return "high"
    return "low" if median < market["q25"] else MIDDLE


def _join(phrases: list[str]) -> str:
    name = ", ".join(phrases)
    return name[0].upper() + name[1:]


def _middle(profiles: Profiles, segment: int) -> str:
    """What tells segments of one name apart: their medians, but never those of a handful."""
    if profiles.sizes[segment] < FEWEST_TO_DESCRIBE:
        return f"segment {segment}"
    medians = profiles.medians.loc[segment, profiles.features]
    return ", ".join(f"{say_feature(name)} {say_number(value)}" for name, value in medians.items())
