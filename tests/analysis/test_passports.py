"""Passports: one row a segment, each number where it belongs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


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
