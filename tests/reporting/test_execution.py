"""Success is judged, not assumed."""

from __future__ import annotations

import contextlib
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest

from segmentation.reporting.datasets import Secrets
from segmentation.reporting.execution import execute
from segmentation.reporting.job import resolve_job
from segmentation.reporting.kernels import Kernels
from segmentation.reporting.outcome import RunError
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan
from segmentation.reporting.runs_file import Run
from tests.reporting.conftest import write_notebook


@pytest.fixture
def run(tmp_path, kernels):
    def start(*cells, last=None, kernels=kernels, deadline=None, environment=None, **values):
        options = {} if last is None else {"last": last}
        notebook = write_notebook(tmp_path / "n.ipynb", *cells, **options)
        staging = tmp_path / "staging"
        staging.mkdir(exist_ok=True)
        job = make_job(notebook, deadline, **values)
        if environment is not None:
            job = replace(job, secrets=Secrets(environment=environment))
        return execute(job, staging, kernels)

    return start


def make_job(notebook, deadline=None, **values):
    plan = Plan(notebook, read_parameters(notebook), notebook.parent / "reports", "never", deadline)
    return resolve_job(Run("n", values), plan)


def test_a_good_run_gives_its_record_and_notebook(run):
    done = run("print(note)", k=4, note='a "quoted" note, ümläut\n')
    assert done.result["k"] == 4
    assert 'a "quoted" note, ümläut' in done.book.cells[4].outputs[0].text


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1/0", "ZeroDivisionError"),
        ("import sys; sys.exit(0)", "SystemExit|never ran"),
        ("import os; os._exit(1)", r"kernel crashed \(exit code 1\)"),
        ("import os; os.kill(os.getpid(), 9)", "kernel was killed: out of memory"),
    ],
)
def test_a_run_that_stops_is_no_success(cell, message, run):
    with pytest.raises(RunError, match=message) as failed:
        run(cell)
    assert failed.value.status == "failed"


def test_cells_that_only_people_run_are_left_out(run, tmp_path, kernels):
    path = write_notebook(tmp_path / "n.ipynb", "print('ran')", "1/0")
    book = nbformat.read(path, as_version=4)
    book.cells[4].metadata["tags"] = ["skip-execution"]
    nbformat.write(book, path)
    staging = tmp_path / "staging"
    staging.mkdir()
    done = execute(make_job(path), staging, kernels)
    assert [cell.execution_count for cell in done.book.cells if "1/0" in cell.source] == [None]


def test_a_run_without_a_result_is_no_success(run):
    with pytest.raises(RunError, match=r"no result\.json"):
        run(last="1")


def test_a_refused_input_is_told_from_a_failure(run):
    cell = "from segmentation.data import InputError\n"
    cell += "raise InputError('k: 2', 'mend, or orders: {customer: ID}', code='decimal')"
    mended = "^k: 2; mend, or --set 'orders={customer: ID}'$"
    with pytest.raises(RunError, match=mended) as refused:
        run(cell)
    assert refused.value.status == "refused"


def test_a_stray_module_beside_the_runner_does_not_win(run, tmp_path, monkeypatch):
    (tmp_path / "pandas.py").write_text("raise RuntimeError('the wrong pandas')")
    monkeypatch.chdir(tmp_path)
    assert run("import pandas").result["k"] == 2


def test_a_run_that_passes_its_deadline_is_stopped(run):
    with pytest.raises(RunError, match="deadline of 2 s") as stopped:
        run("import time; time.sleep(60)", deadline=2)
    assert "time.sleep(60)" in stopped.value.log  # the cell that ran


def test_what_a_kernel_is_given_is_its_own(run, monkeypatch):
    monkeypatch.setenv("SEGMENT_TEST", "the runner's")
    code = "import os; print(os.environ['SEGMENT_TEST'], len(os.listdir()), os.environ['SECRET'])"
    done = run(code, environment={"SEGMENT_TEST": "its own", "SECRET": "$x${y}$$"})
    assert done.book.cells[4].outputs[0].text == "its own 0 $x${y}$$\n"


def test_warm_and_cold_kernels_see_the_same(run, kernels):
    code = (
        "import sys, random, matplotlib; import matplotlib.pyplot as plt; plt.plot([1, 2]);"
        "print(matplotlib.get_backend(), [p for p in sys.path if p], '__mp_main__' in sys.modules)"
    )
    cold = Kernels([], 1, method="spawn")
    seen = [run(code, kernels=each).book.cells[4].outputs for each in (kernels, cold)]
    assert [output.output_type for output in seen[0]] == [o.output_type for o in seen[1]]
    assert "image/png" in seen[0][-1].data
    texts = [next(o.text for o in outputs if o.output_type == "stream") for outputs in seen]
    assert texts[0].split(" ", 1)[0] == texts[1].split(" ", 1)[0]


def list_children() -> set[int]:
    """Returns the kernels among the processes below this one."""
    return {
        child.pid
        for child in psutil.Process().children(recursive=True)
        if child.is_running() and any(name.startswith("seg-") for name in child.cwd().split("/"))
    }


@pytest.mark.parametrize("cell", ["1", "1/0", "import os; os._exit(1)", "import os; os.fork()"])
def test_no_kernel_is_left_behind(cell, run, monkeypatch):
    made, make = [], tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", lambda *a, **k: made.append(make(*a, **k)) or made[-1])
    with contextlib.suppress(RunError):
        run(cell)
    deadline = time.monotonic() + 120
    while list_children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not list_children()
    assert made and not any(Path(folder).exists() for folder in made)
