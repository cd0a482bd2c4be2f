"""What is odd about the columns and the segments they make, each in a sentence with the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis.fitting.clustering import Segments, fit_segments
from segmentation.analysis.fitting.sample import SKEWED, Prepared, refit_scales, scale_rows
from segmentation.analysis.fitting.scan import Scan, list_ks
from segmentation.analysis.passes.scales import Scale
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.say.trust import say_handful
from segmentation.analysis.trust.choice import Choice, recommend_k
from segmentation.analysis.trust.shared import scan_k, try_ks
from segmentation.analysis.words import say_count, say_list, say_share
from segmentation.data import CODE_LEVELS, Columns, find_twins, is_identifier

FEWEST_SHARE, FEWEST_TO_LOOK = 0.02, 100
TOP, SAME = 0.01, 0.8  # without the furthest 1 % the segments should agree so well
LEAST_LIST = 15  # fewer customers are a list, whatever the table


@dataclass(frozen=True)
class Logged:
    """What the logged features would give: the recommended k, and the sizes of its segments."""

    features: tuple[str, ...]
    k: int
    sizes: tuple[int, ...]


def list_cautions(
    columns: Columns, prepared: Prepared, profiles: Profiles, segments: Segments, seed: int
) -> list[str]:
    """What is odd about the columns and the segments, each in a sentence.

    Identifiers, codes and yes-or-no columns used as features, pairs that say one thing, amounts
    that were not logged, missing values, segments of a handful, segments that hang on outliers.
    """
    return [
        *_say_left_out(columns),
        *_say_features(columns, prepared),
        *_say_missing(prepared),
        *_say_small(profiles),
        *_say_outliers(*compare_without(prepared.X, prepared.weights, segments, seed)),
    ]


def compare_without(
    X: np.ndarray, weights: np.ndarray, segments: Segments, seed: int
) -> tuple[float, float]:
    """How far segments fitted without the furthest 1 %, and without a random 1 %, are the same.

    Adjusted Rand indices, on the others. NaN below 100 rows, and for algorithms other than K-Means.
    """
    if len(X) < FEWEST_TO_LOOK or segments.algorithm != "kmeans":
        return np.nan, np.nan
    middle = np.average(X, axis=0, weights=weights)
    away = ((X - middle) ** 2).sum(axis=1)
    near = away <= np.quantile(away, 1 - TOP)
    chance = np.random.default_rng(seed).permutation(near)
    found = []
    for rest in (near, chance):
        fit = fit_segments(X[rest], weights[rest], segments.k, seed)
        found.append(float(adjusted_rand_score(fit.labels, segments.labels[rest])))
    return found[0], found[1]


def correlate_rows(prepared: Prepared) -> pd.DataFrame:
    """Pearson's r of every pair of features over the rows fitted, by what they stand for."""
    spread = np.atleast_2d(np.cov(prepared.frame[prepared.features].T, aweights=prepared.weights))
    deviations = np.sqrt(np.diag(spread))
    found = spread / np.outer(deviations, deviations)
    return pd.DataFrame(found, prepared.features, prepared.features)


def try_logged(
    prepared: Prepared, scan: Scan, choice: Choice, scaling: str, seed: int
) -> Logged | None:
    """What logging the skewed features would give, where the best silhouette is a handful.

    None where it is none, or nothing is left to log. All else is as in the run: the same rows.
    """
    skewed = tuple(scale.feature for scale in prepared.scales if _could_be_logged(scale))
    if not skewed or not say_handful(scan, choice, prepared.used):
        return None
    X, weights = (
        scale_rows(prepared.frame, refit_scales(prepared, "auto", scaling)),
        prepared.weights,
    )
    fits = scan_k(X, weights, list_ks(max(scan.segments)), seed)
    trials = try_ks(X, weights, fits, "quick", seed)
    best = recommend_k(fits, weights, trials, {}).k
    sizes = np.bincount(fits.segments[best].labels, weights)[1:]
    return Logged(skewed, best, tuple(round(size) for size in sizes))


def say_logged(logged: Logged | None, scan: Scan, choice: Choice, rows: int) -> str:
    """That the best silhouette is a handful, and what the logged features give instead."""
    said = say_handful(scan, choice, rows)
    if logged is None:
        return said
    sizes = say_list([f"{size:,}" for size in logged.sizes])
    balanced = "balanced " if max(logged.sizes) <= 2 * min(logged.sizes) else ""
    return (
        f"{said} A few very large values of {say_list(list(logged.features))} own the distances. "
        f"Recommended: the logged features (transform: auto), which make {logged.k} {balanced}"
        f"segments of {sizes} customers."
    )


def _could_be_logged(scale: Scale) -> bool:
    return not scale.log and scale.skew > SKEWED and scale.skew_logged is not None


def _say_left_out(columns: Columns) -> list[str]:
    said = []
    if columns.id is not None:
        fact = next(part.fact for part in columns.parts if part.fact.name == columns.id)
        said.append(
            f"{columns.id} names the customer ({fact.distinct:,} of {fact.rows:,} distinct) and is "
            f"no feature."
        )
    for part in columns.parts:
        if part.role == "left out" and "identifier" in part.reason:
            said.append(f"{part.fact.name} {part.reason}. Left out.")
        if part.role == "descriptor" and part.reason.startswith("says what"):
            said.append(f"{part.fact.name} {part.reason}: a theme counts once. Left out.")
    return said


def _say_features(columns: Columns, prepared: Prepared) -> list[str]:
    facts = {part.fact.name: part.fact for part in columns.parts}
    used = [facts[name] for name in prepared.features]
    said = [
        f"{fact.name} looks like an identifier ({fact.distinct:,} of {fact.rows:,} distinct), but "
        f"was named as a feature: leave it out."
        for fact in used
        if is_identifier(fact)
    ]
    answers = [fact.name for fact in used if fact.distinct == 2]
    if len(answers) == len(used):
        said.append(
            "Every feature is a yes or no: segments are combinations of answers, and gaps between "
            "them say nothing."
        )
    elif answers:
        said.append(f"Yes-or-no columns that weigh as much as amounts: {say_list(answers)}.")
    codes = [f.name for f in used if f.whole and 2 < f.distinct <= CODE_LEVELS]
    if codes:
        said.append(f"Codes or scales of few values used as numbers: {say_list(codes)}.")
    twins = find_twins(correlate_rows(prepared))
    said += [
        f"{one} and {other} (r = {r:.2f}) count one theme twice: leave one out."
        for other, (one, r) in twins.items()
    ]
    skewed = [f"{s.feature} ({s.skew:.1f})" for s in prepared.scales if _could_be_logged(s)]
    if skewed:
        said.append(
            f"Skewed and not logged, so that a few large values weigh most: {say_list(skewed)}."
        )
    return said


def _say_missing(prepared: Prepared) -> list[str]:
    lost = prepared.rows - prepared.used
    if lost <= 0.02 * prepared.rows:
        return []
    share = say_share(lost / prepared.rows)
    verbs = "lacks a value and has" if lost == 1 else "lack a value and have"
    return [f"{lost:,} of {prepared.rows:,} rows ({share}) {verbs} no segment."]


def _say_small(profiles: Profiles) -> list[str]:
    if profiles.customers < FEWEST_TO_LOOK:
        return []
    least = max(LEAST_LIST, FEWEST_SHARE * profiles.customers)
    return [
        f"Segment {at} is {say_count(int(size), 'customer')}: a list, not a segment."
        for at, size in profiles.sizes.items()
        if size < least
    ]


def _say_outliers(top: float, chance: float) -> list[str]:
    if not top < SAME <= chance:
        return []
    return [
        f"The furthest 1 % of customers shape the segments: without them the others fall into "
        f"different ones (adjusted Rand index {top:.2f}; without a random 1 % it is {chance:.2f})."
    ]


def say_cautions(cautions: Sequence[str]) -> str:
    """The cautions as one paragraph, or that there are none."""
    return " ".join(cautions) if cautions else "Nothing odd was found about the columns."
