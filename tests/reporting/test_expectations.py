"""Unexpected changes in new data, and what becomes of the report before."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from segmentation.reporting import running
from segmentation.reporting.errors import UsageError
from segmentation.reporting.expectations import find_mangled, find_rescaled, find_surprises
from segmentation.reporting.index import build_index
from segmentation.reporting.job import resolve_job
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan, plan_runs
from segmentation.reporting.runs_file import Run
from segmentation.reporting.settings import Expectations, Settings
from tests.reporting.conftest import LAST, write_notebook

ROWS = LAST.replace('"k": k or 2', '"k": k or 2, "rows": len(open(dataset).readlines()) - 1')


def record(sha="a", rows=100, columns=("a", "b"), kind="natural", changed=None):
    result = {"verdict": {"kind": kind}}
    return {
        "sha256": sha,
        "rows": rows,
        "columns": list(columns),
        "changed": changed or {},
        "result": result,
    }


@pytest.mark.parametrize(
    ("now", "message"),
    [
        (record("b"), []),
        (record("b", rows=131), ["rows rose from 100 to 131, by more than 30 %"]),
        (record("b", rows=130), []),
        (record("b", rows=60), ["rows fell from 100 to 60, by more than 30 %"]),
        (record("b", columns="ac"), ["column b is gone", "column c is new"]),
        (record("b", kind="constructive"), ["the verdict was natural, is constructive"]),
        (record("b", kind="constructive", changed={"k": 3}), []),
        (record("a", rows=1, columns="x", kind="one group"), []),  # the same data
    ],
)
def test_surprises_are_named(now, message):
    assert find_surprises(record(), now, Expectations()) == message
    assert find_surprises({}, now, Expectations()) == []


def test_an_expectation_that_is_off_is_not_checked():
    free = Expectations(rows=None, columns="any", verdict="any")
    assert find_surprises(record(), record("b", 1, "x", "one group"), free) == []
    assert find_surprises(record(kind="one group"), record("b"), Expectations()) == []  # better


@pytest.fixture
def make(notebook, tmp_path, kernels):
    """Makes the run on a number of customers, with these expectations."""
    book = write_notebook(tmp_path / "rows.ipynb", "1", last=ROWS)
    plan = Plan(book, read_parameters(book), tmp_path / "reports", "never")

    def report(rows: int, accept: bool = False, keep: int = 12, **expected):
        lines = "".join(f"{n * 1.5},{n * n}\n" for n in range(1, rows + 1))
        (tmp_path / "customers.csv").write_text(f"spend,visits\n{lines}")
        run = Run("run", {}, Settings(keep=keep, expect=Expectations(**expected)))
        return running.make_report(resolve_job(run, replace(plan, accept=accept)), kernels)

    report.reports = plan.reports
    return report


def test_a_half_loaded_table_does_not_replace_a_good_report(make):
    assert make(20, otherwise="hold").status == "done"
    before = (make.reports / "run" / "report.html").read_bytes()
    held = make(8, otherwise="hold")
    assert held.status == "held" and "rows fell from 20 to 8" in held.reason
    assert "--accept" in held.reason and held.log
    assert (make.reports / "run" / "report.html").read_bytes() == before
    since = json.loads((make.reports / ".failed" / "run" / "failure.json").read_text())["since"]
    page = build_index(make.reports).read_text()
    assert '<b class="bad">held:</b>' in page and "failing since" in page
    assert '<a href=".failed/run/report.html">' in page
    assert (make.reports / ".failed" / "run" / "report.html").is_file()
    again = make(7, otherwise="hold")
    failure = json.loads((make.reports / ".failed" / "run" / "failure.json").read_text())
    assert again.status == "held" and failure["since"] == since
    assert make(7, accept=True, otherwise="hold").status == "done"
    assert not (make.reports / ".failed" / "run").exists()


def test_a_warning_is_published_and_shown(make):
    make(20)
    done = make(8)
    assert done.status == "done" and done.record()["warnings"] == list(done.warnings)
    assert "rows fell from 20 to 8" in done.warnings[0]
    assert "Not expected:</b> rows fell from 20 to 8" in build_index(make.reports).read_text()
    make(20, otherwise="publish")
    silent = make(8, otherwise="publish")
    assert silent.warnings == ()
    assert "Not expected" not in build_index(make.reports).read_text()


def test_a_feature_in_another_unit_holds_the_report_back(make, tmp_path):
    cents = ROWS.replace('"k": k or 2', '"changes": {"rescaled": {"spend": 2}}, "k": k or 2')
    assert make(20).status == "done"
    write_notebook(tmp_path / "rows.ipynb", "1", last=cents)
    assert make(20).status == "done"  # the same data
    held = make(21)
    assert held.status == "held" and "spend is about 100 times as large for all" in held.reason
    accepted = make(21, accept=True)
    page = (make.reports / "run" / "report.html").read_text()
    assert accepted.status == "done" and accepted.warnings
    assert "Not expected:</b> spend is about 100" in page.split("<main>")[1][:200]
    assert make(22, otherwise="publish").warnings == ()


def test_ids_without_their_zeros_are_a_warning():
    (words,) = find_mangled({"changes": {"mangled": True}})
    assert words.startswith("ids lost the zeros or the .0")
    assert find_mangled({}) == find_mangled({"changes": {}}) == []


def test_another_unit_is_said_in_words():
    result = {"changes": {"rescaled": {"spend": -3}}}
    (words,) = find_rescaled(result)
    assert words.startswith("spend is about 1,000 times smaller for all customers: another unit")
    assert find_rescaled({}) == find_rescaled({"changes": {}}) == []


def test_predecessors_on_other_data_are_kept_and_listed(make, monkeypatch):
    moments = iter(f"2026-01-0{day}T12:00:00+00:00" for day in range(1, 8))
    real = running.describe_run
    monkeypatch.setattr(running, "describe_run", lambda *a: {**real(*a), "finished": next(moments)})
    pages = []
    for rows in (20, 21, 22, 22, 23):
        make(rows, keep=2)
        pages.append((make.reports / "run" / "report.html").read_bytes())
    history = make.reports / ".history" / "run"
    assert sorted(path.name for path in history.iterdir()) == [
        "2026-01-02T12-00-00",
        "2026-01-04T12-00-00",
    ]
    assert (history / "2026-01-04T12-00-00" / "report.html").read_bytes() == pages[3]
    page = build_index(make.reports).read_text()
    assert "2 earlier" in page
    assert '<a href=".history/run/2026-01-04T12-00-00/report.html">4 Jan 2026 12:00</a>' in page
    make(24, keep=0)
    assert not list(history.iterdir())


def test_settings_stand_beside_parameters(notebook, tmp_path):
    config = tmp_path / "runs.yaml"
    config.write_text(
        "defaults:\n  keep: 3\n  expect: {rows: 10, otherwise: hold}\n"
        "one:\n  dataset: customers.csv\n  k: [3, 4]\n  pdf: never\n"
        "two:\n  dataset: customers.csv\n  deadline: 60\n  expect: {columns: any}\n"
    )
    one, _, two = plan_runs([], {}, [], config, read_parameters(notebook))
    assert one.settings == Settings("never", None, 3, Expectations(10, otherwise="hold"))
    assert two.settings == Settings(deadline=60, keep=3, expect=Expectations(columns="any"))
    plan = Plan(notebook, {}, tmp_path, pdf="always", deadline=5)
    jobs = [resolve_job(run, plan) for run in (one, two)]
    assert jobs[0].settings.pdf == "always" and jobs[1].settings.deadline == 5
    assert resolve_job(two, Plan(notebook, {}, tmp_path)).settings.deadline == 60


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("keep: -1", r"line 2, column 3: keep: it must be greater than or equal to 0"),
        ("keep: many", r"column 3: keep: it must be a valid integer"),
        ("pdf: yes", r"column 3: pdf: it must be 'auto', 'always' or 'never'"),
        ("deadline: 0", r"column 3: deadline: it must be greater than 0"),
        ("deadline: soon", r"column 3: deadline: it must be a valid number"),
        ("expect: 30", "expect: list the expectations below it: rows, columns"),
        ("expect: {row: 30}", "expect has no 'row'; did you mean rows"),
        ("expect: {rows: 0.3}", "rows: it must be a valid integer"),
        ("expect: {otherwise: stop}", "otherwise: it must be 'publish', 'warn' or 'hold'"),
        ("kep: 3", "there is no parameter 'kep'; did you mean keep"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(line, message, notebook, tmp_path):
    config = tmp_path / "runs.yaml"
    config.write_text(f"one:\n  {line}\n")
    with pytest.raises(UsageError, match=message):
        plan_runs([], {}, [], config, read_parameters(notebook))
