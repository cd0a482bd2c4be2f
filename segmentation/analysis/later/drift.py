"""How differently a feature is spread over new customers: the population stability index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import chi2

from segmentation.analysis.passes.bins import Bins
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.quantiles import find_quantiles
from segmentation.analysis.words import say_index

MUCH = 0.25  # the usual bound (Siddiqi 2006, Credit Risk Scorecards): the population has shifted
BY_CHANCE = 0.05
FEWEST_EDGES, NEAR_POWER = 3, 0.25  # deciles to compare, and how near a power of ten they lie
Rescaled = dict[str, int]  # the power of ten by feature
Rows = TypeVar("Rows", ir.Table, pd.DataFrame)
HALF = 0.5  # a customer, added to every bin so that none is empty


@dataclass(frozen=True)
class Shift:
    """The population stability index of a feature, and what chance alone rarely exceeds."""

    index: float
    by_chance: float

    @property
    def shown(self) -> bool:
        """Whether the difference is beyond chance."""
        return self.index > self.by_chance

    @property
    def much(self) -> bool:
        """Whether it is also large enough to call the segments in question."""
        return self.shown and self.index >= MUCH


def measure_shifts(table: ir.Table, then: Mapping[str, Bins]) -> dict[str, Shift]:
    """Returns how differently each feature is spread over a table, given its earlier bins."""
    edges = {name: bins.edges for name, bins in then.items()}
    return compare_bins(then, open_passes(table).count_bins(edges))


def find_rescaled(frame: pd.DataFrame, weights: np.ndarray, then: Mapping[str, Bins]) -> Rescaled:
    """Returns the features of these rows in what seems another unit: a power of ten, by feature.

    All their deciles are about 100 or 1,000 times, or a hundredth or thousandth of, those `then`.
    """
    found = {}
    for name, bins in then.items():
        edges, reached = np.array(bins.edges), np.cumsum(bins.counts[1:-1]) / sum(bins.counts[1:])
        used = (edges > 0) & (reached < 1)
        if used.sum() < FEWEST_EDGES:
            continue
        now = np.array(find_quantiles(frame[name], reached[used].tolist(), weights))
        if (now <= 0).any():
            continue
        powers = np.log10(now / edges[used])
        power = round(float(np.median(powers)))
        if 2 <= abs(power) <= 3 and (np.abs(powers - power) < NEAR_POWER).all():
            found[name] = power
    return found


def restore_units(rows: Rows, rescaled: Rescaled) -> Rows:
    """Returns a table or frame with these features in the unit that they had then."""
    then = {name: rows[name] / 10.0**power for name, power in rescaled.items()}
    if not then:
        return rows
    return rows.assign(**then) if isinstance(rows, pd.DataFrame) else rows.mutate(**then)


def compare_bins(then: Mapping[str, Bins], now: Mapping[str, Bins]) -> dict[str, Shift]:
    """Returns how differently each feature is spread, from its bins then and now.

    One pair of tables in 20 has a feature beyond its bound by chance, however many features there
    are.
    """
    return {name: measure_shift(bins, now[name], len(then)) for name, bins in then.items()}


def measure_shift(then: Bins, now: Bins, features: int = 1) -> Shift:
    """Returns Σ (p − q) · log(p / q) over the bins, the symmetric divergence.

    Kullback and Leibler 1951. `by_chance` is its 95th percentile if both tables are draws from one
    population: χ² times the sum of the reciprocal sizes (Yurdakul and Naranjo 2020, Journal of
    Risk Model Validation 14), raised for the largest of several `features` (Bonferroni). Bins that
    are empty both times do not count. Raises `ValueError` if the edges differ.
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


def tabulate_shifts(shifts: Mapping[str, Shift]) -> pd.DataFrame:
    """Returns a row per feature: its population stability index, and what chance alone reaches."""
    rows = {
        name: [say_index(shift.index), say_index(shift.by_chance)] for name, shift in shifts.items()
    }
    heads = ["population stability index", "by chance, at most"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=heads).rename_axis("feature")
