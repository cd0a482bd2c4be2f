"""Columns made of others, found also if they are so only nearly; honest ones stay."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentation.data.related import find_totals


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
