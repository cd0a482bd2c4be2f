"""The lines at the end of the report's notebook, on any table and any of its parts."""

from __future__ import annotations

import matplotlib.pyplot as plt

from segmentation.analysis import list_customers, show
from segmentation.analysis.show.trying import plot_feature


def test_a_map_of_two_features_that_are_named(analysis, shown):
    show.map_of(analysis.scan, 3, ["visits", "spend"], most=20)
    show.map_of(analysis.scan, 3)
    named, default = (output["text/plain"] for output in shown)
    assert "by visits (across) and spend (up)" in named and "Drawn: 20 of" in named
    assert "by spend (across) and visits (up)" in default


def test_a_map_of_another_number_of_segments(analysis, shown):
    show.map_of(analysis.scan, 2)
    assert "coloured by their 2 segments" in shown[0]["text/plain"].replace("\n", " ")


def test_one_feature_by_segment(analysis, shown):
    show.feature(analysis.segmentation, "spend")
    medians, text = analysis.profiles.medians["spend"], shown[0]["text/plain"]
    assert f"highest in segment {medians.idxmax()} (" in text
    assert f"lowest in segment {medians.idxmin()} (" in text
    frame = analysis.sample.frame
    ax = plot_feature(frame["spend"], analysis.segmentation, plt.figure().gca())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2", "3"]
    plt.close("all")


def test_one_segment_beside_all(analysis, shown):
    show.segment(analysis.portraits, 2)
    page = shown[0].data
    assert "this segment" in page.lower()
    assert analysis.portraits.names[2].split(",")[0] in page


def test_the_clearest_customers_of_a_segment(analysis, shown):
    customers = list_customers(analysis.segmentation, analysis.portraits.names)
    show.customers(customers, 1, 3)
    own = customers.to_pandas().query("segment == 1").sort_values("certainty", ascending=False)
    page = shown[0].data
    assert own["customer_id"].iloc[0] in page and page.count('role="row"') == 4
