"""Faults in every step of publishing: killed there, or told that the disk is full.

python -m tests.reporting.faults --reads 10000 --rounds 25
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from segmentation.reporting import files
from segmentation.reporting.datasets import Secrets
from segmentation.reporting.files import STAGING, held, staged
from segmentation.reporting.index import build_index
from segmentation.reporting.publishing import publish, verify

NAMES = ("report.html", "result.json", "model.json")
KILLED, UNTOUCHED = 77, 78


def publish_version(reports: Path, name: str, version: str) -> None:
    """Publishes a run whose every file holds the version many times."""
    with held(reports, name), staged(reports, name) as staging:
        for file in NAMES:
            (staging / file).write_text(json.dumps({"title": version, "text": version * 20_000}))
        record = {"run": name, "finished": version, "version": version}
        publish(reports, name, record, Secrets())
    build_index(reports)


def read_version(folder: Path) -> str | None:
    """The version of a whole report, None where it is torn; raises where it is not there."""
    record = json.loads((folder / "run.json").read_text())
    for file, digest in record["files"].items():
        if hashlib.sha256((folder / file).read_bytes()).hexdigest() != digest:
            return None
    return str(record["version"])


def count_steps(act: Callable[[], None], stop_at: int, fault: Callable[[], None]) -> int:
    """Runs `act`, with the fault before its n-th step on the disk; how many steps it took."""
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
    calls = {name: getattr(os, name) for name in
             ("fsync", "rename", "replace", "unlink", "rmdir", "mkdir")}  # fmt: skip
    with (
        patch.multiple(os, **{name: watched(call) for name, call in calls.items()}),
        patch.object(files, "exchange", watched(files.exchange)),
        patch.object(Path, "open", opened),
    ):
        act()
    return steps


def in_child(act: Callable[[], None]) -> int:
    """The exit code of `act` in a process of its own."""
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
    """Publishes over an earlier version with the fault at each step; how many steps were tried.

    After each, the report is one of the two versions, whole, and the next call succeeds.
    """
    with tempfile.TemporaryDirectory() as place:
        reports, at, ends = Path(place), 0, 0
        swap = files.exchange if swaps else (lambda *_: False)
        while ends != UNTOUCHED:
            at += 1
            publish_version(reports, "run", f"old {at}")

            def act(at: int = at) -> None:
                steps = count_steps(lambda: publish_version(reports, "run", f"new {at}"), at, fault)
                if steps < at:
                    os._exit(UNTOUCHED)

            with patch.object(files, "exchange", swap):
                ends = in_child(act)
            assert ends in (0, 1, KILLED, UNTOUCHED), ends
            if not (reports / "run").exists():  # between the two renames of a system without swap
                assert not swaps
                with held(reports, "run"), staged(reports, "run"):
                    pass
            assert read_version(reports / "run") in (f"old {at}", f"new {at}"), at
            publish_version(reports, "run", f"after {at}")
            assert read_version(reports / "run") == f"after {at}" and not verify(reports)
            assert not list((reports / STAGING).iterdir())
            assert "after" in (reports / "index.html").read_text()
        return at


def read_while_published(reads: int) -> int:
    """Reads a report so many times while it is published over and over; how often it was torn."""
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
    """Lets runners publish the same runs at the same time; what was lost or torn."""
    with tempfile.TemporaryDirectory() as place:
        reports = Path(place)
        names = [f"run{at}" for at in range(3)]

        def work(runner: int) -> None:
            for turn in range(rounds):
                for name in names:
                    publish_version(reports, name, f"{runner}-{turn}")

        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=work, args=(at,)) for at in range(runners)]
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


def main() -> None:
    """The long proof."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reads", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=25)
    asked = parser.parse_args()
    for swaps in (True, False):
        for name, fault in (("killed", lambda: os._exit(KILLED)), ("disk full", full_disk)):
            steps = try_every_step(fault, swaps)
            print(f"{name} at each of {steps} steps, exchange {swaps}: nothing torn or lost")
    torn = read_while_published(asked.reads)
    lost = publish_at_once(asked.rounds)
    print(f"{asked.reads} reads of a report being published: {torn} bad")
    print(f"4 runners, {asked.rounds} rounds: {lost or 'nothing lost'}")
    sys.exit(bool(torn or lost))


if __name__ == "__main__":
    main()
