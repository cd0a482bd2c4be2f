"""What a run hands on."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import (
    describe_result,
    describe_trust,
    tabulate_segments,
)
from segmentation.analysis.trust.near_ties import Ties
from tests.analysis.conftest import analyse


def test_every_input_row_is_listed_in_its_order(analysis):
    listed = analysis.listed
    assert listed["customer_id"].tolist() == analysis.frame["customer_id"].tolist()
    assert list(listed.columns) == [
        "customer_id",
        "segment",
        "segment_name",
        "second_segment",
        "certainty",
        "left_out",
    ]
    assert listed.loc[7, "left_out"] == "missing: visits" and np.isnan(listed.loc[7, "segment"])
    used = listed.drop(index=7)
    assert used["segment"].tolist() == analysis.segments.labels.tolist()
    assert used["segment_name"].tolist() == [
        analysis.names[s - 1] for s in used["segment"].astype(int)
    ]
    assert used["certainty"].between(0, 1).all() and used["left_out"].isna().all()


def test_rows_without_an_id_are_numbered(customers):
    a = analyse(customers.drop(columns="customer_id"), 3)
    assert a.listed["row"].tolist() == list(range(1, 61))


def test_a_column_of_the_inputs_may_be_named_segment(customers):
    a = analyse(customers.rename(columns={"customer_id": "segment"}), 3, id="segment")
    assert a.listed["id"].tolist() == customers["customer_id"].tolist()


def test_the_record_is_json_with_the_runs_numbers(analysis):
    a = analysis
    record = describe_result(
        a.prepared, a.scan, a.segments, tabulate_segments(a.profiles, a.passports), a.verdict
    )
    text = json.dumps(record, allow_nan=False)
    assert json.loads(text) == record
    assert record["k"] == 3 and record["sizes"] == [29, 20, 10]
    assert record["silhouette"] == pytest.approx(a.scan.table.loc[3, "silhouette"])
    spread = a.prepared.frame[a.prepared.features].std(ddof=0)
    assert record["deviations"] == pytest.approx(spread.to_dict())
    assert record["scan"][0]["silhouette"] is None and record["scan"][2]["k"] == 3
    assert record["verdict"]["kind"] == "too few to tell"
    assert record["verdict"]["structure"]["tested"] is False
    assert record["segments"][0]["rule"] == a.rules[0].text


def test_every_number_behind_the_trust_is_recorded(grouped):
    a, gap = grouped, pd.DataFrame({"gap": [0.1], "se": [np.nan]}, index=pd.Index([1], name="k"))
    compared = pd.DataFrame({"agreement": [0.5]}, index=pd.Index(["Ward"], name="method"))
    record = describe_trust(a.choice, a.trials, a.stability, gap, Ties(50, 0), compared)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["depth"] == "quick" and record["resamples"] == 20
    assert record["gap"] == [{"k": 1, "gap": 0.1, "se": None}]
    assert [row["k"] for row in record["choice"]] == [2, 3, 4, 5]
    verdict = describe_result(
        a.prepared, a.scan, a.segments, tabulate_segments(a.profiles, a.passports), a.verdict
    )["verdict"]
    assert verdict["kind"] == "natural" and verdict["structure"]["votes"] > 0
    assert verdict["segments"]["features_with_gaps"] == ["age", "spend"]
