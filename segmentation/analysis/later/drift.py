"""How differently a feature is spread over new customers: the population stability index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import chi2

from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.passes.passes import open_passes

TENTHS = tuple(round(0.1 * at, 1) for at in range(1, 10))
MUCH = 0.25  # the usual bound (Siddiqi 2006, Credit Risk Scorecards): the population has shifted
BY_CHANCE = 0.05
HALF = 0.5  # a customer, added to every bin so that none is empty


@dataclass(frozen=True)
class Bins:
    """How many customers a feature has in each bin.

    `edges` are distinct deciles, increasing; `counts` are those without a value, those up to each
    edge and above the one before, and those above the last.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Shift:
    """The population stability index of a feature, and what chance alone rarely reaches."""

    index: float
    by_chance: float

    @property
    def shown(self) -> bool:
        """Whether the difference is beyond chance."""
        return self.index > self.by_chance


def cut_edges(sample: Sample) -> dict[str, tuple[float, ...]]:
    """The edges of every feature's bins: the distinct deciles of the rows fitted on."""
    return {
        name: tuple(map(float, np.unique(_deciles(sample.frame[name], sample.weights))))
        for name in sample.features
    }


def count_bins(table: ir.Table, edges: Mapping[str, Sequence[float]]) -> dict[str, Bins]:
    """The bins of every feature between these edges, counted over all rows."""
    return name_bins(open_passes(table).count_bins(edges), edges)


def measure_shifts(table: ir.Table, then: Mapping[str, Bins]) -> dict[str, Shift]:
    """How differently each feature is spread over a table, by the bins of an earlier one."""
    return compare_bins(then, count_bins(table, {name: own.edges for name, own in then.items()}))


def compare_bins(then: Mapping[str, Bins], now: Mapping[str, Bins]) -> dict[str, Shift]:
    """How differently each feature is spread, by its bins then and now.

    Chance passes the bound of some feature in one of 20 pairs of tables, however many there are.
    """
    return {name: measure_shift(own, now[name], len(then)) for name, own in then.items()}


def name_bins(counts: np.ndarray, edges: Mapping[str, Sequence[float]]) -> dict[str, Bins]:
    """The bins by feature, from the sum of what `count_values` gave."""
    ends = np.cumsum([len(bounds) + 2 for bounds in edges.values()])
    parts = zip(edges.items(), np.split(counts, ends[:-1]), strict=True)
    return {name: Bins(tuple(bounds), tuple(map(int, own))) for (name, bounds), own in parts}


def measure_shift(then: Bins, now: Bins, features: int = 1) -> Shift:
    """Σ (p − q) · log(p / q) over the bins (Kullback and Leibler 1951's symmetric divergence).

    `by_chance` is its 95th percentile where both are draws from one population: χ² times the sum
    of the reciprocal sizes (Yurdakul and Naranjo 2020, Journal of Risk Model Validation 14), a
    higher one where the largest of several `features` is looked at (Bonferroni). Bins
    that are empty both times count for nothing. Raises `ValueError` for other edges.
    """
    if then.edges != now.edges:
        raise ValueError("bins with other edges cannot be compared")
    old, new = (np.array(bins.counts, dtype=float) for bins in (then, now))
    used = old + new > 0
    if old.sum() == 0 or new.sum() == 0 or used.sum() < 2:
        return Shift(0.0, 0.0)
    p, q = ((c[used] + HALF) / (c.sum() + HALF * used.sum()) for c in (old, new))
    index = float(((q - p) * np.log(q / p)).sum())
    by_chance = chi2.isf(BY_CHANCE / features, used.sum() - 1) * (1 / old.sum() + 1 / new.sum())
    return Shift(index, float(by_chance))


def _deciles(values: pd.Series, weights: np.ndarray) -> np.ndarray:
    """Values that so many tenths of the weight lie at or below."""
    deciles: np.ndarray = np.quantile(values, TENTHS, weights=weights, method="inverted_cdf")
    return deciles
