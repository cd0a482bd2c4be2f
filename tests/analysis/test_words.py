"""Numbers, names and lists in words."""

from __future__ import annotations

import numpy as np
import pytest

from segmentation.analysis.words import (
    say_count,
    say_feature,
    say_few,
    say_index,
    say_list,
    say_number,
    say_of_100,
    say_score,
    say_share,
    say_value,
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AnnualIncome_k$", "annual income"),
        ("Annual Income (k$)", "annual income"),
        ("Spending Score (1-100)", "spending score"),
        ("average_order_eur", "average order"),
        ("MntMeatProducts", "mnt meat products"),
        ("RFM_score", "RFM score"),
        ("eur", "eur"),
        ("$", "$"),
    ],
)
def test_columns_become_words(name, words):
    assert say_feature(name) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1971.0, "1971"),
        (37406.2, "37,406"),
        (56.72, "56.7"),
        (5, "5"),
        (0.0123, "0.0123"),
        (99.96, "100"),
        (-3.14159, "-3.14"),
        (1e300, "1.00e+300"),
        (np.nan, "n/a"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert say_number(value) == text


def test_a_part_is_never_said_to_be_nothing_or_all():
    assert [say_share(s) for s in (0, 0.001, 0.5, 0.999, 1)] == [
        "0 %",
        "under 1 %",
        "50 %",
        "over 99 %",
        "100 %",
    ]


def test_counts_and_lists_are_grammatical():
    assert (say_count(1, "customer"), say_count(2000, "customer")) == (
        "1 customer",
        "2,000 customers",
    )
    assert (say_list(["a"]), say_list(["a", "b", "c"])) == ("a", "a, b and c")


def test_cells_of_tables_are_written_in_one_way():
    cells = [say_value(value) for value in (0.1234, 12_345, float("nan"), True, "Ulm")]
    assert cells == ["0.123", "12,345", "–", "True", "Ulm"]
    assert [say_score(0.5), say_score(np.nan), say_share(np.nan)] == ["0.50", "–", "–"]
    assert [say_index(index) for index in (0.0, 0.0004, 0.25)] == ["0", "under 0.001", "0.250"]


def test_few_customers_are_not_counted_out_and_not_all_is_never_100():
    assert [say_few(n, 5) for n in (0, 4, 5, 1_234)] == ["0", "fewer than 5", "5", "1,234"]
    assert [say_of_100(share) for share in (0.999, 0.5, 1)] == [99, 50, 100]
