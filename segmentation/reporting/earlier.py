"""The earlier report that a run is `like`: which folder that means, and what must be made first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segmentation.data import InputError
from segmentation.data.runs import HISTORY, read_run
from segmentation.reporting.planning import Plan
from segmentation.reporting.runs_file import Run

MODEL = "model.json"


def find_earlier(
    values: Mapping[str, Any], name: str, plan: Plan, sha256: str | None
) -> Path | None:
    """The folder of the report that the run's `like` means; None where it has none.

    A run like itself follows its own last report on other data, which may be in the history; there
    is none the first time. Raises `InputError` where another report is not there, or has no model.
    """
    like = values.get("like")
    if like is None:
        return None
    folder = Path(like)
    if follows_itself(values, name, plan):
        return _find_own(name, plan, sha256)
    if not read_run(folder):
        raise InputError(
            f"like: there is no report {folder.name}", "make it first, or leave out like",
            code="no-file",
        )  # fmt: skip
    if not (folder / MODEL).is_file():
        raise InputError(
            f"like: {folder.name} has no {MODEL}: its algorithm cannot place other customers",
            "name a report of kmeans or gmm", code="no-file",
        )  # fmt: skip
    return folder


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


def _before(run: Run, plan: Plan) -> str | None:
    like = plan.values(run).get("like")
    inside = like is not None and Path(like).parent == plan.reports
    return Path(like).name if like is not None and inside else None


def follows_itself(values: Mapping[str, Any], name: str, plan: Plan) -> bool:
    """Whether a run is like its own last report."""
    return values.get("like") is not None and Path(values["like"]) == plan.reports / name


def _find_own(name: str, plan: Plan, sha256: str | None) -> Path | None:
    kept = sorted((plan.reports / HISTORY / name).glob("[!.]*"), reverse=True)
    for folder in [plan.reports / name, *kept]:
        record = read_run(folder)
        if record and record.get("sha256") != sha256 and (folder / MODEL).is_file():
            return folder
    return None
