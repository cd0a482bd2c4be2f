"""Two published reports side by side: what differs, and who is where."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis.fitting.matching import pair_up
from segmentation.analysis.portraits.privacy import hide_cells
from segmentation.analysis.words import say_value
from segmentation.data import Reading, Report, read_customers
from segmentation.data.published.vocabulary import TITLES

ALIKE = 0.95  # an adjusted Rand index above which two segmentations are one in practice
ROWS = {field.name for field in fields(Reading)} - {"id", "on_bad_value"} | {"orders"}
ABOUT_THE_FILE = ("dataset", "output", "title", "names", "like")
SCORES = {
    "rows": "customers in the table",
    "rows_used": "customers with a segment",
    "features": "features",
    "algorithm": "method",
    "k": "number of segments",
    "recommended_k": "recommended number",
    "silhouette": "silhouette",
}


class Unfollowed(Enum):
    """Why customers cannot be followed from one report to another."""

    NO_ID = "no id"
    OTHER_ID = "other id"
    NO_CUSTOMER_IN_BOTH = "no customer in both"


@dataclass(frozen=True)
class Comparison:
    """Two reports: `flow` of the customers in both (rows: segments of one, columns: of other).

    `agreement` is their adjusted Rand index (Hubert and Arabie 1985). If customers cannot be
    followed, `flow` is empty and `unfollowed` is the reason. `apart` is the distance of each
    segment of one (rows) from those of other, by medians: the mean over the features of both, in
    standard deviations of the customers of one.
    """

    one: Report
    other: Report
    one_table: bool
    flow: pd.DataFrame
    agreement: float
    unfollowed: Unfollowed | None
    apart: pd.DataFrame

    @property
    def shared(self) -> int:
        """How many customers have a segment in both."""
        return int(self.flow.to_numpy().sum())

    @property
    def names(self) -> tuple[str, str]:
        """The names of the two reports."""
        return self.one.name, self.other.name

    @property
    def labels(self) -> list[str]:
        """The names, distinct even if both reports have the same one."""
        one, other = self.names
        return [one, other if one != other else f"{other} (other)"]

    @property
    def differ_in(self) -> list[str]:
        """What keeps scores and verdicts from being compared: tables, features."""
        features = [report.result.get("features") for report in (self.one, self.other)]
        tables = [] if self.one_table else ["tables"]
        return tables + (["features"] if features[0] != features[1] else [])

    @property
    def together(self) -> tuple[float, float]:
        """The shares of customers who go where most of their segment goes: there, and back."""
        there, back = (self.flow.max(axis=axis).sum() / self.shared for axis in (1, 0))
        return float(there), float(back)

    @cached_property
    def matched(self) -> dict[int, int]:
        """The segment of one that a segment of other corresponds to, if any.

        Matched so that most customers are the same; without shared customers, so that medians are
        nearest.
        """
        gains = self.flow if self.shared else -self.apart
        return {
            int(gains.columns[other]): int(gains.index[one])
            for one, other in pair_up(gains.to_numpy(dtype=float))
            if not self.shared or gains.iloc[one, other] > 0
        }


def compare_reports(one: Report, other: Report) -> Comparison:
    """Follows the customers of both reports: by row if of one table, else by ids of one name."""
    one_table = _have_one_table(one, other)
    by_row = one_table and not read_parameters(one).get("orders")
    unfollowed = None if by_row else _check_ids(one, other)
    flow, agreement = pd.DataFrame(), float("nan")
    if unfollowed is None:
        both = _list_both(one, other, by_row)
        if len(both):
            first, second = (both[f"segment_{side}"].astype(int) for side in ("one", "other"))
            flow = pd.crosstab(first, second).rename_axis(index=one.name, columns=other.name)
            agreement = float(adjusted_rand_score(first, second))
        else:
            unfollowed = Unfollowed.NO_CUSTOMER_IN_BOTH
    apart = _measure_distances(one, other)
    return Comparison(one, other, one_table, flow, agreement, unfollowed, apart)


def tabulate_differences(compared: Comparison) -> pd.DataFrame:
    """Returns every parameter and score that differs: a row each, a column per report."""
    sides = (compared.one, compared.other)
    rows: dict[str, list[str]] = {}
    rows["data"] = [str(report.record.get("dataset")) for report in sides]
    rows["fingerprint of the data"] = [str(report.record.get("sha256"))[:12] for report in sides]
    rows["made on"] = [report.finished for report in sides]
    parameters = [read_parameters(report) for report in sides]
    for name in dict.fromkeys([*parameters[0], *parameters[1]]):
        if name not in ABOUT_THE_FILE:
            rows[f"parameter {name}"] = [_show(values.get(name)) for values in parameters]
    for name, label in SCORES.items():
        rows[label] = [_show(report.result.get(name)) for report in sides]
    rows["verdict"] = [str(report.verdict.get("in_words")) for report in sides]
    rows["weakest segment (Jaccard)"] = [_show(find_least(report)) for report in sides]
    rows["same segment when customers change"] = [
        _show((report.result.get("stability") or {}).get("same_segment")) for report in sides
    ]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["one", "other"])
    table = table[table["one"] != table["other"]]
    return table.set_axis(compared.labels, axis=1).rename_axis("What differs")


def tabulate_both(compared: Comparison) -> pd.DataFrame:
    """Counts customers by segment in one (rows) and in other (columns); 1 to 4 are hidden."""
    flow = hide_cells(compared.flow)
    flow.index = pd.Index([f"Segment {number}" for number in flow.index], name=compared.one.name)
    flow.columns = pd.Index([f"Segment {number}" for number in flow.columns])
    return flow


def tabulate_nearest(compared: Comparison) -> pd.DataFrame:
    """Returns a row per segment of one: the most similar one of other, and its distance."""
    apart = compared.apart
    heads = ("most similar", "standard deviations away (mean of the features)")
    columns = (apart.idxmin(axis=1), apart.min(axis=1)) if len(apart) else ([], [])
    return pd.DataFrame(dict(zip(heads, columns, strict=True)))


def list_axes(compared: Comparison) -> list[str]:
    """Returns up to two features of both reports in which the segments of one differ most."""
    tables = [find_medians(report) for report in (compared.one, compared.other)]
    common = [name for name in tables[0] if name in tables[1]]
    medians = pd.concat([table[common] for table in tables])
    ranges = (medians.max() - medians.min()).replace(0, np.nan)
    spread = (tables[0][common].std(ddof=0) / ranges).fillna(0).sort_values(ascending=False)
    return list(spread.index[:2])


def find_least(report: Report) -> float:
    """Returns the Jaccard similarity of the least stable segment; NaN if unknown."""
    least = (report.verdict.get("segments") or {}).get("least_jaccard")
    return float("nan") if least is None else float(least)


def find_medians(report: Report) -> pd.DataFrame:
    """Returns the medians of each segment, without segments too small to have any."""
    table = pd.DataFrame(report.result["segments"]).set_index("segment")
    features = report.result.get("features") or []
    names = {f"median {name}": name for name in features if f"median {name}" in table}
    return table[list(names)].rename(columns=names).dropna().astype(float)


def find_shares(report: Report) -> pd.Series:
    """Returns the share of customers of each segment that has medians."""
    sizes = pd.DataFrame(report.result["segments"]).set_index("segment")["customers"]
    return sizes[find_medians(report).index] / sizes.sum()


def read_parameters(report: Report) -> dict[str, Any]:
    """Returns the parameters that a report was made with."""
    return report.record.get("parameters") or {}


def _list_both(one: Report, other: Report, by_row: bool) -> pd.DataFrame:
    """Returns the customers who have a segment in both reports, and which."""
    sides = [read_customers(report, by_row) for report in (one, other)]
    first, second = (pd.DataFrame(side).dropna() for side in sides)
    return first.merge(second, on="id", suffixes=("_one", "_other"))


def _check_ids(one: Report, other: Report) -> Unfollowed | None:
    """Returns why the ids of two reports do not name the same customers, if so."""
    ids = [report.result.get("id") for report in (one, other)]
    if None in ids:
        return Unfollowed.NO_ID
    return None if ids[0] == ids[1] else Unfollowed.OTHER_ID


def _measure_distances(one: Report, other: Report) -> pd.DataFrame:
    tables = [find_medians(report) for report in (one, other)]
    spread = pd.Series(one.result.get("deviations") or {}, dtype=float)
    common = [n for n in tables[0] if n in tables[1] and spread.get(n, 0.0) > 0]
    if not common or any(table.empty for table in tables):
        return pd.DataFrame()
    first, second = (table[common] / spread[common] for table in tables)
    away = cdist(first, second, "cityblock") / len(common)
    return pd.DataFrame(away, index=first.index, columns=second.index)


def _have_one_table(one: Report, other: Report) -> bool:
    """Whether both reports are of the same rows: the same content, read the same way."""
    ways = [
        [
            report.record.get("sha256"),
            *(read_parameters(report).get(name) for name in sorted(ROWS)),
        ]
        for report in (one, other)
    ]
    return ways[0][0] is not None and ways[0] == ways[1]


def _show(value: object) -> str:
    """Returns a parameter or a score as a cell; whole numbers as they are set."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return say_value(value)
    return "not set" if value is None else str(TITLES.get(str(value), value))
