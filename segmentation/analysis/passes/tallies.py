"""What is added up of the customers of each segment, from whatever part of them is at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.passes.moments import Moments, add_moments

MOST_SEGMENTS = 65_536
MOST_FOR_MIDDLE = 99  # rows whose median is a middle that no outlier moves
Crossed = Counter[tuple[str, str, int]]  # customers by column, category and position from 1


@dataclass(frozen=True)
class Wanted:
    """The columns that are added up: numbers, a value, and categories.

    `edges` are those of the bins of the first measured columns, in which all rows are counted.
    """

    measured: Sequence[str]
    value: str | None = None
    crossed: Sequence[str] = ()
    edges: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def numbers(self) -> list[str]:
        """The numbers and the value."""
        return [*self.measured, *([self.value] if self.value else [])]


@dataclass(frozen=True)
class Added:
    """Sums by the position of a segment: moments (c × k), sizes (k), customers by category.

    `bins` are counted over all rows, those in no segment too.
    """

    moments: Moments
    sizes: np.ndarray
    crossed: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    bins: np.ndarray = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Sums:
    """What is added up of the rows of each segment, and of all that have one.

    `sizes` counts by number; `means` (a row a segment) and `market` (mean and sd, a row a column)
    are of the measured columns; `totals` of the value by number; `crossed` has customers by
    category (rows) and number (columns); `bins` is what `count_values` has of all rows.
    """

    sizes: pd.Series
    means: pd.DataFrame
    market: pd.DataFrame
    totals: pd.Series | None
    crossed: dict[str, pd.DataFrame]
    bins: np.ndarray


def measure_segments(
    values: np.ndarray, labels: np.ndarray, k: int, weights: np.ndarray | None = None
) -> Moments:
    """Weight, mean and squares (each c × k) of the values (c × n) by label; finite ones count.

    Labels are 1 … k, and 0 for rows in none; `weights` (n) are 1 if there are none. Cubes and ends
    are not measured.
    """
    members = (labels == np.arange(1, k + 1)[:, None]).astype(float)
    if weights is not None:
        members *= weights
    lacking = ~np.isfinite(values)
    said = values if not lacking.any() else np.where(lacking, 0.0, values)
    middle = np.median(said[:, :MOST_FOR_MIDDLE], axis=1)[:, None]
    away = said - middle
    n = np.tile(members.sum(axis=1), (len(values), 1))
    if said is not values:
        away[lacking] = 0.0
        n -= lacking.astype(float) @ members.T
    sums, squares = away @ members.T, (away * away) @ members.T
    steps = sums / np.where(n > 0, n, 1)  # from the middle of all to that of the segment
    mean, squares = middle + steps, np.maximum(squares - steps * sums, 0)
    nothing = np.zeros_like(n)
    return Moments(n, mean, squares, nothing, nothing, nothing)


def cross_categories(values: pa.Array, labels: np.ndarray, name: str) -> Crossed:
    """How many rows of every label from 1 there are of every category."""
    kind = values.type
    number = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    whole = values.cast(pa.int64(), safe=False) if number else values
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
        missing = np.count_nonzero(np.isnan(column))
        up_to = [np.count_nonzero(below) for below in column <= np.asarray(bounds)[:, None]]
        counts += [missing, *np.diff([0, *up_to, len(column) - missing])]
    return np.array(counts)


def make_sums(added: Added, numbers: Sequence[int], wanted: Wanted) -> Sums:
    """The sums of segments with these `numbers`, from those by position."""
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
        bins=added.bins,
    )


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
