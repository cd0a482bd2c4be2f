"""Faults at every step of publishing: the process is killed, or the disk is full.

Also many kernels at once, and one bad run of each kind among good ones.

python -m tests.reporting.faults --reads 10000 --rounds 25 --starts 200 --runs 20
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import multiprocessing
import os
import re
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import psutil
from jupyter_core.utils import ensure_event_loop

from segmentation.data.published.reports import HISTORY
from segmentation.reporting import files
from segmentation.reporting.execution import execute
from segmentation.reporting.files import STAGING, locked, staged
from segmentation.reporting.index import build_index
from segmentation.reporting.job import resolve_job
from segmentation.reporting.kernels import Kernels
from segmentation.reporting.outcome import RunError, judge_exit
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan
from segmentation.reporting.progress import Progress
from segmentation.reporting.publishing import publish, verify
from segmentation.reporting.running import make_reports
from segmentation.reporting.runs_file import Run
from segmentation.reporting.settings import Settings
from tests.reporting.conftest import LAST, write_notebook

NAMES = ("report.html", "result.json", "model.json")
KILLED, UNTOUCHED = 77, 78
START = datetime(2026, 1, 1, tzinfo=UTC)
KEPT = 2  # earlier versions


def publish_version(reports: Path, name: str, version: str) -> None:
    """Publishes a run; each of its files holds the version many times."""
    with locked(reports, name), staged(reports, name) as staging:
        for file in NAMES:
            (staging / file).write_text(json.dumps({"title": version, "text": version * 20_000}))
        seconds = int("".join(re.findall(r"\d", version)))
        finished = (START + timedelta(seconds=seconds)).isoformat()
        record = {"run": name, "finished": finished, "version": version, "sha256": version}
        run, plan = Run(name, {}, Settings(keep=KEPT)), Plan(Path(), {}, reports)
        publish(resolve_job(run, plan), record)
    build_index(reports)


def read_version(folder: Path) -> str | None:
    """Returns the version of a whole report, None if it is torn; raises if it is missing."""
    record = json.loads((folder / "run.json").read_text())
    for file, digest in record["files"].items():
        if hashlib.sha256((folder / file).read_bytes()).hexdigest() != digest:
            return None
    return str(record["version"])


def count_steps(act: Callable[[], None], stop_at: int, fault: Callable[[], None]) -> int:
    """Runs `act` with the fault before its n-th step on the disk; returns the number of steps."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == stop_at:
            fault()

    def watched(call: Callable) -> Callable:
        def run(*args, **kwargs):
            step()
            return call(*args, **kwargs)

        return run

    def opened(path, mode="r", *args, **kwargs):
        writes = set(mode) & set("wax+")
        return (watched(real) if writes else real)(path, mode, *args, **kwargs)

    real = Path.open
    calls = {
        name: getattr(os, name)
        for name in ("fsync", "rename", "replace", "unlink", "rmdir", "mkdir", "link")
    }
    with (
        patch.multiple(os, **{name: watched(call) for name, call in calls.items()}),
        patch.object(files, "exchange", watched(files.exchange)),
        patch.object(Path, "open", opened),
    ):
        act()
    return steps


def in_child(act: Callable[[], None]) -> int:
    """Returns the exit code of `act`, run in its own process."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        except OSError:
            os._exit(1)
        except BaseException:
            traceback.print_exc()
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def full_disk() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def try_every_step(fault: Callable[[], None], swaps: bool) -> int:
    """Publishes over an earlier version with the fault at each step; returns the number of steps.

    After each, the report is one of the two versions, whole, and the next call succeeds.
    """
    with tempfile.TemporaryDirectory() as place:
        reports, step, ends = Path(place), 0, 0
        swap = files.exchange if swaps else (lambda *_: False)
        while ends != UNTOUCHED:
            step += 1
            publish_version(reports, "run", f"old {step}")

            def act(step: int = step) -> None:
                steps = count_steps(
                    lambda: publish_version(reports, "run", f"new {step}"), step, fault
                )
                if steps < step:
                    os._exit(UNTOUCHED)

            with patch.object(files, "exchange", swap):
                ends = in_child(act)
            assert ends in (0, 1, KILLED, UNTOUCHED), ends
            if not (reports / "run").exists():  # between the two renames of a system without swap
                assert not swaps
                with locked(reports, "run"), staged(reports, "run"):
                    pass
            assert read_version(reports / "run") in (f"old {step}", f"new {step}"), step
            publish_version(reports, "run", f"after {step}")
            assert read_version(reports / "run") == f"after {step}" and not verify(reports)
            assert not list((reports / STAGING).iterdir())
            earlier = list((reports / HISTORY / "run").glob("[!.]*"))
            assert 1 <= len(earlier) <= KEPT and all(map(read_version, earlier))
            assert "after" in (reports / "index.html").read_text()
        return step


def read_while_published(reads: int) -> int:
    """Reads a report while it is published over and over; returns how often it was torn."""
    with tempfile.TemporaryDirectory() as place:
        reports, torn, done = Path(place), 0, threading.Event()
        publish_version(reports, "run", "0")

        def go_on() -> None:
            version = 0
            while not done.is_set():
                version += 1
                publish_version(reports, "run", str(version))

        writer = multiprocessing.get_context("fork").Process(target=go_on)
        writer.start()
        seen, count = set(), 0
        while count < reads or len(seen) < min(reads // 10, 100):
            count += 1
            page = json.loads((reports / "run" / "report.html").read_text())
            seen.add(page["title"])
            index = (reports / "index.html").read_text()
            torn += len(page["text"]) != len(page["title"]) * 20_000
            torn += not index.rstrip().endswith("</html>")
        writer.terminate()
        writer.join()
        return torn


def publish_at_once(rounds: int, runners: int = 4) -> list[str]:
    """Lets runners publish the same runs at the same time; returns what was lost or torn."""
    with tempfile.TemporaryDirectory() as place:
        reports = Path(place)
        names = [f"run{number}" for number in range(3)]

        def work(runner: int) -> None:
            for turn in range(rounds):
                for name in names:
                    publish_version(reports, name, f"{runner}-{turn}")

        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=work, args=(number,)) for number in range(runners)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        faults = [f"runner ended with {w.exitcode}" for w in workers if w.exitcode]
        faults += verify(reports)
        last = f"-{rounds - 1}"
        faults += [name for name in names if not str(read_version(reports / name)).endswith(last)]
        index = (reports / "index.html").read_text()
        return faults + [name for name in names if f'href="{name}/report.html"' not in index]


def start_kernels(starts: int, at_once: int = 6) -> list[str]:
    """Runs a notebook in many kernels, some at a time; returns what failed or was left behind."""
    with tempfile.TemporaryDirectory() as place:
        book = write_notebook(Path(place) / "n.ipynb", "import os; print(os.getpid())")
        kernels, plan = Kernels([], 1), Plan(book, read_parameters(book), Path(place) / "reports")

        def start(number: int) -> str:
            staging = Path(place) / str(number)
            staging.mkdir()
            try:
                job = resolve_job(Run("n", {"note": str(number)}), plan)
                title = execute(job, staging, kernels).result["title"]
                return "" if title == str(number) else f"{number} got another's values"
            except RunError as error:
                return f"{number}: {error}"
            finally:
                ensure_event_loop().close()  # this thread's own

        with ThreadPoolExecutor(at_once) as pool:
            faults = [fault for fault in pool.map(start, range(starts)) if fault]
        return faults + [f"left behind: {child}" for child in list_kernels()]


def list_kernels() -> list[psutil.Process]:
    """Returns the kernels still among the processes below this one after two minutes."""
    for _ in range(1200):
        below = psutil.Process().children(recursive=True)
        left = [child for child in below if _is_kernel(child)]
        if not left:
            break
        time.sleep(0.1)
    return left


def _is_kernel(child: psutil.Process) -> bool:
    try:
        return any(name.startswith("seg-") for name in child.cwd().split("/"))
    except psutil.Error:
        return False


MISHAPS = {
    "raises": ("1/0", 1, "failed"),
    "ends early": ("import sys; sys.exit(0)", 1, "failed"),
    "is killed": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 1, "failed"),
    "takes too long": ("import time; time.sleep(60)", 1, "failed"),
    "writes no result": ("output = None", 1, "failed"),
    "writes half a result": ("json_fault = True", 1, "failed"),
    "is refused": ("raise InputError('bad', 'mend', code='decimal')", 3, "refused"),
    "has data that is gone": (None, 3, "refused"),
}


def spoil_one(kind: str, runs: int, kernels: Kernels) -> list[str]:
    """Makes reports, one of them with this mishap; returns what it did to the others."""
    code, exit_code, status = MISHAPS[kind]
    cell = f"from segmentation.data import InputError\nif note == 'bad':\n    {code or 'pass'}"
    with tempfile.TemporaryDirectory() as place:
        folder, faults = Path(place), []
        last = LAST.replace(
            "json.dump(record, file)",
            "file.write('{' if 'json_fault' in globals() else json.dumps(record))",
        )
        book = write_notebook(folder / "n.ipynb", cell, last=last)
        (folder / "c.csv").write_text("a,b\n" + "".join(f"{n},{n * n}\n" for n in range(12)))
        plan = Plan(book, read_parameters(book), folder / "reports", pdf="never", deadline=300)
        values = {"dataset": str(folder / "c.csv"), "k": 2}
        named = [Run(f"r{number}", values) for number in range(runs)]
        quiet = Progress([], quiet=True)
        make_reports([resolve_job(run, plan) for run in named], kernels, 2, quiet)
        before = {run.name: _read_files(plan.reports / run.name) for run in named}
        gone = {"dataset": str(folder / "none.csv")} if code is None else {}
        bad = replace(named[runs // 2], values=named[0].values | {"note": "bad"} | gone)
        if kind == "takes too long":
            bad, plan = replace(bad, settings=Settings(deadline=5)), replace(plan, deadline=None)
        again = [bad if run.name == bad.name else run for run in named]
        ends = make_reports([resolve_job(run, plan) for run in again], kernels, 2, quiet)
        statuses = {end.run: end.status for end in ends}
        reasons = {end.run: end.reason for end in ends}
        build_index(plan.reports)
        index = (plan.reports / "index.html").read_text()
        for run in named:
            same = _read_files(plan.reports / run.name) == before[run.name]
            faults += [] if same else [f"{run.name} is another"]
            wanted = status if run.name == bad.name else "done"
            faults += [] if statuses[run.name] == wanted else [f"{run.name}: {reasons[run.name]}"]
            listed = f'href="{run.name}/report.html"' in index
            faults += [] if listed else [f"{run.name} not listed"]
        faults += [] if f'<b class="bad">{status}:</b>' in index else ["the index does not show it"]
        faults += [] if judge_exit(list(statuses.values())) == exit_code else ["another exit code"]
        return faults + verify(plan.reports) + [f"left behind: {child}" for child in list_kernels()]


def _read_files(folder: Path) -> dict[str, bytes]:
    """Returns the bytes of a report's files, without the time it was made."""
    when = re.compile(rb'<div id="run-record">.*?</div>', re.DOTALL)
    return {
        path.name: when.sub(b"", path.read_bytes())
        for path in folder.iterdir()
        if path.name != "run.json"
    }


def main() -> None:
    """Runs every fault many times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reads", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    for swaps in (True, False):
        for name, fault in (("killed", lambda: os._exit(KILLED)), ("disk full", full_disk)):
            steps = try_every_step(fault, swaps)
            print(f"{name} at each of {steps} steps, exchange {swaps}: nothing torn or lost")
    torn = read_while_published(options.reads)
    lost = publish_at_once(options.rounds)
    print(f"{options.reads} reads of a report being published: {torn} bad")
    print(f"4 runners, {options.rounds} rounds: {lost or 'nothing lost'}")
    wrong = start_kernels(options.starts)
    print(f"{options.starts} kernels, 6 at a time: {wrong or 'no fault, none left behind'}")
    kernels = Kernels([], 1)
    for kind in MISHAPS:
        spoilt = spoil_one(kind, options.runs, kernels)
        print(f"one of {options.runs} runs {kind}: {spoilt or 'the others have the same bytes'}")
        wrong += spoilt
    sys.exit(bool(torn or lost or wrong))


if __name__ == "__main__":
    main()
