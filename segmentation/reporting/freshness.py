"""Whether a report is up to date, by the content of everything that it is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from segmentation.data import InputError
from segmentation.data.databases.address import is_database
from segmentation.data.published.reports import find_fault
from segmentation.data.rows.file_hashes import file_sha256, path_sha256
from segmentation.reporting.apart import read_apart
from segmentation.reporting.datasets import shown_values
from segmentation.reporting.earlier import find_before, list_waves, open_earlier
from segmentation.reporting.job import Job
from segmentation.reporting.notebooks import SKIPPED, has_tag, load_notebook
from segmentation.reporting.outcome import Outcome, RunError, Status, as_fault
from segmentation.reporting.ownership import ForeignError, check_overlap, check_target
from segmentation.reporting.scoring import MODEL
from segmentation.reporting.versions import list_versions
from segmentation.reporting.wording import show_value

PACKAGE = Path(__file__).parents[1]
SUFFIXES = {".py", ".j2", ".css", ".js"}
Fingerprint = Callable[[Mapping[str, Any]], str | None]  # of the data that a run's values name


def list_reasons(jobs: Sequence[Job], force: bool = False) -> dict[str, str | None]:
    """Returns why each run must be made (again), by name; None if it is up to date.

    A run that is like another one of them is made again whenever that one is.
    """
    reasons: dict[str, str | None] = {}
    for wave in list_waves(jobs):
        due = {name for name, reason in reasons.items() if reason}
        for job in wave:
            reason = "remade on request (--force)" if force else find_reason(job)
            before = find_before(job, due)
            reasons[job.name] = reason or (
                f"stale because {before} is made again" if before else None
            )
    return {job.name: reasons[job.name] for job in jobs}


def find_reason(job: Job, fingerprint: Fingerprint | None = None) -> str | None:
    """Returns why the run's report must be made (again); None if it is up to date.

    `fingerprint` gives the data's sha256 from the run's values; otherwise it is computed.
    """
    try:
        check_target(job.folder)
        check_overlap(job.folder, job.inputs)
    except ForeignError as error:
        return f"will be refused: {error}"
    for path in job.inputs:
        if not (path.is_file() or path.is_dir()):  # a pipe would be waited for
            what = "is a device, pipe or socket" if path.exists() else "there is no such file"
            return f"will be refused: {path.name}: {what}"
    if not job.published:
        exists = (job.folder / "run.json").exists()
        return "stale because its record cannot be read" if exists else "there is no report yet"
    return _find_damage(job) or _find_change(job, fingerprint)


def describe_fresh(job: Job) -> Outcome:
    """Returns the outcome of a run whose report is up to date."""
    report = str(job.folder / "report.html")
    return Outcome(job.name, Status.FRESH, 0.0, report, result=job.published["result"])


def _find_damage(job: Job) -> str | None:
    files = job.published.get("files", {})
    for name in files:
        if fault := find_fault(job.folder, job.published, name):
            return f"stale because {name} {fault}"
    if job.settings.pdf == "always" and "report.pdf" not in files:
        return "stale because it has no PDF"
    return None


def _find_change(job: Job, fingerprint: Fingerprint | None) -> str | None:
    made_of = job.published.get("made_of")
    if made_of is None:
        return "stale because its record does not say what it is made of"
    try:
        found = fingerprint(job.values) if fingerprint else read_apart(job, find_sha256)
    except (RunError, OSError) as error:
        fault = as_fault(error)
        if fault.status is Status.REFUSED:
            return f"stale, and will be refused: {job.secrets.hide(fault.reason)}"
        return "stale because the data cannot be read"
    try:
        now = describe_making(open_earlier(replace(job, sha256=found)))
    except InputError as error:
        return f"stale, and will be refused: {error}"
    except OSError:
        return "stale because another of its files cannot be read"
    changes = compare_making(made_of, now)
    return f"stale because {', '.join(changes)}" if changes else None


def describe_making(job: Job) -> dict[str, Any]:
    """Returns what a report is made of: data, parameters, the notebook's code, package, versions.

    The job's data and earlier report must be known.
    """
    cells = [cell for cell in load_notebook(job.plan.notebook).cells if cell.cell_type != "raw"]
    values = shown_values(job.values)
    return {
        "data": job.sha256,
        "files": {name: file_sha256(path) for name, path in _list_files(job).items()},
        "parameters": {name: value for name, value in values.items() if name != "output"},
        "notebook": [_digest(cell.source) for cell in cells if not has_tag(cell, SKIPPED)],
        "package": hash_package(),
        "versions": list_versions(),
    }


def _list_files(job: Job) -> dict[str, Path]:
    """Returns the files besides the data that a report is made of, by the parameter."""
    values = job.values
    files = {name: values[name] for name in ("model",) if values.get(name)}
    files |= {name: f"{values[name]}/result.json" for name in ("one", "other") if name in values}
    if isinstance(values.get("names"), str):
        files["names"] = values["names"]
    # A run like itself would be stale as soon as it is made: its own report is what changed.
    if job.earlier is not None and not job.follows_itself:
        files["like"] = job.earlier.folder / MODEL
    return {name: Path(path) for name, path in files.items()}


def find_sha256(values: Mapping[str, Any]) -> str | None:
    """Returns the fingerprint of a run's data: a file's or folder's bytes, or a database's rows."""
    dataset = values.get("dataset")
    if dataset is None:
        return None
    if isinstance(dataset, str) and not is_database(dataset):
        return path_sha256(Path(dataset))
    from segmentation.reporting.inputs import open_input  # with all that reads tables

    return open_input(values).fingerprint()


@cache
def hash_package() -> str:
    """Returns one digest of the package's code and templates, as they were at the first call."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in SUFFIXES:
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def compare_making(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Returns, in words, what differs between two descriptions of what a report is made of."""
    now = json.loads(json.dumps(now))  # as the record holds it
    changes = ["the data changed"] if before.get("data") != now["data"] else []
    files, parameters, versions = (
        _compare(before.get(key, {}), now[key]) for key in ("files", "parameters", "versions")
    )
    changes += [f"the {name} changed" for name in files]
    changes += [
        f"{name} was {show_value(old)}, is {show_value(new)}"
        for name, (old, new) in parameters.items()
    ]
    changes += _compare_notebooks(before.get("notebook", []), now["notebook"])
    if before.get("package") != now["package"]:
        changes.append("this program changed")
    return changes + [f"{name} {old} → {new}" for name, (old, new) in versions.items()]


def _compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Returns the old and new value of each name that differs."""
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return {name: (old.get(name), new.get(name)) for name in names}


def _compare_notebooks(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Returns the first cell whose digest differs, counted from 1."""
    if old == new:
        return []
    pairs = enumerate(zip(old, new, strict=False), 1)
    shorter = min(len(old), len(new))
    number = next((number for number, (one, other) in pairs if one != other), shorter)
    return [f"notebook cell {number} changed"]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
