"""Real reports to look at."""

from __future__ import annotations

import json
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from segmentation.reporting.command import main
from segmentation.reporting.kernels import Kernels
from tests.conftest import ROOT, find_sample
from tests.once import Once

SHOP, TWENTY = (str(ROOT / "data" / f"{name}.csv") for name in ("shop_customers", "customers"))
QUICK = ["--set", "depth=quick"]
FEW = ["--set", "k_max=4"]  # enough to look at
# What is in the first lines of four of the optional tables, and parameters to report on them with.
SIGNS = {
    "Spending Score (1-100)": ["--k", "5", *FEW],
    "Delicassen": FEW,
    "SeniorCitizen": FEW,
    "Year_Birth": ["--k", "9", *FEW],
}


@pytest.fixture(scope="session")
def shop(once: Once) -> Path:
    """The first 800 customers of the bundled shop."""
    table = pd.read_csv(SHOP, nrows=800)
    made = once.make("shop", lambda folder: table.to_csv(folder / Path(SHOP).name, index=False))
    return made / Path(SHOP).name


@pytest.fixture(scope="session")
def reports(once: Once, shop: Path, kernels: Kernels) -> Path:
    """Reports on two tables, with an index; one run is refused, one keeps its old page."""

    def build(folder: Path) -> None:
        make_reports(folder, [str(shop), *QUICK, *FEW, "--pdf", "always"])
        make_reports(folder, [str(shop), *QUICK, *FEW, "--k", "9", "--pdf", "never"])
        make_reports(folder, [TWENTY, *QUICK, *FEW, "--pdf", "always"])
        make_reports(folder, [TWENTY, "--features", "none"], expected=3)
        (folder / "empty.csv").write_text("orders,spend\n")
        make_reports(folder, ["--dataset", "empty.csv"], expected=3)

    return once.make("reports", build)


@pytest.fixture(scope="session")
def mixture(once: Once, shop: Path, kernels: Kernels) -> Path:
    """A report whose segments are drawn by a Gaussian mixture."""

    def build(folder: Path) -> None:
        pd.read_csv(shop, nrows=300).to_csv(folder / shop.name, index=False)
        words = [shop.name, *QUICK, "--pdf", "never", "--k", "4", "--set", "k_max=4"]
        words += ["--set", "algorithm=gmm", "--features", "orders", "average_order_eur"]
        make_reports(folder, words)

    return once.make("mixture", build)


@pytest.fixture(scope="session")
def placed(once: Once, shop: Path, mixture: Path, kernels: Kernels) -> Path:
    """A page on customers that the model of a report placed, and a table that it refused."""

    def build(folder: Path) -> None:
        table = pd.read_csv(shop).assign(colour="<b>red</b>")
        table.tail(500).to_csv(folder / "new.csv", index=False)
        table.drop(columns="average_order_eur").to_csv(folder / "less.csv", index=False)
        words = ["--score", str(mixture / "shop_customers-k4"), "--pdf", "never", "--dataset"]
        make_reports(folder, [*words, "new.csv"])
        make_reports(folder, [*words, "less.csv"], expected=3)

    return once.make("placed", build)


@pytest.fixture(scope="session")
def followed(once: Once, shop: Path, reports: Path, kernels: Kernels) -> Path:
    """A report like an earlier one, on most of its customers, and the two side by side."""

    def build(folder: Path) -> None:
        table = pd.read_csv(shop)
        table.head(700).to_csv(folder / "later.csv", index=False)
        earlier = str(reports / "shop_customers")
        make_reports(folder, ["later.csv", "--like", earlier, *QUICK, *FEW, "--pdf", "never"])
        make_reports(folder, ["--compare", earlier, "later", "--pdf", "never"])

    return once.make("followed", build)


@pytest.fixture(scope="session")
def real_reports(once: Once, samples: Path, kernels: Kernels) -> Path:
    """Reports on four real tables."""

    def build(folder: Path) -> None:
        for sign, words in SIGNS.items():
            table = find_sample(samples, sign)
            make_reports(folder, [str(table), *QUICK, *words])

    return once.make("real reports", build)


def make_reports(folder: Path, words: list[str], expected: int = 0) -> list[dict]:
    """Runs the command in the folder; its records."""
    said = StringIO()
    with chdir(folder), redirect_stdout(said):
        code = main([*words, "--reports", str(folder), "--json"])
    assert code == expected, said.getvalue()
    return json.loads(said.getvalue())


def list_pages(folder: Path) -> list[Path]:
    """The index and every report, in order."""
    return [folder / "index.html", *sorted(folder.glob("*/report.html"))]
