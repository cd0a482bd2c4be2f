"""What is odd about the columns and the segments, each in a text with its remedy."""

from __future__ import annotations

from segmentation.analysis.trust.cautions import Cautions
from segmentation.analysis.words import say_count, say_list, say_share


def cautions(found: Cautions) -> list[str]:
    """Returns a text for each caution, in a fixed order."""
    return [
        *_left_out(found),
        *_features(found),
        *_missing(found),
        *_small(found),
        *_outliers(found),
    ]


def cautions_line(found: Cautions) -> str:
    """Returns the cautions as one paragraph, or that there are none."""
    return " ".join(cautions(found)) or "Nothing odd was found about the columns."


def _left_out(found: Cautions) -> list[str]:
    sentences = []
    if found.id is not None:
        sentences.append(
            f"{found.id.name} names the customer ({found.id.distinct:,} of {found.id.rows:,} "
            f"distinct) and is no feature."
        )
    for part in found.columns.parts:
        if part.role == "left out" and "identifier" in part.reason:
            sentences.append(f"{part.fact.name} {part.reason}. Left out.")
        if part.role == "descriptor" and part.reason.startswith("says what"):
            sentences.append(f"{part.fact.name} {part.reason}: a theme counts once. Left out.")
    return sentences


def _features(found: Cautions) -> list[str]:
    sentences = [
        f"{fact.name} looks like an identifier ({fact.distinct:,} of {fact.rows:,} distinct), but "
        f"was named as a feature: leave it out."
        for fact in found.identifiers
    ]
    if len(found.answers) == len(found.features):
        sentences.append(
            "Every feature is a yes or no: segments are combinations of answers, and gaps between "
            "them say nothing."
        )
    elif found.answers:
        names = say_list(found.answers)
        sentences.append(f"Yes-or-no columns that weigh as much as amounts: {names}.")
    if found.codes:
        names = say_list(found.codes)
        sentences.append(f"Codes or scales of few values used as numbers: {names}.")
    sentences += [
        f"{one} and {other} (r = {r:.2f}) count one theme twice: leave one out."
        for other, (one, r) in found.twins.items()
    ]
    skewed = [f"{scale.feature} ({scale.skew:.1f})" for scale in found.skewed]
    if skewed:
        sentences.append(
            f"Skewed and not logged, so that a few large values weigh most: {say_list(skewed)}."
        )
    return sentences


def _missing(found: Cautions) -> list[str]:
    if not found.many_lost:
        return []
    share = say_share(found.lost / found.rows)
    verbs = "lacks a value and has" if found.lost == 1 else "lack a value and have"
    return [f"{found.lost:,} of {found.rows:,} rows ({share}) {verbs} no segment."]


def _small(found: Cautions) -> list[str]:
    return [
        f"Segment {number} is {say_count(int(size), 'customer')}: a list, not a segment."
        for number, size in found.small.items()
    ]


def _outliers(found: Cautions) -> list[str]:
    outliers = found.outliers
    if not outliers.decisive:
        return []
    return [
        f"The furthest 1 % of customers shape the segments: without them the others fall into "
        f"different ones (adjusted Rand index {outliers.without_furthest:.2f}; without a random "
        f"1 % it is {outliers.without_random:.2f})."
    ]
