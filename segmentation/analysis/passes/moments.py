"""Mean, spread and skew of the features, raw and logged, added up part by part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Moments:
    """Weight, mean, sums of squares and cubes about it, least and largest value; each is (d).

    Never NaN: without values all are 0, and the ends infinite.
    """

    n: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    cubes: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def sd(self) -> np.ndarray:
        """The standard deviation (ddof 0)."""
        return np.sqrt(self.squares / np.maximum(self.n, 1e-300))

    @property
    def skew(self) -> np.ndarray:
        """The mean cube of the standardised values; 0 if all are equal."""
        spread = self.sd**3 * self.n
        return np.divide(self.cubes, spread, where=spread > 0, out=np.zeros_like(spread))

    def describe(self, position: int) -> dict[str, float]:
        """Returns mean, sd, low and high of the feature at this position."""
        parts = {"mean": self.mean, "sd": self.sd, "low": self.low, "high": self.high}
        return {name: float(part[position]) for name, part in parts.items()}

    def take(self, part: Any) -> Moments:
        """Returns the moments at an index of the arrays."""
        return Moments(*(getattr(self, name)[part] for name in self.__dataclass_fields__))


def measure_values(values: np.ndarray, weights: np.ndarray | None = None) -> Moments:
    """Returns the moments of n rows (`values` d × n); `weights` (n) are 1 if missing."""
    d, n = values.shape
    whole = float(n) if weights is None else float(weights.sum())
    if n == 0:
        nothing, end = np.zeros(d), np.full(d, np.inf)
        return Moments(nothing, nothing, nothing, nothing, end, -end)
    parts = np.array([_measure(column, weights, whole) for column in values]).T
    return Moments(np.full(d, whole), *parts)


def log_values(values: np.ndarray) -> np.ndarray:
    """Returns log(1 + value); values below 0 count as 0."""
    return np.asarray(np.log1p(np.maximum(values, 0.0)))


def add_moments(parts: Iterable[Moments]) -> Moments:
    """Returns the moments of all rows, from those of its parts.

    Pébay (2008), Formulas for robust, one-pass parallel computation of covariances and
    arbitrary-order statistical moments, equations 2.1 and 2.2.
    """
    return reduce(_add, parts)


def _measure(column: np.ndarray, weights: np.ndarray | None, whole: float) -> list[float]:
    mean = float(column.sum() if weights is None else column @ weights) / whole
    away = column - mean
    weighed = away if weights is None else away * weights
    square = away * away
    return [mean, float(away @ weighed), float(square @ weighed), column.min(), column.max()]


def _add(a: Moments, b: Moments) -> Moments:
    n = a.n + b.n
    whole = np.maximum(n, 1e-300)
    step = np.where((a.n > 0) & (b.n > 0), b.mean - a.mean, 0.0)
    mean = np.where(a.n > 0, a.mean, b.mean) + step * b.n / whole
    squares = a.squares + b.squares + step**2 * a.n * b.n / whole
    cubes = a.cubes + b.cubes + step**3 * a.n * b.n * (a.n - b.n) / whole**2
    cubes = cubes + 3 * step * (a.n * b.squares - b.n * a.squares) / whole
    low, high = np.minimum(a.low, b.low), np.maximum(a.high, b.high)
    return Moments(n, mean, squares, cubes, low, high)
