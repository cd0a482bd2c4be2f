"""--check: the input of each run, read and judged without making a report."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from segmentation.data import InputError
from segmentation.data.errors import shown
from segmentation.reporting.apart import read_apart
from segmentation.reporting.console import tell
from segmentation.reporting.inputs import (
    describe_refused,
    for_pasting,
    judge_input,
    open_input,
)
from segmentation.reporting.job import Job
from segmentation.reporting.outcome import Status, as_fault, judge_exit

OK = "ok"


def check_jobs(jobs: Sequence[Job], as_json: bool) -> int:
    """Prints what a report on each input would use, or its faults; returns the exit code."""
    records = [_check(job) for job in jobs]
    if as_json:
        tell(json.dumps(records[0] if len(records) == 1 else records, indent=1))
    else:
        for job, record in zip(jobs, records, strict=True):
            tell("\n".join(_list_lines(job.name, record)))
    statuses = [Status.DONE if record["status"] == OK else record["status"] for record in records]
    return judge_exit(statuses)


def _check(job: Job) -> dict[str, Any]:
    """Returns the record for `--check --json`; a database or URL is read apart."""
    try:
        return read_apart(job, partial(check_values, declared=job.declared))
    except Exception as error:  # whatever it was, the other inputs are checked
        fault = as_fault(error)
        faults = [
            {"code": fault.code, "line": None, "column": None, "message": shown(fault.reason, 300)}
        ]
        return {"status": fault.status, "rows": None, "columns": [], "notes": [], "faults": faults}


def check_values(values: Mapping[str, Any], declared: bool) -> dict[str, Any]:
    """Returns the record for the input that a run's values name."""
    source = None
    try:
        source = open_input(values)
        judged = judge_input(source, values)
    except InputError as error:
        error = error if declared else for_pasting(error)
        return {
            "status": Status.REFUSED,
            "rows": None,
            "columns": [] if source is None else describe_refused(source),
            "notes": [],
            "faults": [_describe_fault(fault) for fault in error.faults],
        }
    columns = judged.columns.frame().rename(columns={"column": "name"}).to_dict("records")
    notes = [asdict(note) for note in judged.notes]
    rows = judged.columns.rows
    return {"status": OK, "rows": rows, "columns": columns, "notes": notes, "faults": []}


def _describe_fault(fault: InputError) -> dict[str, Any]:
    return {
        "code": fault.code,
        "line": fault.line,
        "column": fault.column,
        "message": str(fault),
    }


def _list_lines(name: str, record: Mapping[str, Any]) -> list[str]:
    if record["status"] != OK:
        return [
            f"{name}: {record['status']}",
            *(f"  {fault['message']}" for fault in record["faults"]),
        ]
    columns = record["columns"]
    width = max(len(shown(column["name"])) for column in columns)
    features = [column["name"] for column in columns if column["role"] == "feature"]
    return [
        f"{name}: ok, {record['rows']:,} rows",
        *(f"  {shown(c['name']):<{width}}  {c['role']:<10}  {c['reason']}" for c in columns),
        *(f"  note: {_say_note(note)}" for note in record["notes"]),
        *_say_features(features),
    ]


def _say_features(features: Sequence[str]) -> list[str]:
    """Returns the option that names these columns; nothing if one cannot be typed."""
    if any(shown(name, len(name)) != name for name in features):
        return []
    return [f"  --features {' '.join(map(shlex.quote, features))}"]


def _say_note(note: Mapping[str, Any]) -> str:
    column = f"{note['column']}: " if note["column"] else ""
    return shown(column + note["what"], 200)
