"""RFM scores and segments, derived by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segmentation.analysis import say, view_by_rfm
from segmentation.analysis.passes.placed_rows import SEGMENT
from segmentation.analysis.portraits.rfm import RFM, Rfm, cross_rfm, describe_rfm, name_rfm
from segmentation.data import open_source, open_table

# Ten customers: measures 1 … 10 have quintile edges 2.8, 4.6, 6.4, 8.2, so two to a score.
TEN = pd.DataFrame(
    {
        "recency_days": [1, 2, 9, 10, 3, 4, 5, 6, 7, 8],
        "frequency": [9, 10, 7, 8, 3, 4, 1, 2, 5, 6],
        "monetary": [90, 100, 70, 80, 30, 40, 10, 20, 50, 60.0],
    }
)


def test_segments_follow_the_published_rules():
    named = name_rfm(open_table(TEN)).order_by("__row__").execute()[RFM].tolist()
    # scores: 555 555 · 144 144 · 422 422 · 311 311 · 233 233
    assert named == [
        *["Champions"] * 2,
        *["At Risk"] * 2,
        *["Potential Loyalist"] * 2,
        *["Potential Loyalist"] * 2,
        *["Loyal Customers"] * 2,
    ]


def test_a_value_on_an_edge_belongs_to_the_higher_score():
    frame = pd.DataFrame({"recency_days": [5] * 6, "frequency": [1] * 6, "monetary": [7.0] * 6})
    assert set(name_rfm(open_source(frame).table).execute()[RFM]) == {"At Risk"}  # 1, 5, 5


def test_the_table_adds_up_and_names_the_richest():
    table = open_table(pd.concat([TEN] * 5, ignore_index=True))
    assigned = table.mutate(**{SEGMENT: (table["frequency"] > 6).ifelse(1, 2)})
    named = name_rfm(assigned)
    rfm = describe_rfm(named)
    assert rfm.index.tolist() == ["Champions", "Loyal Customers", "Potential Loyalist", "At Risk"]
    assert rfm["customers"].tolist() == [10, 10, 20, 10] and rfm["orders"].sum() == 275
    np.testing.assert_allclose(rfm["share_of_revenue"], [19 / 55, 11 / 55, 10 / 55, 15 / 55])
    crossed = cross_rfm(named, {1: "Big", 2: "Small"})
    text = say.rfm_segments(Rfm(rfm, crossed))
    assert "Champions bring the most, 35 % of revenue from 20 % of customers" in text
    assert crossed.loc["Champions"].to_dict() == {"1 · Big": 10, "2 · Small": 0}
    assert crossed.to_numpy().sum() == 50


def test_segments_of_a_few_customers_are_not_counted_out():
    table = open_table(pd.concat([TEN, *[TEN.iloc[4:5]] * 4], ignore_index=True))
    named = name_rfm(table.mutate(**{SEGMENT: (table["frequency"] > 6).ifelse(1, 2)}))
    rfm = describe_rfm(named)
    few = rfm["customers"] == "under 5"
    assert few.any() and not few.all()
    assert rfm.loc[few].drop(columns="customers").isna().all(axis=None)
    assert rfm.loc[~few].notna().all(axis=None)
    counts = cross_rfm(named, {1: "Big", 2: "Small"}).to_numpy().ravel().tolist()
    assert "under 5" in counts and not {1, 2, 3, 4} & {n for n in counts if n != "under 5"}
    assert "too few customers" in say.rfm_segments(Rfm(rfm.loc[few], rfm))


def test_without_orders_there_is_no_view_and_no_sentence(analysis):
    assert view_by_rfm(analysis.segmentation, analysis.portraits.names, None) is None
    assert say.rfm_segments(None) == ""
