"""Names and sentences: true of the rows, and readable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

from segmentation.analysis import Segments, Stability, name_segments
from segmentation.analysis.narrative import (
    list_facts,
    say_blades,
    say_checked,
    say_columns,
    say_components,
    say_count,
    say_differences,
    say_dissent,
    say_elbow,
    say_feature,
    say_finding,
    say_k_choice,
    say_list,
    say_map,
    say_method,
    say_number,
    say_orders,
    say_overlaps,
    say_rows,
    say_scales,
    say_separation,
    say_share,
    say_sizes,
    say_source,
    say_stability,
    say_strength,
    say_title,
    say_value,
)
from segmentation.data import InputError, Note
from tests.analysis.conftest import analyse


def test_names_hold_for_the_rows(analysis):
    market, medians = analysis.profiles.market, analysis.profiles.medians
    for segment, name in enumerate(analysis.names, 1):
        for phrase in name.lower().split(", "):
            level, feature = phrase.split(" ", 1)
            value = medians.loc[segment, feature]
            assert {
                "high": value > market.loc[feature, "q75"],
                "low": value < market.loc[feature, "q25"],
                "mid-range": market.loc[feature, "q25"] <= value <= market.loc[feature, "q75"],
            }[level]


def test_names_are_unique_even_where_segments_are_alike():
    rng = np.random.default_rng(0)
    analysis = analyse(pd.DataFrame({"a": rng.normal(size=400), "b": rng.normal(size=400)}), 9)
    assert len(set(analysis.names)) == 9


def test_given_names_are_kept_and_counted(analysis):
    assert name_segments(analysis.profiles, ["A", "B", "C"]) == ["A", "B", "C"]
    for wrong in (["A"], ["A", "A", "B"], ["A", "B", " "]):
        with pytest.raises(InputError, match="give 3 different names"):
            name_segments(analysis.profiles, wrong)


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


@pytest.mark.parametrize(
    ("silhouette", "word"),
    [(0.9, "strong"), (0.6, "reasonable"), (0.3, "weak"), (-1, "hardly any")],
)
def test_separation_has_a_word(silhouette, word):
    assert say_separation(silhouette) == word


def test_sentences_tell_this_tables_numbers(analysis):
    a = analysis
    assert say_title(a.profiles) == "59 customers in 3 segments"
    assert "49 %" in say_finding(a.profiles, a.names, 0.8)
    assert say_rows(a.prepared, a.profiles) == (
        "59 of 60 rows have a segment. 1 is left out, missing visits in 1."
    )
    assert "spend and visits" in say_columns(a.columns)
    assert say_scales(a.prepared.scales) == "No feature is logged."
    assert "highest at 3 segments" in say_k_choice(a.scan, a.scan.segments[3], 3)
    assert "asked for 2" in say_k_choice(a.scan, a.scan.segments[2], 3)
    assert say_dissent(a.scan, 3).startswith("Calinski")
    assert "does not choose" in say_elbow(a.scan, None)
    assert "Segment 1 is the largest with 29" in say_sizes(a.profiles)
    assert "%" in say_value(a.profiles, "revenue")
    assert "red X" in say_map(a.prepared, a.segments, [0, 1], np.arange(59))
    assert "Drawn: 20 of 59" in say_map(a.prepared, a.segments, [0, 1], np.arange(20))
    assert "80 %" in say_components(0.8, 5)
    assert "spend" in say_differences(a.profiles) or "visits" in say_differences(a.profiles)
    assert [fact[1] for fact in list_facts(a.prepared, a.profiles, 0.8)] == [
        "59",
        "3",
        "10",
        "strong",
    ]


def test_blades_name_the_weakest_and_count_the_misplaced():
    widths, labels = np.array([0.5, 0.7, -0.1, 0.1, np.nan]), np.array([1, 1, 2, 2, 0])
    said = say_blades(Segments(2, labels, np.zeros((2, 1)), 1.0, widths=widths))
    assert "weakest on average in segment 2 (0.00)" in said and "1 customer is nearer" in said


def test_a_costly_column_is_named():
    frame = pd.DataFrame({"a": np.arange(50.0) ** 2, "b": [None] * 20 + list(np.arange(30.0) ** 3)})
    sparse = analyse(frame, 2)
    assert "b costs most" in say_rows(sparse.prepared, sparse.profiles)


def test_stability_is_said_segment_by_segment():
    overlaps = np.array([[0.9, 0.8, 0.6, 0.3], [1.0, 0.8, 0.6, 0.5]])
    strength = pd.DataFrame({"mean": [0.9, 0.85, 0.4], "se": 0.01}, index=[2, 3, 4])
    kept, weights = np.array([1.0, 0.5, np.nan, 1.0]), np.array([1.0, 1.0, 5.0, 2.0])
    stability = Stability(strength, {}, overlaps, kept, weights, "quick")
    said = say_stability(stability)
    assert "drawn anew 2 times" in said and "same segment 88 % of the times" in said
    assert "25 % of the customers stand on a border" in said
    assert "Segment 1 comes back almost unchanged. Segment 2 comes back with some" in said
    assert "Segment 3 comes back only in part" in said and "Segment 4 dissolves:" in said
    assert "segment 1 (0.95 on average), worst: segment 4 (0.40)" in say_overlaps(stability)
    assert "at 2 (0.90) and 3 (0.85)" in say_strength(stability)
    weak = Stability(strength / 2, {}, overlaps, kept, weights, "quick")
    assert "No number of segments reaches 0.8" in say_strength(weak)


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm", "ward"])
def test_the_algorithm_is_named_and_the_check_is_claimed_only_for_k_means(customers, algorithm):
    a = analyse(customers, 3, algorithm)
    said = say_method(a.prepared, a.segments)
    assert {"kmeans": "K-Means", "gmm": "Gaussian mixture", "ward": "Ward"}[algorithm] in said
    assert ("gives the same 3" in say_checked(a.segments, 59)) == (algorithm == "kmeans")


def test_an_algorithm_that_finds_k_says_so():
    X, _ = make_blobs([150, 100], 2, centers=[[0, 0], [9, 9]], cluster_std=0.6, random_state=3)
    a = analyse(pd.DataFrame([*X, [40.0, -90.0]], columns=["a", "b"]), None, "hdbscan")
    assert "HDBSCAN finds the number of segments itself: 2." in say_k_choice(a.scan, a.segments, 2)
    assert "of K-Means, for comparison" in say_elbow(a.scan, None)
    outside = int((a.segments.labels == 0).sum())
    assert f"{outside} {'is' if outside == 1 else 'are'} in no dense group" in say_rows(
        a.prepared, a.profiles
    )
    assert "in no segment" in say_map(a.prepared, a.segments, [0, 1], np.arange(251))


def test_the_source_of_orders_says_how_many_lines_were_made_into_customers(analysis):
    notes = [Note("missing", "x"), Note("orders", "9 order lines made into 3 customers as of x")]
    said = say_source("sales.csv", analysis.columns, notes)
    assert said == "Data: sales.csv, 9 order lines made into 3 customers as of x."
    assert say_source("a.csv", analysis.columns) == "Data: a.csv, 60 rows, 5 columns."
    assert say_orders(notes) == "9 order lines made into 3 customers as of x."
