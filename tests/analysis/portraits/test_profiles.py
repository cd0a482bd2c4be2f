"""Profiles over all rows, against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import fit_scales, place_customers, take_sample
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.passes.placed_rows import SEGMENT
from segmentation.analysis.passes.tallies import Added, Wanted, make_sums, measure_segments
from segmentation.analysis.portraits.profiles import (
    Members,
    describe_segments,
    lay_out_profiles,
    profile_rows,
    tabulate_segments,
)
from segmentation.data import check_columns, open_source
from tests.analysis.conftest import analyse


def test_profiles_equal_those_of_pandas(analysis):
    frame = analysis.assigned.execute().dropna(subset=[SEGMENT])
    groups, profiles = frame.groupby(SEGMENT), analysis.profiles
    assert profiles.sizes.tolist() == groups.size().tolist() == [29, 20, 10]
    np.testing.assert_allclose(profiles.means["spend"], groups["spend"].mean())
    np.testing.assert_allclose(profiles.medians["visits"], groups["visits"].median())
    np.testing.assert_allclose(profiles.market.loc["spend", "q75"], frame["spend"].quantile(0.75))
    shares = groups["revenue"].sum() / frame["revenue"].sum()
    np.testing.assert_allclose(profiles.shares_of_value, shares)


def test_categories_are_crossed_with_segments_and_residuals():
    frame = pd.DataFrame({"a": [0.0, 1, 2, 3] * 10 + [90.0, 91, 92, 93] * 10})
    frame["sex"] = ["f"] * 30 + ["m"] * 10 + ["f"] * 10 + ["m"] * 30
    crossed = analyse(frame, 2, features=["a"]).profiles.crossed["sex"]
    assert crossed.loc[("f", 1), "share"] == 0.75 and crossed.loc[("f", 1), "share_of_all"] == 0.5
    # (30 − 20) / sqrt(20 · (1 − ½) · (1 − ½)), by hand
    assert crossed.loc[("f", 1), "residual"] == pytest.approx(10 / np.sqrt(5))


def test_answers_are_shown_in_words(customers):
    frame = customers.assign(churn=["Yes", "No"] * 30, code=[1, 0] * 30)
    crossed = analyse(frame, 3).profiles.crossed
    assert set(crossed["churn"].index.get_level_values("category")) == {"yes", "no"}
    assert set(crossed["code"].index.get_level_values("category")) == {"1", "0"}


def test_cells_of_a_few_customers_are_hidden(customers):
    ulm, kiel = (customers.index[customers["city"] == name] for name in ("Ulm", "Kiel"))
    customers["city"] = "Bonn"
    customers.loc[[*ulm[:3], *kiel[:9]], "city"] = "Rome"
    crossed = analyse(customers, 3).profiles.crossed["city"]
    hidden = crossed.loc["Rome"].isna()
    assert hidden["share"].any() and not hidden["share_of_all"].any()
    assert (hidden["share"] == hidden["residual"]).all()


def test_a_category_of_a_few_customers_is_not_named(customers):
    customers["person"] = [f"Name {n}" for n in range(4)] + ["-"] * 56
    frame = analyse(customers, 3, describe=["person"]).profiles.crossed["person"]
    assert frame.index.unique("category").tolist() == ["-", "rare (4 values)"]
    assert frame["share_of_all"].groupby("category").first().sum() == pytest.approx(1)


def test_a_descriptor_may_have_any_name(customers):
    odd = ["n", "__n__", "mean0", "customers", "0 mean", "value", "category", "segment"]
    frame = customers.assign(**{name: ["a", "b"] * 30 for name in odd})
    assert set(odd) <= set(analyse(frame, 3).profiles.crossed)


def test_a_segment_of_four_has_no_means(customers):
    customers.loc[:3, ["spend", "visits"]] = [
        [9_000, 400],
        [9_001, 401],
        [9_002, 402],
        [9_003, 403],
    ]
    analysis = analyse(customers, 4)
    table = tabulate_segments(analysis.profiles, analysis.portraits.passports)
    small = table["customers"] < 5
    assert small.sum() >= 1
    assert table.loc[small].filter(like="mean").isna().all(axis=None)
    assert table.loc[~small].filter(like="mean").notna().all(axis=None)


def test_shares_of_a_value_with_losses_are_not_told(customers):
    losses = customers.assign(revenue=-1.0, other=np.arange(60))
    losses.loc[0, "revenue"] = -2.0
    assert analyse(losses, 3, value="revenue").profiles.shares_of_value is None


def test_shares_add_up(analysis):
    assert analysis.profiles.shares.sum() == pytest.approx(1)


def test_profiles_of_the_sampled_rows_are_those_of_all_if_all_were_fitted(grouped):
    rows, whole = profile_rows(grouped.segmentation), grouped.profiles
    assert rows.sizes.tolist() == whole.sizes.tolist()
    for name in ("means", "medians", "differences"):
        ours, theirs = (getattr(part, name)[whole.features] for part in (rows, whole))
        pd.testing.assert_frame_equal(ours, theirs, check_names=False)


def test_filled_values_are_none_of_the_customers(customers):
    source, names = open_source(customers), ["spend", "visits"]
    sample = take_sample(source.table, fit_scales(source.table, names, missing="median"))
    fit = fit_segments(sample.X, sample.weights, 3, 0)
    segmentation = place_customers(sample, fit)
    profiles = describe_segments(segmentation, check_columns(source, features=names))
    groups = customers.groupby(fit.labels)["visits"]
    assert profiles.customers == 60 and customers["visits"].isna().sum() == 1
    np.testing.assert_allclose(profiles.means["visits"], groups.mean())
    np.testing.assert_allclose(profiles.medians["visits"], groups.median())


def test_medians_of_a_few_sampled_customers_are_not_told():
    frame, sizes = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 6, 7, 8, 9]}), np.array([500, 60])
    members = Members(np.array([1, 1, 1, 1, 1, 2, 2, 2, 2]), np.array([90.0] * 5 + [15.0] * 4))
    moments = measure_segments(frame.to_numpy().T, members.numbers, 2, members.weights)
    told = lay_out_profiles(
        ["a"], frame, members, make_sums(Added(moments, sizes), [1, 2], Wanted("a"))
    )
    assert told.medians["a"].isna().tolist() == [False, True]
    assert told.means["a"].tolist() == [3, 7.5]
