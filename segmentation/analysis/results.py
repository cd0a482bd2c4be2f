"""What a run hands on: a record of its numbers, and the list of customers with their segments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.sample import Prepared
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.passes.placed_rows import CERTAINTY, LEFT_OUT, NUMBER, SECOND, SEGMENT
from segmentation.analysis.portraits.profiles import FEWEST_TO_DESCRIBE
from segmentation.analysis.say.segments import say_kind
from segmentation.analysis.show.plots import segment_colour
from segmentation.analysis.trust.choice import Choice
from segmentation.analysis.trust.near_ties import Ties
from segmentation.analysis.trust.stability import Stability, Trials
from segmentation.analysis.trust.verdict import Verdict
from segmentation.data import ROW


def describe_result(
    prepared: Prepared, scan: Scan, segments: Segments, table: pd.DataFrame, verdict: Verdict
) -> dict[str, Any]:
    """The record result.json: every number that the index and other runs need, none infinite.

    `table` is that of `tabulate_segments`.
    """
    record = {
        "algorithm": segments.algorithm,
        "k": segments.k,
        "recommended_k": verdict.recommended,
        "silhouette": segments.silhouette,
        "inertia": segments.inertia,
        "sizes": table["customers"].tolist(),
        "tiny_segments": table.index[table["customers"] < FEWEST_TO_DESCRIBE].tolist(),
        "colours": [segment_colour(segment) for segment in table.index],
        "rows": prepared.rows,
        "rows_used": prepared.used,
        "rows_fitted": len(prepared.X),
        "missing": prepared.missing,
        "features": prepared.features,
        "deviations": _measure_deviations(prepared),
        "logged": [scale.feature for scale in prepared.scales if scale.log],
        "verdict": {"in_words": say_kind(verdict), **verdict.record()},
        "segments": table.reset_index().to_dict("records"),
        "scan": scan.table.reset_index().to_dict("records"),
    }
    return make_finite(record)


def describe_trust(
    choice: Choice,
    trials: Trials,
    stability: Stability,
    gap: pd.DataFrame,
    ties: Ties,
    compared: pd.DataFrame,
) -> dict[str, Any]:
    """The part of result.json on how far to trust the segments: every number behind a sentence."""
    record = {
        "depth": stability.depth,
        "resamples": len(stability.own.overlaps),
        "jaccard": stability.own.jaccard.tolist(),
        "same_segment": stability.same,
        "border_customers": stability.border,
        "runner_up_k": choice.runner_up,
        "choice": choice.table.rename_axis("k").reset_index().to_dict("records"),
        "prediction_strength": trials.strength.reset_index().to_dict("records"),
        "gap": gap.reset_index().to_dict("records"),
        "near_ties": asdict(ties),
        "other_methods": compared.reset_index().to_dict("records"),
    }
    return make_finite(record)


def list_customers(
    placed: pa.Table, id: str | None, names: Sequence[str], numbers: Sequence[int]
) -> pa.Table:
    """Every row in its order: who, segment, its name, second segment, certainty.

    The first column is the id, or `row` (1-based) where there is none. `left_out` says why a row
    has no segment. `names` are those of the segments with these `numbers`.
    """
    columns = {
        "segment": placed[SEGMENT],
        "segment_name": _name(placed[SEGMENT], names, numbers),
        "second_segment": placed[SECOND],
        "certainty": placed[CERTAINTY],
        "left_out": placed[LEFT_OUT],
    }
    who = "row" if id is None else id
    return pa.table({"id" if who in columns else who: placed[id or ROW]} | columns)


def _name(
    segment: pa.ChunkedArray, names: Sequence[str], numbers: Sequence[int]
) -> pa.ChunkedArray:
    """The name of every row's segment, each written once."""
    place = np.zeros(max(numbers) + 1, dtype=NUMBER.to_pandas_dtype())
    place[list(numbers)] = np.arange(len(numbers))
    places, written = pa.array(place), pa.array(list(names), pa.string())
    kind = pa.dictionary(NUMBER, pa.string())
    parts = [pa.DictionaryArray.from_arrays(places.take(part), written) for part in segment.chunks]
    return pa.chunked_array(parts, kind)


def _measure_deviations(prepared: Prepared) -> dict[str, float]:
    """The standard deviation of each feature over the customers that were fitted."""
    values, weights = prepared.frame[prepared.features].to_numpy(dtype=float), prepared.weights
    middle = np.average(values, axis=0, weights=weights)
    variance = np.average((values - middle) ** 2, axis=0, weights=weights)
    return dict(zip(prepared.features, np.sqrt(variance).tolist(), strict=True))


def make_finite(value: Any) -> Any:
    """The value with every number a plain, finite one, or None: what JSON can hold."""
    if isinstance(value, dict):
        return {str(key): make_finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [make_finite(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
