"""From columns in original units to the scaled coordinates that segments are formed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.analysis.passes.moments import Moments, find_quartiles, log_values, measure_values
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.sampling import WEIGHT
from segmentation.analysis.passes.scales import Counts, Scale, Scales, express_filled
from segmentation.data import ROW, InputError, thin_out

SKEWED = 2.0  # METHODS: money is logged above this skew
SAMPLED_ABOVE = 100_000  # rows
SAMPLE = 20_000  # rows that stand for a larger table: docs/scale.md
MOST_SORTED = 100_000
FEWEST = 3


@dataclass(frozen=True)
class Prepared:
    """What is fitted: `X` (n × d coordinates), `weights` (n), and where they come from.

    `frame` has the same rows in original units, indexed by row number.
    """

    table: ir.Table
    frame: pd.DataFrame
    X: np.ndarray
    weights: np.ndarray
    scales: Scales

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return self.scales.counts.rows

    @property
    def used(self) -> int:
        """How many of them can be fitted."""
        return self.scales.counts.used

    @property
    def missing(self) -> dict[str, int]:
        """By feature, how many lack it."""
        return self.scales.counts.missing

    @property
    def features(self) -> list[str]:
        """The feature names, in the order of the columns of `X`."""
        return [scale.feature for scale in self.scales]

    @property
    def sampled(self) -> bool:
        """Whether `X` is a weighted sample of the rows that can be used."""
        return len(self.X) < self.used


def fit_scales(
    table: ir.Table,
    features: Sequence[str],
    transform: str = "auto",
    scaling: str = "standard",
    missing: str = "drop",
) -> Scales:
    """The scale of every feature, from one pass over the table.

    transform: auto (log of skewed amounts, skew > 2 and none negative), log (of all that have no
    negative value), none. scaling: standard (mean and standard deviation, as StandardScaler),
    robust (median and interquartile range), minmax, none. missing: drop, median. Of more than
    `MOST_SORTED` rows, medians and quartiles are those of an even sample of so many.
    """
    fills: dict[str, float | None] = dict.fromkeys(features)
    if missing == "median":
        fills = {name: float(draw_evenly(table, [name])[name].median()) for name in features}
    counts, moments, logged = open_passes(table).measure(features, fills)
    if counts.used < FEWEST:
        raise InputError(
            f"{counts.used} of {counts.rows} rows have a value in every feature",
            "use fewer features, or missing: median",
            code="too-few-rows",
        )
    values = pd.DataFrame(columns=list(features), dtype=float)
    if scaling == "robust":
        filled = {name: express_filled(table, name, fills[name]) for name in features}
        values = draw_evenly(table.select(ROW, **filled), features)
    weights = np.ones(len(values))
    return _scale(_Measured(counts, moments, logged, values, weights, fills), transform, scaling)


def refit_scales(prepared: Prepared, transform: str, scaling: str) -> Scales:
    """Other scales of the same features, from the rows that were taken to fit on."""
    frame, fills = prepared.frame[prepared.features], {s.feature: s.fill for s in prepared.scales}
    values = frame.to_numpy(dtype=float).T
    moments = measure_values(values, prepared.weights)
    logged = measure_values(log_values(values), prepared.weights)
    counts, weights = prepared.scales.counts, prepared.weights
    measured = _Measured(counts, moments, logged, frame, weights, fills)
    return _scale(measured, transform, scaling)


def take_rows(
    table: ir.Table,
    scales: Scales,
    sample_rows: int = SAMPLED_ABOVE,
    seed: int = 42,
    id: str | None = None,
) -> Prepared:
    """The rows to fit on: all of them with weight 1, or above `sample_rows` a weighted sample.

    The sample has about `SAMPLE` rows, the same on every engine where an `id` tells them apart.
    """
    counts, features = scales.counts, [scale.feature for scale in scales]
    if counts.used > sample_rows:
        frame = open_passes(table).draw(scales, min(sample_rows, SAMPLE), seed, id)
        weights = frame.pop(WEIGHT).to_numpy()
    else:
        numbers = {s.feature: express_filled(table, s.feature, s.fill) for s in scales}
        whole = table.select(ROW, **numbers).drop_null(features)
        frame = whole.order_by(ROW).execute().set_index(ROW)
        weights = np.ones(len(frame))
    return Prepared(table, frame, scale_rows(frame, scales), weights, scales)


def draw_evenly(table: ir.Table, features: Sequence[str]) -> pd.DataFrame:
    """The features of all rows that have them, or of an even sample of about `MOST_SORTED`."""
    numbers = {name: table[name].cast("float64") for name in features}
    whole = table.select(ROW, **numbers).drop_null(list(features))
    some = thin_out(whole, int(whole.count().execute()), MOST_SORTED)
    return some.select(*features).execute()


@dataclass(frozen=True)
class _Measured:
    """What scales are made of: counts, moments as they are and logged, rows to sort, fills.

    `weights` are what the rows to sort stand for.
    """

    counts: Counts
    plain: Moments
    logged: Moments
    values: pd.DataFrame
    weights: np.ndarray
    fills: Mapping[str, float | None]


def _scale(measured: _Measured, transform: str, scaling: str) -> Scales:
    scales, middles, square = [], [], 0.0
    for at, (name, fill) in enumerate(measured.fills.items()):
        skew, can_log = float(measured.plain.skew[at]), measured.plain.low[at] >= 0
        skew_logged = float(measured.logged.skew[at]) if can_log else None
        log = can_log and (transform == "log" or (transform == "auto" and skew > SKEWED))
        moments = (measured.logged if log else measured.plain).at(at)
        values = measured.values[name].to_numpy(dtype=float)
        sort = partial(find_quartiles, log_values(values) if log else values, measured.weights)
        centre, spread = _centre_and_spread(sort, scaling, moments)
        if not spread > 0:
            raise InputError(
                "it has one value in the rows that can be used",
                "leave it out of the features",
                code="unusable-feature",
                column=name,
            )
        scales.append(Scale(name, bool(log), centre, spread, fill, skew, skew_logged))
        middles.append((moments["mean"] - centre) / spread)
        square += (moments["sd"] / spread) ** 2
    return Scales(scales, measured.counts, np.array(middles), square)


def scale_rows(frame: pd.DataFrame, scales: Scales) -> np.ndarray:
    """The coordinates (n × d) of rows in original units."""
    return np.column_stack([scale.apply(frame[scale.feature].to_numpy()) for scale in scales])


def _centre_and_spread(
    sort: Callable[[], list[float]], scaling: str, moments: Mapping[str, float]
) -> tuple[float, float]:
    if scaling == "none":
        return 0.0, 1.0
    if scaling == "minmax":
        return moments["low"], moments["high"] - moments["low"]
    if scaling == "robust":
        low, middle, high = sort()
        return middle, high - low
    return moments["mean"], moments["sd"]
