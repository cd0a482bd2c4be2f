"""--compare: two published reports side by side, and every wrong word told."""

from __future__ import annotations

import json

import pytest

from segmentation.reporting.command import main
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    words = ["--dataset", str(ROOT / "data" / "customers.csv"), "--k", "3", "4"]
    fixed = ["--set", "depth=quick", "--reports", str(folder), "--pdf", "never"]
    assert main([*words, *fixed]) == 0
    return folder


def test_two_reports_are_compared_and_compared_again_when_one_changes(reports, capsys):
    sides = [str(reports / f"customers-k{k}") for k in (3, 4)]
    words = ["--compare", *sides, "--reports", str(reports), "--pdf", "never"]
    assert main(words) == 0
    place = reports / "customers-k3-and-customers-k4"
    result = json.loads((place / "result.json").read_text())
    assert result["customers_in_both"] == 20 and 0 < result["agreement"] < 1
    page = (place / "report.html").read_text()
    assert "Neither can be preferred on evidence" in page and str(reports) not in page
    assert "customers-k3 and customers-k4, side by side" in (reports / "index.html").read_text()
    assert "'../customers-k3'" in (place / "comparison.ipynb").read_text()
    capsys.readouterr()
    assert main(words) == 0 and "up to date" in capsys.readouterr().out
    with (reports / "customers-k4" / "result.json").open("a") as file:
        file.write("\n")
    assert main([*words, "--dry-run"]) == 0
    assert "stale because the other changed" in capsys.readouterr().out
    page = ["--rerun", str(place / "report.html"), "--reports", str(reports)]
    assert main(page) == 2 and "made with --compare" in capsys.readouterr().err


def test_wrong_words_are_told(reports, capsys):
    fixed = ["--reports", str(reports)]
    one = str(reports / "customers-k3")
    assert main(["--compare", one, str(reports / "customers-k5"), *fixed]) == 2
    assert "did you mean" in capsys.readouterr().err
    assert main(["--compare", one, one, *fixed]) == 2
    assert "customers-k3 twice" in capsys.readouterr().err
    assert main(["--compare", one, one, "shop", *fixed]) == 2
    assert "--compare REPORT REPORT goes without" in capsys.readouterr().err
