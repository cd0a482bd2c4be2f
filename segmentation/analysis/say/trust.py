"""Why to believe it, or not: groups, the number of segments, their stability, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.choice import STRONG, VALID, Choice
from segmentation.analysis.trust.gap_statistic import choose_by_gap
from segmentation.analysis.trust.lineage import STAYS, Across
from segmentation.analysis.trust.near_ties import WITHIN, Ties
from segmentation.analysis.trust.stability import Stability, Trials
from segmentation.analysis.trust.structure import FEWEST_ROWS, VOTES, Structure
from segmentation.analysis.trust.valleys import GAP, NONE, UNCLEAR
from segmentation.analysis.trust.verdict import ONE_GROUP, Verdict
from segmentation.analysis.words import say_are, say_count, say_list, say_number, say_share

# Hennig (2007), and fpc's clusterboot: how to read a mean Jaccard.
HELD = {
    "stable": ("comes back", "come back", "almost unchanged"),
    "valid": ("comes back", "come back", "with some customers exchanged"),
    "doubtful": ("comes back", "come back", "only in part: not to be relied on"),
    "dissolved": ("dissolves:", "dissolve:", "an accident of this list of customers"),
    "missed": ("has", "have", "no customer among those drawn, so nothing is known of it"),
}
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
HANDFUL = 0.1  # a smaller segment at the best silhouette is a handful split off,
LARGEST_HANDFUL = 100  # or a small part where it is of more customers


def say_structure(structure: Structure) -> str:
    """Whether customers fall into groups at all, whatever segments are drawn."""
    if not structure.tested:
        return (
            f"Whether groups exist is not tested below {FEWEST_ROWS} customers: in so few, chance "
            f"makes gaps and hides them."
        )
    needed = int(np.ceil(VOTES * structure.starts))
    said = (
        f"Are there groups at all? {structure.starts} times the customers were cut into 2 to 12 "
        f"parts, and neighbouring parts joined until a gap lay between all that were left. Two or "
        f"more were left {say_count(structure.votes, 'time')}; {needed} are needed."
    )
    if structure.shown:
        low = say_share(structure.depth)
        return (
            f"{said} In the shallowest gap customers are {low} as dense as on its lower side. What "
            f"can pass for groups: customers strung along a thin curve, such as a spiral, or "
            f"crowded at both ends of a single column."
        )
    flat = structure.depth > 0.995
    low = "no lower than 100 %" if flat else f"down to {say_share(structure.depth)}"
    return (
        f"{said} Typically the density between parts goes {low} of that beside it; "
        f"{say_share(structure.needed)} or less counts, where it is more than chance. What this "
        f"misses: groups nearer than about four standard deviations, and any of less than a tenth "
        f"of the customers."
    )


def say_segments_hold(verdict: Verdict) -> str:
    """Whether these segments come back, by the weakest of them."""
    held = "they hold" if verdict.stable else "not all of them hold"
    if verdict.stable and verdict.kind == ONE_GROUP:
        held += (
            ", as cuts of one group can; but at no number of segments does one half of the "
            "customers find those of the other reliably"
        )
    return (
        f"Do these {verdict.k} segments hold? The weakest comes back with a Jaccard similarity of "
        f"{verdict.least:.2f} (customers in both versions over those in either; {VALID:.2f} is "
        f"needed): "
        f"{held}.{say_missed(verdict)}"
    )


def say_missed(verdict: Verdict) -> str:
    """Of which segments nothing is known, as no customer of theirs was drawn; else nothing."""
    if not verdict.missed:
        return ""
    numbers = say_list([str(at) for at in verdict.missed])
    return f" Of segment{'' if len(verdict.missed) == 1 else 's'} {numbers} nothing is known."


def say_calibration(verdict: Verdict, segments: Segments, stability: Stability) -> str:
    """What the measured error rate of the verdict does not cover in this run; else nothing."""
    unlike = [segments.title] if segments.algorithm != "kmeans" else []
    unlike += [] if verdict.follows else [f"{verdict.k} segments"]
    unlike += [] if stability.depth == "full" else [f"depth {stability.depth}"]
    if not unlike or not verdict.structure.tested:
        return ""
    return (
        f"How often such verdicts err was measured for K-Means, at the recommended number of "
        f"segments and depth full, not for {say_list(unlike)}."
    )


def say_borders(verdict: Verdict) -> str:
    """Between which neighbouring segments a gap lies, where the customers have gaps at all."""
    if not verdict.borders:
        return ""
    words = {
        GAP: "a gap lies between",
        UNCLEAR: "it cannot be told between",
        NONE: "no gap lies between",
    }
    parts = []
    for kind, what in words.items():
        pairs = [f"{b.one} and {b.other}" for b in verdict.borders if b.kind == kind]
        parts += [f"{what} {', '.join(pairs)}"] if pairs else []
    return f"Of segments that are neighbours: {'; '.join(parts)}."


def say_k_choice(scan: Scan, choice: Choice, segments: Segments) -> str:
    """Which number of segments is recommended, why, and whether the run used it."""
    row = choice.table.loc[choice.k]
    if choice.reproducible:
        said = (
            f"{choice.k} segments are recommended: the largest number of those tried, "
            f"{choice.table.index[0]} to {choice.table.index[-1]}, at which one half of the "
            f"customers sorts the other half reliably and every segment comes back."
        )
    elif choice.k in choice.strong:
        said = (
            f"{choice.k} segments are recommended with a reservation: one half of the customers "
            f"sorts the other half reliably, but {RESERVATIONS[row['veto']]}."
        )
    elif choice.strong:
        said = (
            f"With {say_list([str(k) for k in choice.strong])} segments one half of the customers "
            f"sorts the other half reliably, but one of them is too small to act on; of other "
            f"numbers {choice.k} comes nearest ({_below(row['strength'])}; {STRONG:.2f} is needed)."
        )
    else:
        said = (
            f"At no number of segments does one half of the customers sort the other half "
            f"reliably; {choice.k} comes nearest ({_below(row['strength'])}; {STRONG:.2f} is "
            f"needed)."
        )
    if scan.found is not None:
        own = f"{segments.title} finds the number of segments itself: {segments.k}."
        return f"{own} For K-Means: {said}"
    finer = [k for k in choice.strong if k > choice.k]
    if choice.reproducible and finer:
        said += f" With {finer[0]}, {PASSED_OVER[choice.table.loc[finer[0], 'veto']]}."
    if segments.k != choice.k:
        said += f" This run was asked for {segments.k}."
    return said


def say_runner_up(choice: Choice) -> str:
    """What would have to be true to prefer the next best number of segments."""
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


def say_dissent(scan: Scan, gap: pd.DataFrame, structure: Structure, chosen: int) -> str:
    """What the other scores prefer."""
    table = scan.table
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


def say_handful(scan: Scan, choice: Choice, rows: int) -> str:
    """That the best silhouette only splits a few customers off from all others; else nothing.

    Nothing where they come back as a segment of their own.
    """
    best = int(scan.table["silhouette"].idxmax())
    share = float(choice.table.loc[best, "smallest"]) if best in choice.table.index else 1.0
    if best != 2 or share >= HANDFUL or (choice.k == best and choice.reproducible):
        return ""
    what = "a handful" if share * rows < LARGEST_HANDFUL else "a small part"
    return (
        f"The best silhouette ({scan.table.loc[best, 'silhouette']:.2f}, at {best} segments) only "
        f"splits off {what}: {round(share * rows):,} of {rows:,} customers."
    )


def say_stability(stability: Stability, numbers: Sequence[int]) -> str:
    """Which segments, of these numbers, come back when the customers are drawn anew."""
    times, own = len(stability.own.overlaps), stability.own.jaccard
    said = (
        f"The customers were drawn anew {times} times, with repeats, and segmented again. "
        f"A customer lands in the same segment {say_share(stability.same)} of the times; "
        f"{say_share(stability.border)} of the customers stand on a border: they change "
        f"segments in more than one draw of five."
    )
    each = list(zip(numbers, map(_held, own), strict=True))
    kinds = {word: [at for at, held in each if held == word] for word in HELD}
    parts = [_say_held(word, found) for word, found in kinds.items() if found]
    return f"{said} {' '.join(parts)}"


def say_overlaps(stability: Stability, numbers: Sequence[int]) -> str:
    """Alt text of the stability figure: how well each segment, of these numbers, was found."""
    own = pd.Series(stability.own.jaccard, index=list(numbers))
    worst, best = own.idxmin(), own.idxmax()
    said = (
        "How well each segment is found again when customers are drawn anew (Jaccard similarity, "
        "Hennig 2007; 1: the same customers every time, below 0.5: dissolved)."
    )
    if f"{own[best]:.2f}" == f"{own[worst]:.2f}":
        return f"{said} All are found alike: {own[best]:.2f} on average."
    return (
        f"{said} Best: segment {best} ({own[best]:.2f} on average), worst: segment {worst} "
        f"({own[worst]:.2f})."
    )


def say_overlaps_by_k(trials: Trials) -> str:
    """Alt text of the Jaccards over k: at which numbers every segment comes back."""
    worst = {k: own.least for k, own in trials.tried.items()}
    holds = [f"{k} ({least:.2f})" for k, least in worst.items() if least >= VALID]
    said = (
        f"How well each segment of every number of segments is found again: one dot a segment, a "
        f"line through the worst (Jaccard similarity; dashed: {VALID:.2f} valid, 0.50 dissolved)."
    )
    if not holds:
        return f"{said} At no number do all of them reach {VALID:.2f}."
    return f"{said} All of them reach {VALID:.2f} at {say_list(holds)}."


def say_strength(trials: Trials) -> str:
    """Which numbers of segments one half of the customers predicts for the other."""
    strength = trials.strength["mean"]
    strong = [int(k) for k in strength.index[strength >= STRONG]]
    needed = f"{STRONG:.1f}, where segments count as reproducible"
    if not strong:
        best = int(strength.idxmax())
        return (
            f"Prediction strength reaches {needed}, at no number of segments; the best is {best} "
            f"({strength[best]:.2f})."
        )
    which = say_list([f"{k} ({strength[k]:.2f})" for k in strong])
    return f"Prediction strength reaches {needed}, at {which}."


def say_elbow(scan: Scan, elbows: dict[int, int | None]) -> str:
    """Alt text of the two curves over k: where they bend and peak, and how the bend moves."""
    first, last = scan.table["inertia"].iloc[[0, -1]]
    whole = list(elbows.values())[-1] if elbows else None
    bend = "without a clear bend" if whole is None else f"bending most at {whole} segments"
    moved = {shown: at for shown, at in elbows.items() if at != whole}
    if moved:
        shown, at = next(iter(moved.items()))
        there = "without one" if at is None else f"at {at}"
        bend += f" ({there} if the curve were only drawn up to {shown})"
    whose = "" if scan.found is None else " (here of K-Means, for comparison)"
    return (
        f"Inertia{whose}, the squared distance of customers from their segment's centre, falls "
        f"from {say_number(first)} with {say_count(int(scan.table.index[0]), 'segment')} to "
        f"{say_number(last)} with {scan.table.index[-1]}, {bend}. "
        f"It falls for any data, so it does not choose. The silhouette beside it (0: no gap "
        f"between segments, 1: wide gaps) peaks at {scan.table['silhouette'].idxmax()}."
    )


def say_blades(segments: Segments, passports: pd.DataFrame, weights: np.ndarray) -> str:
    """Alt text of the silhouette blades: the weakest segment and customers nearer to another.

    `weights` are those of the fitted rows.
    """
    by_segment, measured = passports["silhouette"], np.isfinite(segments.widths)
    weakest, strongest = int(by_segment.idxmin()), int(by_segment.idxmax())
    nearer = float(np.average(segments.widths[measured] < 0, weights=weights[measured]))
    said = (
        f"weakest on average in segment {weakest} ({by_segment[weakest]:.2f}), strongest in "
        f"segment {strongest} ({by_segment[strongest]:.2f})"
    )
    if f"{by_segment[weakest]:.2f}" == f"{by_segment[strongest]:.2f}":
        said = f"{by_segment[weakest]:.2f} on average in all of them"
    return (
        f"Silhouette of every customer, by segment: {said}. "
        f"Nearer to another segment than to their own: {say_share(nearer)} of the customers."
    )


def say_ties(ties: Ties) -> str:
    """Whether other solutions fit almost as well, and how many customers they move."""
    said, close = f"Of {ties.starts} random starts of K-Means", f"within {say_share(WITHIN)}"
    if not ties.others:
        return f"{said}, none ends in another solution {close} of the best inertia."
    many = "1 other solution" if ties.others == 1 else f"{ties.others} other solutions"
    return (
        f"{said}, some end in {many} {close} of the best inertia; the most different "
        f"puts {say_share(ties.differ)} of customers elsewhere (adjusted Rand index "
        f"{ties.agreement:.2f})."
    )


def say_across(across: Across, scan: Scan, segments: Segments) -> str:
    """Alt text of the flow over k: which segments are kept, split or put together."""
    k = segments.k
    whose = "" if scan.found is None else " (of K-Means, for comparison)"
    start = f"Where the customers go when one more segment is made{whose}."
    if k not in across.flows or scan.found is not None:
        return start
    own = across.table.loc[k].set_axis(list(segments.numbers))
    mixed = own.index[own["from_there"] < STAYS]
    siblings = own.loc[own["from_there"] >= STAYS, "origin"]
    alone = [at for at, origin in siblings.items() if (siblings == origin).sum() == 1]
    kept = [at for at in alone if own.loc[at, "of_there"] >= STAYS]
    left = [at for at in alone if at not in kept]
    split = [at for at in siblings.index if at not in alone]
    parts = [
        f"{say_numbered(numbers)} {what}"
        for numbers, what in (
            (kept, "carried over almost whole"),
            (left, "what is left of one that lost customers"),
            (split, "parts of one that was split"),
            (list(mixed), "put together from several"),
        )
        if numbers
    ]
    return f"{start} From {k - 1} to {k}: {say_list(parts)}."


def say_others(compared: pd.DataFrame, segments: Segments) -> str:
    """How far other methods find the same segments, and where they do not."""
    found = compared.dropna(subset=["agreement"])
    if found.empty:
        return "The other methods find no segments."
    best, worst = found["agreement"].idxmax(), found["agreement"].idxmin()
    said = (
        f"Agreement with {segments.title} is the adjusted Rand index: 1 for the same segments, 0 "
        f"for chance. "
    )
    high, low = (f"{found.loc[name, 'agreement']:.2f}" for name in (best, worst))
    if high == low and len(found) > 1:
        said += f"All that find segments agree alike ({high})"
    else:
        said += f"{best} agrees most ({high})"
        said += f", {worst} least ({low})" if worst != best else ""
    nothing = list(compared.index[compared["segments"] == 0])
    if nothing:
        said += f". {say_list(nothing)} {'finds' if len(nothing) == 1 else 'find'} no two groups"
    out = compared[compared["without_segment"] > 0]
    lost = [f"{name} {say_share(share)}" for name, share in out["without_segment"].items()]
    said += f". Left in no segment: {say_list(lost)}." if lost else "."
    torn = found[(found["torn_share"] > 0.2) & found["segments"].ge(2)]
    if len(torn):
        counts = torn["torn_segment"].astype(int).value_counts()
        if counts.iloc[0] > counts.iloc[1:].max() if len(counts) > 1 else True:
            said += f" Where they disagree, it is most often about segment {counts.index[0]}."
    return said


def say_numbered(numbers: Sequence[int]) -> str:
    """`segment 2 is`, `segments 1 and 3 are`."""
    said = say_list([str(at) for at in numbers])
    return f"segment{'' if len(numbers) == 1 else 's'} {said} {say_are(len(numbers))}"


def _below(value: float) -> str:
    """Two digits, rounded down: what is not reached is never written as if it were."""
    return f"{np.floor(100 * value) / 100:.2f}"


def _held(overlap: float) -> str:
    if np.isnan(overlap):
        return "missed"
    if overlap >= 0.75:
        return "stable" if overlap >= 0.85 else "valid"
    return "doubtful" if overlap > 0.5 else "dissolved"


def _say_held(word: str, numbers: Sequence[int]) -> str:
    one, several, how = HELD[word]
    if len(numbers) == 1:
        return f"Segment {numbers[0]} {one} {how}."
    return f"Segments {say_list([str(n) for n in numbers])} {several} {how}."
