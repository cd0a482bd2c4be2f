"""Passes in batches and passes by expressions give the same, whatever the values."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import skew

from segmentation.analysis import fit_scales, place_customers, take_sample
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.passes.batches import map_batches
from segmentation.analysis.passes.local import LocalPasses
from segmentation.analysis.passes.moments import add_moments, measure_values
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.placed_rows import CERTAINTY, LEFT_OUT, SECOND, SEGMENT, renumber
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.passes.remote import RemotePasses
from segmentation.analysis.passes.sampling import WEIGHT
from segmentation.analysis.passes.tallies import Wanted, measure_segments
from segmentation.analysis.portraits.profiles import describe_segments
from segmentation.data import (
    ROW,
    InputError,
    Reading,
    check_columns,
    list_row_groups,
    open_source,
    open_table,
    thin_out,
)
from segmentation.data.text import storing

pytestmark = pytest.mark.long

FEATURES = ["age", "spend", "visits"]
NO_FILLS = dict.fromkeys(FEATURES)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """30,000 customers: skewed spending, missing values, an id that is no row number."""
    rng = np.random.default_rng(11)
    n = 30_000
    table = pd.DataFrame({"id": rng.permutation(n) * 7 - 1_000})
    table["age"] = rng.normal([30, 60, 45], 6, (n, 3))[range(n), rng.integers(0, 3, n)]
    table["spend"] = rng.lognormal(3, 1.4, n).round(2)
    table["visits"] = rng.poisson(5, n)
    table["town"] = rng.choice(["Ulm", "Bonn", None], n)
    table["stars"] = rng.integers(1, 6, n)
    table["code"] = table["id"].map("k{:07d}".format)
    table.loc[rng.choice(n, 400, replace=False), "age"] = np.nan
    table.loc[rng.choice(n, 300, replace=False), "spend"] = np.nan
    return table


@pytest.fixture(scope="module", params=["frame", "parquet", "text"])
def table(frame, request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    if request.param == "frame":
        return open_table(frame)
    if request.param == "parquet":
        frame.to_parquet(folder / "customers.parquet", row_group_size=7_000)
        return open_table(folder / "customers.parquet")
    frame.to_csv(folder / "customers.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:  # as if it were a long one
        patch.setattr(storing.make_store, "__defaults__", (0,))
        opened = open_table(folder / "customers.csv")
    assert list_row_groups(opened, ["id", "code"], FEATURES)
    return opened


@pytest.fixture(scope="module")
def borders(table) -> Placement:
    sample = take_sample(table, fit_scales(table, FEATURES))
    fit = fit_segments(sample.X, sample.weights, 3, 0)
    return Placement(sample.scales, fit.centres, None, (2, 5, 9))


def assert_alike(one, other, rtol=1e-9):
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-6)


@pytest.mark.parametrize("fills", [NO_FILLS, {**NO_FILLS, "age": 44.0}])
def test_moments_are_those_of_expressions_and_of_scipy(table, frame, fills):
    counts, plain, logged = LocalPasses(table).measure(FEATURES, fills)
    others = RemotePasses(table).measure(FEATURES, fills)
    assert counts == others[0]
    assert_alike(plain, others[1])
    whole = frame[FEATURES].fillna({name: fill for name, fill in fills.items() if fill}).dropna()
    assert counts.used == len(whole) and counts.missing["age"] == 400
    np.testing.assert_allclose(plain.skew, skew(whole), rtol=1e-9)
    np.testing.assert_allclose(plain.sd, whole.std(ddof=0), rtol=1e-12)
    np.testing.assert_allclose(logged.mean, np.log1p(whole.clip(lower=0)).mean(), rtol=1e-12)
    assert_alike(logged, others[2])


def test_moments_of_parts_add_up_whatever_their_sizes():
    X = np.random.default_rng(0).lognormal(9, 1, (2, 1_000)) + 1e6
    parts = np.split(X, [0, 1, 400, 400], axis=1)
    assert_alike(add_moments(map(measure_values, parts)), measure_values(X), rtol=1e-7)


@pytest.mark.parametrize("key", [None, "id", "code"])
def test_the_sample_is_the_same_by_expressions(table, key):
    scales = fit_scales(table, FEATURES)
    one, other = (way(table).draw(scales, 5_000, 42, key) for way in (LocalPasses, RemotePasses))
    assert 4_500 < len(one) < 5_500
    pd.testing.assert_frame_equal(one, other, check_dtype=False, check_names=False)
    assert one[WEIGHT].sum() == pytest.approx(scales.counts.used, rel=0.05)


def test_the_same_customers_are_drawn_in_another_order_of_the_rows(frame):
    drawn = []
    for rows in (frame, frame.sample(frac=1, random_state=1)):
        table = open_table(rows)
        found = take_sample(table, fit_scales(table, FEATURES), 5_000, 42, "id")
        drawn.append(set(rows["id"].to_numpy()[found.frame.index - 1]))
    assert drawn[0] == drawn[1]


def test_steps_labels_and_bins_are_those_of_expressions(table, borders):
    one, other = LocalPasses(table), RemotePasses(table)
    for a, b in zip(one.add_up(borders), other.add_up(borders), strict=True):
        np.testing.assert_allclose(a, b)
    placed, by_engine = (way.place(borders, [ROW, "id"]) for way in (one, other))
    pd.testing.assert_frame_equal(placed.to_pandas(), by_engine.to_pandas())
    edges = {"age": (30.0, 45.0), "visits": (4.0,)}
    assert one.count_bins(edges) == other.count_bins(edges)


def test_sums_by_segment_are_those_of_expressions_and_of_pandas(table, frame, borders):
    wanted = Wanted(["age", "visits"], "spend", ["town", "stars"])
    placed = LocalPasses(table).place(borders, [ROW])
    one, other = (way(table).sum_up(borders, placed, wanted) for way in (LocalPasses, RemotePasses))
    pd.testing.assert_series_equal(one.sizes, other.sizes)
    for name in ("means", "market"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    pd.testing.assert_series_equal(one.totals, other.totals)
    labels = placed[SEGMENT].to_pandas()
    own = frame.assign(segment=labels).dropna(subset="segment")
    np.testing.assert_allclose(one.means["visits"], own.groupby("segment")["visits"].mean())
    np.testing.assert_allclose(one.market.loc["age", "sd"], own["age"].std(ddof=0))
    for name in ("town", "stars"):
        pd.testing.assert_frame_equal(one.crossed[name], other.crossed[name])
        counted = pd.crosstab(own[name].astype(str), own["segment"])
        kept = [word for word in counted.index if word not in ("None", "nan")]
        np.testing.assert_array_equal(one.crossed[name], counted.loc[kept])


def test_rows_are_fetched_in_the_order_that_was_asked(table, frame):
    for way in (LocalPasses, RemotePasses):
        found = way(table).fetch([9, 2, 30_000], ["visits", "code"])
        assert found.index.tolist() == [9, 2, 30_000]
        assert found["code"].tolist() == frame["code"].iloc[[8, 1, 29_999]].tolist()


def test_an_embedded_table_is_read_in_batches(table):
    assert isinstance(open_passes(table), LocalPasses)


def test_new_numbers_leave_rows_without_a_segment_without(table, borders):
    placed = LocalPasses(table).place(borders, [ROW])
    again = renumber(renumber(placed, [9, 8, 7, 6, 5, 4, 3, 2, 1]), [9, 8, 7, 6, 5, 4, 3, 2, 1])
    assert again[SEGMENT].to_pylist() == placed[SEGMENT].to_pylist()
    assert again[SEGMENT].null_count > 600


def test_two_files_of_the_same_columns_are_not_taken_for_one_another(frame, tmp_path):
    tables = {}
    for name, rows in (("one", frame[:9]), ("two", frame[9:20])):
        rows.to_parquet(tmp_path / f"{name}.parquet")
        tables[name] = open_table(tmp_path / f"{name}.parquet")
    (first,) = map_batches(tables["one"], ["visits"], lambda batch: batch.values[0].tolist())
    assert first == frame["visits"][:9].tolist()


def test_a_table_in_postgresql_has_the_same_sample_steps_labels_and_sums(
    frame, postgres, monkeypatch, tmp_path
):
    frame.to_csv(tmp_path / "customers.csv", index=False)
    postgres.run(
        "DROP TABLE IF EXISTS passes",
        "CREATE TABLE passes (id bigint, age float8, spend float8, visits int, town text, "
        "stars int, code text)",
    )
    postgres.copy("passes", (tmp_path / "customers.csv").read_text())
    monkeypatch.setattr("segmentation.data.databases.in_place.MOST_COPIED", 1_000)
    there, here = open_source(postgres.url(), Reading("passes")).table, open_table(frame)
    assert isinstance(open_passes(there), RemotePasses)
    scales = fit_scales(here, FEATURES)
    for a, b in zip(scales, fit_scales(there, FEATURES), strict=True):
        assert (a.log, a.fill) == (b.log, b.fill)
        np.testing.assert_allclose((a.centre, a.spread, a.skew), (b.centre, b.spread, b.skew))
    sample, again = (take_sample(t, scales, 5_000, 42, "id") for t in (here, there))
    drawn = frame["id"].to_numpy()[sample.frame.index - 1]
    assert sorted(drawn) == again.frame.index.tolist()
    ids = again.frame.index[:9].tolist()
    fetched = open_passes(there).fetch(ids, ["visits", "code"])
    known = frame.set_index("id").loc[ids]
    assert fetched["code"].tolist() == known["code"].tolist()
    assert fetched["visits"].tolist() == known["visits"].tolist()
    thinned = thin_out(there, 3_000_000, 300_000).count().execute()
    assert 2_700 < thinned < 3_300  # a tenth of the rows, although their ids have gaps
    fit = fit_segments(sample.X, sample.weights, 3, 0)
    one, other = (place_customers(s, fit, 1) for s in (sample, again))
    assert one.k == 3
    columns = ["id", SEGMENT, SECOND, CERTAINTY, LEFT_OUT]
    rows = [part.placed.select(columns).sort_by("id").to_pandas() for part in (one, other)]
    pd.testing.assert_frame_equal(*rows)
    wanted = check_columns(open_source(frame), features=FEATURES)
    ours, theirs = (describe_segments(part, wanted) for part in (one, other))
    for name in ("means", "medians", "market"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name))
    for name, table in ours.crossed.items():
        pd.testing.assert_frame_equal(table, theirs.crossed[name])
    edges = {"age": (30.0, 45.0), "visits": (4.0,)}
    assert open_passes(here).count_bins(edges) == open_passes(there).count_bins(edges)


def test_many_small_row_groups_are_read_in_order_and_a_damaged_one_is_refused(frame, tmp_path):
    path = tmp_path / "customers.parquet"
    frame.to_parquet(path, row_group_size=100, compression=None)
    table = open_table(path)
    assert len(list_row_groups(table, ["id"], FEATURES)) == 1  # as one task
    found = pa.Table.from_batches(map_batches(table, ["visits"], lambda b: b.carried, ["id"]))
    assert found["id"].to_pylist() == frame["id"].tolist()
    content = bytearray(path.read_bytes())
    content[40_000:60_000] = b"\xff" * 20_000
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged Parquet file"):
        list(map_batches(table, FEATURES, lambda batch: batch.values.sum(), ["id", "code"]))
    with pytest.raises(InputError, match="cannot be read to its end"):
        list(map_batches(table.filter(table["id"] > 0), FEATURES, lambda b: b.values.sum()))


def test_an_infinite_value_is_of_no_segment(frame):
    values = np.array([[1.0, 2, np.inf, 4, 6], [1, 1, 1, 3, 5]])
    found = measure_segments(values, np.array([1, 1, 1, 2, 2]), 2)
    np.testing.assert_array_equal(found.mean, [[1.5, 5], [1, 4]])
    np.testing.assert_array_equal(found.n, [[2, 2], [3, 2]])
