"""New customers get the segments that the model gives them, in the engine and in SQL alike."""

from __future__ import annotations

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest

from segmentation.analysis.later import (
    compile_sql,
    load_model,
    match_columns,
    save_model,
    score_rows,
)
from segmentation.analysis.later.model_file import checksum
from segmentation.analysis.passes.placed_rows import SEGMENT
from segmentation.analysis.results import list_scored
from segmentation.data import InputError, open_source
from tests.analysis.conftest import analyse, record_model


def make_model(analysed, folder):
    a = analysed
    save_model(record_model(a), folder / "model.json")
    return load_model(folder / "model.json")


@pytest.fixture
def skewed(customers) -> pd.DataFrame:
    """The customers with `spend` so skewed that its logarithm is taken."""
    return customers.assign(spend=np.r_[np.geomspace(1, 50_000, 59), 0.0])


@pytest.mark.long
@pytest.mark.parametrize("algorithm", ["kmeans", "gmm"])
def test_scoring_the_training_table_gives_every_customer_the_same_line(skewed, tmp_path, algorithm):
    a = analyse(skewed, 3, algorithm)
    model = make_model(a, tmp_path)
    source = open_source(skewed)
    found = match_columns(model, source)
    scored, counted = score_rows(source.table, model, found.id)
    again = list_scored(scored, found.id, model)
    pd.testing.assert_frame_equal(ibis.memtable(again).execute(), a.listed)
    assert list(counted.sizes.values()) == a.profiles.sizes.tolist()
    assert counted.left_out == {"missing: visits": 1} and counted.rows == 60
    assert counted.outside == {} and counted.outside_rows == 0


def test_columns_are_matched_by_name_and_every_difference_is_told(analysis, tmp_path):
    model = make_model(analysis, tmp_path)
    other = analysis.frame.drop(columns="revenue").assign(city=1.5, colour="red")
    found = match_columns(model, open_source(other[other.columns[::-1]]))
    assert found.missing == ["revenue"] and found.extra == ["colour"]
    assert found.retyped == {"city": ("text", "number")} and found.id == "customer_id"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"columns": {"visits": "visit"}},
            "which is missing; if it is visit, rename it",
        ),
        ({"columns": {"visits": "n"}}, "rename the column that holds it: customer_id, "),
    ],
)
def test_a_missing_feature_is_refused_with_the_nearest_name(analysis, tmp_path, change, said):
    model = make_model(analysis, tmp_path)
    with pytest.raises(InputError, match=said):
        match_columns(model, open_source(analysis.frame.rename(**change)))


def test_a_feature_that_is_text_now_is_refused(analysis, tmp_path):
    model = make_model(analysis, tmp_path)
    with pytest.raises(InputError, match="column visits: was a number in the model, is text"):
        match_columns(model, open_source(analysis.frame.assign(visits="often")))


def test_rows_that_cannot_be_placed_or_lie_outside_are_counted_by_reason(skewed, tmp_path):
    model = make_model(analyse(skewed, 3), tmp_path)
    assert next(scale for scale in model.scales if scale.feature == "spend").log
    new = pd.DataFrame(
        {
            "customer_id": list("abcdef"),
            "spend": [10.0, -5.0, 9e9, np.nan, -1.0, 12.0],
            "visits": [50.0, 50.0, 50.0, 50.0, np.nan, -900.0],
        }
    )
    scored, counted = score_rows(open_source(new).table, model, "customer_id")
    assert counted.left_out == {"below 0: spend": 2, "missing: spend": 1, "missing: visits": 1}
    assert counted.outside == {"spend": (2, 1), "visits": (1, 0)} and counted.outside_rows == 4
    listed = list_scored(scored, "customer_id", model).to_pandas()
    assert listed["left_out"].fillna("").tolist() == [
        "",
        "below 0: spend",
        "",
        "missing: spend",
        "missing: visits; below 0: spend",
        "",
    ]
    assert sum(counted.sizes.values()) == 3 == listed["segment"].notna().sum()


def test_numbers_of_the_model_are_kept_where_some_are_retired(analysis, tmp_path):
    a = analysis
    record = record_model(a)
    for part, number in zip(record["segments"], (2, 5, 7), strict=True):
        part["number"] = number
    record["highest"] = 7
    record["checksum"] = checksum(record)
    save_model(record, tmp_path / "model.json")
    model = load_model(tmp_path / "model.json")
    scored, counted = score_rows(open_source(a.frame).table, model)
    before = a.assigned.execute().sort_values("__row__")[SEGMENT]
    after = scored.to_pandas().sort_values("__row__")[SEGMENT]
    assert after.dropna().tolist() == before.dropna().map({1: 2, 2: 5, 3: 7}).tolist()
    assert list(counted.sizes) == [2, 5, 7]


COLUMNS = ["segment", "segment_name", "second_segment", "certainty"]


def make_sql_case(algorithm, frame):
    """The SQL of a model, the table that it is for, and what the engine gives it."""
    frame = frame.rename(columns={"visits": 'visits "a" (per year)'})
    frame["far"] = np.r_[np.linspace(-1, 1, 58), 400.0, -400.0]
    a = analyse(frame, 3, algorithm)
    model = record_model(a)
    return compile_sql(model), frame, a.listed.set_index("customer_id")[COLUMNS]


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    found = found.set_index("customer_id").loc[expected.index, COLUMNS]
    for name in ("segment", "second_segment"):
        assert found[name].astype(float).fillna(0).tolist() == expected[name].fillna(0).tolist()
    assert found["segment_name"].fillna("").tolist() == expected["segment_name"].fillna("").tolist()
    certainty = [frame["certainty"].to_numpy(dtype=float) for frame in (found, expected)]
    np.testing.assert_allclose(*certainty, atol=1e-4)


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm"])
def test_the_sql_gives_the_engines_segments_on_duckdb(skewed, algorithm):
    sql, customers, expected = make_sql_case(algorithm, skewed)
    with duckdb.connect() as con:
        con.register("customers", customers)
        assert_same(con.execute(sql).df(), expected)


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm"])
def test_the_sql_gives_the_engines_segments_on_postgresql(skewed, algorithm, postgres):
    sql, customers, expected = make_sql_case(algorithm, skewed)
    kinds = {
        name: "text" if name in ("customer_id", "city") else "double precision"
        for name in customers
    }
    names = [f'''"{name.replace('"', '""')}"''' for name in customers]
    columns = ", ".join(f"{n} {kind}" for n, kind in zip(names, kinds.values(), strict=True))
    rows = [
        "({})".format(", ".join("NULL" if pd.isna(v) else repr(v) for v in row))
        for row in customers.astype(object).itertuples(index=False)
    ]
    postgres.run(
        "DROP TABLE IF EXISTS customers",
        f"CREATE TABLE customers ({columns})",
        f"INSERT INTO customers VALUES {', '.join(rows)}",
    )
    found = pd.DataFrame(postgres.run(sql), columns=["customer_id", *_selected(sql)])
    postgres.run("DROP TABLE customers")
    assert_same(found, expected)


def _selected(sql: str) -> list[str]:
    """The names of the columns of a SELECT, but the first."""
    with duckdb.connect() as con:
        inner = {"spend": 1.0, 'visits "a" (per year)': 1.0, "far": 1.0, "customer_id": "x"}
        con.register("customers", pd.DataFrame([inner]))
        return [name for name, *_ in con.execute(sql).description][1:]


def test_the_sql_keeps_features_that_are_called_like_its_own_columns():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(50, 9, (60, 2)), columns=["segment", "certainty"])
    sql = compile_sql(record_model(analyse(frame, 2)))
    with duckdb.connect() as con:
        con.register("customers", frame)
        names = [name for name, *_ in con.execute(sql).description]
    assert names[:2] == ["segment", "certainty"]
    assert names[2:] == ["model_segment", "segment_name", "second_segment", "model_certainty"]
