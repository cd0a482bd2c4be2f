"""The command, from its words to its exit code."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.reporting.conftest import write_notebook


def test_good_runs_print_a_line_each_and_the_index(call, tmp_path):
    code, out, err = call("--k", "3", "4")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert sorted(line.split()[:2] for line in lines[1:3]) == [["small-k3", "3"], ["small-k4", "4"]]
    assert "index.html" in lines[-1]


def test_what_is_up_to_date_is_not_made_again(call, monkeypatch):
    assert call("--k", "3", "4", "--pdf", "never")[0] == 0
    made = "segmentation.reporting.running.make_reports"
    monkeypatch.setattr(made, lambda *_: pytest.fail("ran"))
    code, out, err = call("--k", "3", "4")
    assert (code, err) == (0, "") and out.count("(up to date)") == 2
    code, out, _ = call("--k", "3", "5", "--dry-run")
    assert code == 0 and out.splitlines() == [
        "small-k3  up to date",
        "small-k5  there is no report yet",
    ]
    records = json.loads(call("--k", "3", "--force", "--dry-run", "--json")[1])
    assert records[0]["run"] == "small-k3" and "--force" in records[0]["reason"]


def test_a_refused_input_is_exit_3_and_the_others_go_on(call, tmp_path):
    code, out, _ = call("small", str(tmp_path / "none.csv"))
    assert code == 3
    assert "refused: none.csv: there is no such file" in out
    assert (tmp_path / "reports" / "small" / "report.html").is_file()


def test_a_failed_run_is_exit_1_and_names_its_log(call, tmp_path):
    code, out, _ = call(book=write_notebook(tmp_path / "broken.ipynb", "1/0"))
    assert code == 1
    assert "ZeroDivisionError" in out and "error.log" in out


def test_json_is_one_record_a_run(call):
    code, out, _ = call("--json", "--k", "3")
    (record,) = json.loads(out)
    assert code == 0
    assert (record["run"], record["status"], record["k"]) == ("small-k3", "done", 3)


def test_check_reads_and_judges_without_a_kernel(call, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "segmentation.reporting.running.make_reports", lambda *_: pytest.fail("ran")
    )
    code, out, _ = call("--check", "--json")
    record = json.loads(out)
    assert (code, record["status"], record["rows"]) == (0, "ok", 12)
    assert {column["name"]: column["role"] for column in record["columns"]} == {
        "spend": "feature",
        "visits": "feature",
    }
    code, out, _ = call("--check", "--json", "--features", "spnd")
    record = json.loads(out)
    assert (code, record["status"]) == (3, "refused")
    assert "did you mean spend" in record["faults"][0]["message"]
    assert "--features spend visits" in call("--check")[1]


def test_a_refused_check_still_says_what_the_columns_are(call, tmp_path):
    path = tmp_path / "mixed.csv"
    rows = "".join(f"{n * 1.5},{n * n},{'oops' if n == 9 else n * 2.5}\n" for n in range(1, 40))
    path.write_text("spend,visits,broken\n" + rows)
    code, out, _ = call("--check", "--json", str(path))
    record = json.loads(out)
    roles = {column["name"]: column["role"] for column in record["columns"]}
    assert (code, roles) == (3, {"spend": "feature", "visits": "feature", "broken": "fault"})
    assert record["faults"][0]["line"] == 10
    command = record["faults"][0]["message"].split("--features ")[1].split()
    assert call("--check", str(path), "--features", *command)[0] == 0


def test_help_lists_the_notebooks_parameters():
    done = subprocess.run(
        [sys.executable, ROOT / "run_reports.py", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "sample_rows" in done.stdout and "--dataset" in done.stdout


def test_a_missing_package_is_one_line(tmp_path):
    code = (
        "import sys, importlib.util as u; real = u.find_spec;"
        "u.find_spec = lambda name, *a: None if name == 'papermill' else real(name, *a);"
        f"sys.path.insert(0, {str(ROOT)!r}); import run_reports; sys.exit(run_reports.main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "papermill not installed" in done.stderr
    assert "pip install -r requirements.txt" in done.stderr
