"""The model: it places customers as the run did, and cannot be edited unnoticed."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from segmentation.analysis import build_model, load_model, save_model
from segmentation.analysis.assigning import CERTAINTY, SECOND, SEGMENT, place_rows
from segmentation.data import ROW, InputError
from tests.analysis.conftest import analyse


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm"])
def test_a_saved_model_places_customers_as_before(customers, tmp_path, algorithm):
    a = analyse(customers, 3, algorithm)
    save_model(build_model(a.prepared, a.segments, a.names, 0), tmp_path / "model.json")
    model = load_model(tmp_path / "model.json")
    assert model.names == a.names and model.scales == a.prepared.scales
    again = place_rows(a.prepared.table, model.scales, model.centres, model.mixture)
    before = a.assigned.order_by(ROW).execute()
    for column in (SEGMENT, SECOND, CERTAINTY):
        pd.testing.assert_series_equal(again.order_by(ROW).execute()[column], before[column])


def test_an_algorithm_that_places_nobody_new_has_no_model(customers, tmp_path):
    a = analyse(customers, 3, "ward")
    assert build_model(a.prepared, a.segments, a.names, 0) is None
    save_model(None, tmp_path / "model.json")
    assert not (tmp_path / "model.json").exists()


def test_an_edited_or_foreign_model_is_refused(analysis, tmp_path):
    path = tmp_path / "model.json"
    model = build_model(analysis.prepared, analysis.segments, analysis.names, 0)
    model["segments"][0]["centre"][0] += 1e-9
    for text in (json.dumps(model), "[]", "{}", "not json"):
        path.write_text(text)
        with pytest.raises(InputError, match=r"model\.json"):
            load_model(path)
