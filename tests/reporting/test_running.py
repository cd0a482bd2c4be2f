"""From a job to its folder, and what a fault leaves behind."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil

import html5lib
import nbformat
import pandas as pd
import pytest

from segmentation.reporting import running
from segmentation.reporting.index import build_index
from segmentation.reporting.job import resolve_job
from segmentation.reporting.notebooks import find_cell
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan
from segmentation.reporting.runs_file import Run
from tests.reporting.conftest import write_notebook


@pytest.fixture
def plan(notebook, tmp_path) -> Plan:
    return Plan(notebook, read_parameters(notebook), tmp_path / "reports", "never")


@pytest.fixture
def make_report(kernels):
    """Makes one report with the kernels of these tests."""
    return lambda run, plan: running.make_report(resolve_job(run, plan), kernels)


def test_a_run_is_published_whole(make_report, plan, tmp_path):
    outcome = make_report(Run("first", {"k": 3}), plan)
    folder = plan.reports / "first"
    assert outcome.status == "done" and outcome.report == str(folder / "report.html")
    record = json.loads((folder / "run.json").read_text())
    assert record["parameters"]["k"] == 3 and record["parameters"]["dataset"] == "customers.csv"
    for name, digest in record["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert {"report.html", "result.json", "small.ipynb"} == record["files"].keys()
    data = (tmp_path / "customers.csv").read_bytes()
    assert record["sha256"] == hashlib.sha256(data).hexdigest()
    assert not list((plan.reports / ".staging").iterdir())


def test_no_path_of_this_machine_is_published(make_report, plan, tmp_path):
    make_report(Run("first", {}), plan)
    for path in (plan.reports / "first").iterdir():
        assert str(tmp_path) not in path.read_text(), path.name


def test_the_published_notebook_goes_on_with_its_values(make_report, plan):
    make_report(Run("first", {"k": 3, "note": "hers"}), plan)
    path = plan.reports / "first" / "small.ipynb"
    book = nbformat.read(path, 4)
    lines = ast.parse(find_cell(book.cells, path).source).body
    values = {line.target.id: ast.literal_eval(line.value) for line in lines}
    assert (values["k"], values["note"], values["output"]) == (3, "hers", None)
    assert (path.parent / values["dataset"]).resolve().is_file()
    assert not any("injected-parameters" in cell.metadata.get("tags", []) for cell in book.cells)


def test_the_last_good_report_survives_a_failure(make_report, plan, tmp_path):
    make_report(Run("first", {"k": 3}), plan)
    before = {p.name: p.read_bytes() for p in (plan.reports / "first").iterdir()}
    broken = write_notebook(tmp_path / "broken.ipynb", "1/0")
    again = Plan(broken, read_parameters(broken), plan.reports, "never")
    outcome = make_report(Run("first", {}), again)
    assert outcome.status == "failed" and "ZeroDivisionError" in outcome.reason
    assert {p.name: p.read_bytes() for p in (plan.reports / "first").iterdir()} == before
    assert "ZeroDivisionError" in (plan.reports / ".failed" / "first" / "error.log").read_text()
    assert (plan.reports / ".failed" / "first" / "broken.ipynb").is_file()
    assert make_report(Run("first", {}), plan).status == "done"
    assert not (plan.reports / ".failed" / "first").exists()


COPY = "import pathlib, shutil; at = pathlib.Path(dataset); old = at.with_suffix('.old')"
CHANGES = {
    "other": f"{COPY}; at.write_text('spend,visits\\n1,2\\n2,3\\n4,5\\n')",
    "undone": f"{COPY}; at.rename(old); at.write_text('a,b\\n1,2\\n'); old.rename(at)",
    "in place": f"{COPY}; file = at.open('r+b'); file.seek(14); file.write(b'9'); file.close()",
    "removed": f"{COPY}; at.unlink()",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_data_that_changes_under_a_run_is_refused(make_report, plan, change, tmp_path):
    book = write_notebook(tmp_path / "changing.ipynb", change)
    outcome = make_report(Run("first", {}), Plan(book, read_parameters(book), plan.reports))
    assert outcome.status == "refused" and "changed while it was read" in outcome.reason
    assert not (plan.reports / "first").exists()


def test_a_folder_that_grows_under_a_run_is_refused(make_report, plan, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    frame = pd.DataFrame({"spend": range(9), "visits": range(9)})
    frame.to_parquet(folder / "a.parquet")
    grow = "import shutil; shutil.copy(f'{dataset}/a.parquet', f'{dataset}/b.parquet')"
    book = write_notebook(tmp_path / "growing.ipynb", grow)
    values = {"dataset": str(folder)}
    outcome = make_report(Run("first", values), Plan(book, read_parameters(book), plan.reports))
    assert outcome.status == "refused" and "changed while it was read" in outcome.reason


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"k": 400}, "between 2 and 11"),
        ({"features": ["spnd"]}, "did you mean spend"),
        ({"dataset": "/none/customers.csv"}, "no such file"),
    ],
)
def test_a_wrong_input_is_refused_before_any_kernel(
    make_report, values, message, plan, monkeypatch
):
    monkeypatch.setattr("segmentation.reporting.running.execute", lambda *_: pytest.fail("ran"))
    outcome = make_report(Run("bad", values), plan)
    assert outcome.status == "refused" and message in outcome.reason and "\n" not in outcome.reason


def test_the_index_lists_every_run_with_its_reason(make_report, plan, tmp_path):
    make_report(Run("good", {"note": "<script>alert(1)</script>"}), plan)
    make_report(Run("bad", {"k": 400}), plan)
    shutil.copytree(plan.reports / "good", plan.reports / "copy")
    page = build_index(plan.reports)
    tree = html5lib.parse(page.read_text(), namespaceHTMLElements=False)
    links = [node.get("href") for node in tree.iter("a")]
    assert {"good/report.html", "copy/report.html"} <= set(links) and len(
        list(tree.iter("script"))
    ) == 1  # our own
    assert all((plan.reports / link).exists() for link in links)
    table = pd.read_csv(plan.reports / "index.csv").set_index("run")
    assert table.loc["good", "status"] == "done" and table.loc["good", "sizes"] == "2 1"
    assert table.loc["bad", "status"] == "refused"
    assert "between 2 and 11" in table.loc["bad", "reason"]


def test_a_refused_cell_is_told_and_logged_but_not_in_the_index(make_report, plan, tmp_path):
    rows = [f"{n * 1.5},{n * n}" for n in range(1, 40)]
    (tmp_path / "odd.csv").write_text("\n".join(["spend,visits", *rows, "Ann Odd,3"]))
    outcome = make_report(Run("odd", {"dataset": str(tmp_path / "odd.csv")}), plan)
    assert "'Ann Odd'" in outcome.reason
    assert "Ann Odd" in (plan.reports / ".failed" / "odd" / "error.log").read_text()
    failure = (plan.reports / ".failed" / "odd" / "failure.json").read_text()
    assert "line 41" in failure and "Ann" not in failure + build_index(plan.reports).read_text()


def test_the_page_is_one_file_that_asks_for_nothing(make_report, plan):
    make_report(Run("good", {"note": "<img src=x onerror=alert(1)>"}), plan)
    page = (plan.reports / "good" / "report.html").read_text()
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert tree.find("head/title").text == "<img src=x onerror=alert(1)>"
    assert tree.get("lang") == "en"
    assert not [n for n in tree.iter() if n.tag in ("link", "iframe", "object", "base")]
    assert {node.get("type") for node in tree.iter("script")} == {"application/json"}
    sources = [node.get("src") for node in tree.iter() if node.get("src")]
    assert all(source.startswith("data:") for source in sources)
    assert "print(&#39;ran&#39;, k)" in page or "print('ran', k)" in page


def test_the_callers_own_settings_stay_out_of_reports(make_report, plan, tmp_path, monkeypatch):
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("leaked = True")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path / "matplotlibrc"))
    code = "import os\nassert 'leaked' not in globals()\n"
    code += "assert os.environ['MATPLOTLIBRC'] == os.devnull"
    book = write_notebook(tmp_path / "settings.ipynb", code)
    outcome = make_report(Run("first", {}), Plan(book, plan.parameters, plan.reports, "never"))
    assert outcome.status == "done", outcome.reason


def test_what_cells_print_goes_to_the_log_and_is_never_published(
    make_report, plan, tmp_path, caplog
):
    code = "import os, sys\nprint('plan' + 'ted')\nprint('war' + 'ned', file=sys.stderr)\n"
    # As loky's own process does, past Python's streams.
    code += "os.write(2, b'resource' + b'_tracker: leaked')\n'sh' + 'own'"
    book = write_notebook(tmp_path / "prints.ipynb", code)
    with caplog.at_level("INFO"):
        make_report(Run("first", {}), Plan(book, plan.parameters, plan.reports, "never"))
    folder = plan.reports / "first"
    page, own = [(folder / name).read_text() for name in ("report.html", "prints.ipynb")]
    assert "planted" not in page + own and "warned" not in page + own and "shown" in own
    assert "resource_tracker" not in page + own
    assert "planted" in caplog.text and "warned" in caplog.text
    failing = write_notebook(tmp_path / "fails.ipynb", code, "1/0")
    make_report(Run("fails", {}), Plan(failing, plan.parameters, plan.reports, "never"))
    folder = plan.reports / ".failed" / "fails"
    log, own = [(folder / name).read_text() for name in ("error.log", "fails.ipynb")]
    assert "ZeroDivisionError" in log and "printed: planted" in log and "warned" in log
    assert "planted" not in own
