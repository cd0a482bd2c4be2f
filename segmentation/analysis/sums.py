"""What is added up of the customers of each segment, from whatever part of them is at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.moments import Moments, add_moments

MOST_SEGMENTS = 65_536
Crossed = Counter[tuple[str, str, int]]  # customers by column, category and position from 1


@dataclass(frozen=True)
class Wanted:
    """The columns that are added up: numbers, a value, and categories."""

    measured: Sequence[str]
    value: str | None = None
    crossed: Sequence[str] = ()

    @property
    def numbers(self) -> list[str]:
        """The numbers and the value."""
        return [*self.measured, *([self.value] if self.value else [])]


@dataclass(frozen=True)
class Sums:
    """What is added up of the rows of each segment, and of all that have one.

    `sizes` counts by number; `means` (a row a segment) and `market` (mean and sd, a row a column)
    are of the measured columns; `totals` of the value by number; `crossed` has customers by
    category (rows) and number (columns).
    """

    sizes: pd.Series
    means: pd.DataFrame
    market: pd.DataFrame
    totals: pd.Series | None
    crossed: dict[str, pd.DataFrame]


def measure_segments(
    values: np.ndarray, labels: np.ndarray, k: int, weights: np.ndarray | None = None
) -> Moments:
    """Weight, mean and squares (each c × k) of the values (c × n, NaN where missing) by label.

    Labels are 1 … k, and 0 for rows in none; `weights` (n) are 1 if there are none. Cubes and ends
    are not measured.
    """
    parts = [_measure_column(column, labels, k, weights) for column in values]
    n, mean, squares = np.array(parts).reshape(-1, 3, k).transpose(1, 0, 2)
    nothing = np.zeros_like(n)
    return Moments(n, mean, squares, nothing, nothing, nothing)


def cross_categories(values: pa.Array, labels: np.ndarray, name: str) -> Crossed:
    """How many rows of every label from 1 there are of every category."""
    kind = values.type
    whole = values.cast(pa.int64(), safe=False) if pa.types.is_floating(kind) else values
    coded = whole.cast(pa.string()).dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    inside = (labels > 0) & (codes >= 0)
    pairs = codes[inside] * MOST_SEGMENTS + labels[inside]
    different, n = np.unique(pairs, return_counts=True)
    words = coded.dictionary.to_pylist()
    found = zip(different.tolist(), n.tolist(), strict=True)
    return Counter(
        {(name, words[pair // MOST_SEGMENTS], pair % MOST_SEGMENTS): times for pair, times in found}
    )


def count_values(values: np.ndarray, edges: Collection[Sequence[float]]) -> np.ndarray:
    """How many of n rows (`values` d × n) are in each bin of the first feature, the second, …"""
    counts = []
    for column, bounds in zip(values, edges, strict=True):
        said = np.count_nonzero(~np.isnan(column))
        up_to = [np.count_nonzero(column <= edge) for edge in bounds]
        counts += [len(column) - said, *np.diff([0, *up_to, said])]
    return np.array(counts)


def make_sums(
    moments: Moments, sizes: np.ndarray, numbers: Sequence[int], wanted: Wanted,
    crossed: Mapping[tuple[str, str, int], int],
) -> Sums:  # fmt: skip
    """The sums of segments with these `numbers`, from those by position."""
    index = pd.Index(numbers, name="segment")
    means = pd.DataFrame(np.where(moments.n > 0, moments.mean, np.nan).T, index, wanted.numbers)
    totals = (moments.n * moments.mean)[-1] if wanted.value else None
    tables = {name: _lay_out(crossed, name, numbers) for name in wanted.crossed}
    return Sums(
        sizes=pd.Series(sizes, index, name="customers").astype(int),
        means=means[list(wanted.measured)],
        market=_describe_all(moments, wanted.numbers).loc[list(wanted.measured)],
        totals=None if totals is None else pd.Series(totals, index, name=wanted.value),
        crossed=tables,
    )


def _measure_column(
    column: np.ndarray, labels: np.ndarray, k: int, weights: np.ndarray | None
) -> list[np.ndarray]:
    said = ~np.isnan(column)
    if not said.all():
        column, labels = column[said], labels[said]
        weights = None if weights is None else weights[said]
    weigh = (lambda part: part) if weights is None else (lambda part: part * weights)
    n = np.bincount(labels, weights, minlength=k + 1)
    mean = np.bincount(labels, weigh(column), minlength=k + 1) / np.where(n > 0, n, 1)
    away = column - mean[labels]
    squares = np.bincount(labels, weigh(away * away), minlength=k + 1)
    return [n[1:], mean[1:], squares[1:]]


def _describe_all(moments: Moments, names: Sequence[str]) -> pd.DataFrame:
    segments = [
        Moments(*(getattr(moments, part)[:, at] for part in Moments.__dataclass_fields__))
        for at in range(moments.n.shape[1])
    ]
    whole = add_moments(segments)
    parts = {"mean": whole.mean, "sd": whole.sd}
    said = {name: np.where(whole.n > 0, part, np.nan) for name, part in parts.items()}
    return pd.DataFrame(said, list(names), dtype=float)


def _lay_out(
    crossed: Mapping[tuple[str, str, int], int], name: str, numbers: Sequence[int]
) -> pd.DataFrame:
    """The counts of one column: categories × numbers, in alphabetical order."""
    own = {(word, at): n for (column, word, at), n in crossed.items() if column == name}
    words = sorted({word for word, _ in own})
    table = [[own.get((word, at), 0) for at in range(1, len(numbers) + 1)] for word in words]
    wide = pd.DataFrame(table, pd.Index(words, name="category"), pd.Index(numbers))
    return wide.loc[:, (wide > 0).any()].astype(int)
