"""What changed since an earlier report, in tables; nothing without one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from segmentation.analysis import show
from segmentation.analysis.later.numbering import Kept
from tests.analysis.publishing import THEN, changes_since, keep, make_customers
from tests.analysis.show.conftest import read_table


def test_customers_are_counted_by_segment_then_and_now(then, shown):
    now = make_customers(THEN, 1).iloc[10:].copy()
    now.iloc[:7, 1:] = [60.0, 100.0]  # seven of the young grew old
    show.movement(keep(now, 3, then).changes)
    table = read_table(shown[0].data)
    assert table.loc["segment 1", "Segment 2"] == "7"
    assert list(table.index)[-1] == "not in the list"


def test_medians_are_told_then_and_now(then, richer, shown):
    names = {1: "a", 2: "b", 3: "c"}
    changes = changes_since(then, Kept((1, 2, 3), dict.fromkeys(names, 1.0), names, {}, {}))
    show.medians(changes, replace(richer.portraits, names=pd.Series(names)))
    before, after = read_table(shown[0].data).loc["3 · c", "Spend"].split(" → ")
    assert float(after) - float(before) == pytest.approx(60, abs=1)


def test_without_an_earlier_report_nothing_is_displayed(analysis, shown):
    show.movement(None)
    show.medians(None, analysis.portraits)
    show.shifts(None)
    assert shown == []
