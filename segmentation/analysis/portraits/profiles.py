"""Who is in each segment, over all rows and in original units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import norm

from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.passes.bins import Bins, cut_edges
from segmentation.analysis.passes.passes import Passes, open_passes
from segmentation.analysis.passes.quantiles import find_quartiles
from segmentation.analysis.passes.tallies import (
    Added,
    Crossed,
    Sums,
    Wanted,
    cross_categories,
    make_sums,
    measure_segments,
)
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE
from segmentation.analysis.words import say_count
from segmentation.data import CODE_LEVELS, Columns

YES_NO = {"1": "yes", "0": "no"}
BY_CHANCE = 0.05  # how often one of all residuals may stand out although nothing goes together


@dataclass(frozen=True)
class Profiles:
    """What sets the segments apart; every frame has a row for each segment, by number.

    `sizes` counts customers. `means` and `medians` are in original units (columns: features, then
    numeric descriptors); `market` has mean, sd, q25, q50, q75 of all customers, by column.
    `shares_of_value` adds up to 1, or is None. `crossed` has a frame for each categorical
    descriptor (see `cross_descriptor`), `bins` the distribution of each feature over all rows.
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
        """The number of customers with a segment."""
        return int(self.sizes.sum())

    @property
    def shares(self) -> pd.Series:
        """The share of those customers, by segment."""
        return self.sizes / self.customers

    @cached_property
    def differences(self) -> pd.DataFrame:
        """(Segment mean − mean of all) / standard deviation of all, by feature."""
        market = self.market.loc[self.features]
        return (self.means[self.features] - market["mean"]) / market["sd"].replace(0, np.nan)


def describe_segments(segmentation: Segmentation, columns: Columns) -> Profiles:
    """Returns the profiles of all segments, over every row that has one.

    Medians and quartiles come from the sampled rows, by weight; all other figures from all rows.
    """
    sample, passes = segmentation.sample, open_passes(segmentation.sample.table)
    edges = cut_edges(sample.frame[sample.features], sample.weights)
    wanted = replace(choose_columns(columns), edges=edges)
    frame = _take_numbers(passes, sample, wanted)
    if sample.weighted and segmentation.placement is not None:
        sums = passes.sum_up(segmentation.placement, segmentation.placed, wanted)
    else:
        sums = _sum_sampled(segmentation, passes, frame, wanted)
    members = Members(segmentation.placed_labels, sample.weights)
    profiles = lay_out_profiles(columns.features, frame[list(wanted.measured)], members, sums)
    crossed = {
        name: table.rename(YES_NO, level="category") if name in columns.answers else table
        for name, table in profiles.crossed.items()
    }
    return replace(profiles, crossed=crossed, bins=sums.bins)


def profile_rows(segmentation: Segmentation) -> Profiles:
    """Returns the profiles of the features by the sampled rows alone, each counted by its weight.

    The same as `describe_segments` if every row was fitted.
    """
    sample, segments, numbers = segmentation.sample, segmentation.segments, segmentation.numbers
    frame, weights = sample.frame[sample.features], sample.weights
    values = frame.to_numpy(dtype=float).T
    moments = measure_segments(values, segments.labels, segments.k, weights)
    sizes = np.bincount(segments.labels, weights, minlength=segments.k + 1)[1:].round()
    sums = make_sums(Added(moments, sizes), numbers, Wanted(sample.features))
    members = Members(segmentation.labels, weights)
    return lay_out_profiles(sample.features, frame, members, sums)


@dataclass(frozen=True)
class Members:
    """The segment number of each row (n), 0 for none, and how many rows it stands for (n)."""

    numbers: np.ndarray
    weights: np.ndarray


def lay_out_profiles(
    features: Sequence[str], frame: pd.DataFrame, members: Members, sums: Sums
) -> Profiles:
    """Returns the profiles of these sums, with medians and quartiles of the rows of a frame."""
    medians = {number: _medians(frame, members, number) for number in sums.sizes.index}
    inside = members.numbers > 0
    quartiles = [_quantiles(frame[name], members, inside) for name in frame]
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
    """Returns the columns that describe segments: numbers; codes and texts as categories."""
    facts = {part.fact.name: part.fact for part in columns.parts}
    codes = {f.name for f in facts.values() if f.whole and f.distinct <= CODE_LEVELS}
    descriptors = columns.descriptors
    crossed = [name for name in descriptors if facts[name].type == "text" or name in codes]
    numeric = [n for n in descriptors if facts[n].type == "number" and n not in codes]
    return Wanted([*columns.features, *numeric], columns.value, crossed)


def _take_numbers(passes: Passes, sample: Sample, wanted: Wanted) -> pd.DataFrame:
    """Returns the numeric columns of the sampled rows as in the table, without filled values."""
    whole = all(scale.fill is None for scale in sample.scales)
    known = sample.frame[sample.features if whole else []]
    names = [name for name in wanted.numbers if name not in known]
    if not names:
        return known
    others = passes.fetch(sample.frame.index, names).apply(pd.to_numeric).astype(float)
    return known.join(others)


def _sum_sampled(
    segmentation: Segmentation, passes: Passes, frame: pd.DataFrame, wanted: Wanted
) -> Sums:
    """Returns the sums of the sampled rows, which are all that have a segment."""
    numbers, sizes = list(segmentation.numbers), segmentation.sizes.to_numpy()
    labels = np.searchsorted([0, *numbers], segmentation.placed_labels)
    moments = measure_segments(frame[wanted.numbers].to_numpy(dtype=float).T, labels, len(numbers))
    crossed: Crossed = Counter()
    if wanted.crossed:
        texts = passes.fetch(segmentation.sample.frame.index, wanted.crossed)
        for name in wanted.crossed:
            crossed += cross_categories(pa.array(texts[name], from_pandas=True), labels, name)
    bins = passes.count_bins(wanted.edges)
    return make_sums(Added(moments, sizes, crossed, bins), numbers, wanted)


def find_clear_residual(crossed: Mapping[str, pd.DataFrame]) -> float:
    """Returns the residual that any cell exceeds in only 5 of 100 tables without association.

    Bonferroni's bound over all cells of `cross_descriptor`.
    """
    cells = sum(int(table["residual"].notna().sum()) for table in crossed.values())
    return float(norm.isf(BY_CHANCE / 2 / max(cells, 1)))


def cross_descriptor(wide: pd.DataFrame) -> pd.DataFrame:
    """Returns share, share_of_all and residual for each (category, segment).

    `wide` counts customers by category (rows) and segment (columns). `share` is of the segment's
    customers with a value; `residual` is adjusted and standardised (Haberman 1973, Biometrics 29),
    see `find_clear_residual`. Cells of 1 to 4 customers are NaN, and categories that small are
    merged, so that no single customer's value appears.
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
    """Returns the rows of segments.csv: each segment with its passport, means and medians.

    A segment of fewer than five customers has no means, as they would reveal single customers.
    """
    enough = profiles.sizes >= FEWEST_TO_DESCRIBE
    table = passports.copy()
    if profiles.shares_of_value is not None:
        table["share_of_value"] = profiles.shares_of_value
    for form, frame in (("mean", profiles.means), ("median", profiles.medians)):
        table = table.join(frame.where(enough, axis=0).add_prefix(f"{form} "))
    return table


def _medians(frame: pd.DataFrame, members: Members, number: int) -> list[float]:
    """Returns the medians of a segment; NaN if they would reveal a few sampled rows."""
    inside = members.numbers == number
    if np.ptp(members.weights) > 0 and np.count_nonzero(inside) < FEWEST_TO_DESCRIBE:
        return [np.nan] * frame.shape[1]
    return [_quantiles(frame[name], members, inside)[1] for name in frame]


def _quantiles(column: pd.Series, members: Members, chosen: np.ndarray) -> list[float]:
    """Returns the quartiles of the chosen rows, by weight."""
    chosen = chosen & column.notna().to_numpy()
    values, weights = column.to_numpy(dtype=float)[chosen], members.weights[chosen]
    if len(values) == 0:
        return [np.nan] * 3
    return find_quartiles(values, weights)


def _share(sums: pd.Series) -> pd.Series | None:
    return sums / sums.sum() if sums.sum() > 0 and (sums >= 0).all() else None
