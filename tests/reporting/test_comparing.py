"""--compare: two published reports side by side, and every mistake refused."""

from __future__ import annotations

import json
import shutil

import pytest

from segmentation.reporting.command import main
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def reports(kernels, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    words = ["--dataset", str(ROOT / "data" / "customers.csv"), "--k", "3", "4"]
    fixed = ["--set", "depth=quick", "--set", "k_max=4", "--pdf", "never"]
    assert main([*words, *fixed, "--reports", str(folder)]) == 0
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
    changed = reports / "customers-k4" / "result.json"
    before = changed.read_bytes()
    changed.write_bytes(before + b"\n")
    assert main([*words, "--dry-run"]) == 0
    changed.write_bytes(before)
    assert "stale because the other changed" in capsys.readouterr().out
    page = ["--rerun", str(place / "report.html"), "--reports", str(reports)]
    assert main(page) == 2 and "made with --compare" in capsys.readouterr().err


def test_mistakes_are_refused(reports, capsys):
    fixed = ["--reports", str(reports)]
    one = str(reports / "customers-k3")
    assert main(["--compare", one, str(reports / "customers-k5"), *fixed]) == 2
    assert "did you mean" in capsys.readouterr().err
    assert main(["--compare", one, one, *fixed]) == 2
    assert "customers-k3 twice" in capsys.readouterr().err
    assert main(["--compare", one, one, "shop", *fixed]) == 2
    assert "--compare REPORT REPORT goes without" in capsys.readouterr().err
    for words in (["--score", one], ["--rerun", one], ["--check"], ["--verify"], ["--index"]):
        assert main(["--compare", one, one, *words, *fixed]) == 2
        assert "not allowed with argument" in capsys.readouterr().err
    assert main(["--compare", one, one, "--like", one, *fixed]) == 2
    assert "there is no parameter 'like'" in capsys.readouterr().err


def test_only_reports_of_segments_are_compared(reports, capsys):
    one = str(reports / "customers-k3")
    fixed = ["--reports", str(reports), "--pdf", "never"]
    data = str(ROOT / "data" / "customers.csv")
    assert main(["--score", one, "--dataset", data, *fixed]) == 0
    assert main(["--compare", one, str(reports / "customers-k4"), *fixed]) == 0
    capsys.readouterr()
    for other in ("customers-k3-customers", "customers-k3-and-customers-k4"):
        assert main(["--compare", one, str(reports / other / "report.html"), *fixed]) == 2
        assert capsys.readouterr().err == (
            f"run_reports.py: {other} is not a report of segments; name two that are\n"
        )


def test_a_page_names_reports_but_not_where_they_lie(reports, tmp_path):
    sides = [str(reports / f"customers-k{k}") for k in (3, 4)]
    assert main(["--compare", *sides, "--reports", str(tmp_path / "out"), "--pdf", "never"]) == 0
    place = tmp_path / "out" / "customers-k3-and-customers-k4"
    page = (place / "report.html").read_text()
    assert "one: str = 'customers-k3'" in page and reports.name not in page
    assert f"{reports.name}/customers-k3'" in (place / "comparison.ipynb").read_text()


def test_an_edited_report_is_not_compared(reports, tmp_path, capsys):
    for name in ("customers-k3", "customers-k4"):
        shutil.copytree(reports / name, tmp_path / name)
    path = tmp_path / "customers-k3" / "segmented_customers.csv"
    path.write_text(path.read_text().replace(",1,", ",7,"))
    sides = [str(tmp_path / f"customers-k{k}") for k in (3, 4)]
    words = ["--compare", *sides, "--reports", str(tmp_path), "--pdf", "never"]
    assert main(words) == 3
    printed = capsys.readouterr().out
    assert "refused: customers-k3: segmented_customers.csv was changed since it was" in printed
    assert (
        "make the report again" in printed and str(tmp_path) not in printed.split("all reports")[0]
    )
    (tmp_path / "customers-k3" / "run.json").write_text("[]")
    assert main(words) == 2
    assert "customers-k3: run.json or result.json cannot be read" in capsys.readouterr().err
