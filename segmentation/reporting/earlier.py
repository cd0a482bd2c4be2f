"""The earlier report that a run is `like`: which one that is, and which run must come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from segmentation.data import InputError, Report, offer_name, open_report
from segmentation.data.errors import shown
from segmentation.data.published.reports import find_list, list_history, read_run
from segmentation.reporting.job import Job
from segmentation.reporting.outcome import Outcome, Status
from segmentation.reporting.scoring import MODEL, explain_no_model, offer_report


def open_earlier(job: Job) -> Job:
    """Returns the job with the report that its `like` means, if it has one.

    A run like itself follows its own last report on other data, which may be in the history; the
    first time there is none. Raises `InputError` if another report is missing, has no model, or
    was edited.
    """
    if job.values.get("like") is None:
        return job
    folder = _find_own(job) if job.follows_itself else _find_other(Path(job.values["like"]))
    return job if folder is None else replace(job, earlier=_open_whole(folder))


def check_features(job: Job) -> None:
    """Raises `InputError` if the job's table lacks a feature of its earlier report."""
    if job.earlier is None or job.columns is None:
        return
    for feature in job.earlier.result.get("features") or []:
        if feature not in job.columns:
            raise InputError(
                f"like: {job.earlier.name} needs a column {shown(feature, 40)}, which is missing",
                offer_name(feature, job.columns, "rename the column that holds it"),
                code="no-such-column",
            )


def list_waves(jobs: Sequence[Job]) -> list[list[Job]]:
    """Returns the jobs in waves: each comes after the one that it is like."""
    waiting, waves = list(jobs), []
    while waiting:
        names = {job.name for job in waiting}
        ready = [job for job in waiting if find_before(job, names) is None]
        waves.append(ready or waiting)  # in a circle none is first
        waiting = [job for job in waiting if job not in waves[-1]]
    return waves


def find_before(job: Job, names: set[str]) -> str | None:
    """Returns the other run among these names that the job is like; None if there is none."""
    return job.follows if job.follows in names and not job.follows_itself else None


def say_not_renewed(job: Job, outcomes: Mapping[str, Outcome]) -> tuple[str, ...]:
    """Returns a warning if the run that this one is like failed, so that an older report counts."""
    before = find_before(job, set(outcomes))
    if before is None or outcomes[before].status is Status.DONE:
        return ()
    status = outcomes[before].status
    return (f"it is like the last good report of {before}, which was {status} now",)


def _open_whole(folder: Path) -> Report:
    try:
        report = open_report(folder)
        report.check(MODEL)
        if report.result.get("id") is not None:
            report.check(find_list(report.record))
    except InputError as error:
        error.remedy += ", or leave out like"
        raise
    return report


def _find_other(folder: Path) -> Path:
    if not (folder / "run.json").is_file():
        raise InputError(
            f"like: there is no report {folder.name}",
            f"make it first, or leave out like{offer_report(folder)}",
            code="no-file",
        )
    record = {} if (folder / MODEL).is_file() else read_run(folder)
    if record:
        what, remedy = explain_no_model(folder.name, record)
        raise InputError(f"like: {what}", remedy, code="no-file")
    return folder


def _find_own(job: Job) -> Path | None:
    """Returns the newest of the job's own reports on other data that has a model."""
    for folder in [job.folder, *list_history(job.plan.reports, job.name)]:
        record = job.published if folder == job.folder else read_run(folder)
        if record and record.get("sha256") != job.sha256 and (folder / MODEL).is_file():
            return folder
    return None
