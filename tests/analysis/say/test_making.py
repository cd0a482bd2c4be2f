"""How the segments were made, in sentences with this table's numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import say
from segmentation.analysis.words import say_runs
from segmentation.data import Note, check_columns, open_source
from tests.analysis.conftest import analyse


def test_sentences_tell_this_tables_numbers(analysis):
    assert say.rows_used(analysis.segmentation) == (
        "59 of 60 rows have a segment. 1 is left out, missing visits in 1."
    )
    assert "spend and visits" in say.columns_used(analysis.columns)
    assert say.scales_used(analysis.sample.scales) == "No feature is logged."


def test_a_table_without_an_id_is_said_to_be_one():
    frame = pd.DataFrame({"a": np.arange(50.0) ** 2, "b": np.arange(50.0) ** 3})
    text = say.columns_used(check_columns(open_source(frame)))
    assert text.startswith("No column names the customers: they are known by the numbers of")


def test_the_depth_says_what_the_other_would_try(analysis):
    quick = analysis.evidence
    full = replace(quick, depth="full")
    assert say.depth(quick).startswith("Depth quick: 20 halves, 20 draws and 10 random tables")
    assert "(depth quick: 20, 20 and 10)." in say.depth(full)
    early = [k for k in (2, 3, 4, 5) if not quick.resamples.is_full(k)]
    assert early and f"At {say_runs(early)} segments, 8 halves and 8 draws" in say.depth(quick)
    ward = replace(full, resamples=replace(full.resamples, algorithm="ward"))
    assert say.depth(ward).endswith(
        "Ward takes long: to choose the number of segments, 20 halves and 20 draws were tried."
    )


def test_a_costly_column_is_named():
    frame = pd.DataFrame({"a": np.arange(50.0) ** 2, "b": [None] * 20 + list(np.arange(30.0) ** 3)})
    assert "b costs most" in say.rows_used(analyse(frame, 2).segmentation)


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm", "ward"])
def test_the_algorithm_is_named_and_the_check_is_claimed_only_for_k_means(customers, algorithm):
    a = analyse(customers, 3, algorithm)
    text = say.method(a.segmentation, 1)
    assert {"kmeans": "K-Means", "gmm": "Gaussian mixture", "ward": "Ward"}[algorithm] in text
    claimed = "gives the same 3 segments: the labels of all 59 fitted customers"
    agreement = 1.0 if algorithm == "kmeans" else None
    assert (claimed in say.checked(a.segmentation, agreement)) == (algorithm == "kmeans")


@pytest.mark.parametrize("agreement", [0.999, 0.0, -0.1, float("nan")])
def test_no_agreement_is_claimed_that_was_not_computed(customers, agreement):
    with pytest.raises(ArithmeticError, match=r"other segments: .*59 fitted customers"):
        say.checked(analyse(customers, 3).segmentation, agreement)


def test_what_was_made_of_order_lines_is_said():
    notes = [Note("missing", "x"), Note("orders", "9 order lines made into 3 customers as of x")]
    assert say.orders(notes) == "9 order lines made into 3 customers as of x."
