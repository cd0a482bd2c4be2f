"""A whole small analysis, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import (
    Assigned,
    Choice,
    Prepared,
    Profiles,
    Rule,
    Scan,
    Segments,
    Stability,
    Structure,
    Trials,
    Verdict,
    assign_segments,
    build_model,
    choose_segments,
    describe_segments,
    find_borders,
    find_gapped,
    find_structure,
    fit_scales,
    judge,
    list_customers,
    list_ks,
    make_passports,
    make_rules,
    measure_stability,
    name_segments,
    recommend_k,
    say_kind,
    scan_k,
    take_rows,
    try_ks,
)
from segmentation.data import Columns, check_columns, open_source


@dataclass(frozen=True)
class Analysis:
    frame: pd.DataFrame
    columns: Columns
    prepared: Prepared
    scan: Scan
    trials: Trials
    structure: Structure
    choice: Choice
    segments: Segments
    stability: Stability
    verdict: Verdict
    placed: Assigned
    profiles: Profiles
    rules: list[Rule]
    names: list[str]
    passports: pd.DataFrame

    @property
    def listed(self) -> pd.DataFrame:
        """The list of customers, as the run writes it."""
        numbers = self.segments.numbers
        listed = list_customers(self.placed.placed, self.columns.id, self.names, numbers)
        return ibis.memtable(listed).execute()

    @property
    def assigned(self) -> ir.Table:
        """The whole table with the segment of every row."""
        return self.placed.customers


def record_model(a: Analysis) -> dict[str, Any]:
    """The record of the analysis's model."""
    record = build_model(
        a.prepared, a.segments, a.names, a.profiles, a.columns, say_kind(a.verdict), 0
    )
    assert record is not None
    return record


def analyse(
    frame: pd.DataFrame, k: int | None, algorithm: str = "kmeans", transform: str = "auto", **asked
) -> Analysis:
    source = open_source(frame)
    table, columns = source.table, check_columns(source, **asked)
    prepared = take_rows(table, fit_scales(table, columns.features, transform))
    X, weights = prepared.X, prepared.weights
    scan = scan_k(X, weights, list_ks(5, k), 0, algorithm)
    trials = try_ks(X, weights, scan, "quick", 0)
    structure = find_structure(X, weights, "quick", 0)
    borders = find_borders(X, weights, scan.labels, structure, "quick", 0)
    choice = recommend_k(scan, weights, trials, borders)
    segments = choose_segments(scan, choice, k)
    stability = measure_stability(X, weights, trials, segments, 0)
    own = find_borders(X, weights, {0: segments.labels}, structure, "quick", 0)[0]
    gapped = find_gapped(prepared, structure, 0)
    verdict = judge(structure, stability, choice, segments, own, gapped)
    placed, _ = assign_segments(prepared, segments, id=columns.id)
    profiles = describe_segments(placed, columns)
    rules = make_rules(prepared, segments, 0)
    names = name_segments(profiles, rules)
    passports = make_passports(profiles, names, rules, segments, weights, stability)
    return Analysis(
        frame,
        columns,
        prepared,
        scan,
        trials,
        structure,
        choice,
        segments,
        stability,
        verdict,
        placed,
        profiles,
        rules,
        names,
        passports,
    )


@pytest.fixture
def analysis(customers) -> Analysis:
    return analyse(customers.assign(revenue=np.arange(60.0)), 3, value="revenue")


@pytest.fixture(scope="session")
def grouped() -> Analysis:
    """400 customers in four groups far apart."""
    rng = np.random.default_rng(5)
    which = rng.integers(0, 4, 400)
    centres = np.array([[20, 100], [60, 100], [20, 400], [60, 400]])[which]
    rows = centres + rng.normal(size=(400, 2)) * [4, 30]
    frame = pd.DataFrame(rows, columns=["age", "spend"])
    return analyse(frame.assign(town=np.array(["Ulm", "Bonn"])[which % 2]), None)


@pytest.fixture(scope="session")
def cloud() -> Analysis:
    """400 customers in one round cloud."""
    rows = np.random.default_rng(1).normal(50, 10, size=(400, 2))
    return analyse(pd.DataFrame(rows, columns=["age", "spend"]), None)
