"""Totals among many columns are found by few least squares, whatever the number of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segmentation.data.related import Scaled, find_totals

RNG = np.random.default_rng(0)


def make_measures(rows: int, columns: int) -> pd.DataFrame:
    values = RNG.lognormal(2, 1, (rows, columns))
    return pd.DataFrame(values, columns=[f"m{i}" for i in range(columns)])


def test_sums_and_products_are_found_among_many_columns() -> None:
    numbers = make_measures(800, 120)
    numbers["all"] = numbers["m3"] + numbers["m5"] + numbers["m7"]
    numbers["price"] = numbers["m10"] * numbers["m11"]
    numbers["same"] = 7.0
    assert find_totals(numbers) == {"all": ["m3", "m5", "m7"], "price": ["m10", "m11"]}


def test_only_explained_columns_are_looked_at() -> None:
    numbers = make_measures(300, 20)
    assert Scaled.of(numbers).list_suspects() == []
    numbers["total"] = numbers["m0"] + 3 * numbers["m1"]
    assert Scaled.of(numbers).list_suspects() == ["m0", "m1", "total"]


def test_columns_of_few_dimensions_end_in_bounded_work() -> None:
    few = RNG.normal(0, 1, (400, 4)) @ RNG.normal(0, 1, (4, 40))
    scaled = Scaled.of(pd.DataFrame(few, columns=[f"m{i}" for i in range(40)]))
    assert scaled.R.shape == (40, 40) and len(scaled.list_suspects()) == 40
