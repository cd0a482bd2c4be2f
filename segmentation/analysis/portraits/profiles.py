"""Who is in each segment, over all rows and in original units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import norm

from segmentation.analysis.fitting.sample import Prepared
from segmentation.analysis.fitting.segmentation import Assigned
from segmentation.analysis.later.drift import Bins, cut_edges, name_bins
from segmentation.analysis.passes.moments import find_quartiles
from segmentation.analysis.passes.passes import Passes, open_passes
from segmentation.analysis.passes.tallies import (
    Added,
    Crossed,
    Sums,
    Wanted,
    cross_categories,
    make_sums,
    measure_segments,
)
from segmentation.analysis.words import say_count
from segmentation.data import CODE_LEVELS, Columns

FEWEST_TO_DESCRIBE = 5  # below, a mean would tell about single customers
BY_CHANCE = 0.05  # how often one of all residuals may stand out although nothing goes together


@dataclass(frozen=True)
class Profiles:
    """What sets the segments apart; every frame has a row a segment, numbered from 1.

    `sizes` counts customers, `means` and `medians` are in original units (columns: features, then
    numeric descriptors), `market` has mean, sd, q25, q50, q75 of all segmented customers by
    column. `shares_of_value` adds up to 1, or is None. `crossed` has a frame of each categorical
    descriptor, see `cross_descriptor`. `bins` tell how the features of all rows are spread.
    """

    features: list[str]
    sizes: pd.Series
    means: pd.DataFrame
    medians: pd.DataFrame
    market: pd.DataFrame
    shares_of_value: pd.Series | None
    crossed: dict[str, pd.DataFrame]
    bins: dict[str, Bins] = field(default_factory=dict)

    @property
    def customers(self) -> int:
        """How many customers have a segment."""
        return int(self.sizes.sum())

    @property
    def shares(self) -> pd.Series:
        """Every segment's share of those customers."""
        return self.sizes / self.customers

    @property
    def differences(self) -> pd.DataFrame:
        """(Segment mean − mean of all) / standard deviation of all, by feature."""
        market = self.market.loc[self.features]
        return (self.means[self.features] - market["mean"]) / market["sd"].replace(0, np.nan)


def describe_segments(assigned: Assigned, columns: Columns) -> Profiles:
    """The profiles of all segments, over every row that has one.

    Medians and quartiles are those of the rows that were fitted, by what they stand for: where
    these are a sample, all other figures are still of all rows.
    """
    prepared, passes = assigned.prepared, open_passes(assigned.prepared.table)
    wanted = replace(choose_columns(columns), edges=cut_edges(prepared))
    frame = _take_numbers(passes, prepared, wanted)
    if prepared.sampled and assigned.borders is not None:
        sums = passes.sum_up(assigned.borders, assigned.placed, wanted)
    else:
        sums = _sum_fitted(assigned, passes, frame, wanted)
    which = Which(assigned.fitted, prepared.weights)
    profiles = lay_out_profiles(columns.features, frame[list(wanted.measured)], which, sums)
    return replace(profiles, bins=name_bins(sums.bins, wanted.edges))


@dataclass(frozen=True)
class Which:
    """The number of each row's segment (n), 0 for none, and how many rows it stands for (n)."""

    numbers: np.ndarray
    weights: np.ndarray


def lay_out_profiles(
    features: Sequence[str], frame: pd.DataFrame, which: Which, sums: Sums
) -> Profiles:
    """The profiles of these sums, with medians and quartiles of the rows of a frame."""
    medians = {number: _medians(frame, which, number) for number in sums.sizes.index}
    inside = which.numbers > 0
    quartiles = [_quantiles(frame[name], which, inside) for name in frame]
    spread = pd.DataFrame(quartiles, frame.columns, ["q25", "q50", "q75"], dtype=float)
    table = pd.DataFrame(medians, frame.columns, dtype=float).T.rename_axis("segment")
    return Profiles(
        features=list(features),
        sizes=sums.sizes,
        means=sums.means,
        medians=table,
        market=sums.market.join(spread),
        shares_of_value=None if sums.totals is None else _share(sums.totals),
        crossed={name: cross_descriptor(counts) for name, counts in sums.crossed.items()},
    )


def choose_columns(columns: Columns) -> Wanted:
    """The columns that describe segments: numbers; codes and texts as categories."""
    facts = {part.fact.name: part.fact for part in columns.parts}
    codes = {f.name for f in facts.values() if f.whole and f.distinct <= CODE_LEVELS}
    told = columns.descriptors
    crossed = [name for name in told if facts[name].type == "text" or name in codes]
    numeric = [n for n in told if facts[n].type == "number" and n not in codes]
    return Wanted([*columns.features, *numeric], columns.value, crossed)


def _take_numbers(passes: Passes, prepared: Prepared, wanted: Wanted) -> pd.DataFrame:
    """The numbers of the rows that were fitted, as they are in the table: none is filled."""
    whole = all(scale.fill is None for scale in prepared.scales)
    known = prepared.frame[prepared.features if whole else []]
    names = [name for name in wanted.numbers if name not in known]
    if not names:
        return known
    others = passes.fetch(prepared.frame.index, names).apply(pd.to_numeric).astype(float)
    return known.join(others)


def _sum_fitted(assigned: Assigned, passes: Passes, frame: pd.DataFrame, wanted: Wanted) -> Sums:
    """The sums of the rows that were fitted, which are all that have a segment."""
    numbers = [int(number) for number in assigned.sizes.index]
    labels = np.searchsorted([0, *numbers], assigned.fitted)
    moments = measure_segments(frame[wanted.numbers].to_numpy(dtype=float).T, labels, len(numbers))
    crossed: Crossed = Counter()
    if wanted.crossed:
        told = passes.fetch(assigned.prepared.frame.index, wanted.crossed)
        for name in wanted.crossed:
            crossed += cross_categories(pa.array(told[name], from_pandas=True), labels, name)
    bins = passes.count_bins(wanted.edges)
    return make_sums(Added(moments, assigned.sizes.to_numpy(), crossed, bins), numbers, wanted)


def find_clear_residual(crossed: Mapping[str, pd.DataFrame]) -> float:
    """The residual that one of all cells exceeds in 5 of 100 tables where nothing goes together.

    Bonferroni's bound, for the frames of `cross_descriptor`.
    """
    cells = sum(int(table["residual"].notna().sum()) for table in crossed.values())
    return float(norm.isf(BY_CHANCE / 2 / max(cells, 1)))


def cross_descriptor(wide: pd.DataFrame) -> pd.DataFrame:
    """A category against the segments: (category, segment) → share, share_of_all, residual.

    `wide` has customers by category (rows) and segment (columns). `share` is of the segment's
    customers who have a value. `residual` is the adjusted standardised one (Haberman 1973,
    Biometrics 29), see `find_clear_residual`. Cells of 1 to 4 customers are NaN; categories of so
    few are put together, so that no single customer's value is named.
    """
    few = wide.sum(axis=1) < FEWEST_TO_DESCRIBE
    if few.any():
        rare = f"rare ({say_count(int(few.sum()), 'value')})"
        wide = wide.groupby(np.where(few, rare, wide.index)).sum().rename_axis("category")
    table = wide.loc[wide.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    seen = table.to_numpy(dtype=float)
    n, of_category, of_segment = seen.sum(), seen.sum(axis=1), seen.sum(axis=0)
    expected = np.outer(of_category, of_segment) / n
    spread = expected * np.outer(1 - of_category / n, 1 - of_segment / n)
    residual = np.divide(
        seen - expected, np.sqrt(spread), where=spread > 0, out=np.zeros_like(seen)
    )
    hidden = (seen > 0) & (seen < FEWEST_TO_DESCRIBE)
    columns = {
        "share": np.where(hidden, np.nan, seen / of_segment),
        "share_of_all": np.repeat(of_category[:, None] / n, seen.shape[1], axis=1),
        "residual": np.where(hidden, np.nan, residual),
    }
    index = pd.MultiIndex.from_product([table.index, table.columns], names=["category", "segment"])
    return pd.DataFrame({key: values.ravel() for key, values in columns.items()}, index=index)


def tabulate_segments(profiles: Profiles, passports: pd.DataFrame) -> pd.DataFrame:
    """The file segments.csv: a row a segment with its passport, means and medians.

    A segment of fewer than five customers has no means: they would tell about single customers.
    """
    enough = profiles.sizes >= FEWEST_TO_DESCRIBE
    table = passports.copy()
    if profiles.shares_of_value is not None:
        table["share_of_value"] = profiles.shares_of_value
    for form, frame in (("mean", profiles.means), ("median", profiles.medians)):
        table = table.join(frame.where(enough, axis=0).add_prefix(f"{form} "))
    return table


def _medians(frame: pd.DataFrame, which: Which, number: int) -> list[float]:
    """The medians of a segment; none of so few sampled rows that one would tell its values."""
    own = which.numbers == number
    if np.ptp(which.weights) > 0 and np.count_nonzero(own) < FEWEST_TO_DESCRIBE:
        return [np.nan] * frame.shape[1]
    return [_quantiles(frame[name], which, own)[1] for name in frame]


def _quantiles(column: pd.Series, which: Which, chosen: np.ndarray) -> list[float]:
    """The quartiles of the chosen rows; of weighted ones the values at which the weight is."""
    chosen = chosen & column.notna().to_numpy()
    values, weights = column.to_numpy(dtype=float)[chosen], which.weights[chosen]
    if len(values) == 0:
        return [np.nan] * 3
    return find_quartiles(values, weights)


def _share(sums: pd.Series) -> pd.Series | None:
    return sums / sums.sum() if sums.sum() > 0 and (sums >= 0).all() else None
