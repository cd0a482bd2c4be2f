"""The command and the entry on screen are read back by the project's readers."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from segmentation.data import InputError
from segmentation.lab.commands import (
    name_run,
    order_report,
    read_defaults,
    run_command,
    write_command,
    write_entry,
)
from segmentation.lab.exploring import Way
from segmentation.reporting import HOME
from segmentation.reporting.call import plan_call
from segmentation.reporting.options import build_parser
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import plan_runs
from tests.conftest import ROOT
from tests.pages.hostile import HOSTILE

PARAMETERS = read_parameters(ROOT / "notebooks" / "segmentation.ipynb")
CHOSEN = {
    "dataset": "data/shop_customers.csv",
    "table": None,
    "id": None,
    "value": None,
    "seed": 42,
    "k_max": 10,
    "missing": "drop",
    "on_bad_value": "refuse",
}


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)


def read_back(command: str):
    """The run that the command means, as its reader plans it."""
    python, script, *words = shlex.split(command)
    assert (ROOT / python).exists() and script == "run_reports.py"
    plan, [run] = plan_call(build_parser().parse_args(words))
    return plan, run


def read_entry(entry: str, folder: Path):
    """The run that runs.yaml would have with this entry."""
    (folder / "runs.yaml").write_text(entry, encoding="utf-8")
    [run] = plan_runs([], {}, [], folder / "runs.yaml", PARAMETERS)
    return run


@pytest.mark.parametrize("text", HOSTILE)
def test_command_and_entry_mean_what_is_on_screen(text, tmp_path):
    name = "".join(sign for sign in text if sign.isprintable()).strip() or "x"
    chosen = CHOSEN | {"value": name, "table": f"{name}'", "seed": 7, "orders": {"customer": name}}
    way = Way((f"{name}1", "-b", "age"), "log", "robust", "gmm")
    names = tmp_path / "names.yaml"
    ordered = order_report("my run", "reports", chosen, way, 5, names)
    plan, run = read_back(write_command(ordered))
    wanted = {
        "dataset": str(ROOT / "data" / "shop_customers.csv"),
        "value": name,
        "seed": 7,
        "table": f"{name}'",
        "features": [f"{name}1", "-b", "age"],
        "transform": "log",
        "scaling": "robust",
        "algorithm": "gmm",
        "k": 5,
        "names": str(names),
        "orders": {"customer": name},
    }
    assert run.name == "my run" and run.values == wanted and plan.reports == ROOT / "reports"
    again = read_entry(write_entry(ordered), tmp_path)
    moved = {"dataset": str(tmp_path / "data" / "shop_customers.csv")}
    assert again.name == "my run" and again.values == wanted | moved


def test_only_parameters_that_differ_are_written():
    ordered = order_report("shop-k4", ROOT / "reports", CHOSEN, Way(("age", "orders")), 4, None)
    words = "run_reports.py --dataset data/shop_customers.csv --features age orders --k 4"
    assert write_command(ordered).endswith(f"{words} --name shop-k4")
    defaults = read_defaults()
    assert {name: PARAMETERS[name].default for name in defaults} == defaults
    assert {"transform", "scaling", "algorithm", "missing", "k_max", "seed"} <= defaults.keys()
    assert ordered.page == ROOT / "reports" / "shop-k4" / "report.html"


def test_paths_start_from_the_project_and_others_are_whole(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT / "notebooks")
    chosen = CHOSEN | {"dataset": "../data/shop_customers.csv"}
    ordered = order_report("a", "../reports", chosen, Way(("age",)), 3, Path("explored/a.yaml"))
    assert ordered.values["dataset"] == "data/shop_customers.csv"
    assert ordered.values["names"] == "notebooks/explored/a.yaml"
    far = order_report(
        "a", tmp_path, chosen | {"dataset": str(tmp_path / "x y.csv")}, Way(("age",)), 3, None
    )
    plan, run = read_back(write_command(far))
    assert run.values["dataset"] == str(tmp_path / "x y.csv") and plan.reports == tmp_path
    database = chosen | {"dataset": "sqlite:///../data/crm.db", "table": "clients"}
    found = order_report("a", "../reports", database, Way(("age",)), 3, None)
    assert found.values["dataset"] == "sqlite:///data/crm.db"
    away = database | {"dataset": f"sqlite:///{tmp_path}/crm.db"}
    found = order_report("a", "../reports", away, Way(("age",)), 3, None)
    assert found.values["dataset"] == f"sqlite:///{tmp_path}/crm.db"


def test_a_password_is_never_on_screen():
    chosen = CHOSEN | {"dataset": "postgresql://me:secret@host/shop"}
    with pytest.raises(InputError, match="env:") as caught:
        order_report("a", "reports", chosen, Way(("age",)), 3, None)
    assert "secret" not in str(caught.value)
    kept = order_report("a", "reports", CHOSEN | {"dataset": "env:CRM"}, Way(("age",)), 3, None)
    assert kept.values["dataset"] == "env:CRM"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "x.", "é" * 3, "a" * 101])
def test_a_name_that_is_no_folder_is_refused(name):
    with pytest.raises(InputError, match="cannot name a report"):
        order_report(name, "reports", CHOSEN, Way(("age",)), 3, None)


def test_a_report_is_called_after_its_table_and_k():
    assert name_run("x/Mall Customers.csv", None, 5) == "Mall-Customers-k5"
    assert name_run("sqlite:///a/crm.db", "clients", 3) == "crm-clients-k3"
    assert name_run("…", None, 3) == "report-k3"


@pytest.mark.kernel  # two commands
def test_a_command_is_run_where_the_project_is_and_its_lines_are_kept():
    seconds: list[int] = []
    made = run_command(["-c", "import os; print(os.getcwd()); print('é')"], seconds.append)
    assert made.good and made.lines == [str(HOME), "é"]
    bad = run_command(["run_reports.py", "--dataset", "none.csv", "--name", "a/b"])
    assert not bad.good and len(bad.lines) == 1 and "cannot name a run" in bad.lines[0]
    assert Path(sys.executable).exists()
