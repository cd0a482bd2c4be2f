"""From original units to coordinates: how each feature is logged, centred and scaled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.analysis.passes.moments import Moments, log_values, measure_values
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.quantiles import find_quartiles
from segmentation.analysis.passes.scales import Counts, Scale, Scales, express_filled
from segmentation.data import ROW, InputError, takes_log, thin_out

MOST_SORTED = 100_000  # rows
FEWEST = 3


def fit_scales(
    table: ir.Table,
    features: Sequence[str],
    transform: str = "auto",
    scaling: str = "standard",
    missing: str = "drop",
) -> Scales:
    """Returns the scale of every feature, from one pass over the table.

    transform: auto (log of skewed amounts, if it helps: see `takes_log`), log (of every feature
    without a negative value), none. scaling: standard (mean and standard deviation, as
    StandardScaler), robust (median and interquartile range), minmax, none. missing: drop, median.
    Above `MOST_SORTED` rows, medians and quartiles come from an even sample of that size.
    Raises `InputError` if fewer than 3 rows are complete, or a feature has a single value.
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


def refit_scales(
    frame: pd.DataFrame, weights: np.ndarray, scales: Scales, transform: str
) -> Scales:
    """Returns scales of the same features with another transform, from sampled rows."""
    frame = frame[[scale.feature for scale in scales]]
    values = frame.to_numpy(dtype=float).T
    plain = measure_values(values, weights)
    logged = measure_values(log_values(values), weights)
    fills = {scale.feature: scale.fill for scale in scales}
    return _scale(
        _Measured(scales.counts, plain, logged, frame, weights, fills), transform, scales.scaling
    )


def draw_evenly(table: ir.Table, features: Sequence[str]) -> pd.DataFrame:
    """Returns the features of all complete rows, or of an even sample of about `MOST_SORTED`."""
    numbers = {name: table[name].cast("float64") for name in features}
    whole = table.select(ROW, **numbers).drop_null(list(features))
    some = thin_out(whole, int(whole.count().execute()), MOST_SORTED)
    return some.select(*features).execute()


@dataclass(frozen=True)
class _Measured:
    """What scales are made of: counts, moments (plain and logged), rows to sort with weights."""

    counts: Counts
    plain: Moments
    logged: Moments
    values: pd.DataFrame
    weights: np.ndarray
    fills: Mapping[str, float | None]


def _scale(measured: _Measured, transform: str, scaling: str) -> Scales:
    scales, middles, square = [], [], 0.0
    for position, (name, fill) in enumerate(measured.fills.items()):
        skew, can_log = float(measured.plain.skew[position]), measured.plain.low[position] >= 0
        skew_logged = float(measured.logged.skew[position]) if can_log else None
        helps = skew_logged is not None and takes_log(0, skew, skew_logged)
        log = can_log and (transform == "log" or (transform == "auto" and helps))
        moments = (measured.logged if log else measured.plain).describe(position)
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
    return Scales(scales, measured.counts, np.array(middles), square, scaling)


def scale_rows(frame: pd.DataFrame, scales: Scales) -> np.ndarray:
    """Returns the coordinates (n × d) of rows in original units."""
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
