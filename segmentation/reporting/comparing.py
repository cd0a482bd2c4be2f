"""--compare: the run that puts two published reports side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segmentation.data.published.reports import UNREADABLE, read_run
from segmentation.reporting.errors import UsageError
from segmentation.reporting.parameters import Parameter, check_values
from segmentation.reporting.run_names import check_name
from segmentation.reporting.runs_file import Run
from segmentation.reporting.scoring import find_report


def plan_compare(
    reports: Sequence[Path], overrides: Mapping[str, Any], parameters: Mapping[str, Parameter]
) -> Run:
    """Returns the run that compares two published reports, each its folder or a file in it."""
    folders = [find_report(report) for report in reports]
    for folder in folders:
        record = read_run(folder)
        if not record and (folder / "run.json").exists():
            raise UsageError(f"{folder.name}: {UNREADABLE}; make the report again")
        if not {"algorithm", "segments"} <= set(record.get("result", {})):
            raise UsageError(f"{folder.name} is not a report of segments; name two that are")
    one, other = folders
    if one == other:
        raise UsageError(f"--compare wants two reports, got {one.name} twice")
    values = check_values(parameters, {**overrides, "one": str(one), "other": str(other)})
    name = f"{one.name}-and-{other.name}"
    check_name(name)
    return Run(name, values)
