"""The earlier report that a run is `like`: which folder that means, and what must be made first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segmentation.data import InputError, offer_name, open_report
from segmentation.data.published.reports import HISTORY, find_list, read_run
from segmentation.reporting.planning import Outcome, Plan
from segmentation.reporting.runs_file import Run
from segmentation.reporting.scoring import MODEL, explain_no_model, offer_report


def find_earlier(
    values: Mapping[str, Any], name: str, plan: Plan, sha256: str | None
) -> Path | None:
    """The folder of the report that the run's `like` means; None where it has none.

    A run like itself follows its own last report on other data, which may be in the history; there
    is none the first time. Raises `InputError` where another report is not there, has no model, or
    is not as it was published.
    """
    if values.get("like") is None:
        return None
    if follows_itself(values, name, plan):
        folder = _find_own(name, plan, sha256)
    else:
        folder = _find_other(Path(values["like"]))
    if folder is not None:
        _check_whole(folder)
    return folder


def check_features(earlier: Path, columns: Sequence[str]) -> None:
    """Raises `InputError` where a table lacks a feature of an earlier report."""
    report = open_report(earlier)
    for feature in report.result.get("features") or []:
        if feature not in columns:
            raise InputError(
                f"like: {report.name} needs a column {feature!r}, which is not there",
                offer_name(feature, columns, "rename the column that holds it"),
                code="no-such-column",
            )


def list_waves(runs: Sequence[Run], plan: Plan) -> list[list[Run]]:
    """The runs in waves: each comes after the run that it is like, where that is among them."""
    waiting, waves = list(runs), []
    while waiting:
        names = {run.name for run in waiting}
        ready = [run for run in waiting if _before(run, plan) not in names - {run.name}]
        waves.append(ready or waiting)  # in a circle nobody is first
        waiting = [run for run in waiting if run not in waves[-1]]
    return waves


def comes_after(run: Run, names: set[str], plan: Plan) -> str | None:
    """The run of these names that this one is like, itself aside; None where it is like none."""
    before = _before(run, plan)
    return before if before in names and before != run.name else None


def say_not_renewed(run: Run, outcomes: Mapping[str, Outcome], plan: Plan) -> tuple[str, ...]:
    """That the run which this one is like came to nothing, so that an older report was followed."""
    before = comes_after(run, set(outcomes), plan)
    if before is None or outcomes[before].status == "done":
        return ()
    said = f"it is like the last good report of {before}, which was {outcomes[before].status} now"
    return (said,)


def _before(run: Run, plan: Plan) -> str | None:
    like = plan.values(run).get("like")
    inside = like is not None and Path(like).parent == plan.reports
    return Path(like).name if like is not None and inside else None


def follows_itself(values: Mapping[str, Any], name: str, plan: Plan) -> bool:
    """Whether a run is like its own last report."""
    return values.get("like") is not None and Path(values["like"]) == plan.reports / name


def _check_whole(folder: Path) -> None:
    try:
        report = open_report(folder)
        report.check(MODEL)
        if report.result.get("id") is not None:
            report.check(find_list(report.record))
    except InputError as error:
        error.remedy += ", or leave out like"
        raise


def _find_other(folder: Path) -> Path:
    if not (folder / "run.json").is_file():
        raise InputError(
            f"like: there is no report {folder.name}",
            f"make it first, or leave out like{offer_report(folder)}",
            code="no-file",
        )
    record = read_run(folder)
    if record and not (folder / MODEL).is_file():
        what, remedy = explain_no_model(folder.name, record)
        raise InputError(f"like: {what}", remedy, code="no-file")
    return folder


def _find_own(name: str, plan: Plan, sha256: str | None) -> Path | None:
    kept = sorted((plan.reports / HISTORY / name).glob("[!.]*"), reverse=True)
    for folder in [plan.reports / name, *kept]:
        record = read_run(folder)
        if record and record.get("sha256") != sha256 and (folder / MODEL).is_file():
            return folder
    return None
