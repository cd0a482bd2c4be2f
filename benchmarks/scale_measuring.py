"""Measures programs in processes of their own: seconds, memory, and seconds in scans of a table."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psutil

FEATURES = [f"f{number}" for number in range(6)]
K = 4
ROOT = Path(__file__).parents[1]
EVERY = 0.5  # seconds between samples of memory; sampling itself slows what is timed
SCANS = 3  # before each process
Words = Sequence[str | Path]


@dataclass(frozen=True)
class Ran:
    """One process: seconds, peak memory in bytes, and the record that it printed."""

    seconds: float
    peak: int
    record: Mapping[str, float]


@dataclass
class Race:
    """Processes on one file, run in turn for several rounds, with scans of the file in between."""

    path: Path
    scans: list[float] = field(default_factory=list)
    ran: dict[str, list[Ran]] = field(default_factory=dict)

    def run(self, contenders: Mapping[str, Words], rounds: int) -> Race:
        """Runs every contender once a round; returns itself."""
        for _ in range(rounds):
            for name, words in contenders.items():
                self.scans += [time_scan(self.path) for _ in range(SCANS)]
                self.ran.setdefault(name, []).append(run_alone(words))
        self.scans += [time_scan(self.path) for _ in range(SCANS)]
        return self

    @property
    def scan(self) -> float:
        """Seconds of the fastest scan."""
        return min(self.scans)

    def seconds(self, name: str, step: str | None = None) -> float:
        """The fewest seconds of a contender, or of one of its steps."""
        every = self.ran[name]
        return min(ran.seconds if step is None else ran.record[step] for ran in every)

    def peak(self, name: str) -> int:
        """Peak memory of a contender in bytes."""
        return max(ran.peak for ran in self.ran[name])


def time_scan(path: Path) -> float:
    """Returns the seconds that DuckDB needs to sum the six columns of a file."""
    sums = ", ".join(f"sum({name})" for name in FEATURES)
    with duckdb.connect() as con:
        return time_step(lambda: con.execute(f"SELECT {sums} FROM '{path}'").fetchall())[0]


def time_step(step: Callable[..., Any], *given: Any, **named: Any) -> tuple[float, Any]:
    """Returns the seconds of a call, and its result."""
    start = time.perf_counter()
    result = step(*given, **named)
    return time.perf_counter() - start, result


def run_alone(words: Words) -> Ran:
    """Runs Python with these arguments in the project's folder; its last line may be a record."""
    command = [sys.executable, *map(str, words)]
    start = time.perf_counter()
    process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, measure_tree(process))
        time.sleep(EVERY)
    seconds = time.perf_counter() - start
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {out}")
    return Ran(seconds, peak, read_record(out))


def read_record(out: str) -> dict[str, float]:
    """Returns the record in the last line of an output; empty if there is none."""
    last = out.strip().splitlines()[-1:]
    return json.loads(last[0]) if last and last[0].startswith("{") else {}


def measure_tree(process: psutil.Process) -> int:
    """Returns the bytes of a process and its descendants; shared pages are counted once (PSS)."""
    try:
        return sum(_measure(each) for each in [process, *process.children(recursive=True)])
    except psutil.Error:
        return 0


def _measure(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:  # the process has ended
        return 0


def say_line(
    name: str, seconds: float, scan: float, peak: int | None = None, more: str = ""
) -> str:
    """Formats an aligned line: name, seconds, scans, and gigabytes if they were measured."""
    memory = "" if peak is None else f"  {peak / 1e9:5.2f} GB"
    return f"  {name:<24} {seconds:7.2f} s  {seconds / scan:6.1f} scans{memory}  {more}".rstrip()
