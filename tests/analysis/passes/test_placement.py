"""The arithmetic of segments: by hand, at its limits, and as SQL and the fit have it."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from segmentation.analysis.passes.batches import SIZE, map_batches
from segmentation.analysis.passes.expressions import express_rows
from segmentation.analysis.passes.nearest import Mixture
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.placed_rows import CERTAINTY, DIGITS, LEFT_OUT, SECOND, SEGMENT
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.passes.scales import Scale
from segmentation.data import ROW, open_table

AGE = Scale("age", False, 40.0, 10.0, None, 0.0, None)
SPEND = Scale("spend", True, 2.0, 1.0, None, 3.0, 0.0)
CENTRES = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
NEAREST = Placement((AGE, SPEND), CENTRES, None, (2, 5, 9))
ROUND = Mixture(np.array([0.5, 0.3, 0.2]), np.array([np.eye(2), 2 * np.eye(2), np.eye(2)]))


def test_the_nearest_and_the_next_centre_by_hand():
    spend = np.expm1(2.0)  # coordinate 0
    placed = NEAREST.place(np.array([[30.0, 45.0, 40.0], [spend] * 3]))
    assert placed.first.tolist() == [1, 2, 1]  # 40 is on the border: the first of equals
    assert placed.second.tolist() == [2, 1, 2]
    assert placed.certainty == pytest.approx([1.0, 1 - 0.5 / 1.5, 0.0])


def test_rows_without_coordinates_are_in_no_segment():
    placed = NEAREST.place(np.array([[np.nan, 40.0, 40.0], [1.0, np.nan, -0.5]]))
    assert placed.first.tolist() == placed.second.tolist() == [0, 0, 0]
    assert np.isnan(placed.certainty).all()


@pytest.mark.parametrize("mixture", [None, ROUND])
def test_numbers_beyond_all_measure_have_a_segment_and_a_certainty(mixture):
    borders = Placement((AGE, SPEND), CENTRES, mixture, (1, 2, 3))
    placed = borders.place(np.array([[1e308, -1e308, np.inf, 40.0], [1.0, 1.0, 1.0, 1e308]]))
    assert (placed.first > 0).all() and ((placed.certainty >= 0) & (placed.certainty <= 1)).all()


@pytest.mark.parametrize("mixture", [None, ROUND])
def test_sql_places_rows_as_the_arithmetic_does(mixture):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"age": rng.normal(40, 12, 3000), "spend": rng.lognormal(2, 1, 3000)})
    frame.loc[::50, "age"] = np.nan
    frame.loc[::70, "spend"] = -1.0
    borders = Placement((AGE, SPEND), CENTRES, mixture, (2, 5, 9))
    table = open_table(frame)
    found = open_passes(table).place(borders, [ROW]).to_pandas()
    said = express_rows(table, borders).order_by(ROW).execute()
    for name in (SEGMENT, SECOND):
        pd.testing.assert_series_equal(said[name], found[name], check_dtype=False)
    exact = borders.place(frame.to_numpy().T).certainty
    np.testing.assert_allclose(said[CERTAINTY].to_numpy(dtype=float), exact, atol=1e-9)
    np.testing.assert_array_equal(found[CERTAINTY], exact.round(DIGITS))
    assert set(found[SEGMENT].dropna()) == {2, 5, 9}


def test_many_batches_stay_in_the_order_of_the_rows():
    rows = 5 * SIZE + 7
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"age": rng.normal(40, 12, rows), "spend": rng.lognormal(2, 1, rows)})
    frame["age"] = frame["age"].mask(rng.random(rows) < 0.01)
    found = open_passes(open_table(frame)).place(NEAREST, [ROW]).to_pandas()
    assert found[ROW].tolist() == list(range(1, rows + 1))
    assert found[LEFT_OUT].eq("missing: age").tolist() == frame["age"].isna().tolist()
    again = NEAREST.place(frame.to_numpy().T)
    numbers = np.array([np.nan, 2, 5, 9])[again.first]
    np.testing.assert_array_equal(found[SEGMENT].to_numpy(dtype=float), numbers)


def test_a_row_is_placed_alike_wherever_it_stands():
    rng = np.random.default_rng(6)
    values = np.array([rng.normal(40, 12, SIZE + 100), rng.lognormal(2, 1, SIZE + 100)])
    placed = NEAREST.place(values)
    for at in (0, 1, 17, SIZE - 1, SIZE, SIZE + 99):
        alone = NEAREST.place(values[:, [at]])
        assert [part[0] for part in alone] == [part[at] for part in placed]


def test_batches_hand_on_what_is_kept_and_turn_whole_numbers_into_values():
    table = ibis.memtable(pd.DataFrame({ROW: [1, 2, 3], "id": list("abc"), "n": [4, 5, None]}))
    (batch,) = map_batches(table, ["n"], lambda batch: batch, (ROW, "id"))
    assert batch.carried.to_pydict() == {ROW: [1, 2, 3], "id": ["a", "b", "c"]}
    np.testing.assert_array_equal(batch.values, [[4.0, 5.0, np.nan]])
