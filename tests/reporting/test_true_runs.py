"""What a call says of its runs is true: their data, their state, and who makes them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from segmentation.reporting import running
from segmentation.reporting.job import resolve_job
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan, move_like
from segmentation.reporting.runs_file import Run


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one:\n  k: 3\n", "runs.yaml line 1, column 1: one has no dataset; write it below one or"),
        ("one:\n", "line 1, column 1: one has no dataset"),
        ("default:\n  k: 3\none: {dataset: customers.csv}\n", "default has no.*mean defaults"),
        ("Defaults:\n  k: 3\none: {dataset: customers.csv}\n", "no dataset; did you mean defaul"),
        ("one: {dataset: customers.csv}\ndefalts: {k: 3}\n", "line 2.*did you mean defaults"),
        ("a: {dataset: customers.csv}\nb: {k: [3, 4]}\n", "line 2, column 1: b-k3 has no dataset"),
        ("default: {dataset: customers.csv}\none: {k: 3}\n", "one has no dataset.*or defaults"),
    ],
)
def test_a_run_without_a_dataset_is_refused(text, message, call, tmp_path):
    (tmp_path / "runs.yaml").write_text(text)
    code, out, err = call()
    assert (code, out) == (2, "") and len(err.splitlines()) == 1
    assert re.search(message, err), err
    data = str(tmp_path / "customers.csv")
    assert call("--dataset", data, "--dry-run")[0] == 0
    (tmp_path / "runs.yaml").write_text("defaults: {dataset: customers.csv}\none: {k: 3}\n")
    assert call("--dry-run")[0] == 0


def test_a_failure_is_forgotten_once_the_report_is_up_to_date(call, tmp_path):
    assert call("--pdf", "never")[0] == 0
    data, index = tmp_path / "customers.csv", tmp_path / "reports" / "index.html"
    text = data.read_bytes()
    data.unlink()
    assert call()[0] == 3 and "refused" in index.read_text()
    data.write_bytes(text)
    code, out, _ = call()
    assert code == 0 and "(up to date)" in out and "refused" not in index.read_text()
    assert not (tmp_path / "reports" / ".failed" / "small").exists()


@pytest.mark.parametrize("name", ["tpyo.csv", "none/a.parquet", "x.xlsx", "no.sqlite", "ü.csv"])
def test_a_mistyped_file_leaves_no_trace(name, call, tmp_path):
    path = str(tmp_path / name)
    code, out, _ = call(path, "--dry-run")
    assert code == 0 and "will be refused" in out and "there is no such file" in out
    code, out, _ = call(path)
    assert code == 3 and "there is no such file" in out
    index = (tmp_path / "reports" / "index.html").read_text()
    assert "refused" not in index and not (tmp_path / "reports" / ".failed").exists()


def test_a_run_that_another_runner_made_meanwhile_is_not_made_again(notebook, kernels, tmp_path):
    plan = Plan(notebook, read_parameters(notebook), tmp_path / "reports", "never")
    run = Run("one", {"k": 3})
    waiting, forced = resolve_job(run, plan), resolve_job(run, replace(plan, force=True))
    assert running.make_report(resolve_job(run, plan), kernels).status == "done"
    assert running.make_report(waiting, kernels).status == "up to date"
    assert running.make_report(forced, kernels).status == "done"
    other = resolve_job(Run("one", {"k": 4}), plan)
    assert running.make_report(replace(other, published={}), kernels).status == "done"


@pytest.mark.parametrize(
    ("like", "exists", "names", "expected"),
    [
        ("reports/jan", ["reports/jan"], [], "reports/jan"),
        ("reports/jan", ["reports/jan", "out/jan"], [], "out/jan"),
        ("reports/jan", ["reports/jan"], ["jan"], "out/jan"),
        ("reports/jan", [], [], "out/jan"),
        ("archive/jan", [], ["jan"], "archive/jan"),
        ("out/jan", [], [], "out/jan"),
    ],
)
def test_like_follows_the_reports_folder(like, exists, names, expected, tmp_path):
    for place in exists:
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "run.json").touch()
    run = move_like(Run("feb", {"like": str(tmp_path / like)}), tmp_path / "out", names)
    assert run.values["like"] == str(tmp_path / expected)
    assert move_like(Run("feb"), tmp_path / "out", names) == Run("feb")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("scal", "scaling"),
        ("feat", "features"),
        ("shar", "share"),
        ("no", "note"),
        ("data", "data"),
    ],
)
def test_the_beginning_of_a_name_is_understood(word, meant, call):
    code, _, err = call("--set", f"{word}=x")
    assert code == 2 and f"did you mean {meant}" in err
