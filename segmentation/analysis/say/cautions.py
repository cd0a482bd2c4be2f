"""What is odd about the columns and the segments, each in a text with its remedy."""

from __future__ import annotations

from segmentation.analysis.trust.cautions import Cautions
from segmentation.analysis.words import say_count, say_list, say_number, say_share
from segmentation.data import Why


def cautions(facts: Cautions) -> list[str]:
    """Returns a text for each caution, in a fixed order."""
    return [
        *_left_out(facts),
        *_features(facts),
        *_spikes(facts),
        *_missing(facts),
        *_copies(facts),
        *_small(facts),
        *_outliers(facts),
    ]


def cautions_line(facts: Cautions) -> str:
    """Returns the cautions as one paragraph, or that there are none."""
    return " ".join(cautions(facts)) or "Nothing odd was found about the columns."


def _left_out(facts: Cautions) -> list[str]:
    sentences = []
    if facts.id is not None:
        sentences.append(
            f"{facts.id.name} names the customer ({facts.id.distinct:,} of {facts.id.rows:,} "
            f"distinct) and is no feature."
        )
    for part in facts.columns.parts:
        if part.role == "left out" and part.why is Why.IDENTIFIER:
            sentences.append(f"{part.fact.name} {part.reason}. Left out.")
        if part.why is Why.NAMES_SOMETHING:
            sentences.append(f"{part.fact.name} is no feature: {part.reason}.")
        if part.role == "descriptor" and part.why is Why.TWIN:
            sentences.append(f"{part.fact.name} {part.reason}: a theme counts once. Left out.")
    return sentences


def _features(facts: Cautions) -> list[str]:
    sentences = [
        f"{fact.name} looks like an identifier ({fact.distinct:,} of {fact.rows:,} distinct), but "
        f"was named as a feature: leave it out."
        for fact in facts.identifiers
    ]
    if len(facts.answers) == len(facts.features):
        sentences.append(
            "Every feature is a yes or no: segments are combinations of answers, and gaps between "
            "them say nothing."
        )
    elif facts.answers:
        names = say_list(facts.answers)
        sentences.append(f"Yes-or-no columns that weigh as much as amounts: {names}.")
    if facts.codes:
        names = say_list(facts.codes)
        sentences.append(f"Codes, scales or counts of few values used as numbers: {names}.")
    sentences += [
        f"{say_list(names)} are one category, as every row has a single 1 among them: segments may "
        f"be no more than its values."
        for names in facts.dummies
    ]
    sentences += [
        f"{one} and {other} (r = {r:.2f}) count one theme twice: leave one out."
        for other, (one, r) in facts.twins.items()
    ]
    skewed = [f"{scale.feature} ({scale.skew:.1f})" for scale in facts.skewed]
    if skewed:
        sentences.append(
            f"Skewed and not logged, so that a few large values weigh most: {say_list(skewed)}."
        )
    return sentences


def _spikes(facts: Cautions) -> list[str]:
    sentences = []
    for spike in facts.spikes:
        values, share = say_list([say_number(v) for v in spike.values]), say_share(spike.share)
        if spike.apart:
            sentences.append(
                f"{spike.feature} is {values} in {share} of rows, with a gap before all other "
                f"values: if that stands for never or unknown, leave those cells empty."
            )
        else:
            sentences.append(
                f"{spike.feature} is {values} in {share} of rows: it tells little about most "
                f"customers."
            )
    return sentences


def _missing(facts: Cautions) -> list[str]:
    if not facts.many_lost:
        return []
    share = say_share(facts.lost / facts.rows)
    verbs = "lacks a value and has" if facts.lost == 1 else "lack a value and have"
    return [f"{facts.lost:,} of {facts.rows:,} rows ({share}) {verbs} no segment."]


def _copies(facts: Cautions) -> list[str]:
    if not facts.copies:
        return []
    return [
        f"{facts.copies:,} of {facts.rows:,} rows repeat the features of an earlier row more often "
        f"than chance would: the tests count them once."
    ]


def _small(facts: Cautions) -> list[str]:
    return [
        f"Segment {number} is {say_count(int(size), 'customer')}: a list, not a segment."
        for number, size in facts.small.items()
    ]


def _outliers(facts: Cautions) -> list[str]:
    outliers = facts.outliers
    if not outliers.decisive:
        return []
    return [
        f"The furthest 1 % of customers shape the segments: without them the others fall into "
        f"different ones (adjusted Rand index {outliers.without_furthest:.2f}; without a random "
        f"1 % it is {outliers.without_random:.2f})."
    ]
