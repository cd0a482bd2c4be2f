"""The lines at the end of the report's notebook, on any table and any of its parts."""

from __future__ import annotations

import importlib

import matplotlib.pyplot as plt
import pytest

from segmentation.analysis import (
    list_customers,
    show_customers,
    show_feature,
    show_map,
    show_segment,
)
from segmentation.analysis.show.trying import plot_feature


@pytest.fixture
def shown(monkeypatch) -> list[str]:
    """What was displayed, as text."""
    texts: list[str] = []

    def keep(what, raw=False):
        texts.append(what["text/plain"] if raw else str(what.data))

    monkeypatch.setattr(importlib.import_module("segmentation.analysis.show.page"), "display", keep)
    return texts


def test_a_map_of_two_features_that_are_named(analysis, shown):
    show_map(analysis.prepared, analysis.segments, ["visits", "spend"], most=20)
    show_map(analysis.prepared, analysis.segments)
    assert "by visits (across) and spend (up)" in shown[0] and "Drawn: 20 of" in shown[0]
    assert "by spend (across) and visits (up)" in shown[1]


def test_one_feature_by_segment(analysis, shown):
    show_feature(analysis.prepared, analysis.segments, "spend")
    medians = analysis.profiles.medians["spend"]
    assert f"highest in segment {medians.idxmax()} (" in shown[0]
    assert f"lowest in segment {medians.idxmin()} (" in shown[0]
    ax = plot_feature(analysis.prepared.frame["spend"], analysis.segments, plt.figure().gca())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2", "3"]
    plt.close("all")


def test_one_segment_beside_all(analysis, shown):
    show_segment(analysis.profiles, analysis.names, 2)
    assert "this segment" in shown[0].lower() and analysis.names[1].split(",")[0] in shown[0]


def test_the_clearest_customers_of_a_segment(analysis, shown):
    numbers = analysis.segments.numbers
    customers = list_customers(analysis.placed.placed, analysis.columns.id, analysis.names, numbers)
    show_customers(customers, 1, 3)
    own = customers.to_pandas().query("segment == 1").sort_values("certainty", ascending=False)
    assert own["customer_id"].iloc[0] in shown[0] and shown[0].count('role="row"') == 4
