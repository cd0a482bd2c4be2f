"""A true name for every segment: what sets it apart, checked against its customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from segmentation.analysis.fitting.matching import pair_up
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.passes.placement import half_ways
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.portraits.rules import Rule
from segmentation.analysis.words import say_feature, say_number
from segmentation.data import Named, NamedSegments, check_names

MIDDLE = "mid-range"
MOST_TRAITS, MOST_LENGTH = 3, 120  # of a name: high or low features, or medians; characters
MOST_CONDITIONS = 2  # of a rule that can serve as a name
TRUE = 0.8  # precision and coverage of a rule that is a name
SAME_PLACE, FARTHEST = 1e-3, 1e100  # distances: negligible, and beyond any


class KeptNames(Protocol):
    """Names that an earlier report leaves: `names` of kept segments, `past` of retired ones."""

    @property
    def names(self) -> Mapping[int, str]:
        """The names of the kept segments, by number."""

    @property
    def past(self) -> Mapping[int, str]:
        """The names of all numbers that are no longer in use."""


def name_segments(
    profiles: Profiles, rules: pd.Series, given: Sequence[str] | None = None
) -> pd.Series:
    """Returns a true and unique name for every segment, by number, or those given in order.

    *High* requires a median above the 75th percentile of all customers, *low* one below the 25th.
    If neither holds, or two segments would share a name, a rule that is true for four customers in
    five replaces it, then the medians that set it apart most, and finally its number.
    """
    index = profiles.sizes.index
    if given is not None:
        check_names(given, len(index))
        return pd.Series(list(given), index)
    phrases = [_phrases(profiles, segment) for segment in index]
    names = [_shorten(choices, rule) for choices, rule in zip(phrases, rules, strict=True)]
    for words in range(2, min(MOST_TRAITS, len(profiles.features)) + 1):
        twice = _twice(names)
        names = [
            _join(choices[:words]) if name in twice else name
            for name, choices in zip(names, phrases, strict=True)
        ]
    twice = _twice(names)
    by_rule = [
        (_join([rule.text]) if _is_short(rule) else "") if name in twice else name
        for name, rule in zip(names, rules, strict=True)
    ]
    twice = _twice(by_rule) | {""}
    unique = [
        f"{name} ({_medians(profiles, segment)})" if ruled in twice else ruled
        for ruled, name, segment in zip(by_rule, names, index, strict=True)
    ]
    twice = _twice(unique)
    numbered = [
        f"{name} (segment {segment})"
        if long in twice or len(long) > max(MOST_LENGTH, len(name))
        else long
        for long, name, segment in zip(unique, names, index, strict=True)
    ]
    return pd.Series(numbered, index)


def keep_names(made: pd.Series, kept: KeptNames | None) -> pd.Series:
    """Returns the names of an earlier report for kept segments, and those `made` for new ones.

    A new segment with the name of a present or past one gets its number appended.
    """
    if kept is None:
        return made
    taken = {*kept.names.values(), *kept.past.values()}
    names = {
        number: kept.names.get(number, f"{name} ({number})" if name in taken else name)
        for number, name in made.items()
    }
    return pd.Series(names).rename_axis(made.index.name)


def locate_segments(segmentation: Segmentation, names: Sequence[str]) -> list[Named]:
    """Returns the segments by name and centre, as a file of names keeps them."""
    scales = segmentation.sample.scales
    return [
        Named(
            name=name,
            centre={
                scale.feature: float(f"{scale.invert(coordinate):.6g}")
                for scale, coordinate in zip(scales, centre, strict=True)
            },
        )
        for name, centre in zip(names, segmentation.segments.centres, strict=True)
    ]


def match_names(
    given: Sequence[str] | NamedSegments | None, segmentation: Segmentation
) -> Sequence[str] | None:
    """Returns given names in segment order; those of a file go to the nearest centres.

    Raises `InputError` if the file has other features, or more or fewer segments, or if a segment
    is further from its name's centre than half the way to the next one.
    """
    if not isinstance(given, NamedSegments):
        return given
    sample, centres = segmentation.sample, segmentation.segments.centres
    _check_alike(given, segmentation)
    named = _coordinates(given, sample)
    away = np.nan_to_num(cdist(named, centres), nan=FARTHEST, posinf=FARTHEST)
    near = half_ways(named)
    names = {}
    for one, position in pair_up(-away):
        name = given.segments[one].name
        if away[one, position] > max(near[one], SAME_PLACE):
            number = segmentation.numbers[position]
            raise given.refuse(
                f"segment {number} has no counterpart in it: {name!r} is elsewhere",
                "make the report as it was explored",
            )
        names[position] = name
    return [names[position] for position in range(segmentation.k)]


def _check_alike(given: NamedSegments, segmentation: Segmentation) -> None:
    features = segmentation.sample.features
    if set(given.features) != set(features):
        words = ", ".join(given.features)
        what = f"it names segments on {words}; this report's are on {', '.join(features)}"
        raise given.refuse(what, "choose these features")
    named = len(given.segments)
    if named != segmentation.k:
        raise given.refuse(f"it names {named} segments of {segmentation.k}", f"give k: {named}")


def _coordinates(given: NamedSegments, sample: Sample) -> np.ndarray:
    """Returns the named centres (k × d) in the coordinates of this report."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        columns = [
            scale.apply(np.array([one.centre[scale.feature] for one in given.segments]))
            for scale in sample.scales
        ]
    return np.clip(np.nan_to_num(np.column_stack(columns), nan=FARTHEST), -FARTHEST, FARTHEST)


def _twice(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _shorten(phrases: Sequence[str], rule: Rule) -> str:
    """Returns up to two features that are high or low; without any, a short true rule."""
    apart = [phrase for phrase in phrases if not phrase.startswith(MIDDLE)]
    if apart:
        return _join(apart[:2])
    if _is_short(rule) and rule.conditions <= MOST_CONDITIONS:
        return _join([rule.text])
    return _join(phrases) if len(phrases) == 1 else "Mid-range throughout"


def _is_short(rule: Rule) -> bool:
    """Whether a rule is true and short enough to serve as a name."""
    true = bool(rule.text) and min(rule.precision, rule.coverage) >= TRUE
    return true and len(rule.text) <= MOST_LENGTH


def _phrases(profiles: Profiles, segment: int) -> list[str]:
    """Returns true phrases about a segment: high and low before mid-range, large gaps first."""
    gaps = profiles.differences.loc[segment].abs().sort_values(ascending=False, kind="stable")
    phrases = [_describe(profiles, segment, name) for name in gaps.index]
    return sorted(phrases, key=lambda phrase: phrase.startswith(MIDDLE))


def _describe(profiles: Profiles, segment: int, name: str) -> str:
    """Returns how a segment differs in a feature; of a yes or no, what most of it say."""
    median, market = profiles.medians.loc[segment, name], profiles.market.loc[name]
    if _is_answer(market):
        share, usual = profiles.means.loc[segment, name], market["mean"]
        if (share > 0.5) != (usual > 0.5):
            return f"{say_feature(name)}: mostly {'yes' if share > 0.5 else 'no'}"
        return f"{MIDDLE} {say_feature(name)}"
    if median > market["q75"]:
        return f"high {say_feature(name)}"
    return f"{'low' if median < market['q25'] else MIDDLE} {say_feature(name)}"


def _is_answer(market: pd.Series) -> bool:
    """Whether all values are 0 or 1: only then the variance is that of a share."""
    share = market["mean"]
    ends = {market["q25"], market["q75"]} <= {0.0, 1.0}
    return ends and bool(np.isclose(market["sd"] ** 2, share * (1 - share), rtol=0.01))


def _join(phrases: Sequence[str]) -> str:
    name = ", ".join(phrases)
    return name[0].upper() + name[1:]


def _medians(profiles: Profiles, segment: int) -> str:
    """Returns the medians as text, to distinguish equal names; never those of a handful."""
    if profiles.sizes[segment] < FEWEST_TO_DESCRIBE:
        return f"segment {segment}"
    gaps = profiles.differences.loc[segment].abs().sort_values(ascending=False, kind="stable")
    medians = profiles.medians.loc[segment, list(gaps.index[:MOST_TRAITS])]
    return ", ".join(f"{say_feature(name)} {say_number(value)}" for name, value in medians.items())
