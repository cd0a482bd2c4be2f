"""What is odd about the data, the columns and the segments, each in a text with its remedy."""

from __future__ import annotations

from collections.abc import Sequence

from segmentation.analysis.later.numbering import Changes
from segmentation.analysis.say.changes import mangled, rescaled
from segmentation.analysis.trust.cautions import Cautions
from segmentation.analysis.words import say_count, say_list, say_number, say_share
from segmentation.data import Note, Why


def warnings(notes: Sequence[Note], changes: Changes | None, facts: Cautions) -> list[str]:
    """Returns what makes the segments themselves doubtful: readers have to know it first."""
    doubts = [f"{note.what}." for note in notes if note.code.startswith("doubtful")]
    since = [] if changes is None else [rescaled(changes.rescaled), mangled(changes)]
    return [*doubts, *filter(None, since), *_grave(facts)]


def warnings_line(notes: Sequence[Note], changes: Changes | None, facts: Cautions) -> str:
    """Returns the warnings as one paragraph; nothing if there are none."""
    found = warnings(notes, changes, facts)
    return f"Before you use this: {' '.join(found)}" if found else ""


def cautions(facts: Cautions) -> list[str]:
    """Returns a text for each caution, in a fixed order, after the grave ones."""
    return [*_grave(facts), *_others(facts)]


def cautions_line(facts: Cautions) -> str:
    """Returns the cautions that are no warnings as one paragraph, or that there are none."""
    if not cautions(facts):
        return "Nothing odd was found about the columns."
    return " ".join(_others(facts))


def _others(facts: Cautions) -> list[str]:
    return [
        *_left_out(facts),
        *_features(facts),
        *_spikes(facts),
        *_missing(facts),
        *_copies(facts),
        *_small(facts),
        *_outliers(facts),
    ]


def _grave(facts: Cautions) -> list[str]:
    """Returns what may have made the segments instead of the customers."""
    sentences = [
        f"{held}: amounts in them cannot be compared; convert them, or make a report of each."
        for held in facts.currencies
    ]
    if len(facts.answers) == len(facts.features):
        sentences.append(
            "Every feature is a yes or no: segments are combinations of answers, and gaps between "
            "them say nothing."
        )
    elif len(facts.codes) + len(facts.answers) == len(facts.features):
        sentences.append(
            "Every feature has few values, as a scale from 1 to 5: gaps between customers are "
            "those between its steps, and say nothing."
        )
    sentences += [
        f"{say_list(names)} are one category, as every row has a single 1 among them: segments may "
        f"be no more than its values."
        for names in facts.dummies
    ]
    return sentences


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
        if part.role == "descriptor" and part.why is Why.TOTAL:
            sentences.append(f"{part.fact.name} {part.reason}.")
        if part.role == "descriptor" and part.why is Why.TWIN:
            sentences.append(f"{part.fact.name} {part.reason}: a theme counts once. Left out.")
    return sentences


def _features(facts: Cautions) -> list[str]:
    sentences = [
        f"{fact.name} looks like an identifier ({fact.distinct:,} of {fact.rows:,} distinct), but "
        f"was named as a feature: leave it out."
        for fact in facts.identifiers
    ]
    if 0 < len(facts.answers) < len(facts.features):
        names = say_list(facts.answers)
        sentences.append(f"Yes-or-no columns that weigh as much as amounts: {names}.")
    if facts.codes:
        names = say_list(facts.codes)
        sentences.append(f"Codes, scales or counts of few values used as numbers: {names}.")
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
