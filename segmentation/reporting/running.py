"""From jobs to published reports: executed, described, rendered, published, or a fault."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import ensure_event_loop

from segmentation.data.errors import LONGEST, shown
from segmentation.data.memory import FOLDER
from segmentation.reporting.apart import call_apart
from segmentation.reporting.console import complain
from segmentation.reporting.earlier import (
    check_features,
    list_waves,
    open_earlier,
    say_not_renewed,
)
from segmentation.reporting.errors import UsageError
from segmentation.reporting.execution import Executed, drop_streams, execute
from segmentation.reporting.expectations import find_mangled, find_rescaled, find_surprises
from segmentation.reporting.files import forget_failure, locked, staged, write_text
from segmentation.reporting.freshness import describe_fresh, find_reason, find_sha256
from segmentation.reporting.inputs import check_input
from segmentation.reporting.job import Job
from segmentation.reporting.kernels import Kernels
from segmentation.reporting.notebooks import list_headings, load_notebook
from segmentation.reporting.outcome import Outcome, RunError, Status, as_fault
from segmentation.reporting.ownership import check_overlap, check_target, read_record
from segmentation.reporting.page import render_page
from segmentation.reporting.pdf import find_browser, print_pdf
from segmentation.reporting.progress import Progress
from segmentation.reporting.publishing import (
    describe_run,
    keep_failure,
    own_notebook,
    publish,
)
from segmentation.reporting.rerunning import tell_difference
from segmentation.reporting.scoring import MODEL
from segmentation.reporting.unchanged import refuse_changed, sign

WAITING = "waiting for another call that makes this report"
_READING = threading.Lock()  # inputs are read one at a time, each with all the memory


def make_reports(
    jobs: Sequence[Job], kernels: Kernels, at_once: int, progress: Progress
) -> list[Outcome]:
    """Makes the reports, some at a time; returns the outcomes in the order of the jobs.

    Raises `KeyboardInterrupt` if the call is interrupted, once every kernel is gone.
    """
    outcomes: dict[str, Outcome] = {}

    def make(job: Job) -> None:
        progress.started(job.name)
        try:
            outcome = make_report(job, kernels, partial(progress.entered, job.name))
            older = say_not_renewed(job, outcomes) if outcome.status is Status.DONE else ()
            outcomes[job.name] = replace(outcome, warnings=(*outcome.warnings, *older))
        finally:
            ensure_event_loop().close()  # this thread's own, which nbclient leaves open
        progress.finished(outcomes[job.name])

    place = tempfile.TemporaryDirectory(dir=kernels.folder)
    with ThreadPoolExecutor(at_once) as pool, place as shared:
        kernels.environment[FOLDER] = os.environ[FOLDER] = shared
        try:
            for wave in list_waves(jobs):
                waiting = [pool.submit(make, job) for job in spread(wave)]
                for done in as_completed(waiting):
                    done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            kernels.stop()
            raise
        finally:
            del os.environ[FOLDER]
    return [outcomes[job.name] for job in jobs]


def spread(jobs: Sequence[Job]) -> list[Job]:
    """Returns the jobs reordered: the first on each dataset, then the second on each, and so on.

    Jobs on the same data share results, so the first of each should be done early.
    """
    seen: Counter[str] = Counter()
    turns = []
    for job in jobs:
        dataset = str(job.values.get("dataset"))
        turns.append(seen[dataset])
        seen[dataset] += 1
    return [job for _, job in sorted(zip(turns, jobs, strict=True), key=lambda pair: pair[0])]


def make_report(
    job: Job, kernels: Kernels, on_section: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Makes and publishes one report. A fault is an outcome, and the last good report stays.

    `on_section` gets the heading of each section when its first cell starts.
    """
    job, reports = job.begin(), job.plan.reports
    try:
        with _locked(job, kernels), staged(reports, job.name) as staging:
            return _make_staged(job, kernels, staging, on_section)
    except UsageError:
        raise
    except Exception as error:  # whatever it was, the other runs go on
        return _describe_fault(job, as_fault(error))


@contextmanager
def _locked(job: Job, kernels: Kernels) -> Iterator[None]:
    """Holds the lock on the run's name, or raises `RunError` at the deadline or an interrupt."""

    def wait() -> None:
        complain(f"{job.name}: {WAITING}")

    def must_stop() -> bool:
        return kernels.stopped or job.deadline.is_over

    with locked(job.plan.reports, job.name, must_stop, wait) as is_held:
        if not is_held:
            raise RunError("interrupted") if kernels.stopped else job.deadline.fault(WAITING)
        yield


def _make_staged(
    job: Job, kernels: Kernels, staging: Path, on_section: Callable[[str], None]
) -> Outcome:
    """Returns what came of a run that has its lock and its folder for staging."""
    current = job.reread()  # another runner may have published while this one waited
    try:
        fresh = _take_fresh(job, current, kernels)
        outcome = fresh or _make(current, kernels, staging, on_section)
    except Exception as error:
        return _record_fault(current, as_fault(error), kernels, staging)
    with suppress(OSError, RunError):
        forget_failure(job.plan.reports, job.name)
    return replace(outcome, seconds=job.deadline.passed)


def _take_fresh(job: Job, current: Job, kernels: Kernels) -> Outcome | None:
    """Returns the outcome of a run that another runner has published while this one waited."""
    is_asked = job.plan.force or job.plan.page is not None
    if is_asked or current.published == job.published:
        return None
    is_stale = find_reason(current, partial(call_apart, kernels, job.deadline, find_sha256))
    return None if is_stale else describe_fresh(current)


def _make(job: Job, kernels: Kernels, staging: Path, on_section: Callable[[str], None]) -> Outcome:
    """Publishes the report, unless it equals the page of a rerun."""
    start = time.monotonic()
    check_target(job.folder)
    check_overlap(job.folder, job.inputs)
    signs = sign(job)
    job = _read_input(job, kernels)
    signs = sign(job) | signs  # with the earlier report
    executed = _execute(job, kernels, staging, on_section)
    refuse_changed(job, signs, kernels)
    record = _describe(job, executed, time.monotonic() - start, kernels.threads)
    _render(job, staging, executed, record)
    _refuse_surprises(job, record, executed.result)
    done = Outcome(job.name, Status.DONE, 0.0, result=executed.result)
    differs = () if job.plan.page is None else tuple(tell_difference(job.plan.page, staging))
    if job.plan.page is not None and not differs:
        return done
    _print(staging, job.settings.pdf)
    kept, report = publish(job, record), str(job.folder / "report.html")
    warnings = tuple(record["warnings"])
    kept_at = None if kept is None else str(kept)
    return replace(done, report=report, warnings=warnings, kept=kept_at, differs=differs)


def _read_input(job: Job, kernels: Kernels) -> Job:
    """Returns the job with its data and its earlier report.

    Raises `InputError` or, if reading the data failed, `RunError`.
    """
    followed = open_earlier(_check_apart(job, kernels))
    check_features(followed)
    return followed


def _check_apart(job: Job, kernels: Kernels) -> Job:
    """Returns the job with its data's sha256 and columns, read in a process of its own."""
    if "dataset" not in job.values:
        return job
    left = job.deadline.left
    if not _READING.acquire(timeout=-1 if left is None else left):
        raise job.deadline.fault("other inputs were read")
    try:
        sha256, columns = call_apart(kernels, job.deadline, check_input, job.values, job.declared)
    finally:
        _READING.release()
    return replace(job, sha256=sha256, columns=columns)


def _execute(
    job: Job, kernels: Kernels, staging: Path, on_section: Callable[[str], None]
) -> Executed:
    """Executes the notebook and stages it as one to go on with."""
    headings = list_headings(load_notebook(job.plan.notebook))
    executed = execute(job, staging, kernels, lambda cell: on_section(headings.get(cell.id, "")))
    book = own_notebook(drop_streams(executed.book, job), job)
    nbformat.write(book, staging / job.plan.notebook.name)
    return replace(executed, book=book)


def _describe(job: Job, executed: Executed, seconds: float, threads: int) -> dict[str, Any]:
    """Returns the record run.json, with what was not expected of the report as warnings."""
    record = describe_run(job, executed.result, seconds, threads)
    expected = job.settings.expect
    surprises = find_surprises(job.published, {**record, "result": executed.result}, expected)
    surprises += [*find_rescaled(executed.result), *find_mangled(executed.result)]
    return {**record, "warnings": [] if expected.otherwise == "publish" else surprises}


def _render(job: Job, staging: Path, executed: Executed, record: Mapping[str, Any]) -> None:
    """Stages report.html."""
    title = str(executed.result.get("title") or job.name)
    result = (staging / "result.json").read_bytes()
    # Tiny segments describe single customers: their model is not for every reader of the page.
    model = {} if executed.result.get("tiny_segments") else read_record(staging / MODEL)
    page = render_page(executed.book, title, record, job.plan.parameters, result, model)
    write_text(staging / "report.html", page)


def _refuse_surprises(job: Job, record: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    """Raises `RunError` if a report on new data has surprises and is held back for them.

    So the settings say, or a feature is in another unit: its segments would all be new ones, and
    the next report would be compared with them.
    """
    is_known = job.published.get("sha256") == record["sha256"]
    if is_known or job.plan.accept or job.plan.page is not None or not record["warnings"]:
        return
    if job.settings.expect.otherwise == "hold" or find_rescaled(result):
        stays = "the last report stays; " if job.published else ""
        raise RunError(
            f"{'; '.join(record['warnings'])}; {stays}if the new one is right: --accept",
            status=Status.HELD,
        )


def _print(staging: Path, pdf: str) -> None:
    """Stages report.pdf, as the setting says."""
    if pdf == "never":
        return
    browser = find_browser()
    fault = "no Chromium was found: install one, or leave out --pdf always"
    if browser is not None:
        fault = print_pdf(staging / "report.html", staging / "report.pdf", browser) or ""
    if fault and pdf == "always":
        raise RunError(f"no PDF: {fault}")


def _record_fault(job: Job, fault: RunError, kernels: Kernels, staging: Path) -> Outcome:
    """Returns the outcome of a run that failed, and keeps what it left unless interrupted."""
    log = None
    # A mistyped name leaves no trace; a report whose data is gone is shown as failing.
    is_typo = fault.code == "no-file" and not job.published
    if kernels.stopped:
        fault = RunError("interrupted")
    elif not is_typo:
        with suppress(OSError, RunError):  # on a full disk the fault is still reported
            log = str(keep_failure(job, staging, fault))
    return replace(_describe_fault(job, fault), log=log)


def _describe_fault(job: Job, fault: RunError) -> Outcome:
    most = 2 * LONGEST if fault.status is Status.REFUSED else 400  # a remedy is not cut
    reason = shown(job.secrets.hide(fault.reason), most)
    return Outcome(job.name, fault.status, job.deadline.passed, reason=reason)
