"""The RFM segments of direct marketing: a second view of customers with orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.passes.placed_rows import SEGMENT
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE, hide_cells, hide_few

RFM = "__rfm__"
OTHERS = "Others"
# Name, then the lowest and highest score of recency, frequency and monetary value; the first that
# fits counts. The table of R's package rfm (Hebbali), as its vignette gives it.
RULES = (
    ("Champions", (4, 5), (4, 5), (4, 5)),
    ("Loyal Customers", (2, 5), (3, 5), (3, 5)),
    ("Potential Loyalist", (3, 5), (1, 3), (1, 3)),
    ("New Customers", (4, 5), (1, 1), (1, 1)),
    ("Promising", (3, 4), (1, 1), (1, 1)),
    ("Need Attention", (2, 3), (2, 3), (2, 3)),
    ("About To Sleep", (2, 3), (1, 2), (1, 2)),
    ("At Risk", (1, 2), (2, 5), (2, 5)),
    ("Can't Lose Them", (1, 1), (4, 5), (4, 5)),
    ("Lost", (1, 2), (1, 2), (1, 2)),
)
ORDER = [*(name for name, *_ in RULES), OTHERS]
MEASURES = ("recency_days", "frequency", "monetary")


def name_rfm(customers: ir.Table) -> ir.Table:
    """Returns the customers with their RFM segment in the column `RFM`.

    Each measure is scored 1 to 5 by its quintiles; a value on an edge gets the higher score. Few
    days since the last order score high.
    """
    cuts = (0.2, 0.4, 0.6, 0.8)
    wanted = {f"{m} {cut}": customers[m].quantile(cut) for m in MEASURES for cut in cuts}
    edges = customers.aggregate(**wanted).execute().iloc[0]
    scores = []
    for measure in MEASURES:
        above = [(customers[measure] >= float(edges[f"{measure} {c}"])).ifelse(1, 0) for c in cuts]
        rank = above[0] + above[1] + above[2] + above[3] + 1
        scores.append(6 - rank if measure == "recency_days" else rank)
    rules = []
    for name, *spans in RULES:
        fits = [score.between(*span) for score, span in zip(scores, spans, strict=True)]
        rules.append((fits[0] & fits[1] & fits[2], name))
    return customers.mutate(**{RFM: ibis.cases(*rules, else_=OTHERS)})


@dataclass(frozen=True)
class Rfm:
    """The RFM segments: `table` describes each, `crossed` counts them against our segments."""

    table: pd.DataFrame
    crossed: pd.DataFrame


def view_by_rfm(
    segmentation: Segmentation, names: Mapping[int, str], orders: Mapping[str, str] | None
) -> Rfm | None:
    """Returns the RFM segments of customers made from `orders`; None without orders."""
    if orders is None:
        return None
    customers = name_rfm(segmentation.customers).cache()
    return Rfm(describe_rfm(customers), cross_rfm(customers, names))


def describe_rfm(named: ir.Table) -> pd.DataFrame:
    """Returns customers, shares, orders and revenue of each RFM segment, in the order of the rules.

    For a segment of fewer than 5 customers, only that is shown.
    """
    table = (
        named.group_by(RFM)
        .aggregate(
            customers=named.count(),
            orders=named["frequency"].sum(),
            revenue=named["monetary"].sum(),
            median_recency_days=named["recency_days"].median(),
            median_frequency=named["frequency"].median(),
            median_monetary=named["monetary"].median(),
        )
        .execute()
        .set_index(RFM)
        .rename_axis("RFM segment")
    )
    table.insert(1, "share_of_customers", table["customers"] / table["customers"].sum())
    table.insert(4, "share_of_revenue", table["revenue"] / table["revenue"].sum())
    table = table.reindex([name for name in ORDER if name in table.index])
    few = table["customers"] < FEWEST_TO_DESCRIBE
    table.loc[few, [name for name in table if name != "customers"]] = np.nan
    return table.assign(customers=hide_few(table["customers"]))


def cross_rfm(named: ir.Table, names: Mapping[int, str]) -> pd.DataFrame:
    """Counts customers by RFM segment (rows) and segment (columns); counts below 5 are hidden.

    `names` are those of the segments, by number.
    """
    inside = named.filter(named[SEGMENT].notnull())
    counts = inside.group_by([RFM, SEGMENT]).aggregate(n=inside.count()).execute()
    wide = counts.pivot_table(index=RFM, columns=SEGMENT, values="n", fill_value=0).astype(int)
    wide = wide.reindex([name for name in ORDER if name in wide.index])
    wide.columns = pd.Index([f"{number} · {names[int(number)]}" for number in wide.columns])
    return hide_cells(wide).rename_axis("RFM segment")
