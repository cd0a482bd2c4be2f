"""Passports: one row a segment, each number where it belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from segmentation.analysis import portray, say
from segmentation.analysis.portraits.portraits import make_passports
from segmentation.analysis.show.scores import plot_overlaps


def test_a_passport_holds_what_the_parts_say(grouped):
    a, portraits = grouped, grouped.portraits
    table = portraits.passports
    assert table["name"].tolist() == portraits.names.tolist()
    assert table["rule"].tolist() == [rule.text for rule in portraits.rules]
    assert table["customers"].sum() == 400 and table["share"].sum() == pytest.approx(1)
    np.testing.assert_array_equal(table["jaccard"], a.verdict.stability.resampled.jaccard)
    widths = pd.Series(a.segments.widths).groupby(a.segments.labels).mean()
    np.testing.assert_allclose(table["silhouette"], widths)


def test_borders_average_to_the_whole(grouped):
    table = grouped.portraits.passports
    assert np.average(table["border"], weights=table["customers"]) == pytest.approx(
        grouped.verdict.stability.undecided
    )


def test_a_segment_of_which_nobody_was_drawn_has_no_stability(grouped):
    a, stability = grouped, grouped.verdict.stability
    own = stability.resampled
    overlaps = np.where(np.arange(4) < 3, own.overlaps, np.nan)
    fewer = replace(own, overlaps=overlaps, labels=np.minimum(own.labels, 3))
    verdict = replace(a.verdict, stability=replace(stability, resampled=fewer))
    portraits = a.portraits
    table = make_passports(
        a.segmentation, portraits.profiles, portraits.names, portraits.rules, verdict
    )
    assert table["jaccard"].isna().tolist() == [False, False, False, True]
    assert table["border"].isna().tolist() == [False, False, False, True]
    assert "Segment 4 has no customer among those drawn" in say.stability(verdict)
    ax = Figure().add_subplot()
    assert len(plot_overlaps(verdict.stability, ax).texts) == 3


def test_every_part_of_a_portrait_is_by_the_number_that_readers_see(grouped):
    a = grouped
    kept = a.segmentation.with_numbers([8, 3, 5, 6])
    verdict = replace(a.verdict, stability=replace(a.verdict.stability, numbers=kept.numbers))
    before, after = a.portraits, portray(kept, a.columns, verdict)
    for old, number in {1: 8, 2: 3, 3: 5, 4: 6}.items():
        assert after.profiles.sizes[number] == before.profiles.sizes[old]
        assert after.names[number] == before.names[old]
        assert after.rules[number].text == before.rules[old].text
        assert after.table.loc[number, "silhouette"] == pytest.approx(
            before.table.loc[old, "silhouette"]
        )
        pd.testing.assert_series_equal(
            after.profiles.medians.loc[number], before.profiles.medians.loc[old], check_names=False
        )
