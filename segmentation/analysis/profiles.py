"""Who is in each segment, over all rows and in original units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import norm

from segmentation.analysis.assigning import SEGMENT
from segmentation.analysis.wording import say_count
from segmentation.data import CODE_LEVELS, Columns

FEWEST_TO_DESCRIBE = 5  # below, a mean would tell about single customers
FORMS = ("mean", "median")
BY_CHANCE = 0.05  # how often one of all residuals may stand out although nothing goes together


@dataclass(frozen=True)
class Profiles:
    """What sets the segments apart; every frame has a row a segment, numbered from 1.

    `sizes` counts customers, `means` and `medians` are in original units (columns: features, then
    numeric descriptors), `market` has mean, sd, q25, q50, q75 of all segmented customers by
    column. `shares_of_value` adds up to 1, or is None. `crossed` has a frame of each categorical
    descriptor, see `cross_descriptor`.
    """

    features: list[str]
    sizes: pd.Series
    means: pd.DataFrame
    medians: pd.DataFrame
    market: pd.DataFrame
    shares_of_value: pd.Series | None
    crossed: dict[str, pd.DataFrame]

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
    facts = [part.fact for part in columns.parts]
    codes = {fact.name for fact in facts if fact.whole and fact.distinct <= CODE_LEVELS}
    crossed = [name for name in columns.descriptors if types[name] == "text" or name in codes]
    numeric = [n for n in columns.descriptors if types[n] == "number" and n not in codes]
    measured = [*columns.features, *numeric]
    by_segment = _aggregate_segments(kept, measured, columns.value)
    return Profiles(
        features=columns.features,
        sizes=by_segment["customers"].astype(int),
        means=by_segment[[f"mean {name}" for name in measured]].set_axis(measured, axis=1),
        medians=by_segment[[f"median {name}" for name in measured]].set_axis(measured, axis=1),
        market=_describe_market(kept, measured),
        shares_of_value=_share(by_segment["value"], columns.value) if columns.value else None,
        crossed={name: cross_descriptor(kept, name) for name in crossed},
    )


def find_clear_residual(crossed: Mapping[str, pd.DataFrame]) -> float:
    """The residual that one of all cells exceeds in 5 of 100 tables where nothing goes together.

    Bonferroni's bound, for the frames of `cross_descriptor`.
    """
    cells = sum(int(table["residual"].notna().sum()) for table in crossed.values())
    return float(norm.isf(BY_CHANCE / 2 / max(cells, 1)))


def cross_descriptor(kept: ir.Table, name: str) -> pd.DataFrame:
    """A category against the segments: (category, segment) → share, share_of_all, residual.

    `share` is of the segment's customers who have a value. `residual` is the adjusted standardised
    one (Haberman 1973, Biometrics 29), see `find_clear_residual`. Cells of 1 to 4 customers are
    NaN; categories of so few are put together, so that no single customer's value is named.
    """
    column = kept[name].cast("int64") if kept[name].type().is_numeric() else kept[name]
    said = kept.filter(column.notnull()).select(SEGMENT, category=column.cast("string"))
    counts = said.group_by([SEGMENT, "category"]).aggregate(n=said.count()).execute()
    wide = counts.pivot_table(index="category", columns=SEGMENT, values="n", fill_value=0)
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


def _share(sums: pd.Series, name: str) -> pd.Series | None:
    return (sums / sums.sum()).rename(name) if sums.sum() > 0 and (sums >= 0).all() else None
