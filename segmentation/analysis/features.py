"""From columns in original units to the scaled coordinates that segments are formed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.analysis.sampling import WEIGHT, draw_coreset
from segmentation.data import ROW, InputError

SKEWED = 2.0  # METHODS: money is logged above this skew


@dataclass(frozen=True)
class Scale:
    """How one feature becomes a coordinate: (log(1 + value) or value, minus centre) / spread."""

    feature: str
    log: bool
    centre: float
    spread: float
    fill: float | None  # what stands in for a missing value; None: the row is left out
    skew: float  # of the values as they are
    skew_logged: float | None  # after log(1 + value); None where a value is negative

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The coordinates of values in original units; NaN where the row is left out.

        That is without a value, and below 0 where its logarithm is taken.
        """
        filled = values if self.fill is None else np.where(np.isnan(values), self.fill, values)
        if self.log:
            filled = np.log1p(np.where(filled < 0, np.nan, filled))
        return (filled - self.centre) / self.spread

    def invert(self, coordinates: np.ndarray) -> np.ndarray:
        """The values in original units; of logged features a mean becomes a geometric mean."""
        values = coordinates * self.spread + self.centre
        return np.expm1(values) if self.log else values

    def expression(self, table: ir.Table) -> ir.FloatingColumn:
        """The coordinates as an expression of the engine; NULL where they are NaN."""
        column = _filled(table, self.feature, self.fill)
        if self.log:
            logged = _logged(ibis.greatest(column, 0.0))
            column = (column >= 0).ifelse(logged, ibis.null("float64"))
        return (column - self.centre) / self.spread


@dataclass(frozen=True)
class Prepared:
    """What is fitted: `X` (n × d coordinates), `weights` (n), and where they come from.

    `frame` has the same rows in original units, indexed by row number. `missing` counts, by
    feature, the rows that lack it; `rows` and `used` count all rows and those that can be fitted.
    """

    table: ir.Table
    frame: pd.DataFrame
    X: np.ndarray
    weights: np.ndarray
    scales: tuple[Scale, ...]
    missing: dict[str, int]
    rows: int
    used: int

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
) -> tuple[Scale, ...]:
    """The scale of every feature, from two passes over the table (a third for robust or median).

    transform: auto (log of skewed amounts, skew > 2 and none negative), log (of all that have no
    negative value), none. scaling: standard (mean and standard deviation, as StandardScaler),
    robust (median and interquartile range), minmax, none. missing: drop, median.
    """
    fills = _medians(table, features) if missing == "median" else dict.fromkeys(features)
    kept = table.select(ROW, **{name: _filled(table, name, fills[name]) for name in features})
    moments = _moments(kept.drop_null(list(features)), features)
    skews = _skews(kept.drop_null(list(features)), moments)
    scales = []
    for name in features:
        skew, skew_logged = skews[name]
        wanted = transform == "log" or (transform == "auto" and skew > SKEWED)
        log = wanted and skew_logged is not None
        form = f"{name} log" if log else name
        centre, spread = _centre_and_spread(kept, name, log, scaling, moments[form])
        if not spread > 0:
            raise InputError(
                "it has one value in the rows that can be used",
                "leave it out of the features",
                code="unusable-feature",
                column=name,
            )
        scales.append(Scale(name, log, centre, spread, fills[name], skew, skew_logged))
    return tuple(scales)


def take_rows(
    table: ir.Table, scales: Sequence[Scale], sample_rows: int = 100_000, seed: int = 42
) -> Prepared:
    """The rows to fit on: all of them with weight 1, or above `sample_rows` a weighted sample."""
    features = [scale.feature for scale in scales]
    numbers = {scale.feature: _filled(table, scale.feature, scale.fill) for scale in scales}
    whole = table.select(ROW, **numbers).drop_null(features)
    wanted = {"rows": table.count()}
    wanted |= {f"m{at}": table[name].isnull().sum() for at, name in enumerate(features)}
    counts = table.aggregate(**wanted).execute().iloc[0]
    used = int(whole.count().execute())
    if used < 3:
        raise InputError(
            f"{used} of {int(counts['rows'])} rows have a value in every feature",
            "use fewer features, or missing: median",
            code="too-few-rows",
        )
    drawn = draw_coreset(whole, scales, used, sample_rows, seed) if used > sample_rows else None
    frame = (whole if drawn is None else drawn).order_by(ROW).execute().set_index(ROW)
    weights = np.ones(len(frame)) if drawn is None else frame.pop(WEIGHT).to_numpy()
    X = np.column_stack([scale.apply(frame[scale.feature].to_numpy()) for scale in scales])
    missing = {name: int(counts[f"m{at}"]) for at, name in enumerate(features)}
    return Prepared(table, frame, X, weights, tuple(scales), missing, int(counts["rows"]), used)


def add_coordinates(table: ir.Table, scales: Sequence[Scale]) -> ir.Table:
    """The table with coordinates __z0, __z1 … beside its columns; NULL in rows left out."""
    found = table.mutate(**{f"__z{at}": s.expression(table) for at, s in enumerate(scales)})
    whole = reduce(and_, (found[f"__z{at}"].notnull() for at in range(len(scales))))
    null = ibis.null("float64")
    return found.mutate(
        **{f"__z{at}": whole.ifelse(found[f"__z{at}"], null) for at in range(len(scales))}
    )


def _filled(table: ir.Table, name: str, fill: float | None) -> ir.FloatingColumn:
    number = table[name].cast("float64")
    return number if fill is None else number.fill_null(fill)


def _logged(column: ir.FloatingColumn) -> ir.FloatingColumn:
    return (column + 1.0).ln()


def _medians(table: ir.Table, features: Sequence[str]) -> dict[str, float | None]:
    wanted = {f"m{at}": table[name].cast("float64").median() for at, name in enumerate(features)}
    found = table.aggregate(**wanted).execute().iloc[0]
    return {name: float(found[f"m{at}"]) for at, name in enumerate(features)}


def _moments(kept: ir.Table, features: Sequence[str]) -> dict[str, dict[str, float]]:
    """Mean, sd (ddof 0), low and high by feature, and by "<feature> log" where none is negative."""
    wanted: dict[str, ir.Value] = {}
    for at, name in enumerate(features):
        column = kept[name]
        logged = _logged(ibis.greatest(column, 0.0))
        for form, values in (("", column), (" log", logged)):
            wanted[f"{at}{form} mean"] = values.mean()
            wanted[f"{at}{form} sd"] = values.std(how="pop")
            wanted[f"{at}{form} low"] = values.min()
            wanted[f"{at}{form} high"] = values.max()
    found = kept.aggregate(**wanted).execute().iloc[0].fillna(0.0)
    moments = {}
    for at, name in enumerate(features):
        forms = [("", name)] + ([(" log", f"{name} log")] if found[f"{at} low"] >= 0 else [])
        for form, label in forms:
            keys = ("mean", "sd", "low", "high")
            moments[label] = {key: float(found[f"{at}{form} {key}"]) for key in keys}
    return moments


def _skews(
    kept: ir.Table, moments: dict[str, dict[str, float]]
) -> dict[str, tuple[float, float | None]]:
    wanted = {}
    for at, (label, moment) in enumerate(moments.items()):
        name = label.removesuffix(" log") if label not in kept.columns else label
        values = kept[name] if label == name else _logged(kept[name])
        wanted[f"s{at}"] = (((values - moment["mean"]) / (moment["sd"] or 1.0)) ** 3).mean()
    found = kept.aggregate(**wanted).execute().iloc[0].fillna(0.0)
    skew = {label: float(found[f"s{at}"]) for at, label in enumerate(moments)}
    names = [name for name in kept.columns if name != ROW]
    return {name: (skew[name], skew.get(f"{name} log")) for name in names}


def _centre_and_spread(
    kept: ir.Table, name: str, log: bool, scaling: str, moment: dict[str, float]
) -> tuple[float, float]:
    if scaling == "none":
        return 0.0, 1.0
    if scaling == "minmax":
        return moment["low"], moment["high"] - moment["low"]
    if scaling == "robust":
        values = _logged(kept[name]) if log else kept[name]
        low, mid, high = (values.quantile(q) for q in (0.25, 0.5, 0.75))
        found = kept.aggregate(low=low, mid=mid, high=high).execute().iloc[0]
        return float(found["mid"]), float(found["high"] - found["low"])
    return moment["mean"], moment["sd"]
