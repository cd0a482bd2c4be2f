"""How the segments were made, in sentences with this table's numbers."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from segmentation.analysis.say.provenance import (
    say_checked,
    say_columns,
    say_depth,
    say_method,
    say_orders,
    say_rows,
    say_scales,
    say_source,
)

from segmentation.analysis.trust.stability import Trials
from segmentation.data import Note, Source, check_columns, open_source
from tests.analysis.conftest import analyse


def test_sentences_tell_this_tables_numbers(analysis):
    assert say_rows(analysis.prepared, analysis.profiles) == (
        "59 of 60 rows have a segment. 1 is left out, missing visits in 1."
    )
    assert "spend and visits" in say_columns(analysis.columns)
    assert say_scales(analysis.prepared.scales, "standard") == "No feature is logged."


def test_the_depth_says_what_the_other_would_try():
    quick = Trials(pd.DataFrame(), {}, np.arange(3), "quick")
    full = replace(quick, depth="full")
    assert say_depth(quick).startswith("Depth quick: 20 halves, 20 draws and 10 random tables")
    assert say_depth(full).endswith("(depth quick: 20, 20 and 10).")
    said = say_depth(replace(full, algorithm="ward"))
    assert said.endswith(
        "Ward takes long: to choose the number of segments, 20 halves and 20 draws were tried."
    )


def test_a_costly_column_is_named():
    frame = pd.DataFrame({"a": np.arange(50.0) ** 2, "b": [None] * 20 + list(np.arange(30.0) ** 3)})
    sparse = analyse(frame, 2)
    assert "b costs most" in say_rows(sparse.prepared, sparse.profiles)


def test_the_source_says_how_old_the_customers_are(tmp_path):
    frame = pd.DataFrame({"spend": [1.0, 2, 4, 8], "visits": [3, 1, 2, 5]})
    assert say_where(frame) == "Data: frame, 4 rows, 2 columns."
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert say_where(path) == "Data: a.csv, 4 rows, 2 columns; file of 14 November 2023."
    dates = ["2024-01-05", "2025-03-31", None, "2023-12-31"]
    frame.assign(last_order=dates, born="1990-02-01").to_csv(path, index=False)
    assert say_where(path).endswith("; newest date 31 March 2025 (last_order).")


def say_where(data) -> str:
    source = open_source(data)
    return say_source(source, check_columns(source))


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm", "ward"])
def test_the_algorithm_is_named_and_the_check_is_claimed_only_for_k_means(customers, algorithm):
    a = analyse(customers, 3, algorithm)
    said = say_method(a.prepared, a.segments, 1)
    assert {"kmeans": "K-Means", "gmm": "Gaussian mixture", "ward": "Ward"}[algorithm] in said
    assert ("gives the same 3" in say_checked(a.segments, 59)) == (algorithm == "kmeans")


def test_the_source_of_orders_says_how_many_lines_were_made_into_customers(analysis):
    notes = [Note("missing", "x"), Note("orders", "9 order lines made into 3 customers as of x")]
    said = say_source(Source(analysis.assigned, "sales.csv"), analysis.columns, notes)
    assert said == "Data: sales.csv, 9 order lines made into 3 customers as of x."
    assert say_orders(notes) == "9 order lines made into 3 customers as of x."
