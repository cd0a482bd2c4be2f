"""What a run hands on."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import describe_findings, list_customers
from segmentation.analysis.trust.near_ties import Ties
from tests.analysis.conftest import analyse


def test_every_input_row_is_listed_in_its_order(analysis):
    listed, names = analysis.listed, analysis.portraits.names
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
    assert used["segment_name"].tolist() == [names[s] for s in used["segment"].astype(int)]
    assert used["certainty"].between(0, 1).all() and used["left_out"].isna().all()


def test_customers_are_listed_under_the_numbers_that_readers_see(analysis):
    kept = analysis.segmentation.with_numbers([9, 4, 6])
    names = pd.Series({4: "four", 6: "six", 9: "nine"})
    listed = list_customers(kept, names).to_pandas().dropna(subset="segment")
    number = {1: 9, 2: 4, 3: 6}
    assert listed["segment"].tolist() == [number[old] for old in analysis.segments.labels]
    assert listed["segment_name"].tolist() == [names[n] for n in listed["segment"].astype(int)]


def test_rows_without_an_id_are_numbered(customers):
    a = analyse(customers.drop(columns="customer_id"), 3)
    assert a.listed["row"].tolist() == list(range(1, 61))


def test_a_column_of_the_inputs_may_be_named_segment(customers):
    a = analyse(customers.rename(columns={"customer_id": "segment"}), 3, id="segment")
    assert a.listed["id"].tolist() == customers["customer_id"].tolist()


def test_the_record_is_json_with_the_runs_numbers(analysis):
    a = analysis
    record = describe_findings(a.findings, "59 customers", [])
    text = json.dumps(record, allow_nan=False)
    assert json.loads(text) == record
    assert record["k"] == 3 and record["sizes"] == [29, 20, 10]
    assert record["silhouette"] == pytest.approx(a.scan.table.loc[3, "silhouette"])
    spread = a.sample.frame[a.sample.features].std(ddof=0)
    assert record["deviations"] == pytest.approx(spread.to_dict())
    assert record["scan"][0]["silhouette"] is None and record["scan"][2]["k"] == 3
    assert record["verdict"]["kind"] == "too few to tell"
    assert record["verdict"]["structure"]["tested"] is False
    assert record["segments"][0]["rule"] == a.portraits.rules[1].text
    assert record["title"] == "59 customers" and record["id"] == "customer_id"
    assert record["names"] == a.portraits.names.tolist() and record["names_given"] is False
    assert record["notes"] == [] and "changes" not in record


def test_every_number_behind_the_trust_is_recorded(grouped):
    gap = pd.DataFrame({"gap": [0.1], "se": [np.nan]}, index=pd.Index([1], name="k"))
    compared = pd.DataFrame({"agreement": [0.5]}, index=pd.Index(["Ward"], name="method"))
    opinions = replace(grouped.opinions, gap=gap, ties=Ties(50, 0), others=compared)
    whole = describe_findings(replace(grouped.findings, opinions=opinions), "", [])
    record = whole["stability"]
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["depth"] == "quick" and record["resamples"] == 20
    assert record["gap"] == [{"k": 1, "gap": 0.1, "se": None}]
    assert record["other_methods"] == [{"method": "Ward", "agreement": 0.5}]
    assert [row["k"] for row in record["choice"]] == [2, 3, 4, 5]
    verdict = whole["verdict"]
    assert verdict["kind"] == "natural" and verdict["structure"]["votes"] > 0
    assert verdict["segments"]["features_with_gaps"] == ["age", "spend"]
