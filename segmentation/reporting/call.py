"""What a call does: plans its runs, makes those that are due, prints a line for each."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from segmentation.reporting.comparing import plan_compare
from segmentation.reporting.console import complain, tell
from segmentation.reporting.errors import UsageError
from segmentation.reporting.files import forget_failure
from segmentation.reporting.freshness import describe_fresh, list_reasons
from segmentation.reporting.index import build_index
from segmentation.reporting.job import Job, resolve_job
from segmentation.reporting.notebooks import HOME, list_imports, load_notebook
from segmentation.reporting.outcome import (
    GOOD,
    SOME_FAILED,
    Outcome,
    Status,
    judge_exit,
)
from segmentation.reporting.ownership import ForeignError, check_overlaps
from segmentation.reporting.parameters import (
    Parameter,
    absolute_paths,
    find_parameter,
    read_parameters,
)
from segmentation.reporting.planning import Plan, move_like, plan_runs
from segmentation.reporting.processes import start_server
from segmentation.reporting.progress import Progress
from segmentation.reporting.rerunning import plan_rerun
from segmentation.reporting.resources import choose_jobs, choose_threads
from segmentation.reporting.runs_file import Run
from segmentation.reporting.scoring import plan_score
from segmentation.reporting.wording import describe_os_error, show_path

SCORING = HOME / "notebooks" / "scoring.ipynb"
COMPARISON = HOME / "notebooks" / "comparison.ipynb"


def carry_out(options: argparse.Namespace) -> int:
    """Does what the options ask for and returns the exit code; raises `UsageError`."""
    plan, runs = plan_call(options)
    if options.index:
        return _rebuild_index(plan.reports)
    if options.verify:
        return _verify(plan.reports, options.json)
    jobs = [resolve_job(run, plan) for run in runs]
    if options.rerun:
        return _rerun(jobs[0], options)
    if options.check:
        from segmentation.reporting.checking import check_jobs  # with all that reads tables

        return check_jobs(jobs, options.json)
    if options.dry_run:
        return _print_reasons(jobs, options)
    return _run(jobs, plan.reports, options)


def plan_call(options: argparse.Namespace) -> tuple[Plan, list[Run]]:
    """Returns what the options ask for; raises `UsageError`."""
    notebook = _choose_notebook(options).resolve()
    parameters = read_parameters(notebook)
    if "output" not in parameters:
        raise UsageError(f"{notebook.name} has no parameter output: the folder for its result.json")
    runs = _choose_runs(options, parameters)
    reports = options.reports.resolve()
    pdf, deadline, accept, page = options.pdf, options.deadline, options.accept, options.rerun
    plan = Plan(notebook, parameters, reports, pdf, deadline, accept, page, options.force)
    return plan, runs


def _choose_notebook(options: argparse.Namespace) -> Path:
    if options.score:
        return SCORING
    return COMPARISON if options.compare else Path(options.notebook)


def _choose_runs(options: argparse.Namespace, parameters: Mapping[str, Parameter]) -> list[Run]:
    overrides = _read_overrides(options, parameters)
    ks = [find_parameter(parameters, "k").read(word) for word in options.k or ()]
    if options.name is not None and (options.score or options.compare or options.rerun):
        raise UsageError("--name goes without --score, --compare, --rerun")
    if options.score:
        _refuse_runs(options, "--score REPORT --dataset FILE")
        return [plan_score(options.score, overrides, parameters)]
    if options.compare:
        _refuse_runs(options, "--compare REPORT REPORT")
        return [plan_compare(options.compare, overrides, parameters)]
    if options.rerun:
        others = set(overrides) - {"dataset", "like", "names"}
        if options.runs or options.dry_run or ks or others:
            raise UsageError("--rerun takes all parameters from the page; leave out the others")
        return [plan_rerun(options.rerun, overrides, parameters, options.reports.resolve())]
    runs = plan_runs(options.runs, overrides, ks, options.config, parameters, options.name)
    if "like" in overrides:
        return runs
    names = {run.name for run in runs}
    return [move_like(run, options.reports.resolve(), names) for run in runs]


def _refuse_runs(options: argparse.Namespace, usage: str) -> None:
    if options.runs:
        raise UsageError(f"{usage} goes without {options.runs[0]}")


def _read_overrides(
    options: argparse.Namespace, parameters: Mapping[str, Parameter]
) -> dict[str, Any]:
    """Returns the parameters that the options set, with paths from the current folder."""
    values: dict[str, Any] = {}
    for word in options.set:
        name, equals, text = word.partition("=")
        if not equals:
            raise UsageError(f"--set {word}: write --set name=value")
        values[name] = find_parameter(parameters, name).read(text)
    if options.features is not None:
        values["features"] = list(options.features)
    if options.dataset is not None:
        values["dataset"] = options.dataset
    if options.like is not None:
        values[find_parameter(parameters, "like").name] = options.like
    if "output" in values:
        raise UsageError("output is set by the runner; choose the folder with --reports")
    return absolute_paths(values, Path.cwd())


def _run(jobs: Sequence[Job], reports: Path, options: argparse.Namespace) -> int:
    check_overlaps([(job.folder, job.inputs) for job in jobs])
    try:
        outcomes = _make_due(jobs, options)
    except (KeyboardInterrupt, SystemExit):
        _try_index(reports)  # of what was finished before
        raise
    page = _try_index(reports)
    if options.log_to == "stderr":
        _print_logs(outcomes)
    if options.json:
        tell(json.dumps([outcome.record() for outcome in outcomes], indent=1))
    elif page is not None:
        tell(f"\nall reports: {show_path(page)}")
    code = judge_exit([outcome.status for outcome in outcomes])
    return code if page is not None else SOME_FAILED


def _try_index(reports: Path) -> Path | None:
    """Returns the index's page; None, with a line that says why, if it cannot be built."""
    try:
        return build_index(reports)
    except ForeignError as error:
        complain(f"run_reports.py: the index was not built: {error}")
    except OSError as error:
        complain(f"run_reports.py: the index was not built: {describe_os_error(error)}")
    return None


def _make_due(jobs: Sequence[Job], options: argparse.Namespace) -> list[Outcome]:
    """Makes the reports that are not up to date; returns the outcomes of all jobs."""
    reasons = list_reasons(jobs, options.force)
    due = [job for job in jobs if reasons[job.name] is not None]
    fresh = [_take_published(job) for job in jobs if reasons[job.name] is None]
    with Progress([job.name for job in jobs], quiet=options.json) as progress:
        for outcome in fresh:
            progress.finished(outcome)
        made = _make(due, options.jobs or choose_jobs(len(due)), progress) if due else []
    by_name = {outcome.run: outcome for outcome in [*fresh, *made]}
    return [by_name[job.name] for job in jobs]


def _make(jobs: Sequence[Job], at_once: int, progress: Progress) -> list[Outcome]:
    """Makes the reports; the kernels' server imports what they need while this process does."""
    modules = list_imports(load_notebook(jobs[0].plan.notebook))
    threads = choose_threads(at_once)
    start_server(modules, threads)
    # Imported only now, while the server does its own imports.
    from segmentation.reporting.kernels import Kernels
    from segmentation.reporting.running import make_reports

    return make_reports(jobs, Kernels(modules, threads), at_once, progress)


def _take_published(job: Job) -> Outcome:
    """Returns the outcome of a run whose report is up to date, however it failed in between."""
    with suppress(OSError, ForeignError):
        forget_failure(job.plan.reports, job.name)
    return describe_fresh(job)


def _print_logs(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.log:
            complain(Path(outcome.log).read_text(encoding="utf-8"))


def _print_reasons(jobs: Sequence[Job], options: argparse.Namespace) -> int:
    """Prints whether each run would be made, and why."""
    reasons = list_reasons(jobs, options.force)
    if options.json:
        tell(json.dumps([{"run": run, "reason": why} for run, why in reasons.items()], indent=1))
    else:
        width = max(map(len, reasons))
        for run, reason in reasons.items():
            tell(f"{run:<{width}}  {reason or Status.FRESH}")
    return GOOD


def _rerun(job: Job, options: argparse.Namespace) -> int:
    """Makes a report again and prints whether it is the same; one that differs is kept."""
    with Progress([job.name], quiet=True) as progress:
        outcome = _make([job], 1, progress)[0]
    done = outcome.status is Status.DONE
    differences = outcome.differs if done else (f"{outcome.status}: {outcome.reason}",)
    _try_index(job.plan.reports)
    _print_differences(options, differences, outcome.report)
    return int(bool(differences)) if done else judge_exit([outcome.status])


def _print_differences(
    options: argparse.Namespace, differences: Sequence[str], report: str | None
) -> None:
    if options.json:
        kept = report if differences else None
        record = {"identical": not differences, "differs": [*differences], "report": kept}
        tell(json.dumps(record, indent=1))
    elif not differences:
        tell(f"identical: every number of {options.rerun.name} came out again")
    else:
        tell(f"different: {'; '.join(differences)}")
        if report:
            tell(f"the rerun: {show_path(report)}")


def _rebuild_index(reports: Path) -> int:
    tell(f"all reports: {show_path(build_index(reports))}")
    return GOOD


def _verify(reports: Path, as_json: bool) -> int:
    """Prints what is wrong with the published reports."""
    from segmentation.reporting.publishing import verify  # with nbformat

    faults = verify(reports)
    if as_json:
        tell(json.dumps(faults, indent=1))
    else:
        tell("\n".join(faults) or "all reports are as they were published")
    return SOME_FAILED if faults else GOOD
