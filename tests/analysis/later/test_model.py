"""The model: it places customers as the run did, and cannot be edited unnoticed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis.later import describe_model, load_model, save_model
from segmentation.analysis.later.model_file import checksum
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.placed_rows import CERTAINTY, SECOND, SEGMENT
from segmentation.data import ROW, InputError
from tests.analysis import mutating
from tests.analysis.conftest import analyse, record_model


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm"])
def test_a_saved_model_places_customers_as_before(customers, tmp_path, algorithm):
    a = analyse(customers, 3, algorithm)
    save_model(record_model(a), tmp_path / "model.json")
    model = load_model(tmp_path / "model.json")
    assert model.names == a.portraits.names.tolist() and model.scales == a.sample.scales
    again = open_passes(a.sample.table).place(model.placement, [ROW]).to_pandas()
    before = a.assigned.order_by(ROW).execute()
    for column in (SEGMENT, SECOND, CERTAINTY):
        pd.testing.assert_series_equal(again[column], before[column])


def test_no_customers_own_values_are_in_a_model():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(50, 9, (300, 2)), columns=["age", "spend"])
    frame.loc[7] = [211.317, 323.771]
    record = record_model(analyse(frame, 3))
    for feature, name in zip(record["features"], frame, strict=True):
        assert feature["low"] < frame[name].min() and frame[name].max() < feature["high"]
        assert feature["high"] % 10 == 0
    alone = next(part for part in record["segments"] if part["customers"] == 1)
    spreads = [feature["spread"] for feature in record["features"]]
    middles = [feature["centre"] for feature in record["features"]]
    values = np.array(alone["centre"]) * spreads + middles
    assert (np.abs(values - frame.loc[7]) > 0.5).all()


def test_an_algorithm_that_places_nobody_new_has_no_model(customers, tmp_path):
    a = analyse(customers, 3, "ward")
    assert describe_model(a.segmentation, a.portraits, a.columns, "") is None
    save_model(None, tmp_path / "model.json")
    assert not (tmp_path / "model.json").exists()


def test_an_edited_or_foreign_model_is_refused(analysis, tmp_path):
    path = tmp_path / "model.json"
    model = record_model(analysis)
    model["segments"][0]["centre"][0] += 1e-9
    for text in (json.dumps(model), "[]", "{}", "not json"):
        path.write_text(text)
        with pytest.raises(InputError, match=r"model\.json"):
            load_model(path)


@pytest.mark.long
def test_damaged_and_forged_models_are_refused_or_place_customers_safely():
    counts = mutating.run(1_000)
    assert set(counts) == {"refused", "harmless"}, counts


def test_the_proof_notices_a_model_that_does_harm(tmp_path, monkeypatch):
    monkeypatch.setattr(mutating, "score_rows", lambda *_: 1 / 0)
    path = tmp_path / "model.json"
    save_model(mutating.make_model("kmeans"), path)
    assert "ZeroDivisionError" in mutating.outcome(path)


def test_a_model_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"model\.json: cannot be read"):
        load_model(tmp_path / "model.json")


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_refused(analysis, tmp_path, constant):
    a = analysis
    record = record_model(a)
    record["features"][0]["centre"] = float(constant)
    record["checksum"] = checksum(record)
    (tmp_path / "model.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"model\.json"):
        load_model(tmp_path / "model.json")
