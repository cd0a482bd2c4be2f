"""Real reports to look at."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import ROOT, find_sample

# What is in the first lines of four of the optional tables, and parameters to report on them with.
SIGNS = {
    "Spending Score (1-100)": ["--k", "5"],
    "Delicassen": [],
    "SeniorCitizen": [],
    "Year_Birth": ["--k", "9"],
}


@pytest.fixture(scope="session")
def reports(tmp_path_factory) -> Path:
    """Reports on the bundled tables, with an index; one run is refused, one keeps its old page."""
    folder = tmp_path_factory.mktemp("reports")
    shop, twenty = ROOT / "data" / "shop_customers.csv", ROOT / "data" / "customers.csv"
    quick = ["--set", "depth=quick"]
    make_reports(folder, [str(shop), *quick, "--pdf", "always"])
    make_reports(folder, [str(shop), *quick, "--k", "9", "--pdf", "never"])
    make_reports(folder, [str(twenty), *quick, "--pdf", "always"])
    make_reports(folder, [str(twenty), "--features", "none"], expected=3)
    make_reports(folder, ["--dataset", "missing.csv"], expected=3)
    return folder


@pytest.fixture(scope="session")
def mixture(tmp_path_factory) -> Path:
    """A report whose segments are drawn by a Gaussian mixture."""
    folder = tmp_path_factory.mktemp("mixture")
    words = [str(ROOT / "data" / "shop_customers.csv"), "--set", "depth=quick", "--pdf", "never"]
    words += ["--set", "algorithm=gmm", "--features", "orders", "average_order_eur", "--k", "4"]
    make_reports(folder, words)
    return folder


@pytest.fixture(scope="session")
def placed(tmp_path_factory, mixture) -> Path:
    """A page on customers that the model of a report placed, and a table that it refused."""
    folder = tmp_path_factory.mktemp("placed")
    table = pd.read_csv(ROOT / "data" / "shop_customers.csv").assign(colour="<b>red</b>")
    table.tail(700).to_csv(folder / "new.csv", index=False)
    table.drop(columns="average_order_eur").to_csv(folder / "less.csv", index=False)
    words = ["--score", str(mixture / "shop_customers-k4"), "--pdf", "never", "--dataset"]
    make_reports(folder, [*words, "new.csv"])
    make_reports(folder, [*words, "less.csv"], expected=3)
    return folder


@pytest.fixture(scope="session")
def followed(tmp_path_factory, reports) -> Path:
    """A report like an earlier one, on most of its customers, and the two side by side."""
    folder = tmp_path_factory.mktemp("followed")
    table = pd.read_csv(ROOT / "data" / "shop_customers.csv")
    table.head(1_800).to_csv(folder / "later.csv", index=False)
    earlier = str(reports / "shop_customers")
    quick = ["--set", "depth=quick", "--pdf", "never"]
    make_reports(folder, ["later.csv", "--like", earlier, *quick])
    make_reports(folder, ["--compare", earlier, "later", "--pdf", "never"])
    return folder


@pytest.fixture(scope="session")
def real_reports(tmp_path_factory, samples) -> Path:
    """Reports on four real tables."""
    folder = tmp_path_factory.mktemp("real")
    for sign, words in SIGNS.items():
        table = find_sample(samples, sign)
        make_reports(folder, [str(table), "--set", "depth=quick", *words])
    return folder


def make_reports(folder: Path, words: list[str], expected: int = 0) -> list[dict]:
    """Runs the command as a user does; its records."""
    command = [sys.executable, str(ROOT / "run_reports.py"), "--reports", str(folder), "--json"]
    done = subprocess.run([*command, *words], capture_output=True, text=True, cwd=folder)
    assert done.returncode == expected, done.stderr
    return json.loads(done.stdout)


def list_pages(folder: Path) -> list[Path]:
    """The index and every report, in order."""
    return [folder / "index.html", *sorted(folder.glob("*/report.html"))]
