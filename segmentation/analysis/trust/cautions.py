"""What is odd about the columns and the segments they make: the facts behind the cautions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.passes.scales import Scale
from segmentation.analysis.trust.spikes import Spike, find_spikes
from segmentation.data import (
    MOST_CURRENCIES,
    Columns,
    Fact,
    count_copies,
    find_currencies,
    find_twins,
    is_identifier,
    takes_log,
)

MOST_MISSING = 0.02  # a larger share of rows without a segment is worth a caution
SMALL_SHARE, FEWEST_TO_LOOK = 0.02, 100
LARGEST_LIST = 15  # fewer customers are a list, whatever the table
FEW_LEVELS = 7  # as of a scale from 1 to 7
TOP, SAME = 0.01, 0.8  # without the furthest 1 % the segments should agree this well


@dataclass(frozen=True)
class Outliers:
    """Agreement (adjusted Rand index) of segments fitted without the furthest, or a random, 1 %."""

    without_furthest: float
    without_random: float

    @property
    def decisive(self) -> bool:
        """Whether the furthest customers shape the segments."""
        return self.without_furthest < SAME <= self.without_random


@dataclass(frozen=True)
class Cautions:
    """What is odd about the columns and the segments.

    `id` is the fact of the column that names customers. `identifiers` look like ids but are
    features; `answers` are yes/no features, `dummies` those that make up one category; `currencies`
    say which columns hold several; `codes` are features of few whole values; `twins` maps a feature
    to the one that it repeats and their r; `skewed` features could be logged; `spikes` are values
    that many rows share. `lost` of `rows` have no segment; `copies` repeat an earlier row; `small`
    segments are lists (sizes by number).
    """

    columns: Columns
    id: Fact | None
    identifiers: list[Fact]
    features: list[str]
    answers: list[str]
    dummies: list[list[str]]
    currencies: list[str]
    codes: list[str]
    twins: Mapping[str, tuple[str, float]]
    skewed: list[Scale]
    spikes: list[Spike]
    lost: int
    rows: int
    copies: int
    small: pd.Series
    outliers: Outliers

    @property
    def many_lost(self) -> bool:
        """Whether so many rows have no segment that readers should know."""
        return self.lost > MOST_MISSING * self.rows


def find_cautions(columns: Columns, segmentation: Segmentation) -> Cautions:
    """Looks for identifiers, codes, twins, skew, missing values, lists and outliers."""
    sample = segmentation.sample
    facts = {part.fact.name: part.fact for part in columns.parts}
    used = [facts[name] for name in sample.features]
    return Cautions(
        columns=columns,
        id=None if columns.id is None else facts[columns.id],
        identifiers=[fact for fact in used if is_identifier(fact)],
        features=sample.features,
        answers=[fact.name for fact in used if fact.distinct == 2],
        dummies=find_dummies(sample),
        currencies=_list_currencies(columns, sample),
        codes=[fact.name for fact in used if fact.whole and 2 < fact.distinct <= FEW_LEVELS],
        twins=find_twins(correlate_rows(sample)),
        skewed=list_skewed(sample),
        spikes=find_spikes(sample),
        lost=sample.rows - sample.used,
        rows=sample.rows,
        copies=0 if sample.weighted else count_copies(sample.X),
        small=_find_small(segmentation.sizes),
        outliers=compare_without(segmentation),
    )


def compare_without(segmentation: Segmentation) -> Outliers:
    """Compares the segments with those fitted without the furthest, and without a random, 1 %.

    NaN below 100 rows, and for algorithms other than K-Means.
    """
    sample, segments = segmentation.sample, segmentation.segments
    X, weights = sample.X, sample.weights
    if len(X) < FEWEST_TO_LOOK or segments.algorithm != "kmeans":
        return Outliers(np.nan, np.nan)
    middle = np.average(X, axis=0, weights=weights)
    distances = ((X - middle) ** 2).sum(axis=1)
    near = distances <= np.quantile(distances, 1 - TOP)
    random = np.random.default_rng(sample.seed).permutation(near)
    agreements = []
    for rest in (near, random):
        fit = fit_segments(X[rest], weights[rest], segments.k, sample.seed)
        agreements.append(float(adjusted_rand_score(fit.labels, segments.labels[rest])))
    return Outliers(*agreements)


def correlate_rows(sample: Sample) -> pd.DataFrame:
    """Returns Pearson's r of every pair of features, on the scale used, by weight."""
    spread = np.atleast_2d(np.cov(sample.X.T, aweights=sample.weights))
    deviations = np.sqrt(np.diag(spread))
    correlations = spread / np.outer(deviations, deviations)
    return pd.DataFrame(correlations, sample.features, sample.features)


def find_dummies(sample: Sample) -> list[list[str]]:
    """Returns groups of columns of 0 and 1 of which every row has a single 1: one category each."""
    groups: dict[tuple[str, ...], np.ndarray] = {}
    for name in sample.features:
        column = sample.frame[name].to_numpy(dtype=float)
        if not np.isin(column, (0, 1)).all():
            continue
        joined = next((names for names, sums in groups.items() if not (sums * column).any()), ())
        groups[(*joined, name)] = groups.pop(joined, np.zeros(len(column))) + column
    return [list(names) for names, sums in groups.items() if len(names) > 1 and (sums == 1).all()]


def _list_currencies(columns: Columns, sample: Sample) -> list[str]:
    texts = [part.fact for part in columns.parts if part.fact.type == "text"]
    few = [fact.name for fact in texts if 1 < fact.distinct <= MOST_CURRENCIES]
    return list(find_currencies(sample.table, few))


def list_skewed(sample: Sample) -> list[Scale]:
    """Returns the scales of skewed features that could be logged, but are not."""
    return [
        scale
        for scale in sample.scales
        if not scale.log and scale.skew_logged is not None
        if takes_log(0, scale.skew, scale.skew_logged)
    ]


def _find_small(sizes: pd.Series) -> pd.Series:
    customers = int(sizes.sum())
    if customers < FEWEST_TO_LOOK:
        return sizes[:0]
    return sizes[sizes < max(LARGEST_LIST, SMALL_SHARE * customers)]
