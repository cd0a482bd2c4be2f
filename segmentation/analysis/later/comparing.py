"""Two published reports side by side: what differs, who is where, and which one to prefer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis.portraits.privacy import hide_cells
from segmentation.analysis.results import make_finite
from segmentation.analysis.show.flows import draw_flow
from segmentation.analysis.show.style import segment_colour
from segmentation.analysis.words import say_count, say_list, say_number, say_share
from segmentation.data import Reading, Report
from segmentation.data.published.vocabulary import TITLES

ALIKE = 0.95  # an adjusted Rand index above which two segmentations are one in practice
PALE = "#dde0e5"  # of a segment that is taken for none; the fourth segment's own colour is grey
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


@dataclass(frozen=True)
class Comparison:
    """Two reports: `flow` of the customers in both (rows: segments of one, columns: of other).

    `agreement` is their adjusted Rand index (Hubert and Arabie 1985). Where nobody is in both, or
    nobody can be told apart, `flow` is empty and `unfollowed` says why. `apart` is how far the
    medians of each segment of one (rows) are from those of other: the mean over the features of
    both, in standard deviations of the customers of one.
    """

    one: Report
    other: Report
    one_table: bool
    flow: pd.DataFrame
    agreement: float
    unfollowed: str
    apart: pd.DataFrame

    @property
    def shared(self) -> int:
        """How many customers have a segment in both."""
        return int(self.flow.to_numpy().sum())

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called."""
        return self.one.name, self.other.name

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

    @property
    def matched(self) -> dict[int, int]:
        """The segment of one that each of other is taken for, where it is taken for any.

        So that most customers are the same (Kuhn 1955); without customers, the nearest medians.
        """
        costs = -self.flow if self.shared else self.apart
        pairs = zip(*linear_sum_assignment(costs), strict=True)
        return {
            int(costs.columns[other]): int(costs.index[one])
            for one, other in pairs
            if not self.shared or costs.iloc[one, other] < 0
        }


def compare_reports(one: Report, other: Report) -> Comparison:
    """The customers of both reports followed: by row in one table, else by ids of one name."""
    one_table = _have_one_table(one, other)
    by_row = one_table and not _read_parameters(one).get("orders")
    unfollowed = "" if by_row else _say_no_ids(one, other)
    flow, agreement = pd.DataFrame(), float("nan")
    if not unfollowed:
        pair = _list_both(one, other, by_row)
        unfollowed = "" if len(pair) else "they have no customer in common"
        if len(pair):
            first, second = (pair[f"segment_{side}"].astype(int) for side in ("one", "other"))
            flow = pd.crosstab(first, second).rename_axis(index=one.name, columns=other.name)
            agreement = float(adjusted_rand_score(first, second))
    apart = _measure_apart(one, other)
    return Comparison(one, other, one_table, flow, agreement, unfollowed, apart)


def say_compared_title(compared: Comparison) -> str:
    """The headline: which two."""
    return "{} and {}, side by side".format(*compared.names)


def say_compared(compared: Comparison) -> str:
    """How far the two put the same customers together."""
    if not compared.shared:
        return (
            f"Customers cannot be followed: {compared.unfollowed}. So the segments are compared "
            f"by what is typical of them."
        )
    said = f"{say_count(compared.shared, 'customer')} have a segment in both."
    if compared.agreement >= ALIKE:
        return f"{said} The two are one segmentation in practice."
    (one, other), (there, back) = compared.names, map(_of_100, compared.together)
    return (
        f"{said} {there} of 100 stay together from {one} to {other}, {back} of 100 from {other} "
        f"to {one}: they go where most of their segment goes."
    )


def say_agreement(compared: Comparison) -> str:
    """The adjusted Rand index of the customers in both; nothing where there are none."""
    if not compared.shared:
        return ""
    return (
        f"Adjusted Rand index: {compared.agreement:.2f}, where 1 is the same segments and 0 what "
        f"chance would give."
    )


def say_incomparable(compared: Comparison) -> str:
    """That scores on different features or tables are no grounds; else nothing."""
    if not compared.differ_in:
        return ""
    return (
        f"Scores of different {say_list(compared.differ_in)} cannot be compared, and did not "
        f"decide."
    )


def list_compared(compared: Comparison) -> list[tuple[str, str, str]]:
    """The fact tiles: label, figure and remark of each."""
    tiles = [
        (report.name, str(report.result.get("k")), f"segments: {report.verdict.get('in_words')}")
        for report in (compared.one, compared.other)
    ]
    tiles.append(("In both", f"{compared.shared:,}", "customers with a segment"))
    stay = f"{_of_100(min(compared.together))} of 100" if compared.shared else "–"
    return [*tiles, ("Stay together", stay, "customers, seen from either report")]


def tabulate_differences(compared: Comparison) -> pd.DataFrame:
    """Every parameter and score that differs: a row each, a column a report."""
    sides = (compared.one, compared.other)
    rows: dict[str, list[str]] = {}
    rows["data"] = [str(report.record.get("dataset")) for report in sides]
    rows["fingerprint of the data"] = [str(report.record.get("sha256"))[:12] for report in sides]
    rows["made on"] = [report.finished for report in sides]
    parameters = [_read_parameters(report) for report in sides]
    for name in dict.fromkeys([*parameters[0], *parameters[1]]):
        if name not in ABOUT_THE_FILE:
            rows[f"parameter {name}"] = [_show(own.get(name)) for own in parameters]
    for name, label in SCORES.items():
        rows[label] = [_show(report.result.get(name)) for report in sides]
    rows["verdict"] = [str(report.verdict.get("in_words")) for report in sides]
    rows["weakest segment (Jaccard)"] = [_show(find_least(report)) for report in sides]
    rows["same segment when customers change"] = [
        _show((report.result.get("stability") or {}).get("same_segment")) for report in sides
    ]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["one", "other"])
    table = table[table["one"] != table["other"]]
    return table.set_axis(_apart(compared.names), axis=1).rename_axis("What differs")


def tabulate_both(compared: Comparison) -> pd.DataFrame:
    """Customers by their segment in one (rows) and in the other (columns); 1 to 4 hidden."""
    flow = hide_cells(compared.flow)
    flow.index = pd.Index([f"Segment {at}" for at in flow.index], name=compared.one.name)
    flow.columns = pd.Index([f"Segment {at}" for at in flow.columns])
    return flow


def plot_both(compared: Comparison, ax: Axes) -> Axes:
    """From the segments of one report to those of the other."""
    flow = compared.flow
    names = [[str(at) for at in axis] for axis in flow.axes]
    colours = [
        [_colour(compared, report, at) for at in axis]
        for report, axis in zip((compared.one, compared.other), flow.axes, strict=True)
    ]
    draw_flow(flow.to_numpy(dtype=float), names, colours, ax)
    ax.set_xticks([0, 1], _apart(compared.names))
    return ax


def say_both(compared: Comparison) -> str:
    """Alt text of the flow: where each segment of one mostly is in the other."""
    parts = [
        f"{say_share(row.max() / row.sum())} of segment {at} in segment {row.idxmax()}"
        for at, row in compared.flow.iterrows()
    ]
    return f"Where the customers of {compared.one.name} are in {compared.other.name}: " + (
        f"{say_list(parts)}."
    )


def list_axes(compared: Comparison) -> list[str]:
    """Up to two features of both reports in which the segments of one differ most."""
    tables = [_medians(report) for report in (compared.one, compared.other)]
    common = [name for name in tables[0] if name in tables[1]]
    whole = pd.concat([table[common] for table in tables])
    reach = (whole.max() - whole.min()).replace(0, np.nan)
    spread = (tables[0][common].std(ddof=0) / reach).fillna(0).sort_values(ascending=False)
    return list(spread.index[:2])


def plot_maps(compared: Comparison, features: Sequence[str], axs: Sequence[Axes]) -> None:
    """The segments of each report as circles at their medians, as large as they are."""
    x, y = features
    whole = pd.concat([_medians(report)[[x, y]] for report in (compared.one, compared.other)])
    low, high = whole.min(), whole.max()
    room = 0.2 * (high - low).replace(0, 1.0)
    for report, ax in zip((compared.one, compared.other), axs, strict=True):
        table = _medians(report)
        share = _sizes(report)[table.index] / _sizes(report).sum()
        colours = [_colour(compared, report, at) for at in table.index]
        ax.scatter(table[x], table[y], s=1600 * share, color=colours, alpha=0.7, edgecolor="white")
        for at, row in table.iterrows():
            ax.annotate(str(at), (row[x], row[y]), ha="center", va="center", fontweight="bold")
        ax.set(xlabel=x, ylabel=y, title=report.name)
        ax.set(
            xlim=(low[x] - room[x], high[x] + room[x]), ylim=(low[y] - room[y], high[y] + room[y])
        )


def say_maps(compared: Comparison, features: Sequence[str]) -> str:
    """Alt text of the maps: axes, and how many segments each has."""
    ks = [report.result.get("k") for report in (compared.one, compared.other)]
    return (
        f"The segments of both by their medians of {features[0]} (across) and {features[1]} (up), "
        f"as large as their share of customers: {ks[0]} in {compared.one.name}, {ks[1]} in "
        f"{compared.other.name}."
    )


def say_nearest(compared: Comparison) -> str:
    """Which segments of the two are most alike by their medians; nothing where none can be told."""
    if compared.apart.empty:
        return (
            "The two have no feature in common whose spread is known, so their segments cannot be "
            "compared by profiles."
        )
    said = [
        f"segment {at} is most like segment {to}"
        for at, to in compared.apart.idxmin(axis=1).items()
    ]
    one, other = compared.names
    return f"By what is typical, of {one} and {other}: {say_list(said)}."


def tabulate_nearest(compared: Comparison) -> pd.DataFrame:
    """A row a segment of one: the most similar of the other, and how far it is."""
    apart = compared.apart
    heads = ("most similar", "standard deviations away (mean of the features)")
    found = (apart.idxmin(axis=1), apart.min(axis=1)) if len(apart) else ([], [])
    return pd.DataFrame(dict(zip(heads, found, strict=True)))


def describe_compared(compared: Comparison, headline: str, preferred: str) -> dict[str, Any]:
    """The record result.json of a comparison."""
    record = {
        "title": headline,
        "sizes": [],
        "rows": None,
        "compared": list(compared.names),
        "verdict": {"kind": None, "in_words": f"compared with {compared.other.name}"},
        "agreement": compared.agreement,
        "customers_in_both": compared.shared,
        "preferred": preferred,
        "nearest": tabulate_nearest(compared).reset_index().to_dict("records"),
        "differences": tabulate_differences(compared).reset_index().to_dict("records"),
    }
    finite: dict[str, Any] = make_finite(record)
    return finite


def find_least(report: Report) -> float:
    """The Jaccard similarity of the segment that comes back worst; NaN where it is not known."""
    found = (report.verdict.get("segments") or {}).get("least_jaccard")
    return float("nan") if found is None else float(found)


def _list_both(one: Report, other: Report, by_row: bool) -> pd.DataFrame:
    """Who has a segment in both reports, and which."""
    sides = [report.read_customers(by_row) for report in (one, other)]
    first, second = (pd.DataFrame(side).dropna() for side in sides)
    return first.merge(second, on="id", suffixes=("_one", "_other"))


def _say_no_ids(one: Report, other: Report) -> str:
    """Why the ids of two reports do not name the same customers; nothing where they may."""
    ids = [report.result.get("id") for report in (one, other)]
    without = [r.name for r, id in zip((one, other), ids, strict=True) if id is None]
    if without:
        return f"no column of {say_list(without)} names them"
    if ids[0] == ids[1]:
        return ""
    return f"{one.name} names them by {ids[0]}, {other.name} by {ids[1]}"


def _measure_apart(one: Report, other: Report) -> pd.DataFrame:
    tables = [_medians(report) for report in (one, other)]
    spread = pd.Series(one.result.get("deviations") or {}, dtype=float)
    common = [n for n in tables[0] if n in tables[1] and spread.get(n, 0.0) > 0]
    if not common or any(table.empty for table in tables):
        return pd.DataFrame()
    first, second = (table[common] / spread[common] for table in tables)
    away = cdist(first, second, "cityblock") / len(common)
    return pd.DataFrame(away, index=first.index, columns=second.index)


def _medians(report: Report) -> pd.DataFrame:
    """The medians of each segment, without segments too small for any."""
    table = pd.DataFrame(report.result["segments"]).set_index("segment")
    features = report.result.get("features") or []
    names = {f"median {name}": name for name in features if f"median {name}" in table}
    return table[list(names)].rename(columns=names).dropna().astype(float)


def _sizes(report: Report) -> pd.Series:
    return pd.DataFrame(report.result["segments"]).set_index("segment")["customers"]


def _colour(compared: Comparison, report: Report, segment: int) -> str:
    """The colour of a segment of one; of other, that of the segment it is taken for, or pale."""
    own = segment if report is compared.one else compared.matched.get(segment)
    return PALE if own is None else segment_colour(own)


def _have_one_table(one: Report, other: Report) -> bool:
    """Whether both are of the same rows: of one content, read in one way."""
    ways = [
        [
            report.record.get("sha256"),
            *(_read_parameters(report).get(name) for name in sorted(ROWS)),
        ]
        for report in (one, other)
    ]
    return ways[0][0] is not None and ways[0] == ways[1]


def _read_parameters(report: Report) -> dict[str, Any]:
    return report.record.get("parameters") or {}


def _of_100(share: float) -> int:
    """How many of 100 that is; 100 only where it is all."""
    return min(round(100 * share), 99) if share < 1 else 100


def _apart(names: tuple[str, str]) -> list[str]:
    """The two names, told apart where they are one."""
    return [names[0], names[1] if names[0] != names[1] else f"{names[1]} (other)"]


def _show(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return "–" if np.isnan(value) else say_number(value)
    return "not set" if value is None else str(TITLES.get(str(value), value))
