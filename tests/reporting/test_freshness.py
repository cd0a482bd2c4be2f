"""A report is made again exactly when something it is made of has changed, with the reason."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace

import nbformat
import pytest

from segmentation.data import InputError, open_names
from segmentation.data.parquet.folders import parquet_files
from segmentation.reporting import freshness
from segmentation.reporting.job import resolve_job
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan
from segmentation.reporting.running import make_report
from segmentation.reporting.runs_file import Run
from segmentation.reporting.settings import Settings
from tests.reporting.conftest import write_notebook

RUN = Run("one", {"k": 3})


def find_reason(run: Run, plan: Plan) -> str | None:
    """Returns why the run must be made again, with its job resolved again."""
    return freshness.find_reason(resolve_job(run, plan))


@pytest.fixture
def plan(notebook, tmp_path, kernels) -> Plan:
    """A plan whose one run has just been made."""
    plan = Plan(notebook, read_parameters(notebook), tmp_path / "reports", "never")
    assert find_reason(RUN, plan) == "there is no report yet"
    assert make_report(resolve_job(RUN, plan), kernels).status == "done"
    return plan


def test_nothing_changed_is_up_to_date(plan, tmp_path):
    assert find_reason(RUN, plan) is None
    text = (tmp_path / "customers.csv").read_bytes()
    (tmp_path / "customers.csv").write_bytes(text)  # a new time, the same bytes
    assert find_reason(RUN, plan) is None


def test_every_change_is_named(plan, tmp_path, monkeypatch):
    changed = replace(RUN, values={"k": 4, "note": "x"})
    assert find_reason(changed, plan) == "stale because k was 3, is 4, note was it's, is x"
    with (tmp_path / "customers.csv").open("a") as file:
        file.write("99,99\n")
    assert find_reason(RUN, plan) == "stale because the data changed"
    other = write_notebook(plan.notebook, "print('ran differently', k)")
    assert "notebook cell 4 changed" in find_reason(RUN, replace(plan, notebook=other))
    monkeypatch.setattr(freshness, "hash_package", lambda: "other")
    versions = freshness.list_versions() | {"pandas": "0.1"}
    monkeypatch.setattr(freshness, "list_versions", lambda: versions)
    reason = find_reason(RUN, plan)
    assert "this program changed" in reason and "pandas" in reason and "→ 0.1" in reason
    (tmp_path / "customers.csv").unlink()
    gone = "will be refused: customers.csv: there is no such file"
    assert find_reason(RUN, plan) == gone


def test_a_pipe_is_refused_and_not_waited_for(notebook, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    plan = Plan(notebook, read_parameters(notebook), tmp_path / "reports", "never")
    reason = find_reason(Run("one", {"dataset": str(tmp_path / "pipe.csv")}), plan)
    assert reason == "will be refused: pipe.csv: is a device, pipe or socket"
    with pytest.raises(InputError, match="names: this is no file"):
        open_names(str(tmp_path / "pipe.csv"))
    os.mkfifo(tmp_path / "pipe")  # without an ending, as a Parquet file may be
    with pytest.raises(InputError, match="a folder without a Parquet file"):
        parquet_files(tmp_path)


def test_the_deadline_counts_the_hashing(plan, monkeypatch):
    monkeypatch.setattr(freshness, "find_sha256", lambda _: time.sleep(3_000))
    late = replace(RUN, settings=Settings(deadline=0.2))
    assert find_reason(late, plan) == "stale because the data cannot be read"


def test_an_edit_of_cells_that_only_people_run_changes_no_report(plan):
    book = nbformat.read(plan.notebook, as_version=4)
    tags = {"tags": ["skip-execution"]}
    book.cells.append(nbformat.v4.new_code_cell("print('tried')", metadata=tags))
    nbformat.write(book, plan.notebook)
    assert find_reason(RUN, plan) is None


def test_a_report_that_lacks_a_file_is_stale(plan):
    assert find_reason(RUN, replace(plan, pdf="always")) == "stale because it has no PDF"
    (plan.reports / "one" / "report.html").unlink()
    assert find_reason(RUN, plan) == "stale because report.html is gone"
    record = plan.reports / "one" / "run.json"
    whole = json.loads(record.read_text())
    rest = {name: digest for name, digest in whole["files"].items() if name != "report.html"}
    record.write_text(json.dumps({**whole, "files": rest, "made_of": None}))
    assert "does not say" in find_reason(RUN, plan)
    record.write_text("{")
    reason = find_reason(RUN, plan)
    assert "will be refused: reports/one holds files that are no report of this program" in reason


def test_a_report_that_was_edited_is_stale(plan):
    with (plan.reports / "one" / "result.json").open("a") as file:
        file.write("\n")
    edited = "stale because result.json was changed since it was published"
    assert find_reason(RUN, plan) == edited


def test_the_package_is_hashed_by_its_content(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text("1")
    monkeypatch.setattr(freshness, "PACKAGE", tmp_path)
    hash_now = freshness.hash_package.__wrapped__  # a call asks but once
    before = hash_now()
    (tmp_path / "notes.txt").write_text("not code")
    assert hash_now() == before
    (tmp_path / "a.py").write_text("2")
    assert hash_now() != before
