"""--score: the run that places new customers in the segments of a published report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from segmentation.data import Reading
from segmentation.data.published.reports import read_run
from segmentation.data.published.vocabulary import PLACES_NEW
from segmentation.reporting.datasets import absolute_report
from segmentation.reporting.errors import UsageError, did_you_mean
from segmentation.reporting.parameters import Parameter, check_values
from segmentation.reporting.run_names import check_name, name_for
from segmentation.reporting.runs_file import Run

MODEL = "model.json"
READING = tuple(field.name for field in fields(Reading))


def plan_score(
    report: Path, overrides: Mapping[str, Any], parameters: Mapping[str, Parameter]
) -> Run:
    """Returns the run that places a dataset's customers by the model of a published report.

    `report` is its folder, or a file in it. The new data is read as the report's own data was,
    unless `overrides` say otherwise; only `as_of` of order lines is dropped. The run is named
    after both.
    """
    if overrides.get("dataset") is None:
        raise UsageError("--score needs the new customers: --dataset FILE")
    folder = find_report(report)
    model, record = folder / MODEL, read_run(folder)
    if not model.is_file():
        raise UsageError("; ".join(explain_no_model(folder.name, record)))
    used = record.get("parameters") or {}
    values = {name: used[name] for name in READING if used.get(name) is not None}
    if isinstance(used.get("orders"), dict):
        # Orders go on after the report's day.
        values["orders"] = {key: name for key, name in used["orders"].items() if key != "as_of"}
    known = {name: value for name, value in values.items() if name in parameters}
    chosen = check_values(parameters, {**known, **overrides, "model": str(model)})
    name = f"{folder.name}-{name_for(chosen['dataset'], chosen.get('table'))}"
    check_name(name)
    return Run(name, chosen)


def find_report(report: Path) -> Path:
    """Returns the folder of a published report, given the folder or a file in it."""
    folder = Path(absolute_report(str(report), Path.cwd()))
    if not folder.is_dir():
        raise UsageError(f"there is no report {report}{offer_report(folder)}")
    return folder


def offer_report(folder: Path) -> str:
    """Returns an offer of the nearest report beside a folder that is missing."""
    return did_you_mean(
        folder.name, [path.parent.name for path in folder.parent.glob("*/run.json")]
    )


def explain_no_model(name: str, record: Mapping[str, Any]) -> tuple[str, str]:
    """Returns why a report has no model, and the remedy."""
    algorithm = (record.get("result") or {}).get("algorithm")
    if MODEL in record.get("files", {}):
        return f"{name}/{MODEL} is gone", "make the report again"
    if algorithm:
        return (
            f"{name} was made by {algorithm}, which cannot place customers that it has not seen",
            f"make a report with algorithm={' or '.join(PLACES_NEW)}",
        )
    return f"{name} has no {MODEL}", "name the folder of a segmentation report"
