"""The command, from its words to its exit code."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import psutil
import pytest
from filelock import FileLock

from segmentation.reporting import options, resources
from segmentation.reporting.command import main
from segmentation.reporting.parameters import SELDOM
from segmentation.reporting.resources import find_free_memory
from tests.conftest import ROOT
from tests.reporting.conftest import PARAMETERS, write_notebook


def test_good_runs_print_a_line_each_and_the_index(call, tmp_path):
    code, out, err = call("--k", "3", "4")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert sorted(line.split()[:2] for line in lines[1:3]) == [["small-k3", "3"], ["small-k4", "4"]]
    assert "index.html" in lines[-1]


def test_what_is_up_to_date_is_not_made_again(call, monkeypatch):
    assert call("--k", "3", "4")[0] == 0
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


def test_a_check_counts_different_customers_as_a_run_does(tmp_path, capsys):
    path = tmp_path / "copies.csv"
    rows = "".join(f"{row % 3},{row // 3 % 3}\n" for row in range(60))
    path.write_text(f"visits,spend\n{rows}")
    assert main([str(path), "--check", "--k", "10"]) == 3
    assert "k is 10, and there are only 9 different customers" in capsys.readouterr().out
    assert main([str(path), "--check", "--k", "9"]) == 0


@pytest.mark.long
def test_help_lists_the_notebooks_parameters():
    done = subprocess.run(
        [sys.executable, ROOT / "run_reports.py", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "sample_rows" in done.stdout and "--dataset" in done.stdout


def test_help_has_two_tiers(tmp_path, monkeypatch):
    cell = PARAMETERS.replace("scaling:", f"{SELDOM}\nscaling:")
    book = write_notebook(tmp_path / "tiers.ipynb", parameters=cell)
    monkeypatch.setattr(options, "NOTEBOOK", book)
    often, seldom, named, named_seldom = re.split(
        r"\nseldom needed:|\nparameters of .*\.yaml:|\nparameters of .*seldom needed:",
        options.build_parser().format_help(),
    )
    assert "--dataset" in often and "--jobs" in seldom and "--jobs" not in often
    assert "  k  " in named and "  scaling  " in named_seldom and "scaling" not in named
    assert "output" not in named_seldom


@pytest.mark.long
def test_no_grammar_is_compiled_that_no_notebook_needs():
    code = "import sys, segmentation.reporting, nbformat; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


HEAVY = ("pandas", "numpy", "ibis", "pyarrow", "nbformat", "jupyter_client")


def list_heavy(*words: str) -> list[str]:
    """The heavy packages that a call with these words imports, whatever comes of it."""
    code = (
        "import sys\nfrom segmentation.reporting.command import main\n"
        "try:\n    main(sys.argv[1:])\nfinally:\n    "
        f"print('\\n', *(name for name in {HEAVY} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    return done.stdout.splitlines()[-1].split()


@pytest.mark.kernel
@pytest.mark.long
def test_what_needs_no_table_imports_nothing_that_reads_one(call, notebook, tmp_path):
    place = ["--config", str(tmp_path / "runs.yaml"), "--reports", str(tmp_path / "reports")]
    own = ["--notebook", str(notebook), "--pdf", "never", *place]
    assert call("small")[0] == 0
    for words in (["--help"], ["--typo"], ["nobody", *own], ["--dry-run", *own], ["small", *own]):
        assert list_heavy(*words) == [], words
    assert "pandas" in list_heavy("--check", *own)


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


def test_a_log_is_printed_where_it_is_asked_for(call, tmp_path):
    broken = write_notebook(tmp_path / "broken.ipynb", "1/0")
    code, out, err = call(book=broken)
    assert code == 1 and "error.log" in out and err == ""
    code, out, err = call("--log-to", "stderr", book=broken)
    assert code == 1 and "ZeroDivisionError: division by zero" in err and "1/0" in err


def test_a_folder_that_cannot_be_written_or_locked_is_one_line(call, tmp_path, monkeypatch):
    (tmp_path / "reports").write_text("a file, no folder")
    code, _, err = call()
    assert code == 1 and len(err.splitlines()) == 1
    assert err.startswith("run_reports.py: ") and "choose another folder with --reports" in err
    (tmp_path / "reports").unlink()

    def no_locks(*_, **options):
        raise NotImplementedError("no flock here")

    monkeypatch.setattr(FileLock, "acquire", no_locks)
    code, _, err = call("--index")
    assert code == 2 and len(err.splitlines()) == 1
    assert "cannot be locked, as on object stores; choose a folder of this machine" in err


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({}, 8_000),
        ({"memory.max": "max", "memory.current": "5", "memory.stat": "inactive_file 1"}, 8_000),
        (
            {
                "memory.max": "900",
                "memory.current": "500",
                "memory.stat": "file 9\ninactive_file 100",
            },
            500,
        ),
        ({"memory.max": "90000", "memory.current": "1", "memory.stat": "inactive_file 0"}, 8_000),
    ],
)
def test_free_memory_is_that_of_the_control_group(files, free, tmp_path, monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=8_000))
    for name, text in files.items():
        (tmp_path / name).write_text(text + "\n")
    assert find_free_memory(tmp_path) == free


def test_as_many_runs_at_a_time_as_memory_allows(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    for free, jobs in ((0, 1), (4_000_000_000, 2), (64_000_000_000, 7)):
        monkeypatch.setattr(resources, "find_free_memory", lambda free=free: free)
        assert resources.choose_jobs(7) == jobs


def test_remedies_work_when_pasted_behind_the_command(call, tmp_path):
    check = partial(call, "--check", book=options.NOTEBOOK)
    lines = tmp_path / "lines.csv"
    rows = [f"{at % 9},2024-01-{at % 27 + 1:02},{at}.50,A{at}" for at in range(60)]
    lines.write_text("\n".join(["customer_id,day,total,invoice no", *rows]))
    code, out, _ = check("--dataset", str(lines))
    given = out[out.index("--set 'orders") :].strip()
    expected = "orders={customer: customer_id, date: day, amount: total, order: invoice no}"
    assert code == 3 and shlex.split(given) == ["--set", expected]
    code, out, _ = check("--dataset", str(lines), *shlex.split(given))
    assert code == 0 and "9 rows" in out
    comma = tmp_path / "comma.csv"
    rows = [f'c{at},"1,{100 + at}",{at}' for at in range(20)]
    comma.write_text("\n".join(["id,spend,visits", *rows]))
    assert "--set decimal=, or --set decimal=." in check("--dataset", str(comma))[1]
    assert check("--dataset", str(comma), "--set", "decimal=,")[0] == 0
    twice = tmp_path / "twice.csv"
    twice.write_text("\n".join(["id,card,spend", *(f"{at // 2},K{at},{at}.5" for at in range(20))]))
    assert "or name another column: --set id=COLUMN" in check("--dataset", str(twice))[1]
    assert check("--dataset", str(twice), "--set", "id=card")[0] == 0
