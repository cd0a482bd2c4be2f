"""A whole small analysis, made once."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import (
    Prepared,
    Profiles,
    Scan,
    Segments,
    Stability,
    assign_segments,
    choose_segments,
    describe_segments,
    fit_scales,
    list_ks,
    measure_stability,
    name_segments,
    scan_k,
    take_rows,
)
from segmentation.data import Columns, check_columns, open_source


@dataclass(frozen=True)
class Analysis:
    frame: pd.DataFrame
    columns: Columns
    prepared: Prepared
    scan: Scan
    segments: Segments
    assigned: ir.Table
    profiles: Profiles
    names: list[str]
    stability: Stability


def analyse(frame: pd.DataFrame, k: int | None, algorithm: str = "kmeans", **asked) -> Analysis:
    source = open_source(frame)
    table, columns = source.table, check_columns(source, **asked)
    scales = fit_scales(table, columns.features)
    prepared = take_rows(table, scales)
    scan = scan_k(prepared.X, prepared.weights, list_ks(5, k), 0, algorithm)
    segments = choose_segments(scan, k)
    assigned = assign_segments(table, prepared, segments).cache()
    profiles = describe_segments(assigned, columns)
    names = name_segments(profiles)
    stability = measure_stability(prepared.X, prepared.weights, scan, segments, "quick", 0)
    return Analysis(frame, columns, prepared, scan, segments, assigned, profiles, names, stability)


@pytest.fixture
def analysis(customers) -> Analysis:
    return analyse(customers.assign(revenue=np.arange(60.0)), 3, value="revenue")
