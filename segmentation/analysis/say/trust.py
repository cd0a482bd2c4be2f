"""How far to trust the segments: groups, valleys, what comes back, other methods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.say.head import unseen
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.opinions import Opinions
from segmentation.analysis.trust.resamples import VALID
from segmentation.analysis.trust.stability import DISSOLVED, STABLE
from segmentation.analysis.trust.structure import FEWEST_ROWS, VOTES
from segmentation.analysis.trust.valleys import GAP, NONE, UNCLEAR
from segmentation.analysis.trust.verdict import Verdict
from segmentation.analysis.words import say_count, say_list, say_segments, say_share
from segmentation.data.published.vocabulary import ONE_GROUP

# Hennig (2007), and fpc's clusterboot: how to read a mean Jaccard.
HELD = {
    "stable": ("comes back", "come back", "almost unchanged"),
    "valid": ("comes back", "come back", "with some customers exchanged"),
    "doubtful": ("comes back", "come back", "only in part: not to be relied on"),
    "dissolved": ("dissolves:", "dissolve:", "an accident of this list of customers"),
    "missed": ("has", "have", "no customer among those drawn, so nothing is known of it"),
}
MOST_LEFT_OUT = 0.5  # of the customers, for a method to count as agreeing most or least


def structure(evidence: Evidence) -> str:
    """Returns whether customers fall into groups at all, whatever segments are drawn."""
    result = evidence.structure
    if not result.tested:
        return (
            f"Whether groups exist is not tested below {FEWEST_ROWS} customers: in so few, chance "
            f"makes gaps and hides them."
        )
    needed = int(np.ceil(VOTES * result.planned))
    rest = result.planned - result.starts
    stopped = ", out of reach by then" if rest else ""
    text = (
        f"Are there groups at all? {result.starts} times the customers were cut into 2 to 12 "
        f"parts, and neighbouring parts joined until a gap lay between all that were left. Two or "
        f"more were left {say_count(result.votes, 'time')}; {needed} of {result.planned} are "
        f"needed{stopped}."
    )
    if result.shown:
        low = say_share(result.depth)
        return (
            f"{text} In the shallowest gap customers are {low} as dense as on its lower side. What "
            f"can pass for groups: customers strung along a thin curve, such as a spiral, or "
            f"crowded at both ends of a single column."
        )
    flat = result.depth > 0.995
    low = "no lower than 100 %" if flat else f"down to {say_share(result.depth)}"
    return (
        f"{text} Typically the density between parts goes {low} of that beside it; "
        f"{say_share(result.needed)} or less counts, where it is more than chance. What this "
        f"misses: groups nearer than about four standard deviations, and any of less than a tenth "
        f"of the customers."
    )


def holding(verdict: Verdict) -> str:
    """Returns whether these segments come back, by the weakest of them."""
    held = "they hold" if verdict.stable else "not all of them hold"
    if verdict.stable and verdict.kind == ONE_GROUP:
        held += (
            ", as cuts of one group can; but at no number of segments does one half of the "
            "customers find those of the other reliably"
        )
    return (
        f"Do these {verdict.k} segments hold? The weakest comes back with a Jaccard similarity of "
        f"{verdict.weakest:.2f} (customers in both versions over those in either; {VALID:.2f} is "
        f"needed): "
        f"{held}.{unseen(verdict)}"
    )


def calibration(verdict: Verdict, segmentation: Segmentation) -> str:
    """Returns what the measured error rate of the verdict does not cover here; else nothing."""
    unlike = [segmentation.title] if segmentation.algorithm != "kmeans" else []
    unlike += [] if verdict.follows else [f"{verdict.k} segments"]
    unlike += [] if verdict.stability.depth == "full" else [f"depth {verdict.stability.depth}"]
    if not unlike or not verdict.structure.tested:
        return ""
    return (
        f"How often such verdicts err was measured for K-Means, at the recommended number of "
        f"segments and depth full, not for {say_list(unlike)}."
    )


def valleys(verdict: Verdict) -> str:
    """Returns between which neighbouring segments a gap lies, if the customers have gaps."""
    if not verdict.valleys:
        return ""
    words = {
        GAP: "a gap lies between",
        UNCLEAR: "it cannot be told between",
        NONE: "no gap lies between",
    }
    parts = []
    for kind, what in words.items():
        pairs = [
            f"{valley.one} and {valley.other}" for valley in verdict.valleys if valley.kind == kind
        ]
        parts += [f"{what} {', '.join(pairs)}"] if pairs else []
    return f"Of segments that are neighbours: {'; '.join(parts)}."


def stability(verdict: Verdict) -> str:
    """Returns which segments come back when the customers are redrawn."""
    measured = verdict.stability
    times = len(measured.resampled.overlaps)
    text = (
        f"The customers were drawn anew {times} times, with repeats, and segmented again. "
        f"A customer lands in the same segment {say_share(measured.same)} of the times; "
        f"{say_share(measured.undecided)} of the customers stand on a border: they change "
        f"segments in more than one draw of five."
    )
    held = measured.jaccard.map(_grade)
    kinds = {grade: list(held.index[held == grade]) for grade in HELD}
    parts = [_held(grade, numbers) for grade, numbers in kinds.items() if numbers]
    return f"{text} {' '.join(parts)}"


def overlaps(verdict: Verdict) -> str:
    """Returns the alt text of the stability figure: how well each segment was found again."""
    jaccard = verdict.stability.jaccard
    worst, best = jaccard.idxmin(), jaccard.idxmax()
    text = (
        "How well each segment is found again when customers are drawn anew (Jaccard similarity, "
        "Hennig 2007; 1: the same customers every time, below 0.5: dissolved)."
    )
    if f"{jaccard[best]:.2f}" == f"{jaccard[worst]:.2f}":
        return f"{text} All are found alike: {jaccard[best]:.2f} on average."
    return (
        f"{text} Best: segment {best} ({jaccard[best]:.2f} on average), worst: segment {worst} "
        f"({jaccard[worst]:.2f})."
    )


def sample(fitted: Sample) -> str:
    """Returns what judging a sample means; nothing if all customers are judged."""
    if not fitted.weighted:
        return ""
    drawn = len(fitted.X)
    return (
        f"The tests see a weighted sample: {drawn:,} customers stand for all {fitted.used:,}. A "
        f"group of one customer in 100 has about {drawn // 200:,} of them or more, one in 1,000 "
        f"about {max(1, drawn // 2_000):,}: such a small group may go unseen."
    )


def blades(segmentation: Segmentation) -> str:
    """Returns the alt text of the blades: the weakest segment, and customers nearer to another."""
    by_segment, widths = segmentation.silhouettes, segmentation.segments.widths
    measured, weights = np.isfinite(widths), segmentation.sample.weights
    weakest, strongest = int(by_segment.idxmin()), int(by_segment.idxmax())
    nearer = float(np.average(widths[measured] < 0, weights=weights[measured]))
    text = (
        f"weakest on average in segment {weakest} ({by_segment[weakest]:.2f}), strongest in "
        f"segment {strongest} ({by_segment[strongest]:.2f})"
    )
    if f"{by_segment[weakest]:.2f}" == f"{by_segment[strongest]:.2f}":
        text = f"{by_segment[weakest]:.2f} on average in all of them"
    return (
        f"Silhouette of every customer, by segment: {text}. "
        f"Nearer to another segment than to their own: {say_share(nearer)} of the customers."
    )


def other_methods(opinions: Opinions, segmentation: Segmentation) -> str:
    """Returns how far other methods find the same segments, and where they do not."""
    compared = opinions.others
    agreeing = compared.dropna(subset=["agreement"])
    if agreeing.empty:
        return "The other methods find no segments."
    whole = agreeing[agreeing["without_segment"] <= MOST_LEFT_OUT]
    ranked = agreeing if whole.empty else whole
    best, worst = ranked["agreement"].idxmax(), ranked["agreement"].idxmin()
    text = (
        f"Agreement with {segmentation.title} is the adjusted Rand index: 1 for the same segments, "
        f"0 for chance. "
    )
    high, low = (f"{agreeing.loc[name, 'agreement']:.2f}" for name in (best, worst))
    if high == low and len(ranked) > 1:
        text += f"All that find segments agree alike ({high})"
    else:
        text += f"{best} agrees most ({high})"
        text += f", {worst} least ({low})" if worst != best else ""
    nothing = list(compared.index[compared["segments"] == 0])
    if nothing:
        text += f". {say_list(nothing)} {'finds' if len(nothing) == 1 else 'find'} no two groups"
    out = compared[compared["without_segment"] > 0]
    lost = [f"{name} {say_share(share)}" for name, share in out["without_segment"].items()]
    text += f". Left in no segment: {say_list(lost)}." if lost else "."
    torn = agreeing[(agreeing["torn_share"] > 0.2) & agreeing["segments"].ge(2)]
    if len(torn) and segmentation.k > 2:
        counts = torn["torn_segment"].astype(int).value_counts()
        if counts.iloc[0] > counts.iloc[1:].max() if len(counts) > 1 else True:
            text += f" Where they disagree, it is most often about segment {counts.index[0]}."
    return text


def _grade(overlap: float) -> str:
    if np.isnan(overlap):
        return "missed"
    if overlap >= VALID:
        return "stable" if overlap >= STABLE else "valid"
    return "doubtful" if overlap > DISSOLVED else "dissolved"


def _held(grade: str, numbers: Sequence[int]) -> str:
    one, several, how = HELD[grade]
    held = one if len(numbers) == 1 else several
    return f"{say_segments(numbers).capitalize()} {held} {how}."
