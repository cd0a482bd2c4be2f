"""From a finished run to its folder under reports/, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from segmentation.data.published.reports import HISTORY, UNREADABLE, find_fault, read_run
from segmentation.reporting.datasets import (
    PATHS,
    Secrets,
    relative_dataset,
    shown_dataset,
    shown_values,
)
from segmentation.reporting.execution import Executed, RunError
from segmentation.reporting.files import (
    FAILED,
    STAGING,
    keep_copy,
    read_record,
    replace_folder,
    write_text,
)
from segmentation.reporting.notebooks import TAG
from segmentation.reporting.parameters import fold_values


def describe_run(
    name: str,
    values: Mapping[str, Any],
    changed: Mapping[str, Any],
    made_of: Mapping[str, Any],
    columns: Sequence[str] | None,
    executed: Executed,
    seconds: float,
    threads: int,
    folder: Path,
) -> dict[str, Any]:
    """The record run.json: parameters without the path's folders, data, versions, time.

    `changed` are the parameters that differ from the notebook's own, `made_of` is what the report
    is made of, `columns` are those of the data, `folder` is where it will be published.
    """
    result, names = executed.result, values.get("names")
    return {
        "run": name,
        "parameters": shown_values(values),
        "changed": dict(changed),
        "dataset": shown_dataset(values.get("dataset")),
        "found_at": relative_dataset(values.get("dataset"), folder),
        "like_at": relative_dataset(values.get("like"), folder),
        "names_at": relative_dataset(names, folder) if isinstance(names, str) else None,
        "sha256": made_of["data"],
        "rows": result.get("rows"),
        "columns": columns,
        "features": result.get("features"),
        "seed": values.get("seed"),
        "threads": threads,
        "versions": made_of["versions"],
        "made_of": dict(made_of),
        "seconds": round(seconds, 2),
        "finished": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def own_notebook(book: nbformat.NotebookNode, values: Mapping[str, Any], folder: Path) -> None:
    """Makes the executed notebook one to go on with: the run's values become its defaults.

    `folder` is where it will be published: a local dataset is named relative to it.
    """
    kept = dict(values) | ({"output": None} if "output" in values else {})
    for name in PATHS:
        if name in kept:
            kept[name] = relative_dataset(kept[name], folder)
    book.cells = [c for c in book.cells if "injected-parameters" not in c.metadata.get("tags", [])]
    for cell in book.cells:
        if TAG in cell.metadata.get("tags", []):
            cell.source = fold_values(cell.source, kept)
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    book.metadata.pop("papermill", None)


def publish(
    reports: Path, name: str, record: dict[str, Any], secrets: Secrets, keep: int = 0
) -> None:
    """Puts the staged files in the place of the run's; run.json, last of them, lists their sums.

    Of reports on other data, `keep` predecessors stay under .history/. Raises `RunError` where a
    file holds a secret.
    """
    staging = reports / STAGING / name
    files = sorted(path for path in staging.iterdir() if path.is_file())
    for path in files:
        if secrets.found_in(path.read_bytes()):
            what = f"{path.name} holds the database's password and was not published"
            raise RunError(f"{what}; do not print it in the notebook")
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    write_text(staging / "run.json", json.dumps({**record, "files": sums}, indent=1) + "\n")
    _keep_predecessor(reports, name, record, keep)
    replace_folder(reports, name)


def _keep_predecessor(reports: Path, name: str, record: Mapping[str, Any], keep: int) -> None:
    before = read_run(reports / name)
    if not before or before.get("sha256") == record.get("sha256"):
        return
    history = reports / HISTORY / name
    if keep:
        history.mkdir(parents=True, exist_ok=True)
        keep_copy(reports / name, history / _stamp(before))
    kept = sorted(path for path in history.glob("[!.]*"))
    for path in kept[: max(0, len(kept) - keep)]:
        shutil.rmtree(path, ignore_errors=True)


def place_afterwards(folder: Path | None, reports: Path, name: str, keep: int) -> str | None:
    """Where an earlier report lies once the run is published: its own goes to the history."""
    if folder is None or folder != reports / name:
        return None if folder is None else str(folder)
    return str(reports / HISTORY / name / _stamp(read_run(folder))) if keep else None


def _stamp(record: Mapping[str, Any]) -> str:
    return re.sub("[^0-9T-]", "-", str(record.get("finished")))[:19]


def verify(reports: Path) -> list[str]:
    """What is wrong with the published runs: files that are gone or not what was published."""
    faults = []
    for path in sorted(reports.glob("*/run.json")):
        folder, record = path.parent, read_record(path)
        files = record.get("files")
        names = list(files) if isinstance(files, dict) else []
        found = {name: find_fault(folder, record, name) for name in names}
        said = [f"{name} {fault}" for name, fault in found.items() if fault]
        if not said and not read_run(folder):
            said = [UNREADABLE]
        faults += [f"{folder.name}/{fault}: make the report again" for fault in said]
    return faults


def keep_failure(
    reports: Path, name: str, staging: Path, error: RunError, secrets: Secrets
) -> Path:
    """Keeps what a run left behind under .failed/, without secrets; returns its log's path."""
    folder = reports / FAILED / name
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    since = str(read_record(folder / "failure.json").get("since") or now)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in [*staging.glob("*.ipynb"), *staging.glob("report.html")]:
        write_text(folder / path.name, secrets.hide(path.read_text(encoding="utf-8")))
    log = folder / "error.log"
    write_text(log, secrets.hide(f"{error.reason}\n\n{error.log}\n"))
    record = {
        "run": name,
        "status": error.status,
        "reason": secrets.hide(error.reason),
        "finished": now,
        "since": since,
    }
    write_text(folder / "failure.json", json.dumps(record, indent=1) + "\n")
    return log


def forget_failure(reports: Path, name: str) -> None:
    """Removes what an earlier failure of this run left."""
    shutil.rmtree(reports / FAILED / name, ignore_errors=True)
