"""What a run hands on: a record of its numbers, and the list of customers with their segments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from segmentation.analysis.assigning import CERTAINTY, SECOND, SEGMENT
from segmentation.analysis.clustering import Segments
from segmentation.analysis.diagnostics import Scan
from segmentation.analysis.features import Prepared
from segmentation.analysis.narrative import say_title
from segmentation.analysis.profiles import Profiles
from segmentation.analysis.stability import Stability
from segmentation.data import ROW, Columns


def describe_result(
    prepared: Prepared,
    scan: Scan,
    segments: Segments,
    profiles: Profiles,
    recommended: int,
    stability: Stability,
) -> dict[str, Any]:
    """The record result.json: every number that the index and other runs need, none infinite."""
    record = {
        "title": say_title(profiles),
        "algorithm": segments.algorithm,
        "k": segments.k,
        "recommended_k": recommended,
        "silhouette": segments.silhouette,
        "inertia": segments.inertia,
        "sizes": profiles.sizes.tolist(),
        "rows": prepared.rows,
        "rows_used": prepared.used,
        "rows_fitted": len(prepared.X),
        "missing": prepared.missing,
        "features": prepared.features,
        "logged": [scale.feature for scale in prepared.scales if scale.log],
        "stability": _describe_stability(stability),
        "verdict": {"kind": None, "evidence": {}},
        "scan": scan.table.reset_index().to_dict("records"),
        "warnings": _warn(prepared, profiles),
    }
    return _finite(record)


def _describe_stability(stability: Stability) -> dict[str, Any]:
    return {
        "depth": stability.depth,
        "resamples": len(stability.overlaps),
        "jaccard": stability.own.tolist(),
        "same_segment": stability.same,
        "border_customers": stability.border,
        "prediction_strength": stability.strength["mean"].to_dict(),
        "least_jaccard": {k: float(each.min()) for k, each in stability.jaccard.items()},
    }


def list_customers(
    assigned: ir.Table, columns: Columns, features: Sequence[str], names: Sequence[str]
) -> ir.Table:
    """Every row of the input in its order: who, segment, its name, second segment, certainty.

    The first column is the id, or `row` (1-based) where there is none. `left_out` says why a row
    has no segment.
    """
    segment, second = assigned[SEGMENT], assigned[SECOND]
    who = "row" if columns.id is None else columns.id
    taken = {"segment", "segment_name", "second_segment", "certainty", "left_out"}
    named = {"id" if who in taken else who: assigned[columns.id or ROW]}
    labels = [(segment == at, name) for at, name in enumerate(names, 1)]
    return assigned.order_by(ROW).select(
        **named,
        segment=segment,
        segment_name=ibis.cases(*labels, else_=None),
        second_segment=second,
        certainty=assigned[CERTAINTY].round(4),
        left_out=segment.isnull().ifelse(_say_why(assigned, features), None),
    )


def _say_why(assigned: ir.Table, features: Sequence[str]) -> ir.StringValue:
    parts = [assigned[name].isnull().ifelse(f", {name}", "") for name in features]
    missing = reduce(add, parts)
    said = ibis.literal("missing: ") + missing.substr(2)
    return (missing == "").ifelse("in no dense group", said)


def _warn(prepared: Prepared, profiles: Profiles) -> list[str]:
    lost = prepared.rows - profiles.customers
    warnings = [f"{lost} of {prepared.rows} rows have no segment"] if lost else []
    least = max(30, 0.02 * profiles.customers)
    tiny = [int(s) for s, size in profiles.sizes.items() if size < least]
    if tiny and profiles.customers > 100:
        warnings.append(f"segments of fewer than {least:.0f} customers: {tiny}")
    return warnings


def _finite(value: Any) -> Any:
    """The value with every number a plain, finite one, or None: what JSON can hold."""
    if isinstance(value, dict):
        return {str(key): _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
