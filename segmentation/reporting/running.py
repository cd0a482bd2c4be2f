"""One run from its parameters to its published folder, and what came of it."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import ensure_event_loop

from segmentation.data import InputError
from segmentation.data.errors import shown
from segmentation.data.memory import FOLDER
from segmentation.data.published.reports import read_run
from segmentation.reporting.datasets import Secrets, find_secrets
from segmentation.reporting.earlier import (
    check_features,
    find_earlier,
    list_waves,
    say_not_renewed,
)
from segmentation.reporting.execution import Executed, RunError, execute
from segmentation.reporting.expectations import find_surprises
from segmentation.reporting.files import held, staged, write_text
from segmentation.reporting.freshness import describe_making
from segmentation.reporting.inputs import check_input
from segmentation.reporting.kernels import Kernels
from segmentation.reporting.notebooks import list_headings, load_notebook
from segmentation.reporting.page import render_page
from segmentation.reporting.pdf import find_browser, print_pdf
from segmentation.reporting.planning import Outcome, Plan
from segmentation.reporting.progress import Progress
from segmentation.reporting.publishing import (
    describe_run,
    forget_failure,
    keep_failure,
    own_notebook,
    place_afterwards,
    publish,
)
from segmentation.reporting.runs_file import Run

_READING = threading.Lock()  # inputs are read one at a time, each with all the memory


def make_reports(
    runs: Sequence[Run], plan: Plan, kernels: Kernels, jobs: int, tell: Progress
) -> list[Outcome]:
    """Runs and publishes all of them, `jobs` at a time; the outcomes in the order of the runs.

    Runs on the same data share what they can, so the first of each data goes first. Raises
    `KeyboardInterrupt` where the call is interrupted, once every kernel is gone.
    """
    outcomes: dict[str, Outcome] = {}

    def make(run: Run) -> None:
        tell.started(run.name)
        try:
            reached = partial(tell.reached, run.name)
            outcome = make_report(run, plan, kernels, reached)
            warnings = say_not_renewed(run, outcomes, plan) if outcome.status == "done" else ()
            outcomes[run.name] = replace(outcome, warnings=(*outcome.warnings, *warnings))
        finally:
            ensure_event_loop().close()  # this thread's own, which nbclient leaves open
        tell.finished(outcomes[run.name])

    with ThreadPoolExecutor(jobs) as pool, tempfile.TemporaryDirectory(prefix="seg-") as shared:
        kernels.environment[FOLDER] = os.environ[FOLDER] = shared
        try:
            for wave in list_waves(runs, plan):
                waiting = [pool.submit(make, run) for run in spread(wave, plan)]
                for done in as_completed(waiting):
                    done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            kernels.stop()
            raise
        finally:
            del os.environ[FOLDER]
    return [outcomes[run.name] for run in runs]


def spread(runs: Sequence[Run], plan: Plan) -> list[Run]:
    """The runs in another order: first one of each dataset, then the second of each, and so on."""
    seen: Counter[str] = Counter()
    turns = []
    for run in runs:
        dataset = str(plan.values(run).get("dataset"))
        turns.append(seen[dataset])
        seen[dataset] += 1
    return [run for _, run in sorted(zip(turns, runs, strict=True), key=lambda pair: pair[0])]


def make_report(
    run: Run, plan: Plan, kernels: Kernels, reached: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Runs and publishes one report. A fault is an outcome, and leaves the last good report.

    `reached` gets the heading of each section when its first cell starts.
    """
    start = time.monotonic()
    secrets = find_secrets(plan.values(run).get("dataset"))
    with held(plan.reports, run.name), staged(plan.reports, run.name) as staging:
        try:
            result, warnings = _execute_and_publish(
                run, plan, kernels, staging, secrets, start, reached
            )
        except InputError as error:
            fault = RunError(str(error), status="refused")
        except RunError as error:
            fault = error
        except Exception as error:  # whatever it was, the other runs go on
            fault = RunError(f"{type(error).__name__}: {error}", traceback.format_exc())
        else:
            forget_failure(plan.reports, run.name)
            report = str(plan.reports / run.name / "report.html")
            seconds = time.monotonic() - start
            return Outcome(run.name, "done", seconds, report, result=result, warnings=warnings)
        log = None
        if kernels.stopped:
            fault = RunError("interrupted")
        else:
            with suppress(OSError):  # a full disk: the fault is told all the same
                log = str(keep_failure(plan.reports, run.name, staging, fault, secrets))
        reason = shown(secrets.hide(fault.reason), 400)
        return Outcome(run.name, fault.status, time.monotonic() - start, reason=reason, log=log)


def _execute_and_publish(
    run: Run,
    plan: Plan,
    kernels: Kernels,
    staging: Path,
    secrets: Secrets,
    start: float,
    reached: Callable[[str], None],
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The result, and what nobody expected of it."""
    values, settings = plan.values(run), plan.settings(run)
    with _READING:
        sha256, columns = check_input(values) if "dataset" in values else (None, None)
    earlier = find_earlier(values, run.name, plan, sha256)
    if earlier is not None and columns is not None:
        check_features(earlier, columns)
    headings = list_headings(load_notebook(plan.notebook))
    injected = {n: v for n, v in values.items() if n in run.values or n in ("dataset", "output")}
    injected = secrets.take_from(injected) | {"output": str(staging)}
    if "like" in values:
        injected["like"] = None if earlier is None else str(earlier)
        later = place_afterwards(earlier, plan.reports, run.name, settings.keep)
        values = values | {"like": later}
    executed = execute(
        plan.notebook,
        staging,
        injected,
        kernels,
        secrets.environment,
        settings.deadline,
        lambda cell: reached(headings.get(cell.id, "")),
    )
    book = nbformat.reads(secrets.name_back(nbformat.writes(executed.book)), as_version=4)
    own_notebook(book, values, plan.reports / run.name)
    nbformat.write(book, staging / plan.notebook.name)
    seconds = time.monotonic() - start
    made_of = describe_making(run, plan, sha256)
    changed, threads = plan.changed(run), kernels.threads
    target = plan.reports / run.name
    record = describe_run(
        run.name, values, changed, made_of, columns, executed, seconds, threads, target
    )
    if earlier is not None:  # told also where it is not kept, so that a rerun misses it
        record["parameters"]["like"] = read_run(earlier)["run"]
    surprises = find_surprises(
        read_run(plan.reports / run.name),
        {**record, "result": executed.result},
        settings.expect,
    )
    if settings.expect.otherwise == "publish":
        surprises = []
    record["warnings"] = surprises
    title = str(executed.result.get("title") or run.name)
    result = (staging / "result.json").read_bytes()
    model = _model_to_show(staging, executed)
    page = render_page(book, title, record, plan.parameters, result, model)
    write_text(staging / "report.html", page)
    if surprises and settings.expect.otherwise == "hold" and not plan.accept:
        said = "; ".join(surprises)
        raise RunError(
            f"{said}; the last report stays; where the new one is right: --accept", status="held"
        )
    _print(staging, settings.pdf)
    publish(plan.reports, run.name, record, secrets, settings.keep)
    return executed.result, tuple(surprises)


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
