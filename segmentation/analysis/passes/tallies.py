"""Sums over the customers of each segment, added up from parts of the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.passes.bins import Bins, Edges
from segmentation.analysis.passes.moments import Moments, add_moments

MOST_SEGMENTS = 65_536
MOST_FOR_MIDDLE = 99  # rows; no outlier moves their median
Crossed = Counter[tuple[str, str, int]]  # customers by column, category and position from 1


@dataclass(frozen=True)
class Wanted:
    """The columns to add up: numbers, a value, and categories.

    `edges` are those of the bins of the first measured columns; all rows are counted in them.
    """

    measured: Sequence[str]
    value: str | None = None
    crossed: Sequence[str] = ()
    edges: Edges = field(default_factory=dict)

    @property
    def numbers(self) -> list[str]:
        """The numbers and the value."""
        return [*self.measured, *([self.value] if self.value else [])]


@dataclass(frozen=True)
class Added:
    """Sums by the position of a segment: moments (c × k), sizes (k), customers by category.

    `bins` by feature count all rows, including those in no segment.
    """

    moments: Moments
    sizes: np.ndarray
    crossed: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    bins: Mapping[str, Bins] = field(default_factory=dict)


@dataclass(frozen=True)
class Sums:
    """Sums over the rows of each segment, and over all rows that have one.

    `sizes` by number; `means` (a row per segment) and `market` (mean and sd, a row per column) of
    the measured columns; `totals` of the value by number; `crossed`: customers by category (rows)
    and number (columns); `bins` of all rows by feature.
    """

    sizes: pd.Series
    means: pd.DataFrame
    market: pd.DataFrame
    totals: pd.Series | None
    crossed: dict[str, pd.DataFrame]
    bins: dict[str, Bins]


def measure_segments(
    values: np.ndarray, labels: np.ndarray, k: int, weights: np.ndarray | None = None
) -> Moments:
    """Returns weight, mean and squares (each c × k) of the finite values (c × n) by label.

    Labels are 1 … k, and 0 for rows in no segment; `weights` (n) are 1 if missing. Cubes and ends
    are not measured.
    """
    members = (labels == np.arange(1, k + 1)[:, None]).astype(float)
    if weights is not None:
        members *= weights
    lacking = ~np.isfinite(values)
    present = values if not lacking.any() else np.where(lacking, 0.0, values)
    middle = np.median(present[:, :MOST_FOR_MIDDLE], axis=1)[:, None]
    away = present - middle
    n = np.tile(members.sum(axis=1), (len(values), 1))
    if present is not values:
        away[lacking] = 0.0
        n -= lacking.astype(float) @ members.T
    sums, squares = away @ members.T, (away * away) @ members.T
    steps = sums / np.where(n > 0, n, 1)  # from the middle of all to that of the segment
    mean, squares = middle + steps, np.maximum(squares - steps * sums, 0)
    nothing = np.zeros_like(n)
    return Moments(n, mean, squares, nothing, nothing, nothing)


def cross_categories(values: pa.Array, labels: np.ndarray, name: str) -> Crossed:
    """Counts the rows of every category and every label from 1."""
    kind = values.type
    number = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    whole = values.cast(pa.int64(), safe=False) if number else values
    coded = whole.cast(pa.string()).dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    inside = (labels > 0) & (codes >= 0)
    pairs = codes[inside] * MOST_SEGMENTS + labels[inside]
    different, n = np.unique(pairs, return_counts=True)
    words = coded.dictionary.to_pylist()
    cells = {
        (name, words[pair // MOST_SEGMENTS], pair % MOST_SEGMENTS): rows
        for pair, rows in zip(different.tolist(), n.tolist(), strict=True)
    }
    return Counter(cells)


def make_sums(added: Added, numbers: Sequence[int], wanted: Wanted) -> Sums:
    """Returns the sums by segment number, from those by position."""
    moments = added.moments
    index = pd.Index(numbers, name="segment")
    means = pd.DataFrame(np.where(moments.n > 0, moments.mean, np.nan).T, index, wanted.numbers)
    totals = (moments.n * moments.mean)[-1] if wanted.value else None
    tables = {name: _lay_out(added.crossed, name, numbers) for name in wanted.crossed}
    return Sums(
        sizes=pd.Series(added.sizes, index, name="customers").astype(int),
        means=means[list(wanted.measured)],
        market=_describe_all(moments, wanted.numbers).loc[list(wanted.measured)],
        totals=None if totals is None else pd.Series(totals, index, name=wanted.value),
        crossed=tables,
        bins=dict(added.bins),
    )


def _describe_all(moments: Moments, names: Sequence[str]) -> pd.DataFrame:
    positions = range(moments.n.shape[1])
    whole = add_moments(moments.take((slice(None), position)) for position in positions)
    parts = {"mean": whole.mean, "sd": whole.sd}
    known = {name: np.where(whole.n > 0, part, np.nan) for name, part in parts.items()}
    return pd.DataFrame(known, list(names), dtype=float)


def _lay_out(
    crossed: Mapping[tuple[str, str, int], int], name: str, numbers: Sequence[int]
) -> pd.DataFrame:
    """Returns the counts of one column: categories (in alphabetical order) × numbers."""
    cells = {cell[1:]: n for cell, n in crossed.items() if cell[0] == name}
    words = sorted({word for word, _ in cells})
    positions = range(1, len(numbers) + 1)
    table = [[cells.get((word, position), 0) for position in positions] for word in words]
    wide = pd.DataFrame(table, pd.Index(words, name="category"), pd.Index(numbers))
    return wide.loc[:, (wide > 0).any()].astype(int)
