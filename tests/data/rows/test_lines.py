"""Rows that repeat others but for one column may be lines of orders; coarse values are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentation.data import Reading, open_source

RNG = np.random.default_rng(0)
CUSTOMERS = pd.DataFrame(
    {
        "age": RNG.integers(18, 80, 200),
        "visits": RNG.poisson(20, 200),
        "spend": RNG.lognormal(4, 1, 200).round(2),
        "city": RNG.choice(["Ulm", "Bonn", "Jena"], 200),
    }
)
JOINED = CUSTOMERS.loc[CUSTOMERS.index.repeat(RNG.integers(1, 7, 200))].reset_index(drop=True)
N = len(JOINED)
DAYS = pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 700, N), "D")


def find_doubts(frame, **options):
    return [n.what for n in open_source(frame).check(**options) if n.code == "doubtful-rows"]


@pytest.mark.parametrize(
    "line",
    [
        {"line_amount": RNG.lognormal(3, 1, N).round(2)},
        {"bought": DAYS},
        {"line_no": JOINED.groupby("spend").cumcount() + 1},
        {"product": [f"product {n}" for n in RNG.integers(0, 400, N)]},
    ],
)
def test_lines_of_orders_are_told_by_the_column_that_parts_them(line):
    (name,) = line
    lines = (
        JOINED.assign(**line)
        .rename(columns={"age": "by", "visits": "self"})
        .sample(frac=1, random_state=0)
    )
    (doubt,) = find_doubts(lines)
    assert doubt.startswith(f"without {name}, {N - 200} of {N} rows repeat others")
    kept = open_source(lines.drop(columns=name), Reading(copies="drop"))
    assert kept.table.count().execute() == 200
    assert find_doubts(lines.assign(key=np.arange(N) * 3), id="key") == []


def test_two_columns_of_a_line_or_few_lines_are_no_lines_of_orders():
    amount = RNG.lognormal(3, 1, N).round(2)
    assert find_doubts(JOINED.assign(amount=amount, bought=DAYS)) == []
    assert find_doubts(pd.concat([CUSTOMERS, CUSTOMERS[:30]]).assign(amount=amount[:230])) == []


@pytest.mark.parametrize("n", [300, 2_000])
def test_coarse_or_computed_values_of_customers_are_no_lines_of_orders(n):
    rng = np.random.default_rng(n)
    answers = pd.DataFrame(rng.integers(1, 6, (n, 5)), columns=[*"abcde"])
    months, price = rng.integers(1, 73, n), rng.choice([9.9, 19.9, 29.9, 49.9], n)
    age, spend = rng.integers(18, 90, n), rng.lognormal(4, 1, n).round(2)
    tables = [
        answers.assign(total=answers.sum(axis=1), age=age),
        (answers > 3).astype(int).assign(spend=spend),
        pd.DataFrame(np.eye(8)[rng.integers(0, 8, n)]).assign(age=age),
        pd.DataFrame({"months": months, "price": price, "total": price * months, "bmi": spend}),
        pd.DataFrame({"recency": months, "frequency": 1 + rng.poisson(1, n), "spend": spend}),
        pd.DataFrame({"age": age, "spend": spend}),
    ]
    assert [find_doubts(table) for table in tables] == [[]] * len(tables)
