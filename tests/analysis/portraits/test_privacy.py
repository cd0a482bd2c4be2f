"""Nothing published tells about single people: counts of one to four, extremes, centres."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.analysis.portraits.privacy import (
    FEW,
    HIDDEN,
    hide_cells,
    hide_few,
    round_outwards,
)


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


@pytest.mark.parametrize(
    ("ends", "shown"),
    [
        ((18.4, 93.2), (15, 95)),
        ((-0.013, 0.0971), (-0.05, 0.1)),
        ((0, 5002.714), (0, 5500)),
        ((12.5, 666_666), (0, 700_000)),
        ((3, 3), (3, 3)),
    ],
)
def test_extremes_are_rounded_outwards(ends, shown):
    assert round_outwards(*ends) == shown


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_rounded_extremes_hold_all_values(low, width):
    below, above = round_outwards(low, low + width)
    assert below <= low and low + width <= above <= below + 2.1 * width


@pytest.mark.parametrize("count", [1, 4])
def test_a_handful_alone_is_hidden_all_the_same(count):
    assert hide_cells(pd.DataFrame([[count]])).iloc[0, 0] == FEW
