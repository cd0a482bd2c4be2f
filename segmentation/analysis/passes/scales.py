"""How a feature becomes a coordinate, in NumPy and as an expression for any engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir
import numpy as np


@dataclass(frozen=True)
class Scale:
    """How one feature becomes a coordinate: (log(1 + value) or value, minus centre) / spread."""

    feature: str
    log: bool
    centre: float
    spread: float
    fill: float | None  # replaces a missing value; None: the row is left out
    skew: float  # of the raw values
    skew_logged: float | None  # after log(1 + value); None if a value is negative

    def apply(self, values: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Returns the coordinates of values in original units, written to `out` if given.

        NaN if the row is left out: its value is missing, or below 0 and the feature is logged.
        """
        if self.fill is not None:
            values = np.where(np.isnan(values), self.fill, values)
        if self.log:
            below = values < 0
            values = np.log1p(np.where(below, np.nan, values) if below.any() else values)
        centred = np.subtract(values, self.centre, out=out)
        return np.divide(centred, self.spread, out=centred)

    def invert(self, coordinates: np.ndarray) -> np.ndarray:
        """Returns values in original units; for logged features, means become geometric means."""
        values = coordinates * self.spread + self.centre
        return np.expm1(values) if self.log else values

    def express(self, table: ir.Table) -> ir.FloatingColumn:
        """Returns the coordinates as an expression; NULL instead of NaN."""
        column = express_filled(table, self.feature, self.fill)
        if self.log:
            logged = express_log(ibis.greatest(column, 0.0))
            column = (column >= 0).ifelse(logged, ibis.null("float64"))
        return (column - self.centre) / self.spread


@dataclass(frozen=True)
class Counts:
    """All rows of a table, the usable ones (every feature has a value), the missing by feature."""

    rows: int
    used: int
    missing: dict[str, int]


class Scales(tuple[Scale, ...]):
    """The scale of every feature, and the `counts` of the rows they were fitted on.

    `middle` (d) is the mean of those rows in coordinates, `square` their mean squared distance
    from it; `scaling` names how they were centred and spread.
    """

    counts: Counts
    middle: np.ndarray
    square: float
    scaling: str

    def __new__(
        cls,
        scales: Sequence[Scale],
        counts: Counts,
        middle: np.ndarray,
        square: float,
        scaling: str = "standard",
    ) -> Scales:
        self = super().__new__(cls, scales)
        self.counts, self.middle, self.square = counts, middle, square
        self.scaling = scaling
        return self


def scale_values(values: np.ndarray, scales: Sequence[Scale]) -> np.ndarray:
    """Returns the coordinates (d × n) of values (d × n) in original units; NaN if left out."""
    coordinates = np.empty(values.shape)
    for scale, column, out in zip(scales, values, coordinates, strict=True):
        scale.apply(column, out)
    return coordinates


def add_coordinates(table: ir.Table, scales: Sequence[Scale]) -> ir.Table:
    """Returns the table with columns __z0, __z1 … added: coordinates, NULL in rows left out."""
    names = [f"__z{position}" for position in range(len(scales))]
    scaled = table.mutate(
        **{n: scale.express(table) for n, scale in zip(names, scales, strict=True)}
    )
    usable = reduce(and_, (scaled[name].notnull() for name in names))
    null = ibis.null("float64")
    return scaled.mutate(**{name: usable.ifelse(scaled[name], null) for name in names})


def express_filled(table: ir.Table, name: str, fill: float | None) -> ir.FloatingColumn:
    """Returns a feature's values with the missing ones filled."""
    number = table[name].cast("float64")
    return number if fill is None else number.fill_null(fill)


def express_log(column: ir.FloatingColumn) -> ir.FloatingColumn:
    """Returns log(1 + value)."""
    return (column + 1.0).ln()
