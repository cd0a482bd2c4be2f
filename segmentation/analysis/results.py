"""The files of a run: its record, its model, its segments and its list of customers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis import say
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.later.comparing import (
    Comparison,
    tabulate_differences,
    tabulate_nearest,
)
from segmentation.analysis.later.model import Model
from segmentation.analysis.later.model_file import describe_model, save_model
from segmentation.analysis.later.movement import NOBODY, NOWHERE
from segmentation.analysis.later.numbering import Changes
from segmentation.analysis.later.scoring import Match, Scored, tabulate_placed
from segmentation.analysis.later.sql import compile_sql
from segmentation.analysis.passes.placed_rows import CERTAINTY, LEFT_OUT, NUMBER, SECOND, SEGMENT
from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE
from segmentation.analysis.show.style import segment_colour
from segmentation.analysis.trust.choice import Choice
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.opinions import Opinions
from segmentation.analysis.trust.verdict import Verdict
from segmentation.data import (
    ROW,
    Columns,
    Dialect,
    Note,
    write_csv,
    write_customers,
    write_json,
    write_text,
)


@dataclass(frozen=True)
class Findings:
    """Everything that a run found, for its files; the parts are those of the notebook."""

    columns: Columns
    scan: Scan
    evidence: Evidence
    choice: Choice
    segmentation: Segmentation
    changes: Changes | None
    verdict: Verdict
    portraits: Portraits
    opinions: Opinions


def describe_findings(findings: Findings, headline: str, notes: Sequence[Note]) -> dict[str, Any]:
    """Returns the record result.json: every number that the index and other runs need."""
    portraits, changes = findings.portraits, findings.changes
    cautions = findings.opinions.cautions
    warnings = say.warnings(notes, changes, cautions)
    record = {
        "title": headline,
        **_describe_segments(findings),
        "stability": _describe_trust(findings),
        "id": findings.columns.id,
        "names": portraits.names.tolist(),
        "notes": [asdict(note) for note in notes],
        "warnings": list(dict.fromkeys([*warnings, *say.cautions(cautions)])),
        "names_given": portraits.given or (changes is not None and changes.earlier.names_given),
    }
    if changes is not None:
        record["changes"] = _describe_changes(changes)
    return make_finite(record)


def save_findings(
    findings: Findings, record: dict[str, Any], folder: Path, dialect: Dialect
) -> None:
    """Writes the files of a run into a folder; tables in the dialect of the input."""
    changes, portraits = findings.changes, findings.portraits
    highest = 0 if changes is None else changes.kept.highest
    verdict, segmentation = say.kind(findings.verdict), findings.segmentation
    model = describe_model(segmentation, portraits, findings.columns, verdict, highest)
    save_model(model, folder / "model.json")
    write_text(compile_sql(model), folder / "model.sql")
    write_csv(portraits.table, folder / "segments.csv", dialect)
    write_customers(list_customers(segmentation, portraits.names), folder, dialect)
    write_json(record, folder / "result.json")


def list_customers(segmentation: Segmentation, names: pd.Series) -> pa.Table:
    """Returns every row in order: who, segment, its name, second segment, certainty, left_out.

    The first column is the id, or `row` (from 1) without one. `left_out` gives the reason why a row
    has no segment. `names` are by segment number.
    """
    return _list_rows(
        segmentation.placed, segmentation.sample.id, list(names), segmentation.numbers
    )


def list_scored(placed: pa.Table, id: str | None, model: Model) -> pa.Table:
    """Returns the same columns as `list_customers`, for rows that a model placed."""
    return _list_rows(placed, id, model.names, model.numbers)


def _list_rows(
    placed: pa.Table, id: str | None, names: Sequence[str], numbers: Sequence[int]
) -> pa.Table:
    columns = {
        "segment": placed[SEGMENT],
        "segment_name": _name(placed[SEGMENT], names, numbers),
        "second_segment": placed[SECOND],
        "certainty": placed[CERTAINTY],
        "left_out": placed[LEFT_OUT],
    }
    who = "row" if id is None else id
    return pa.table({"id" if who in columns else who: placed[id or ROW]} | columns)


def describe_scored(
    counted: Scored, model: Model, match: Match, headline: str, report: str
) -> dict[str, Any]:
    """Returns the record result.json of customers who were placed; it has no verdict of its own."""
    record = {
        "title": headline,
        "k": len(model.numbers),
        "sizes": list(counted.sizes.values()),
        "colours": [segment_colour(number) for number in model.numbers],
        "rows": counted.rows,
        "rows_used": counted.placed,
        "features": model.features,
        "names": model.names,
        "verdict": {"kind": None, "in_words": f"placed in the segments of {report}"},
        "segments": tabulate_placed(counted, model).reset_index().to_dict("records"),
        "left_out": counted.left_out,
        "outside": counted.outside,
        "outside_rows": counted.outside_rows,
        "certainty": counted.certainty,
        "shifts": {name: asdict(shift) for name, shift in counted.shifts.items()},
        "columns_missing": match.missing,
        "columns_extra": match.extra,
        "columns_retyped": match.retyped,
    }
    return make_finite(record)


def describe_compared(compared: Comparison, headline: str, preferred: str) -> dict[str, Any]:
    """Returns the record result.json of a comparison."""
    record = {
        "title": headline,
        "sizes": [],
        "rows": None,
        "compared": list(compared.names),
        "verdict": {"kind": None, "in_words": f"compared with {compared.other.name}"},
        "agreement": compared.agreement,
        "customers_in_both": compared.shared,
        "preferred": preferred,
        "nearest": tabulate_nearest(compared).reset_index().to_dict("records"),
        "differences": tabulate_differences(compared).reset_index().to_dict("records"),
    }
    return make_finite(record)


def make_finite(value: Any) -> Any:
    """Returns the value with plain, finite numbers or None: what JSON can hold."""
    if isinstance(value, dict):
        return {str(key): make_finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [make_finite(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _describe_segments(findings: Findings) -> dict[str, Any]:
    segmentation, table = findings.segmentation, findings.portraits.table
    sample, segments, verdict = segmentation.sample, segmentation.segments, findings.verdict
    return {
        "algorithm": segments.algorithm,
        "k": segments.k,
        "recommended_k": verdict.recommended,
        "silhouette": segments.silhouette,
        "inertia": segments.inertia,
        "sizes": table["customers"].tolist(),
        "tiny_segments": table.index[table["customers"] < FEWEST_TO_DESCRIBE].tolist(),
        "colours": [segment_colour(number) for number in table.index],
        "rows": sample.rows,
        "rows_used": sample.used,
        "rows_fitted": len(sample.X),
        "missing": sample.missing,
        "features": sample.features,
        "deviations": _measure_deviations(sample),
        "logged": [scale.feature for scale in sample.scales if scale.log],
        "verdict": {"in_words": say.kind(verdict), **verdict.record()},
        "segments": table.reset_index().to_dict("records"),
        "scan": findings.scan.table.reset_index().to_dict("records"),
    }


def _describe_trust(findings: Findings) -> dict[str, Any]:
    stability, opinions, choice = findings.verdict.stability, findings.opinions, findings.choice
    strength = findings.evidence.resamples.strength
    return {
        "depth": stability.depth,
        "resamples": len(stability.resampled.overlaps),
        "jaccard": stability.jaccard.tolist(),
        "same_segment": stability.same,
        "border_customers": stability.undecided,
        "runner_up_k": choice.runner_up,
        "choice": choice.table.rename_axis("k").reset_index().to_dict("records"),
        "prediction_strength": strength.reset_index().to_dict("records"),
        "gap": opinions.gap.reset_index().to_dict("records"),
        "near_ties": asdict(opinions.ties),
        "other_methods": opinions.others.reset_index().to_dict("records"),
    }


def _describe_changes(changes: Changes) -> dict[str, Any]:
    kept, report, movement = changes.kept, changes.earlier.report, changes.movement
    record: dict[str, Any] = {
        "since": report.name,
        "finished": report.record.get("finished"),
        "kept": {number: kept.overlaps[number] for number in kept.names},
        "new": kept.new,
        "retired": kept.retired,
        "past": kept.past,
        "by_chance": asdict(changes.chance),
        "shifts": {name: asdict(shift) for name, shift in changes.shifts.items()},
    }
    doubts = {"rescaled": changes.rescaled, "mangled": changes.mangled > 0}
    record |= {name: doubt for name, doubt in doubts.items() if doubt}
    if movement is not None:
        counts = ("followed", "moved", "changed", "bordered", "joined", "left", "lost")
        record |= {name: getattr(movement, name) for name in counts}
        words = {NOBODY: "not in the list", NOWHERE: "no segment"}
        flow = movement.flow.rename(index=words, columns=words).stack().rename("customers")
        record["flow"] = flow[flow > 0].reset_index().to_dict("records")
    return record


def _name(
    segment: pa.ChunkedArray, names: Sequence[str], numbers: Sequence[int]
) -> pa.ChunkedArray:
    """Returns the name of every row's segment, each stored once."""
    place = np.zeros(max(numbers) + 1, dtype=NUMBER.to_pandas_dtype())
    place[list(numbers)] = np.arange(len(numbers))
    places, written = pa.array(place), pa.array(list(names), pa.string())
    kind = pa.dictionary(NUMBER, pa.string())
    parts = [pa.DictionaryArray.from_arrays(places.take(part), written) for part in segment.chunks]
    return pa.chunked_array(parts, kind)


def _measure_deviations(sample: Sample) -> dict[str, float]:
    """Returns the standard deviation of each feature over the sampled customers."""
    values, weights = sample.frame[sample.features].to_numpy(dtype=float), sample.weights
    middle = np.average(values, axis=0, weights=weights)
    variance = np.average((values - middle) ** 2, axis=0, weights=weights)
    return dict(zip(sample.features, np.sqrt(variance).tolist(), strict=True))
