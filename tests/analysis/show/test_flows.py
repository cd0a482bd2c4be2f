"""Flows: over the number of segments, and since an earlier report."""

from __future__ import annotations

from segmentation.analysis import show
from tests.analysis.publishing import THEN, keep, make_customers


def test_flows_are_displayed_with_the_sentence_that_they_draw(grouped, then, shown):
    show.lineage(grouped.opinions, grouped.scan, grouped.segmentation)
    assert "From 3 to 4:" in shown[0]["text/plain"]
    show.flow(keep(make_customers(THEN, 1), 3, then).changes)
    assert shown[1]["text/plain"].endswith("Nobody moved.")


def test_without_an_earlier_report_there_is_no_flow(shown):
    show.flow(None)
    assert shown == []
