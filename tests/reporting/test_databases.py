"""Reports on databases: opened, named and published without a password or a folder."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import nbformat
import pytest

from segmentation.data import open_source
from segmentation.data.databases.address import secret_forms
from segmentation.reporting.command import main
from segmentation.reporting.datasets import find_secrets
from segmentation.reporting.index import build_index
from segmentation.reporting.job import resolve_job
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan
from segmentation.reporting.run_names import name_for
from segmentation.reporting.running import make_report
from segmentation.reporting.runs_file import Run
from tests.conftest import ROOT
from tests.reporting.conftest import write_notebook

PARAMETERS = """\
dataset: str = "customers.csv"  # the customers
table: str | None = None  # table or query
k: Annotated[int, Ge(2)] | None = None  # number of segments
note: str = "a note"  # a remark
output: str | None = None  # the folder for the run's files
"""
OPEN = """\
from segmentation.data import Reading, open_source
source = open_source(dataset, Reading(table))
f"{source.name} {source.table.count().execute()} {dataset}"\
"""
IMPORT = "from segmentation.data.databases.address import read_address"
SHOW = f"{IMPORT}; read_address(dataset).url"


def fill(path: Path) -> None:
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE customers (id INTEGER, spend REAL, visits INTEGER)")
        rows = [(n, n * 1.5, n * n % 17) for n in range(1, 31)]
        con.executemany("INSERT INTO customers VALUES (?, ?, ?)", rows)
    con.close()


@pytest.fixture
def shop(tmp_path) -> Path:
    fill(tmp_path / "shop.db")
    return tmp_path / "shop.db"


@pytest.fixture
def url(postgres) -> str:
    postgres.run(
        "DROP SCHEMA IF EXISTS crm CASCADE",
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "CREATE TABLE customers AS SELECT n AS id, n * 1.5 AS spend, n * n % 17 AS visits "
        "FROM generate_series(1, 30) AS n",
    )
    return postgres.url()


@pytest.fixture
def make(tmp_path, kernels):
    def run(name, dataset, *cells, **values):
        book = write_notebook(tmp_path / "small.ipynb", *cells, parameters=PARAMETERS)
        plan = Plan(book, read_parameters(book), tmp_path / "reports", "never")
        job = resolve_job(Run(name, {"dataset": dataset, **values}), plan)
        outcome = make_report(job, kernels)
        build_index(plan.reports)
        return outcome

    return run


@pytest.fixture
def call(kernels, tmp_path, monkeypatch, capsys):
    cell = OPEN.replace(" {dataset}", "")
    book = write_notebook(tmp_path / "small.ipynb", cell, parameters=PARAMETERS)
    monkeypatch.chdir(tmp_path)

    def run(*words):
        fixed = ["--notebook", str(book), "--reports", str(tmp_path / "reports"), "--pdf", "never"]
        code = main(["--config", "none.yaml", *words, *fixed])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def files_that_hold(folder: Path, *secrets: str) -> list[str]:
    """Returns the names of files under a folder, hidden ones too, that hold one of these texts."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert found
    needles = [secret.encode() for secret in secrets]
    return [path.name for path in found if any(n in path.read_bytes() for n in needles)]


def all_forms(postgres) -> list[str]:
    """Returns the password in plain, URL, JSON and HTML form."""
    return [*secret_forms(postgres.url()), postgres.password]


def test_no_byte_of_a_report_holds_the_password(url, postgres, make, tmp_path):
    done = make("good", url, OPEN)
    assert done.status == "done", done.reason
    folder = tmp_path / "reports"
    assert files_that_hold(folder, *all_forms(postgres)) == []
    assert files_that_hold(folder, "SEGMENTATION_DATASET_") == []
    record = json.loads((folder / "good" / "run.json").read_text())
    masked = f"postgresql://***@127.0.0.1:{postgres.port}/shop"
    assert record["dataset"] == record["parameters"]["dataset"] == masked
    assert record["sha256"] == open_source(url).fingerprint()
    book = nbformat.read(folder / "good" / "small.ipynb", 4)
    assert f"dataset: str = '{masked}'" in book.cells[1].source
    assert f"shop.customers 30 {masked}" in book.cells[3].outputs[0].data["text/plain"]
    assert not [name for name in os.environ if name.startswith("SEGMENTATION_DATASET_")]
    for number, form in enumerate(all_forms(postgres)):  # the planted twin
        (folder / f"planted-{number}").write_text(f"before {form} after")
    assert len(files_that_hold(folder, *all_forms(postgres))) == len(all_forms(postgres))


@pytest.mark.parametrize(
    "cell",
    [
        SHOW,
        f"{IMPORT}; display(read_address(dataset).url)\n1/0",
        f"{IMPORT}\nraise ValueError(read_address(dataset).url)",
    ],
    ids=["shown", "shown before a fault", "raised"],
)
def test_a_password_that_a_cell_shows_is_neither_published_nor_kept(
    cell, url, postgres, make, tmp_path
):
    failed = make("bad", url, cell)
    assert failed.status == "failed" and postgres.password not in failed.reason
    folder = tmp_path / "reports"
    assert not (folder / "bad").exists()
    assert (folder / ".failed" / "bad" / "small.ipynb").is_file()
    assert files_that_hold(folder, *all_forms(postgres)) == []


def test_what_goes_wrong_at_the_door_is_kept_without_the_password(
    url, postgres, make, tmp_path, monkeypatch
):
    assert make("gone", url.replace("/shop", "/nope")).status == "refused"
    assert make("login", postgres.url(password="wr0ng-password")).status == "refused"

    def broken(job, kernels):
        raise RuntimeError(f"cannot open {job.values['dataset']}")

    monkeypatch.setattr("segmentation.reporting.running._check_apart", broken)
    failed = make("odd", url)
    assert failed.status == "failed" and "***" in failed.reason
    forms = [*all_forms(postgres), "wr0ng-password"]
    assert files_that_hold(tmp_path / "reports", *forms) == []


def test_a_variable_stays_a_variable(url, postgres, make, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_DB", url)
    assert make("good", "env:SHOP_DB", OPEN).status == "done"
    folder = tmp_path / "reports"
    assert json.loads((folder / "good" / "run.json").read_text())["dataset"] == "env:SHOP_DB"
    book = nbformat.read(folder / "good" / "small.ipynb", 4)
    assert "dataset: str = 'env:SHOP_DB'" in book.cells[1].source
    assert "shop.customers 30 env:SHOP_DB" in book.cells[3].outputs[0].data["text/plain"]
    assert make("loud", "env:SHOP_DB", SHOW).status == "failed"
    assert files_that_hold(folder, *all_forms(postgres)) == []
    assert make("unset", "env:SHOP_DX").reason.startswith("env:SHOP_DX: ")


def test_the_real_notebook_reports_on_a_server(kernels, url, postgres, tmp_path, capsys):
    reports = tmp_path / "reports"
    code = main(
        [
            "--dataset",
            url,
            "--set",
            "table=customers",
            "--k",
            "3",
            "--set",
            "k_max=4",
            "--reports",
            str(reports),
        ]
    )
    assert code == 0, capsys.readouterr()
    assert (reports / "shop-customers-k3" / "report.html").is_file()
    assert files_that_hold(reports, *all_forms(postgres)) == []
    assert str(postgres.password) not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--dataset", "sqlite:///shop.db", "--set", "table=customers"], "shop-customers"),
        (["sqlite:///shop.db"], "shop"),
        (["sqlite:///shop.db", "--set", "table=SELECT * FROM customers"], "shop"),
        (["sqlite:///sub/../shop.db", "--k", "3"], "shop-k3"),
    ],
)
def test_the_command_takes_a_url_relative_to_where_it_stands(words, name, call, shop, tmp_path):
    (tmp_path / "sub").mkdir()
    code, out, err = call(*words)
    assert code == 0 and out.splitlines()[1].split()[0] == name, out + err
    folder = tmp_path / "reports" / name
    assert files_that_hold(folder, str(tmp_path)) == []
    book = nbformat.read(folder / "small.ipynb", 4)
    assert "dataset: str = 'sqlite:///../../shop.db'" in book.cells[1].source
    record = json.loads((folder / "run.json").read_text())
    assert record["dataset"] == "sqlite:///shop.db"


def test_a_runs_file_names_a_url_relative_to_its_folder(call, shop, tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    config = tmp_path / "sub" / "runs.yaml"
    config.write_text("mine:\n  dataset: sqlite:///../shop.db\n  table: customers\n")
    monkeypatch.chdir(ROOT)
    code, out, _ = call("--check", "--json", "--config", str(config))
    record = json.loads(out)
    assert (code, record["status"], record["rows"]) == (0, "ok", 30)
    assert {c["name"]: c["role"] for c in record["columns"]} == {
        "id": "id",
        "spend": "feature",
        "visits": "feature",
    }


def test_a_large_table_is_checked_where_it_is(call, make, url, postgres, tmp_path, monkeypatch):
    monkeypatch.setattr("segmentation.data.databases.in_place.MOST_COPIED", 20)
    # In this process, where the limit is another.
    for module in ("running", "unchanged"):
        here = f"segmentation.reporting.{module}.call_apart"
        monkeypatch.setattr(here, lambda kernels, deadline, step, *args: step(*args))
    assert open_source(url).in_place
    code, out, err = call("--check", "--json", url)
    record = json.loads(out)
    assert (code, record["status"], record["rows"], record["notes"]) == (0, "ok", 30, [])
    assert [column["role"] for column in record["columns"]] == ["id", "feature", "feature"]
    assert postgres.password not in out + err
    assert make("good", url, OPEN).status == "done"
    made = json.loads((tmp_path / "reports" / "good" / "run.json").read_text())
    assert made["sha256"] == open_source(url).fingerprint()
    assert files_that_hold(tmp_path / "reports", *all_forms(postgres)) == []


def test_a_refused_check_is_one_record(call, shop):
    code, out, _ = call("--check", "--json", "sqlite:///shop.db", "--set", "table=custmers")
    (fault,) = json.loads(out)["faults"]
    assert (code, fault["code"], fault["line"]) == (3, "no-table", None)
    assert fault["message"] == "sqlite:///shop.db: there is no table 'custmers'; " + (
        "did you mean customers?"
    )


@pytest.mark.parametrize(
    ("dataset", "table", "name"),
    [
        ("postgresql://u:s3cret@h:5432/my%20shop", None, "my-shop"),
        ("postgresql://u:s3/cret@h/shop", "crm.customers", "shop-crm.customers"),
        ("postgresql://u:s3cret", None, "database"),
        ("postgresql://s3cret@h", None, "database"),
        ("mysql://u:s3cret@h/shop?password=s3cret", "SELECT 1", "shop"),
        ("env:SHOP_DB", "customers", "SHOP_DB-customers"),
        ("duckdb:////folder/a.b.duckdb", None, "a.b"),
    ],
)
def test_a_run_is_named_by_the_database_and_never_by_its_password(dataset, table, name):
    assert name_for(dataset, table) == name


def test_a_url_in_a_wrong_place_is_not_repeated(call, shop, tmp_path):
    secret = "postgresql://u:s3cret@h/db"
    for words in (["--set", f"k={secret}"], ["--set", f"{secret}"], [f"--{secret}"]):
        code, out, err = call("sqlite:///shop.db", *words)
        assert code == 2 and "s3cret" not in out + err
    (tmp_path / "runs.yaml").write_text(f"a:\n  dataset: {secret}\n  k: {secret}\n")
    code, out, err = call("--config", str(tmp_path / "runs.yaml"))
    assert code == 2 and "s3cret" not in out + err


def test_only_a_url_with_a_password_is_hidden():
    for dataset in ("x.csv", "sqlite:///x.db", "postgresql://u@h/db", "env:NOT_SET", None):
        secrets = find_secrets(dataset)
        assert not secrets.environment and secrets.take_from({"dataset": dataset}) == {
            "dataset": dataset
        }
    secrets = find_secrets("postgresql://u:pw@h/db")
    (name,) = secrets.environment
    assert secrets.take_from({"dataset": "x", "k": 3}) == {"dataset": f"env:{name}", "k": 3}
    assert "pw" not in repr(secrets)
    assert secrets.hide(f"env:{name} as postgresql://u:pw@h/db") == ("postgresql://***@h/db as ***")
