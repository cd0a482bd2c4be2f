"""The model: the engine's labels are scikit-learn's, and the file cannot be edited unnoticed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.analysis import (
    assign_segments,
    build_model,
    fit_scales,
    fit_segments,
    load_model,
    save_model,
    take_rows,
)
from segmentation.analysis.model import CERTAINTY, SECOND, SEGMENT
from segmentation.data import ROW, InputError, open_table


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000), st.integers(2, 6))
def test_the_engine_gives_scikit_learns_labels(seed, k):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.normal(size=80), "b": rng.lognormal(2, 2, 80)})
    table = open_table(frame)
    prepared = take_rows(table, fit_scales(table, ["a", "b"]))
    fit = fit_segments(prepared.X, prepared.weights, k, seed)
    found = assign_segments(table, prepared.scales, fit.centres).order_by(ROW).execute()
    np.testing.assert_array_equal(found[SEGMENT], fit.labels)
    distance = np.sort(np.linalg.norm(prepared.X[:, None] - fit.centres, axis=2), axis=1)
    np.testing.assert_allclose(found[CERTAINTY], 1 - distance[:, 0] / distance[:, 1], atol=1e-9)
    assert (found[SEGMENT] != found[SECOND]).all()


def test_a_row_without_a_value_has_no_segment(analysis):
    row = analysis.assigned.filter(analysis.assigned[ROW] == 8).execute().iloc[0]
    assert row[[SEGMENT, SECOND, CERTAINTY]].isna().all()


def test_a_saved_model_places_customers_as_before(analysis, tmp_path):
    prepared, centres = analysis.prepared, analysis.segments.centres
    save_model(build_model(prepared.scales, centres, analysis.names, 0), tmp_path / "model.json")
    scales, loaded, names = load_model(tmp_path / "model.json")
    assert names == analysis.names and tuple(scales) == prepared.scales
    again = assign_segments(prepared.table, scales, loaded).order_by(ROW).execute()
    before = analysis.assigned.order_by(ROW).execute()
    pd.testing.assert_series_equal(again[SEGMENT], before[SEGMENT])


def test_an_edited_or_foreign_model_is_refused(analysis, tmp_path):
    path = tmp_path / "model.json"
    model = build_model(analysis.prepared.scales, analysis.segments.centres, analysis.names, 0)
    model["segments"][0]["centre"][0] += 1e-9
    for text in (json.dumps(model), "[]", "{}", "not json"):
        path.write_text(text)
        with pytest.raises(InputError, match=r"model\.json"):
            load_model(path)
