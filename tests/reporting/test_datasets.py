"""Datasets of every kind: opened, named, published, and watched for changes."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from segmentation.data.databases.address import secret_forms
from segmentation.reporting.command import main
from tests.data.test_remote import PASSWORD, site
from tests.reporting.conftest import write_notebook
from tests.reporting.test_databases import files_that_hold

__all__ = ["site"]  # a fixture

OPEN = """\
from segmentation.data import open_source
source = open_source(dataset)
print(source.name, source.table.count().execute(), source.table.columns)"""


@pytest.fixture
def lake(tmp_path) -> Path:
    frame = pd.DataFrame({"spend": [n * 1.5 for n in range(30)], "year": [2023, 2024] * 15})
    frame.assign(visits=frame["spend"] ** 2 % 7).to_parquet(
        tmp_path / "in" / "shop.v2", partition_cols=["year"]
    )
    return tmp_path / "in" / "shop.v2"


@pytest.fixture
def run(kernels, tmp_path, monkeypatch, capsys):
    """Runs the command with a notebook that opens its dataset; exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    book = write_notebook(tmp_path / "small.ipynb", OPEN)
    places = {"notebook": book, "config": tmp_path / "runs.yaml", "reports": tmp_path / "reports"}

    def call(*words: str) -> tuple[int, str, str]:
        fixed = [f"--{name}={path}" for name, path in places.items()]
        code = main([*words, *fixed, "--pdf", "never"])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def test_a_folder_of_parquet_is_a_dataset_like_any_file(lake, run, tmp_path):
    code, out, _ = run("in/shop.v2/")
    assert code == 0 and "shop.v2" in out
    folder = tmp_path / "reports" / "shop.v2"
    record = json.loads((folder / "run.json").read_text())
    assert record["dataset"] == "shop.v2" and record["found_at"] == "../../in/shop.v2"
    assert record["columns"] == ["spend", "visits", "year"]
    book = nbformat.read(folder / "small.ipynb", as_version=4)
    assert "'../../in/shop.v2'" in book.cells[1].source
    page = (folder / "report.html").read_text()
    assert "shop.v2" in page and str(tmp_path) not in page


def test_a_report_of_a_folder_is_made_again_when_its_files_change(lake, run, tmp_path):
    (tmp_path / "runs.yaml").write_text("lake:\n  dataset: in/shop.v2\n")
    assert run()[0] == 0
    (lake / "_SUCCESS").touch()
    assert "up to date" in run("--dry-run")[1]
    (lake / "year=2024").rename(lake / "year=2025")
    assert "stale because the data changed" in run("--dry-run")[1]


def test_a_folder_is_checked_and_refused_like_a_file(lake, run):
    code, out, _ = run("--check", "--dataset", str(lake))
    assert code == 0 and "shop.v2: ok, 30 rows" in out and "year" in out
    (lake / "year=2024" / "x.parquet").write_bytes(b"PAR1")
    code, out, _ = run("--check", "--dataset", str(lake))
    assert code == 3 and "shop.v2: year=2024/x.parquet is no whole Parquet file" in out


def test_a_folder_that_ends_like_a_file_is_named_like_one(lake, run, tmp_path):
    lake.rename(tmp_path / "shop.parquet")
    assert run("shop.parquet")[0] == 0
    assert (tmp_path / "reports" / "shop" / "report.html").is_file()


def test_a_file_by_url_is_a_dataset_and_made_again_when_it_changes(site, run, tmp_path):
    url = f"http://{site}/customers.csv"
    assert run(url)[0] == 0
    record = json.loads((tmp_path / "reports" / "customers" / "run.json").read_text())
    assert record["dataset"] == record["found_at"] == url
    assert "up to date" in run(url, "--dry-run")[1]
    with (tmp_path / "site" / "customers.csv").open("a") as file:
        file.write("41,7.5,Ulm\n")
    assert "stale because the data changed" in run(url, "--dry-run")[1]


@pytest.mark.parametrize("place", ["private/customers.csv?sig=0ption-t0ken", "private/gone.csv"])
def test_no_byte_of_a_report_holds_the_password_of_a_url(place, site, run, tmp_path):
    url = f"http://ann:{PASSWORD}@{site}/{place}"
    secrets = [*secret_forms(url), PASSWORD, "0ption-t0ken"]
    calls = [run(url), run(url, "--dry-run"), run("--check", "--dataset", url)]
    good = "gone" not in place
    assert [code for code, *_ in calls] == ([0, 0, 0] if good else [3, 0, 3])
    printed = "".join(text for _, out, err in calls for text in (out, err))
    assert not [secret for secret in secrets if secret in printed]
    assert f"http://***@{site}" in printed or good
    folder = tmp_path / "reports"
    assert files_that_hold(folder, *secrets) == []
    if good:
        record = json.loads((folder / "customers" / "run.json").read_text())
        assert record["dataset"] == f"http://***@{site}/…/customers.csv"
    (folder / "planted").write_text(f"before {url} after")  # the twin that must be caught
    assert files_that_hold(folder, *secrets) == ["planted"]


def test_a_cell_that_shows_the_url_is_not_published(site, run, tmp_path):
    url = f"http://ann:{PASSWORD}@{site}/private/customers.csv"
    write_notebook(tmp_path / "small.ipynb", OPEN, "import os; os.environ[dataset[4:]]")
    code, out, err = run(url)
    assert code == 1 and "holds the database's password" in out + err
    assert files_that_hold(tmp_path / "reports", PASSWORD) == []
