"""What the explorer shows is what a report says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import judge, recommend_k
from segmentation.analysis.fitting.segmentation import segment_sample
from segmentation.analysis.portraits.drawn import choose_axes
from segmentation.analysis.portraits.profiles import describe_segments, profile_rows
from segmentation.analysis.trust.gathering import gather_evidence
from segmentation.data import InputError, check_columns, open_source
from segmentation.lab.exploring import (
    Exploration,
    Way,
    fit_way,
    list_measures,
    list_members,
    nearest_k,
    say_fits,
    say_quick,
    take_members,
    view_k,
)
from tests.conftest import ROOT
from tests.pages.cells import run_cells

pytestmark = pytest.mark.long

OPTIONS = {"id": None, "value": None, "missing": "drop", "seed": 42, "k_max": 4}
SHOP = ROOT / "data" / "shop_customers.csv"
FEATURES = ("orders", "days_since_last_order")


@pytest.fixture(scope="module")
def shop():
    return open_source(SHOP)


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Path:
    """The first 600 customers of the shop."""
    path = tmp_path_factory.mktemp("few") / "few.csv"
    pd.read_csv(SHOP, nrows=600).to_csv(path, index=False)
    return path


@pytest.mark.long
@pytest.mark.parametrize(
    "way",
    [
        Way(FEATURES),
        Way((*FEATURES, "discount_share_pct"), "none", "robust", "ward"),
        Way(FEATURES, algorithm="hdbscan"),
    ],
)
def test_the_view_is_the_report_at_depth_quick(few, way, monkeypatch):
    exploration = Exploration(open_source(few), OPTIONS)
    fits, evidence = exploration.fit(way), exploration.test(way)
    k = 3 if fits.scan.found is None else None
    view = view_k(fits, 3)
    verdict = judge(view.segmentation, evidence, recommend_k(fits.scan, evidence))
    values = {
        "dataset": str(few),
        "features": list(way.features),
        "k": k,
        "k_max": 4,
        "transform": way.transform,
        "scaling": way.scaling,
        "algorithm": way.algorithm,
        "depth": "quick",
    }
    _, names = run_cells(values, monkeypatch)
    assert np.array_equal(view.segmentation.labels, names["segmentation"].labels)
    assert view.profiles.sizes.tolist() == names["result"]["sizes"]
    assert verdict.record() == names["verdict"].record()
    assert view.axes == choose_axes(names["segmentation"])
    assert "the same segments" in say_fits(fits)


def test_profiles_of_the_fitted_rows_are_those_of_the_engine(shop):
    fits = fit_way(shop, Way((*FEATURES, "discount_share_pct")), OPTIONS)
    view = view_k(fits, 4)
    engine, quick = describe_segments(view.segmentation, fits.columns), view.profiles
    assert quick.sizes.tolist() == engine.sizes.tolist() and quick.customers == engine.customers
    for name in ("means", "medians", "market"):
        shown = getattr(quick, name)
        np.testing.assert_allclose(shown, getattr(engine, name).loc[shown.index, shown.columns])


def test_a_sample_stands_for_all_and_says_so(shop, monkeypatch):
    monkeypatch.setattr("segmentation.lab.exploring.MOST_EXPLORED", 500)
    fits = fit_way(shop, Way(FEATURES), OPTIONS)
    assert fits.sample.weighted and len(fits.sample.X) < 600
    assert "weighted sample of 5" in say_fits(fits) and "of 2,000" in say_fits(fits)
    view = view_k(fits, 3)
    whole = describe_segments(segment_sample(fits.sample, fits.scan.fits[3]), fits.columns)
    assert abs(view.profiles.sizes - whole.sizes).max() < 0.1 * 2_000
    assert (
        abs(view.profiles.medians - whole.medians[list(FEATURES)])
        < 0.5 * whole.market["sd"][list(FEATURES)]
    ).all(axis=None)


def test_a_view_places_no_row_before_its_customers_are_listed(shop, monkeypatch):
    fits = fit_way(shop, Way(FEATURES), OPTIONS)
    view, evidence = view_k(fits, 3), gather_evidence(fits.scan, "quick")
    judge(view.segmentation, evidence, recommend_k(fits.scan, evidence))
    take_members(view, 1, 5)
    assert "placed" not in vars(view.segmentation)
    list_members(view, 1)
    assert len(vars(view.segmentation)["placed"]) == fits.sample.rows


def test_the_weights_of_rows_count():
    values = [1, 2, 3, 4, 5, 90, 91, 92, 93, 94]
    source = open_source(pd.DataFrame({"a": values, "b": range(10)}))
    segmentation = view_k(fit_way(source, Way(("a", "b")), OPTIONS), 2).segmentation
    doubled = np.array([1, 1, 1, 1, 3, 1, 1, 1, 1, 1.0])
    sample = replace(segmentation.sample, weights=doubled)
    weighted = profile_rows(replace(segmentation, sample=sample))
    assert weighted.sizes.sum() == 12
    low = weighted.means["a"].idxmin()
    assert weighted.means.loc[low, "a"] == pytest.approx(25 / 7)
    assert weighted.medians.loc[low, "a"] == 4


def test_members_are_all_customers_of_the_segment_with_all_their_columns(shop):
    view = view_k(fit_way(shop, Way((*FEATURES, "discount_share_pct")), OPTIONS), 3)
    members = list_members(view, 2).execute()
    assert len(members) == view.profiles.sizes[2]
    assert list(members.columns[:4]) == ["customer_id", *FEATURES, "discount_share_pct"]
    assert set(members.columns) == {*pd.read_csv(SHOP, nrows=1).columns, "certainty"}
    first = take_members(view, 2, 5)
    assert first.index.tolist() == members["customer_id"][:5].tolist()
    assert first.index.name == "customer_id"


def test_members_without_an_id_have_the_number_of_their_row(shop):
    source = open_source(pd.DataFrame({"a": [1.5, 2.5, 3, 90, 91, 92], "b": [3, 1, 2, 9, 9, 8.5]}))
    view = view_k(fit_way(source, Way(("a", "b")), OPTIONS), 2)
    rows = [take_members(view, number, 9).index.tolist() for number in (1, 2)]
    assert sorted(rows) == [[1, 2, 3], [4, 5, 6]]


def test_members_keep_a_column_called_row(shop):
    frame = pd.DataFrame({"a": [1.5, 2.5, 3, 90, 91, 92], "b": [3, 1, 2, 9, 9, 8.5]})
    source = open_source(frame.assign(row=list("uuvvww")))
    view = view_k(fit_way(source, Way(("a", "b")), OPTIONS), 2)
    members = pd.concat([list_members(view, number).execute() for number in (1, 2)])
    assert sorted(members["row number"]) == [1, 2, 3, 4, 5, 6]
    assert sorted(members["row"]) == list("uuvvww")


def test_every_way_is_fitted_once_and_sets_of_columns_are_counted(shop):
    exploration = Exploration(shop, OPTIONS)
    first = exploration.fit(Way(FEATURES))
    assert exploration.fit(Way(FEATURES)) is first and exploration.sets == 1
    exploration.fit(Way(FEATURES, "log"))
    assert exploration.sets == 1 and "sets" not in say_quick(1)
    assert "2 sets of columns were tried" in say_quick(2)


def test_k_stays_if_it_is_possible(shop):
    fits = fit_way(shop, Way(FEATURES), OPTIONS)
    assert fits.ks == [2, 3, 4] and nearest_k(fits, 3) == 3 and nearest_k(fits, 9) == 4


def test_only_numbers_that_vary_can_be_chosen(shop):
    columns = check_columns(shop, None, None, "revenue_eur")
    named = ["age", "newsletter", "orders", "average_order_eur", "days_since_last_order"]
    assert list_measures(shop, columns) == [*named, "discount_share_pct"]


def test_what_cannot_be_fitted_is_refused(shop):
    with pytest.raises(InputError):
        fit_way(shop, Way(("country",)), OPTIONS)
