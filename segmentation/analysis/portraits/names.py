"""A true name for every segment: what sets it apart, checked against its customers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.sample import Prepared
from segmentation.analysis.portraits.profiles import FEWEST_TO_DESCRIBE, Profiles
from segmentation.analysis.portraits.rules import Rule
from segmentation.analysis.words import say_feature, say_number
from segmentation.data import Named, NamedSegments, check_names

MIDDLE = "mid-range"
MOST_CONDITIONS = 2  # of a rule that can stand as a name
TRUE = 0.8  # of a segment's customers meet a rule that is its name, and of those who do belong
SAME_PLACE, FARTHEST = 1e-3, 1e100  # distances: of no account, and further than any


def name_segments(
    profiles: Profiles, rules: Sequence[Rule], given: Sequence[str] | None = None
) -> list[str]:
    """A true and unique name for every segment, or those given, in segment order.

    *High* is said only where the segment's median is above the 75th percentile of all customers,
    *low* where it is below the 25th. Where neither is true, or segments would have one name, the
    rule stands in where it is true of four customers in five, and at last the medians.
    """
    if given is not None:
        check_names(given, len(profiles.sizes))
        return list(given)
    phrases = [_phrases(profiles, segment) for segment in profiles.sizes.index]
    names = [_shorten(choices, rule) for choices, rule in zip(phrases, rules, strict=True)]
    for words in range(2, len(profiles.features) + 1):
        twice = _twice(names)
        names = [
            _join(choices[:words]) if name in twice else name
            for name, choices in zip(names, phrases, strict=True)
        ]
    twice = _twice(names)
    named = [
        (_join([rule.text]) if _is_true(rule) else "") if name in twice else name
        for name, rule in zip(names, rules, strict=True)
    ]
    twice = _twice(named) | {""}
    return [
        f"{name} ({_middle(profiles, segment)})" if by_rule in twice else by_rule
        for by_rule, name, segment in zip(named, names, profiles.sizes.index, strict=True)
    ]


def locate_segments(prepared: Prepared, segments: Segments, names: Sequence[str]) -> list[Named]:
    """The segments by these names and by their centres, as a file of names keeps them."""
    each = zip(names, segments.centres, strict=True)
    return [
        Named(
            name=name,
            centre={
                scale.feature: float(f"{scale.invert(at):.6g}")
                for scale, at in zip(prepared.scales, centre, strict=True)
            },
        )
        for name, centre in each
    ]


def match_names(
    given: Sequence[str] | NamedSegments | None, prepared: Prepared, segments: Segments
) -> Sequence[str] | None:
    """Given names in the order of the segments: those of a file go to the centres they are of.

    Matched so that the distances add up to least (Kuhn 1955, the Hungarian method). Raises
    `InputError` where the file is on other features, where it has more or fewer segments, and
    where a segment is further from its named one than half the way to the next.
    """
    if not isinstance(given, NamedSegments):
        return given
    _check_alike(given, prepared, segments)
    named = _coordinates(given, prepared)
    away = np.nan_to_num(cdist(named, segments.centres), nan=FARTHEST, posinf=FARTHEST)
    between = cdist(named, named)
    np.fill_diagonal(between, np.inf)
    found = dict(zip(*linear_sum_assignment(away)[::-1], strict=True))
    for at, one in found.items():
        if away[one, at] > max(between[one].min() / 2, SAME_PLACE):
            near = given.segments[one].name
            raise given.refuse(
                f"segment {segments.numbers[at]} has no counterpart in it: {near!r} is elsewhere",
                "make the report as it was explored",
            )
    return [given.segments[found[at]].name for at in range(segments.k)]


def _check_alike(given: NamedSegments, prepared: Prepared, segments: Segments) -> None:
    if set(given.features) != set(prepared.features):
        words = ", ".join(given.features)
        what = f"it names segments on {words}; this report's are on {', '.join(prepared.features)}"
        raise given.refuse(what, "choose these features")
    if len(given.segments) != segments.k:
        named = len(given.segments)
        raise given.refuse(f"it names {named} segments of {segments.k}", f"set k: {named}")


def _coordinates(given: NamedSegments, prepared: Prepared) -> np.ndarray:
    """The named centres (k × d) in the coordinates of this report."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        columns = [
            scale.apply(np.array([one.centre[scale.feature] for one in given.segments]))
            for scale in prepared.scales
        ]
    return np.clip(np.nan_to_num(np.column_stack(columns), nan=FARTHEST), -FARTHEST, FARTHEST)


def _twice(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _shorten(phrases: Sequence[str], rule: Rule) -> str:
    """Up to two things that are high or low; where there are none the rule, if it is short."""
    apart = [phrase for phrase in phrases if not phrase.startswith(MIDDLE)]
    if apart:
        return _join(apart[:2])
    if _is_true(rule) and rule.conditions <= MOST_CONDITIONS:
        return _join([rule.text])
    return _join(phrases) if len(phrases) == 1 else "Mid-range throughout"


def _is_true(rule: Rule) -> bool:
    return bool(rule.text) and min(rule.precision, rule.coverage) >= TRUE


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


def _join(phrases: Sequence[str]) -> str:
    name = ", ".join(phrases)
    return name[0].upper() + name[1:]


def _middle(profiles: Profiles, segment: int) -> str:
    """What tells segments of one name apart: their medians, but never those of a handful."""
    if profiles.sizes[segment] < FEWEST_TO_DESCRIBE:
        return f"segment {segment}"
    medians = profiles.medians.loc[segment, profiles.features]
    return ", ".join(f"{say_feature(name)} {say_number(value)}" for name, value in medians.items())
