"""Two published reports side by side: what differs, who is where, and which one to prefer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis.choice import VALID
from segmentation.analysis.clustering import TITLES
from segmentation.analysis.plots import draw_flow, segment_colour
from segmentation.analysis.privacy import hide_cells
from segmentation.analysis.result import make_finite
from segmentation.analysis.verdict import CONSTRUCTIVE, NATURAL, ONE_GROUP, REPRODUCIBLE, TOO_FEW
from segmentation.analysis.wording import say_count, say_list, say_number, say_share
from segmentation.data import Report

BEST_FIRST = (NATURAL, REPRODUCIBLE, CONSTRUCTIVE, ONE_GROUP)
CUSTOMERS = "which of the two tables has the customers that you will act on"
ALIKE = 0.95  # an adjusted Rand index above which two segmentations are one in practice
CLEARLY = 0.05  # of a Jaccard similarity
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
    nobody can be told apart, `flow` is empty and `nearest` says by profiles: a row a segment of
    one, with the most similar of other and how far it is, in standard deviations of one.
    """

    one: Report
    other: Report
    flow: pd.DataFrame
    agreement: float
    nearest: pd.DataFrame

    @property
    def shared(self) -> int:
        """How many customers have a segment in both."""
        return int(self.flow.to_numpy().sum())

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called."""
        return self.one.name, self.other.name


def compare_reports(one: Report, other: Report) -> Comparison:
    """The customers of both reports followed by id, by row where both are of one table."""
    same = _have_one_table(one, other)
    listed = [report.read_customers(by_row=same) for report in (one, other)]
    flow, agreement = pd.DataFrame(), float("nan")
    if listed[0] is not None and listed[1] is not None:
        pair = listed[0].dropna().merge(listed[1].dropna(), on="id", suffixes=("_one", "_other"))
        if len(pair):
            first, second = (pair[f"segment_{side}"].astype(int) for side in ("one", "other"))
            flow = pd.crosstab(first, second).rename_axis(index=one.name, columns=other.name)
            agreement = float(adjusted_rand_score(first, second))
    return Comparison(one, other, flow, agreement, _match_profiles(one, other))


def say_compared_title(compared: Comparison) -> str:
    """The headline: which two."""
    return "{} and {}, side by side".format(*compared.names)


def say_compared(compared: Comparison) -> str:
    """How far the two put the same customers together."""
    if not compared.shared:
        return (
            "No customer can be found in both, so the segments are compared by what is typical "
            "of them."
        )
    said = f"{say_count(compared.shared, 'customer')} have a segment in both."
    index = f"adjusted Rand index {compared.agreement:.2f}; 1: the same segments, 0: as by chance"
    if compared.agreement >= ALIKE:
        return f"{said} The two are one segmentation in practice ({index})."
    return f"{said} {_say_rest(compared)} ({index})."


def say_preferred(compared: Comparison) -> str:
    """Which of the two to prefer, and why; or that nothing speaks for either."""
    one, other = compared.one, compared.other
    alike = _have_one_table(one, other)
    if not compared.shared and one.result.get("features") != other.result.get("features"):
        return (
            "Neither can be preferred: they are about other customers and other features, and "
            "answer different questions."
        )
    kinds = [_kind(report) for report in (one, other)]
    if TOO_FEW in kinds:
        few = [r.name for r, kind in zip((one, other), kinds, strict=True) if kind == TOO_FEW]
        return (
            f"Neither can be preferred on evidence: {say_list(few)} has too few customers to "
            f"tell whether groups exist."
        )  # fmt: skip
    if all(kind == ONE_GROUP for kind in kinds):
        return "Prefer neither: both find one group, and no segments to act on."
    if kinds[0] != kinds[1] and all(kind in BEST_FIRST for kind in kinds):
        better, worse = sorted((one, other), key=lambda report: BEST_FIRST.index(_kind(report)))
        return (
            f"Prefer {better.name}: its verdict is “{_words(better)}”, that of {worse.name} "
            f"“{_words(worse)}”."
        )
    if compared.agreement >= ALIKE:
        return "Either will do: they put nearly the same customers together. Keep the one in use."
    least = [_least(report) for report in (one, other)]
    if abs(least[0] - least[1]) >= CLEARLY and max(least) >= VALID:
        better, worse = (one, other) if least[0] > least[1] else (other, one)
        return (
            f"Both verdicts are “{_words(one)}”. Prefer {better.name}: its weakest segment comes "
            f"back with a Jaccard similarity of {max(least):.2f}, that of {worse.name} with "
            f"{min(least):.2f}."
        )
    asked = [_follows(report) for report in (one, other)]
    if asked[0] != asked[1] and alike:
        better = one if asked[0] else other
        return (
            f"Both verdicts are “{_words(one)}”, and the segments hold alike. Prefer "
            f"{better.name}: its number of segments is the one recommended."
        )
    return (
        f"Both verdicts are “{_words(one)}”, and the segments hold alike: nothing in the data "
        f"speaks for either. Choose by {'what the segments are for' if alike else CUSTOMERS}."
    )


def say_incomparable(compared: Comparison) -> str:
    """That scores on different features or tables are no grounds; else nothing."""
    one, other = compared.one, compared.other
    what = []
    if not _have_one_table(one, other):
        what.append("tables")
    if one.result.get("features") != other.result.get("features"):
        what.append("features")
    if not what:
        return ""
    return (
        f"The two are of different {say_list(what)}: their silhouettes and inertias cannot be "
        f"compared, and did not decide."
    )


def list_compared(compared: Comparison) -> list[tuple[str, str, str]]:
    """The fact tiles: label, figure and remark of each."""
    both = (compared.one, compared.other)
    tiles = [
        (report.name, str(report.result.get("k")), f"segments: {_words(report)}") for report in both
    ]
    shared = f"{compared.shared:,}" if compared.shared else "none"
    tiles.append(("In both", shared, "customers with a segment"))
    index = f"{compared.agreement:.2f}" if compared.shared else "–"
    return [*tiles, ("Agreement", index, "adjusted Rand index")]


def tabulate_differences(compared: Comparison) -> pd.DataFrame:
    """Every parameter and score that differs: a row each, a column a report."""
    sides = (compared.one, compared.other)
    rows: dict[str, list[str]] = {}
    rows["data"] = [str(report.record.get("dataset")) for report in sides]
    rows["fingerprint of the data"] = [str(report.record.get("sha256"))[:12] for report in sides]
    rows["made on"] = [report.finished for report in sides]
    parameters = [report.record.get("parameters") or {} for report in sides]
    for name in dict.fromkeys([*parameters[0], *parameters[1]]):
        if name not in ABOUT_THE_FILE:
            rows[f"parameter {name}"] = [_show(own.get(name)) for own in parameters]
    for name, label in SCORES.items():
        rows[label] = [_show(report.result.get(name)) for report in sides]
    rows["verdict"] = [_words(report) for report in sides]
    rows["weakest segment (Jaccard)"] = [_show(_least(report)) for report in sides]
    rows["same segment when customers change"] = [
        _show((report.result.get("stability") or {}).get("same_segment")) for report in sides
    ]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["one", "other"])
    table = table[table["one"] != table["other"]]
    return table.set_axis(_apart(compared.names), axis=1).rename_axis("what differs")


def tabulate_both(compared: Comparison) -> pd.DataFrame:
    """Customers by their segment in one (rows) and in the other (columns); 1 to 4 hidden."""
    flow = hide_cells(compared.flow)
    flow.index = pd.Index([f"segment {at}" for at in flow.index], name=compared.one.name)
    flow.columns = pd.Index([f"segment {at}" for at in flow.columns])
    return flow


def plot_both(compared: Comparison, ax: Axes) -> Axes:
    """From the segments of one report to those of the other."""
    flow = compared.flow
    names = [[str(at) for at in axis] for axis in (flow.index, flow.columns)]
    colours = [[segment_colour(int(at)) for at in axis] for axis in (flow.index, flow.columns)]
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
    common = [n for n in tables[0] if n in tables[1] and n != "customers"]
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
        share = table["customers"] / table["customers"].sum()
        colours = [segment_colour(int(at)) for at in table.index]
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
    if compared.nearest.empty:
        return "The two have no features alike, so their segments cannot be compared by profiles."
    said = [
        f"segment {at} is most like segment {int(row['nearest'])}"
        for at, row in compared.nearest.iterrows()
    ]
    one, other = compared.names
    return f"By what is typical, of {one} and {other}: {say_list(said)}."


def tabulate_nearest(compared: Comparison) -> pd.DataFrame:
    """A row a segment of one: the most similar of the other, and how far it is."""
    heads = {"nearest": "most similar", "away": "standard deviations away"}
    return compared.nearest.astype({"nearest": int}).rename(columns=heads)


def describe_compared(compared: Comparison, headline: str) -> dict[str, Any]:
    """The record result.json of a comparison."""
    record = {
        "title": headline,
        "sizes": [],
        "rows": None,
        "compared": list(compared.names),
        "verdict": {"kind": None, "in_words": f"compared with {compared.other.name}"},
        "agreement": compared.agreement,
        "customers_in_both": compared.shared,
        "preferred": say_preferred(compared),
        "nearest": compared.nearest.reset_index().to_dict("records"),
        "differences": tabulate_differences(compared).reset_index().to_dict("records"),
    }
    finite: dict[str, Any] = make_finite(record)
    return finite


def _say_rest(compared: Comparison) -> str:
    """How many are not where the segment of theirs mostly went."""
    flow = compared.flow.to_numpy()
    most = flow.max(axis=1).sum() / flow.sum()
    return f"{say_share(most)} are where most of their segment in {compared.one.name} is"


def _match_profiles(one: Report, other: Report) -> pd.DataFrame:
    """The nearest segment of the other for each of one, by medians over what spreads one's."""
    tables = [_medians(report) for report in (one, other)]
    common = [n for n in tables[0].columns if n in tables[1].columns and n != "customers"]
    if not common or any(table.empty for table in tables):
        return pd.DataFrame(columns=["nearest", "away"])
    weights = tables[0]["customers"]
    middle = (tables[0][common].T @ weights) / weights.sum()
    spread = (((tables[0][common] - middle) ** 2).T @ weights / weights.sum()) ** 0.5
    first, second = (table[common] / spread.replace(0, 1.0) for table in tables)
    away = cdist(first, second) / np.sqrt(len(common))
    return pd.DataFrame(
        {"nearest": tables[1].index[away.argmin(axis=1)], "away": away.min(axis=1)},
        index=tables[0].index,
    ).rename_axis("segment")


def _medians(report: Report) -> pd.DataFrame:
    """The customers of each segment and its medians, without segments too small for any."""
    table = pd.DataFrame(report.result.get("segments") or []).set_index("segment")
    features = report.result.get("features") or []
    names = {f"median {name}": name for name in features if f"median {name}" in table}
    return table[["customers", *names]].rename(columns=names).dropna().astype(float)


def _have_one_table(one: Report, other: Report) -> bool:
    return one.record.get("sha256") is not None and (
        one.record.get("sha256") == other.record.get("sha256")
    )


def _kind(report: Report) -> str:
    return str((report.result.get("verdict") or {}).get("kind"))


def _words(report: Report) -> str:
    return str((report.result.get("verdict") or {}).get("in_words"))


def _least(report: Report) -> float:
    found = ((report.result.get("verdict") or {}).get("segments") or {}).get("least_jaccard")
    return float("nan") if found is None else float(found)


def _follows(report: Report) -> bool:
    return report.result.get("k") == report.result.get("recommended_k")


def _apart(names: tuple[str, str]) -> list[str]:
    """The two names, told apart where they are one."""
    return [names[0], names[1] if names[0] != names[1] else f"{names[1]} (other)"]


def _show(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return "–" if np.isnan(value) else say_number(value)
    return "not set" if value is None else str(TITLES.get(str(value), value))
