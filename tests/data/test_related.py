"""Columns made of others are found, also if only nearly so; the work is bounded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

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


def draw(seed: int, n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "months": rng.integers(0, 73, n),
            "price": rng.normal(65, 30, n).clip(18),
            "online": rng.lognormal(3, 0.9, n),
            "shop": rng.lognormal(3, 0.8, n),
            "age": rng.integers(18, 80, n),
            "noise": rng.lognormal(0, 0.05, n),
        }
    )


MADE = {
    "a price that changed": lambda t: t["months"] * t["price"] * t["noise"],
    "rounded": lambda t: (t["months"] * t["price"]).round(-2),
    "a sum with discounts": lambda t: (t["online"] + t["shop"]) * t["noise"],
    "three parts": lambda t: t["online"] + t["shop"] + t["price"] * t["noise"],
}


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("position", [0, 3])
def test_what_is_nearly_a_sum_or_product_is_found(made, position):
    frame = draw(position)
    numbers = frame.drop(columns="noise")
    numbers.insert(position, "total", MADE[made](frame))
    assert list(find_totals(numbers)) == ["total"]


def test_what_is_only_related_is_no_total():
    rng = np.random.default_rng(7)
    frame = draw(1).drop(columns="noise")
    loose = frame["months"] * frame["price"] * rng.lognormal(0, 0.4, 600)
    scaled = 0.3 * frame["online"] + 3 * frame["shop"] + rng.normal(0, 7, 600)
    assert find_totals(frame.assign(loose=loose, scaled=scaled)) == {}
    items = rng.normal(size=(600, 1)) + 0.45 * rng.normal(size=(600, 6))
    assert find_totals(pd.DataFrame(np.exp(items)).add_prefix("item")) == {}
