"""How the segments were made, in sentences with this table's numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis.provenance import (
    say_checked,
    say_columns,
    say_depth,
    say_method,
    say_orders,
    say_rows,
    say_scales,
    say_source,
)
from segmentation.data import Note
from tests.analysis.conftest import analyse


def test_sentences_tell_this_tables_numbers(analysis):
    assert say_rows(analysis.prepared, analysis.profiles) == (
        "59 of 60 rows have a segment. 1 is left out, missing visits in 1."
    )
    assert "spend and visits" in say_columns(analysis.columns)
    assert say_scales(analysis.prepared.scales) == "No feature is logged."


def test_the_depth_says_what_the_other_would_try():
    assert say_depth("quick").startswith("Depth quick: 20 halves, 20 draws and 10 random tables")
    assert "(depth quick: 20, 20 and 10)" in say_depth("full")


def test_a_costly_column_is_named():
    frame = pd.DataFrame({"a": np.arange(50.0) ** 2, "b": [None] * 20 + list(np.arange(30.0) ** 3)})
    sparse = analyse(frame, 2)
    assert "b costs most" in say_rows(sparse.prepared, sparse.profiles)


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm", "ward"])
def test_the_algorithm_is_named_and_the_check_is_claimed_only_for_k_means(customers, algorithm):
    a = analyse(customers, 3, algorithm)
    said = say_method(a.prepared, a.segments)
    assert {"kmeans": "K-Means", "gmm": "Gaussian mixture", "ward": "Ward"}[algorithm] in said
    assert ("gives the same 3" in say_checked(a.segments, 59)) == (algorithm == "kmeans")


def test_the_source_of_orders_says_how_many_lines_were_made_into_customers(analysis):
    notes = [Note("missing", "x"), Note("orders", "9 order lines made into 3 customers as of x")]
    said = say_source("sales.csv", analysis.columns, notes)
    assert said == "Data: sales.csv, 9 order lines made into 3 customers as of x."
    assert say_source("a.csv", analysis.columns) == "Data: a.csv, 60 rows, 5 columns."
    assert say_orders(notes) == "9 order lines made into 3 customers as of x."
