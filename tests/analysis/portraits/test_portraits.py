"""Passports: one row a segment, each number where it belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from segmentation.analysis import make_passports, plot_overlaps, say_stability


def test_a_passport_holds_what_the_parts_say(grouped):
    table, a = grouped.passports, grouped
    assert table["name"].tolist() == a.names and table["rule"].tolist() == [r.text for r in a.rules]
    assert table["customers"].sum() == 400 and table["share"].sum() == pytest.approx(1)
    np.testing.assert_array_equal(table["jaccard"], a.stability.own.jaccard)
    widths = pd.Series(a.segments.widths).groupby(a.segments.labels).mean()
    np.testing.assert_allclose(table["silhouette"], widths)


def test_borders_average_to_the_whole(grouped):
    table = grouped.passports
    assert np.average(table["border"], weights=table["customers"]) == pytest.approx(
        grouped.stability.border
    )


def test_a_segment_of_which_nobody_was_drawn_has_no_stability(grouped):
    own = grouped.stability.own
    overlaps = np.where(np.arange(4) < 3, own.overlaps, np.nan)
    fewer = replace(own, overlaps=overlaps, labels=np.minimum(own.labels, 3))
    stability = replace(grouped.stability, own=fewer)
    a = grouped
    table = make_passports(a.profiles, a.names, a.rules, a.segments, a.prepared.weights, stability)
    assert table["jaccard"].isna().tolist() == [False, False, False, True]
    assert table["border"].isna().tolist() == [False, False, False, True]
    assert "Segment 4 has no customer among those drawn" in say_stability(stability, [1, 2, 3, 4])
    ax = Figure().add_subplot()
    assert len(plot_overlaps(stability, [1, 2, 3, 4], ax).texts) == 3
