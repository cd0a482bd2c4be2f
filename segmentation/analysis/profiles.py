"""Who is in each segment, over all rows and in original units."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.analysis.assigning import SEGMENT
from segmentation.data import Columns

FEWEST_TO_DESCRIBE = 5  # below, a mean would tell about single customers
FORMS = ("mean", "median")


@dataclass(frozen=True)
class Profiles:
    """What sets the segments apart; every frame has a row a segment, numbered from 1.

    `sizes` counts customers, `means` and `medians` are in original units (columns: features, then
    numeric descriptors), `market` has mean, sd, q25, q50, q75 of all segmented customers by
    column. `shares_of_value` adds up to 1, or is None. `common` tells the most frequent category
    of each other descriptor: (segment, descriptor) → category and its share.
    """

    features: list[str]
    sizes: pd.Series
    means: pd.DataFrame
    medians: pd.DataFrame
    market: pd.DataFrame
    shares_of_value: pd.Series | None
    common: pd.DataFrame

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


def describe_segments(assigned: ir.Table, columns: Columns) -> Profiles:
    """The profiles of all segments, counted by the engine over every row that has one."""
    kept = assigned.filter(assigned[SEGMENT].notnull())
    types = {part.fact.name: part.fact.type for part in columns.parts}
    numeric = [name for name in columns.descriptors if types[name] == "number"]
    categories = [name for name in columns.descriptors if types[name] == "text"]
    measured = [*columns.features, *numeric]
    by_segment = _aggregate_segments(kept, measured, columns.value)
    return Profiles(
        features=columns.features,
        sizes=by_segment["customers"].astype(int),
        means=by_segment[[f"mean {name}" for name in measured]].set_axis(measured, axis=1),
        medians=by_segment[[f"median {name}" for name in measured]].set_axis(measured, axis=1),
        market=_describe_market(kept, measured),
        shares_of_value=_share(by_segment["value"]) if columns.value else None,
        common=_most_common(kept, categories),
    )


def tabulate_segments(profiles: Profiles, names: list[str]) -> pd.DataFrame:
    """The file segments.csv: a row a segment with name, size, share, means and medians.

    A segment of fewer than five customers has no means: they would tell about single customers.
    """
    enough = profiles.sizes >= FEWEST_TO_DESCRIBE
    table = pd.DataFrame({"name": names}, index=profiles.sizes.index)
    table["customers"], table["share"] = profiles.sizes, profiles.shares
    if profiles.shares_of_value is not None:
        table["share_of_value"] = profiles.shares_of_value
    for form, frame in (("mean", profiles.means), ("median", profiles.medians)):
        table = table.join(frame.where(enough, axis=0).add_prefix(f"{form} "))
    return table


def _aggregate_segments(kept: ir.Table, measured: list[str], value: str | None) -> pd.DataFrame:
    wanted: dict[str, ir.Value] = {"n": kept.count()}
    for at, name in enumerate(measured):
        number = kept[name].cast("float64")
        wanted |= {f"mean{at}": number.mean(), f"median{at}": number.median()}
    if value:
        wanted["value"] = kept[value].cast("float64").sum()
    found = kept.group_by(SEGMENT).aggregate(**wanted).execute().set_index(SEGMENT).sort_index()
    labels = {f"{form}{at}": f"{form} {n}" for at, n in enumerate(measured) for form in FORMS}
    return found.rename(columns={**labels, "n": "customers"}).rename_axis("segment")


def _describe_market(kept: ir.Table, measured: list[str]) -> pd.DataFrame:
    wanted: dict[str, ir.Value] = {}
    for at, name in enumerate(measured):
        number = kept[name].cast("float64")
        wanted |= {f"{at} mean": number.mean(), f"{at} sd": number.std(how="pop")}
        wanted |= {f"{at} q{round(100 * q)}": number.quantile(q) for q in (0.25, 0.5, 0.75)}
    found = kept.aggregate(**wanted).execute().iloc[0]
    forms = ("mean", "sd", "q25", "q50", "q75")
    rows = [{form: found[f"{at} {form}"] for form in forms} for at in range(len(measured))]
    return pd.DataFrame(rows, index=measured, dtype=float)


def _share(sums: pd.Series) -> pd.Series | None:
    return sums / sums.sum() if sums.sum() > 0 and (sums >= 0).all() else None


def _most_common(kept: ir.Table, categories: list[str]) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for name in categories:
        said = kept.filter(kept[name].notnull()).select(SEGMENT, category=kept[name])
        counts = said.group_by([SEGMENT, "category"]).aggregate(n=said.count()).execute()
        wide = counts.pivot_table(index=SEGMENT, columns="category", values="n", fill_value=0)
        share = wide.max(axis=1) / wide.sum(axis=1)
        columns[name] = wide.idxmax(axis=1).astype(str) + share.map(" ({:.0%})".format)
    return pd.DataFrame(columns).rename_axis("segment")
