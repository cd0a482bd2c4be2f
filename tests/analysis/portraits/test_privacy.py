"""Counts of one to four customers cannot be had from a table, not by subtraction either."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.analysis.portraits.privacy import FEW, HIDDEN, hide_cells, hide_few


def test_beside_a_handful_another_cell_of_its_row_and_column_is_hidden():
    table = hide_cells(pd.DataFrame([[3, 50, 20], [40, 9, 30], [0, 60, 70]]))
    assert table.to_numpy().tolist() == [
        [FEW, 50, HIDDEN],
        [HIDDEN, 9, HIDDEN],
        [0, 60, 70],
    ]


def test_a_table_without_a_handful_stays_as_it_is():
    counts = pd.DataFrame([[5, 0], [12, 7]])
    assert hide_cells(counts).to_numpy().tolist() == [[5, 0], [12, 7]]
    assert hide_few(pd.Series([8, 2, 90])).tolist() == [HIDDEN, FEW, 90]


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 5), st.data())
def test_no_sum_betrays_a_handful(rows, columns, data):
    cells = st.lists(st.integers(0, 30), min_size=columns, max_size=columns)
    counts = pd.DataFrame(data.draw(st.lists(cells, min_size=rows, max_size=rows)))
    told, counts = hide_cells(counts).to_numpy(), counts.to_numpy()
    shut = np.array([[isinstance(cell, str) for cell in row] for row in told])
    few = told == FEW
    assert (few == ((counts > 0) & (counts < 5))).all()
    for axis in (0, 1):
        for at in range(counts.shape[axis]):
            own, hidden, small = (np.take(part, at, axis) for part in (counts, shut, few))
            if hidden.any() and (own[~hidden] > 0).any():
                assert (hidden & ~small).any() and hidden.sum() >= 2


@pytest.mark.parametrize("count", [1, 4])
def test_a_handful_alone_is_hidden_all_the_same(count):
    assert hide_cells(pd.DataFrame([[count]])).iloc[0, 0] == FEW
