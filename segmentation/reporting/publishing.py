"""From an executed run to its folder under reports/, atomically."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from segmentation.data.published.reports import (
    HISTORY,
    UNREADABLE,
    find_fault,
    list_history,
    read_run,
)
from segmentation.data.rows.file_hashes import file_sha256
from segmentation.reporting.datasets import PATHS, relative_dataset, shown_dataset, shown_values
from segmentation.reporting.files import (
    DRAFT,
    FAILED,
    forget_failure,
    keep_copy,
    remove_folder,
    replace_folder,
    staging_folder,
    write_text,
)
from segmentation.reporting.freshness import describe_making
from segmentation.reporting.job import Job
from segmentation.reporting.notebooks import INJECTED, TAG, has_tag
from segmentation.reporting.outcome import RunError
from segmentation.reporting.ownership import (
    FAILURE,
    list_own,
    read_record,
    seal,
)
from segmentation.reporting.parameters import fold_values
from segmentation.reporting.rerunning import describe_rerun
from segmentation.reporting.wording import hide_cells


def describe_run(
    job: Job, result: Mapping[str, Any], seconds: float, threads: int
) -> dict[str, Any]:
    """Returns the record run.json: parameters without folders, data, versions, time."""
    made_of, values = describe_making(job), _values_afterwards(job)
    names, parameters = values.get("names"), shown_values(values)
    if job.earlier is not None:  # also if it is not kept, so that a rerun misses it
        parameters["like"] = job.earlier.record["run"]
    return {
        "run": job.name,
        **describe_rerun(job.plan.page),
        "parameters": parameters,
        "changed": job.changed,
        "dataset": shown_dataset(values.get("dataset")),
        "found_at": relative_dataset(values.get("dataset"), job.folder),
        "like_at": relative_dataset(values.get("like"), job.folder),
        "names_at": relative_dataset(names, job.folder) if isinstance(names, str) else None,
        "sha256": made_of["data"],
        "rows": result.get("rows"),
        "columns": job.columns,
        "features": result.get("features"),
        "seed": values.get("seed"),
        "threads": threads,
        "versions": made_of["versions"],
        "made_of": made_of,
        "seconds": round(seconds, 2),
        "finished": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def own_notebook(book: nbformat.NotebookNode, job: Job) -> nbformat.NotebookNode:
    """Returns the executed notebook as one to go on with: the run's values are its defaults.

    Local files are relative to the folder that it will be published in.
    """
    values = _values_afterwards(job) | ({"output": None} if "output" in job.values else {})
    moved = {name: relative_dataset(values[name], job.folder) for name in PATHS if name in values}
    own = nbformat.reads(job.secrets.name_back(nbformat.writes(book)), as_version=4)
    own.cells = [cell for cell in own.cells if not has_tag(cell, INJECTED)]
    for cell in own.cells:
        if has_tag(cell, TAG):
            cell.source = fold_values(cell.source, values | moved)
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    own.metadata.pop("papermill", None)
    return own


def _values_afterwards(job: Job) -> dict[str, Any]:
    """Returns the job's values as they hold once it is published.

    A report like itself then lies in the history, if it is kept.
    """
    values = dict(job.values)
    if "like" in values:
        folder = None if job.earlier is None else job.earlier.folder
        if job.earlier is not None and folder == job.folder:
            history = job.plan.reports / HISTORY / job.name / _stamp(job.earlier.record)
            folder = history if job.settings.keep else None
        values["like"] = None if folder is None else str(folder)
    return values


def publish(job: Job, record: Mapping[str, Any]) -> Path | None:
    """Puts the staged files in place of the run's; run.json is written last, with their sums.

    Needs the lock on the run's name. As many predecessors on other data as the settings say stay
    under .history/. Returns where edited and foreign files of the old folder are kept, None if
    there were none. Raises `RunError` if a file holds a secret, or the folder is not ours.
    """
    staging = staging_folder(job.plan.reports, job.name)
    files = sorted(path for path in staging.iterdir() if path.is_file())
    # A cell may print what it was given: the last chance to see it.
    for path in files if job.secrets.forms else ():
        if job.secrets.found_in(path.read_bytes()):
            raise RunError(
                f"{path.name} holds the database's password and was not published; "
                "do not print it in the notebook"
            )
    sums = {path.name: file_sha256(path) for path in files}
    sealed = seal({**record, "files": sums})
    write_text(staging / "run.json", json.dumps(sealed, indent=1) + "\n")
    _keep_predecessor(job, record)
    return replace_folder(job.plan.reports, job.name)


def _keep_predecessor(job: Job, record: Mapping[str, Any]) -> None:
    before, keep = job.published, job.settings.keep
    if not before or before.get("sha256") == record.get("sha256"):
        return
    history = job.plan.reports / HISTORY / job.name
    if keep:
        history.mkdir(parents=True, exist_ok=True)
        draft = staging_folder(job.plan.reports, job.name).with_name(DRAFT)
        keep_copy(job.folder, history / _stamp(before), draft)
    for path in list_history(job.plan.reports, job.name)[keep:]:
        if list_own(path):
            with suppress(OSError):
                remove_folder(path, job.plan.reports, job.name)


def _stamp(record: Mapping[str, Any]) -> str:
    return re.sub("[^0-9T-]", "-", str(record.get("finished")))[:19]


def verify(reports: Path) -> list[str]:
    """Returns the faults of the published runs: files that are gone or were edited."""
    folders = [path.parent for path in sorted(reports.glob("*/run.json"))]
    return [
        f"{folder.name}/{fault}: {_offer_remedy(folder)}"
        for folder in folders
        for fault in _list_faults(folder)
    ]


def _offer_remedy(folder: Path) -> str:
    again = "make the report again"
    return again if list_own(folder) else f"move the folder away, and {again}"


def _list_faults(folder: Path) -> list[str]:
    record = read_record(folder / "run.json")
    files = record.get("files")
    names = list(files) if isinstance(files, dict) else []
    faults = {name: find_fault(folder, record, name) for name in names}
    listed = [f"{name} {fault}" for name, fault in faults.items() if fault]
    return listed or ([] if read_run(folder) else [UNREADABLE])


def keep_failure(job: Job, staging: Path, error: RunError) -> Path:
    """Keeps what a failed run left, without secrets, under .failed/; returns the log's path."""
    folder, hide = job.plan.reports / FAILED / job.name, job.secrets.hide
    since = read_record(folder / FAILURE).get("since")
    draft = staging.with_name(DRAFT)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for path in [*staging.glob("*.ipynb"), *staging.glob("report.html")]:
        write_text(draft / path.name, hide(path.read_text(encoding="utf-8")))
    write_text(draft / "error.log", hide(f"{error.reason}\n\n{error.log}\n"))
    record = _describe_failure(job, error, str(since) if since else None)
    files = {path.name: file_sha256(path) for path in sorted(draft.iterdir())}
    sealed = seal({**record, "files": files})
    write_text(draft / FAILURE, json.dumps(sealed, indent=1) + "\n")
    forget_failure(job.plan.reports, job.name)
    folder.parent.mkdir(exist_ok=True)
    draft.rename(folder)
    return folder / "error.log"


def _describe_failure(job: Job, error: RunError, since: str | None) -> dict[str, Any]:
    """Returns the record failure.json; `since` is when the run began to fail, if it did before."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return {
        "run": job.name,
        "status": error.status,
        "reason": hide_cells(job.secrets.hide(error.reason), job.names),
        "finished": now,
        "since": since or now,
    }
