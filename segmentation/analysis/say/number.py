"""Why this number of segments: what is recommended, what comes next, what other scores prefer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.trust.choice import Choice
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.gap_statistic import choose_by_gap
from segmentation.analysis.trust.lineage import MOSTLY, Lineage
from segmentation.analysis.trust.logged import Handful
from segmentation.analysis.trust.near_ties import WITHIN
from segmentation.analysis.trust.opinions import Opinions
from segmentation.analysis.trust.resamples import STRONG, VALID
from segmentation.analysis.words import (
    say_are,
    say_count,
    say_list,
    say_number,
    say_segments,
    say_share,
)

RESERVATIONS = {
    "weak": "not every segment comes back",
    "split": "a group is cut where no gap can be shown",
    "tiny": "one of them is too small to act on",
}
PASSED_OVER = {
    "weak": "not every segment would come back",
    "split": "a group would be cut where no gap can be shown",
    "tiny": "one segment would be too small to act on",
}
LARGEST_HANDFUL = 100  # customers; a larger group split off is a small part


def choice_of_k(scan: Scan, choice: Choice, segmentation: Segmentation) -> str:
    """Returns which number of segments is recommended, why, and whether the run used it."""
    row = choice.table.loc[choice.k]
    if choice.reproducible:
        text = (
            f"{choice.k} segments are recommended: the largest number of those tried, "
            f"{choice.table.index[0]} to {choice.table.index[-1]}, at which one half of the "
            f"customers sorts the other half reliably and every segment comes back."
        )
    elif choice.k in choice.strong:
        text = (
            f"{choice.k} segments are recommended with a reservation: one half of the customers "
            f"sorts the other half reliably, but {RESERVATIONS[row['veto']]}."
        )
    elif choice.strong:
        text = (
            f"With {say_list([str(k) for k in choice.strong])} segments one half of the customers "
            f"sorts the other half reliably, but one of them is too small to act on; of other "
            f"numbers {choice.k} comes nearest ({_below(row['strength'])}; {STRONG:.2f} is needed)."
        )
    else:
        text = (
            f"At no number of segments does one half of the customers sort the other half "
            f"reliably; {choice.k} comes nearest ({_below(row['strength'])}; {STRONG:.2f} is "
            f"needed)."
        )
    if scan.found is not None:
        own = f"{segmentation.title} finds the number of segments itself: {segmentation.k}."
        return f"{own} For K-Means: {text}"
    finer = [k for k in choice.strong if k > choice.k]
    if choice.reproducible and finer:
        text += f" With {finer[0]}, {PASSED_OVER[choice.table.loc[finer[0], 'veto']]}."
    if segmentation.k != choice.k:
        text += f" This run was asked for {segmentation.k}."
    return text


def runner_up(choice: Choice) -> str:
    """Returns what would justify the next best number of segments."""
    if choice.runner_up is None:
        return "No other number of segments is worth considering."
    k = choice.runner_up
    row = choice.table.loc[k]
    if row["strength"] >= STRONG and not row["veto"]:
        view = "coarser" if k < choice.k else "finer"
        return f"Prefer {k} if a {view} view serves better: it comes back as reliably."
    least, wanted = row["least_jaccard"], []
    if row["strength"] < STRONG:
        now = _below(row["strength"])
        wanted.append(f"that one half sorts the other reliably (now {now}; {STRONG:.2f} is needed)")
    if least < VALID:
        wanted.append(f"that its weakest segment comes back (now {_below(least)}, not {VALID:.2f})")
    if not wanted:
        return f"Next comes {k}, but it cuts a group where no gap can be shown."
    return f"Next comes {k}. To prefer it, more or newer customers must show {say_list(wanted)}."


def dissent(scan: Scan, evidence: Evidence, opinions: Opinions, chosen: int) -> str:
    """Returns which numbers of segments the other scores prefer."""
    table, gap = scan.table, opinions.gap
    structure = evidence.structure
    prefer = {
        "the silhouette": int(table["silhouette"].idxmax()),
        "Calinski–Harabasz": int(table["calinski_harabasz"].idxmax()),
        "Davies–Bouldin (scikit-learn's)": int(table["davies_bouldin"].idxmin()),
        "the gap statistic": choose_by_gap(gap["gap"], gap["se"]),
    }
    if "bic" in table:
        prefer["BIC"] = int(table["bic"].idxmin())
    if structure.shown:
        prefer["gaps between customers"] = structure.k
    agree = [name for name, k in prefer.items() if k == chosen]
    differ = [f"{name} {k}" for name, k in prefer.items() if k != chosen]
    if not differ:
        return f"All other scores prefer {chosen} too: {say_list(agree)}."
    if not agree:
        return f"Other scores prefer other numbers: {say_list(differ)}."
    verb = "prefers" if len(agree) == 1 else "prefer"
    return (
        f"Of the other scores, {say_list(agree)} {verb} {chosen} too; dissent: {say_list(differ)}."
    )


def strength(evidence: Evidence) -> str:
    """Returns at which numbers of segments one half of the customers predicts the other."""
    means = evidence.resamples.strength["mean"]
    strong = [int(k) for k in means.index[means >= STRONG]]
    needed = f"{STRONG:.1f}, where segments count as reproducible"
    if not strong:
        best = int(means.idxmax())
        return (
            f"Prediction strength reaches {needed}, at no number of segments; the best is {best} "
            f"({means[best]:.2f})."
        )
    which = say_list([f"{k} ({means[k]:.2f})" for k in strong])
    return f"Prediction strength reaches {needed}, at {which}."


def near_ties(opinions: Opinions) -> str:
    """Returns whether other solutions fit almost as well, and how many customers they move."""
    ties = opinions.ties
    text, close = f"Of {ties.starts} random starts of K-Means", f"within {say_share(WITHIN)}"
    if not ties.others:
        return f"{text}, none ends in another solution {close} of the best inertia."
    many = "1 other solution" if ties.others == 1 else f"{ties.others} other solutions"
    return (
        f"{text}, some end in {many} {close} of the best inertia; the most different "
        f"puts {say_share(ties.differ)} of customers elsewhere (adjusted Rand index "
        f"{ties.agreement:.2f})."
    )


def handful(split_off: Handful | None, customers: int) -> str:
    """Returns that the best silhouette only splits off a few of all customers; else nothing."""
    if split_off is None:
        return ""
    what = "a handful" if split_off.customers < LARGEST_HANDFUL else "a small part"
    return (
        f"The best silhouette ({split_off.silhouette:.2f}, at 2 segments) only splits off {what}: "
        f"{split_off.customers:,} of {customers:,} customers."
    )


def logged(opinions: Opinions, segmentation: Segmentation) -> str:
    """Returns that the best silhouette is a handful, and what logged features give instead."""
    text, tried = handful(opinions.handful, segmentation.sample.used), opinions.logged
    if tried is None:
        return text
    sizes = say_list([f"{size:,}" for size in tried.sizes])
    balanced = "balanced " if max(tried.sizes) <= 2 * min(tried.sizes) else ""
    return (
        f"{text} A few very large values of {say_list(list(tried.features))} own the distances. "
        f"Recommended: the logged features (transform: auto), which make {tried.k} {balanced}"
        f"segments of {sizes} customers."
    )


def curves(scan: Scan, elbows: dict[int, int | None]) -> str:
    """Returns the alt text of both curves over k: where they bend and peak."""
    first, last = scan.table["inertia"].iloc[[0, -1]]
    whole = list(elbows.values())[-1] if elbows else None
    bend = "without a clear bend" if whole is None else f"bending most at {whole} segments"
    moved = {last: elbow for last, elbow in elbows.items() if elbow != whole}
    if moved:
        last_k, elbow = next(iter(moved.items()))
        there = "without one" if elbow is None else f"at {elbow}"
        bend += f" ({there} if the curve were only drawn up to {last_k})"
    whose = "" if scan.found is None else " (here of K-Means, for comparison)"
    return (
        f"Inertia{whose}, the squared distance of customers from their segment's centre, falls "
        f"from {say_number(first)} with {say_count(int(scan.table.index[0]), 'segment')} to "
        f"{say_number(last)} with {scan.table.index[-1]}, {bend}. "
        f"It falls for any data, so it does not choose. The silhouette beside it (0: no gap "
        f"between segments, 1: wide gaps) peaks at {scan.table['silhouette'].idxmax()}."
    )


def overlaps_by_k(evidence: Evidence) -> str:
    """Returns the alt text of the Jaccards over k: at which numbers every segment comes back."""
    worst = {k: resampled.weakest for k, resampled in evidence.resamples.by_k.items()}
    holds = [f"{k} ({least:.2f})" for k, least in worst.items() if least >= VALID]
    text = (
        f"How well each segment of every number of segments is found again: one dot a segment, a "
        f"line through the worst (Jaccard similarity; dashed: {VALID:.2f} valid, 0.50 dissolved)."
    )
    if not holds:
        return f"{text} At no number do all of them reach {VALID:.2f}."
    return f"{text} All of them reach {VALID:.2f} at {say_list(holds)}."


def lineage(traced: Lineage, scan: Scan, segmentation: Segmentation) -> str:
    """Returns the alt text of the flow over k: which segments are kept, split or merged."""
    k = segmentation.k
    whose = "" if scan.found is None else " (of K-Means, for comparison)"
    start = f"Where the customers go when one more segment is made{whose}."
    if k not in traced.flows or scan.found is not None:
        return start
    rows = traced.table.loc[k].set_axis(list(segmentation.numbers))
    mixed = rows.index[rows["from_there"] < MOSTLY]
    siblings = rows.loc[rows["from_there"] >= MOSTLY, "origin"]
    alone = [number for number, origin in siblings.items() if (siblings == origin).sum() == 1]
    kept = [number for number in alone if rows.loc[number, "of_there"] >= MOSTLY]
    left = [number for number in alone if number not in kept]
    split = [number for number in siblings.index if number not in alone]
    parts = [
        f"{_numbered(numbers)} {what}"
        for numbers, what in (
            (kept, "carried over almost whole"),
            (left, "what is left of one that lost customers"),
            (split, "parts of one that was split"),
            (list(mixed), "put together from several"),
        )
        if numbers
    ]
    return f"{start} From {k - 1} to {k}: {say_list(parts)}."


def _numbered(numbers: Sequence[int]) -> str:
    """Writes `segment 2 is`, `segments 1 and 3 are`."""
    return f"{say_segments(numbers)} {say_are(len(numbers))}"


def _below(value: float) -> str:
    """Writes two digits, rounded down: a missed threshold never reads as reached."""
    return f"{np.floor(100 * value) / 100:.2f}"
