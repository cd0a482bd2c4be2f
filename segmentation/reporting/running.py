"""One run from its parameters to its published folder, and what came of it."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from segmentation.data import InputError
from segmentation.data.errors import shown
from segmentation.reporting.datasets import Secrets, find_secrets
from segmentation.reporting.execution import Executed, RunError, execute
from segmentation.reporting.inputs import check_input
from segmentation.reporting.page import render_page
from segmentation.reporting.parameters import PATHS, Parameter, absolute_paths
from segmentation.reporting.pdf import find_browser, print_pdf
from segmentation.reporting.planning import Run
from segmentation.reporting.publishing import (
    describe_run,
    forget_failure,
    keep_failure,
    own_notebook,
    publish,
    staged,
    write_text,
)


@dataclass(frozen=True)
class Plan:
    """What all runs of a call share: the notebook, its parameters, and where reports go.

    `pdf`: auto (where a Chromium is found), always (a run without one has failed), never.
    """

    notebook: Path
    parameters: Mapping[str, Parameter]
    reports: Path
    pdf: str = "never"

    def values(self, run: Run) -> dict[str, Any]:
        """Every parameter of the run, defaults included, local paths absolute."""
        defaults = {name: parameter.default for name, parameter in self.parameters.items()}
        return absolute_paths(defaults, self.notebook.parent) | run.values

    def changed(self, run: Run) -> dict[str, Any]:
        """The parameters of the run that differ from the notebook's, its data aside."""
        return {
            name: value
            for name, value in run.values.items()
            if name not in PATHS and value != self.parameters[name].default
        }


@dataclass(frozen=True)
class Outcome:
    """What came of a run: done, refused (its input was at fault) or failed."""

    run: str
    status: str
    seconds: float
    report: str | None = None
    reason: str = ""
    log: str | None = None
    result: dict[str, Any] | None = None

    def record(self) -> dict[str, Any]:
        """The outcome for `--json`."""
        result = self.result or {}
        metrics = {name: result.get(name) for name in ("k", "silhouette", "sizes", "verdict")}
        return {
            "run": self.run,
            "status": self.status,
            "reason": self.reason or None,
            "report": self.report,
            "log": self.log,
            "seconds": round(self.seconds, 2),
            **metrics,
        }


def make_report(run: Run, plan: Plan) -> Outcome:
    """Runs and publishes one report. A fault is an outcome, and leaves the last good report."""
    start = time.monotonic()
    secrets = find_secrets(plan.values(run).get("dataset"))
    with staged(plan.reports, run.name) as staging:
        try:
            result = _execute_and_publish(run, plan, staging, secrets, start)
        except InputError as error:
            fault = RunError(str(error), refused=True)
        except RunError as error:
            fault = error
        except Exception as error:  # whatever it was, the other runs go on
            fault = RunError(f"{type(error).__name__}: {error}", traceback.format_exc())
        else:
            forget_failure(plan.reports, run.name)
            report = str(plan.reports / run.name / "report.html")
            return Outcome(run.name, "done", time.monotonic() - start, report, result=result)
        log = keep_failure(plan.reports, run.name, staging, fault, secrets)
        status = "refused" if fault.refused else "failed"
        return Outcome(
            run.name,
            status,
            time.monotonic() - start,
            reason=shown(secrets.hide(fault.reason), 400),
            log=str(log),
        )


def _execute_and_publish(
    run: Run, plan: Plan, staging: Path, secrets: Secrets, start: float
) -> dict[str, Any]:
    values = plan.values(run)
    sha256 = check_input(values).sha256 if "dataset" in values else None
    injected = {n: v for n, v in values.items() if n in run.values or n in ("dataset", "output")}
    injected = secrets.take_from(injected) | {"output": str(staging)}
    executed = execute(plan.notebook, staging, injected, secrets.environment)
    book = nbformat.reads(secrets.name_back(nbformat.writes(executed.book)), as_version=4)
    target = plan.reports / run.name
    own_notebook(book, values, target)
    nbformat.write(book, staging / plan.notebook.name)
    seconds = time.monotonic() - start
    record = describe_run(run.name, values, plan.changed(run), sha256, executed, seconds)
    title = str(executed.result.get("title") or run.name)
    page = render_page(book, title, record, plan.parameters, _model_to_show(staging, executed))
    write_text(staging / "report.html", page)
    _print(staging, plan.pdf)
    publish(staging, target, record, secrets)
    return executed.result


def _model_to_show(staging: Path, executed: Executed) -> dict[str, Any] | None:
    """The model for the page's form: none where a segment is so small that it names customers."""
    path = staging / "model.json"
    if not path.is_file() or executed.result.get("tiny_segments"):
        return None
    model = json.loads(path.read_text(encoding="utf-8"))
    return model if isinstance(model, dict) else None


def _print(staging: Path, pdf: str) -> None:
    """Adds report.pdf, as asked for."""
    if pdf == "never":
        return
    browser = find_browser()
    fault = "no Chromium was found: install one, or leave out --pdf always"
    if browser is not None:
        fault = print_pdf(staging / "report.html", staging / "report.pdf", browser) or ""
    if fault and pdf == "always":
        raise RunError(f"no PDF: {fault}")
