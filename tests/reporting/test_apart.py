"""Reading in a process of its own: deadlines, interrupts and crashes end that run alone."""

from __future__ import annotations

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import pytest

from segmentation.reporting import checking, running
from segmentation.reporting.apart import call_apart, read_apart
from segmentation.reporting.checking import check_values
from segmentation.reporting.deadline import Deadline
from segmentation.reporting.files import locked
from segmentation.reporting.job import Job, resolve_job
from segmentation.reporting.outcome import RunError
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan
from segmentation.reporting.runs_file import Run
from segmentation.reporting.settings import Settings

ENDLESS = "with recursive t(x) as (select 1 union all select x+1 from t) select x, x*2 as y from t"


@pytest.fixture
def resolve(notebook, tmp_path):
    """Returns the job of a run with these values and this deadline."""

    def resolve(seconds: float | None = None, **values: str) -> Job:
        plan = Plan(notebook, read_parameters(notebook), tmp_path / "reports", "never")
        return resolve_job(Run("one", values, Settings(deadline=seconds)), plan)

    return resolve


@pytest.fixture
def endless(tmp_path) -> str:
    """A database with a view that has no end."""
    with sqlite3.connect(tmp_path / "endless.db") as con:
        con.execute(f"create view numbers as {ENDLESS}")
    con.close()
    return f"sqlite:///{tmp_path}/endless.db"


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("step", "word", "fault"),
    [
        (os.abort, (), "crashed (signal 6)"),
        (os._exit, (3,), "crashed (exit code 3)"),
        (int, ("three",), "invalid literal"),
    ],
)
def test_a_crash_is_the_fault_of_the_step_alone(kernels, step, word, fault):
    with pytest.raises(RunError) as caught:
        call_apart(kernels, Deadline(), step, *word)
    assert fault in caught.value.reason
    assert call_apart(kernels, Deadline(), abs, -3) == 3


@pytest.mark.kernel
def test_a_deadline_ends_a_step(kernels):
    with pytest.raises(RunError, match=r"deadline of 0\.2 s while reading the data"):
        call_apart(kernels, Deadline(0.2), time.sleep, 3_000)


@pytest.mark.kernel
def test_an_endless_view_is_stopped_and_leaves_no_lock(kernels, resolve, endless, tmp_path):
    job = resolve(1.0, dataset=endless)
    outcome = running.make_report(job, kernels)
    assert outcome.status == "failed" and "deadline of 1 s while reading" in outcome.reason
    with locked(tmp_path / "reports", "one", lambda: True) as is_held:
        assert is_held


def test_a_check_of_an_endless_view_is_stopped(resolve, endless):
    with pytest.raises(RunError, match=r"deadline of 0\.5 s"):
        read_apart(resolve(0.5, dataset=endless), partial(check_values, declared=True))


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        (lambda: os._exit(3), "crashed (exit code 3)"),
        (lambda: time.sleep(3_000), "deadline of 0.5 s"),
    ],
)
def test_a_check_of_a_file_survives_its_reader(resolve, monkeypatch, step, fault, capsys):
    monkeypatch.setattr(checking, "check_values", lambda *_, **__: step())
    assert checking.check_jobs([resolve(0.5)], as_json=False) == 1
    assert fault in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "stopped", "fault"),
    [(0.2, False, "0.2 s while waiting for another call"), (None, True, "interrupted")],
)
def test_a_deadline_and_an_interrupt_end_the_wait(resolve, seconds, stopped, fault, capsys):
    job = resolve(seconds)
    kernels = SimpleNamespace(stopped=stopped)
    # Another thread: one cannot wait for its own lock.
    with locked(job.plan.reports, job.name), ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(running.make_report, job, kernels).result()
    assert outcome.status == "failed" and fault in outcome.reason
    assert "one: waiting for another call" in capsys.readouterr().err
