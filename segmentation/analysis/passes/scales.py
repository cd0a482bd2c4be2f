"""How a feature becomes a coordinate, in NumPy and as an expression of any engine."""

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
    fill: float | None  # what stands in for a missing value; None: the row is left out
    skew: float  # of the values as they are
    skew_logged: float | None  # after log(1 + value); None where a value is negative

    def apply(self, values: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """The coordinates of values in original units, in `out` if given.

        NaN where the row is left out: without a value, and below 0 where its logarithm is taken.
        """
        if self.fill is not None:
            values = np.where(np.isnan(values), self.fill, values)
        if self.log:
            below = values < 0
            values = np.log1p(np.where(below, np.nan, values) if below.any() else values)
        found = np.subtract(values, self.centre, out=out)
        return np.divide(found, self.spread, out=found)

    def invert(self, coordinates: np.ndarray) -> np.ndarray:
        """The values in original units; of logged features a mean becomes a geometric mean."""
        values = coordinates * self.spread + self.centre
        return np.expm1(values) if self.log else values

    def expression(self, table: ir.Table) -> ir.FloatingColumn:
        """The coordinates as an expression of the engine; NULL where they are NaN."""
        column = express_filled(table, self.feature, self.fill)
        if self.log:
            logged = express_log(ibis.greatest(column, 0.0))
            column = (column >= 0).ifelse(logged, ibis.null("float64"))
        return (column - self.centre) / self.spread


@dataclass(frozen=True)
class Counts:
    """All rows of a table, those with a value in every feature, and by feature those without."""

    rows: int
    used: int
    missing: dict[str, int]


class Scales(tuple[Scale, ...]):
    """The scale of every feature, and the `counts` of the rows that they were fitted on.

    `middle` (d) is their mean in coordinates, `square` the mean squared distance from it.
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
        made = super().__new__(cls, scales)
        made.counts, made.middle, made.square = counts, middle, square
        made.scaling = scaling
        return made


def scale_values(values: np.ndarray, scales: Sequence[Scale]) -> np.ndarray:
    """The coordinates (d × n) of values (d × n) in original units; NaN where they are missing."""
    coordinates = np.empty(values.shape)
    for scale, column, out in zip(scales, values, coordinates, strict=True):
        scale.apply(column, out)
    return coordinates


def add_coordinates(table: ir.Table, scales: Sequence[Scale]) -> ir.Table:
    """The table with coordinates __z0, __z1 … beside its columns; NULL in rows left out."""
    found = table.mutate(**{f"__z{at}": s.expression(table) for at, s in enumerate(scales)})
    whole = reduce(and_, (found[f"__z{at}"].notnull() for at in range(len(scales))))
    null = ibis.null("float64")
    return found.mutate(
        **{f"__z{at}": whole.ifelse(found[f"__z{at}"], null) for at in range(len(scales))}
    )


def express_filled(table: ir.Table, name: str, fill: float | None) -> ir.FloatingColumn:
    """A feature's values, the missing ones filled."""
    number = table[name].cast("float64")
    return number if fill is None else number.fill_null(fill)


def express_log(column: ir.FloatingColumn) -> ir.FloatingColumn:
    """log(1 + value)."""
    return (column + 1.0).ln()
