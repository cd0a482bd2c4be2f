"""Quantiles of rows that stand for more or fewer customers each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

QUARTERS = (0.25, 0.5, 0.75)


def find_quantiles(values: np.ndarray, shares: Sequence[float], weights: np.ndarray) -> np.ndarray:
    """Returns the values (of n) at or below which these shares of the weight (n) lie."""
    quantiles: np.ndarray = np.quantile(values, shares, weights=weights, method="inverted_cdf")
    return quantiles


def find_quartiles(values: np.ndarray, weights: np.ndarray) -> list[float]:
    """Returns the quartiles of values (n); equal weights interpolate, as is usual for rows."""
    if np.ptp(weights) == 0:
        return list(map(float, np.quantile(values, QUARTERS)))
    return list(map(float, find_quantiles(values, QUARTERS, weights)))
