"""A file of names: given to the right segments, its changes noticed, its path never shown."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from segmentation.analysis import fit_scales, place_customers, take_sample
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.portraits.names import locate_segments
from segmentation.data import open_source, write_names
from segmentation.reporting.command import main
from tests.reporting.test_earlier import read, write_month

NAMES = ["Young", "Old", "Rich"]


def name_months(folder: Path) -> None:
    """Two months, names for the segments of the first, and its report."""
    write_month(folder / "jan.csv", (60, 50, 40), 1)
    write_month(folder / "feb.csv", (40, 50, 60), 2)  # the same groups, the third is largest
    table = open_source(folder / "jan.csv").table
    sample = take_sample(table, fit_scales(table, ["age", "spend"]), id="customer")
    fit = fit_segments(sample.X, sample.weights, 3, sample.seed)
    named = locate_segments(place_customers(sample, fit), NAMES)
    write_names(named, folder / "kept" / "jan.yaml")
    config, reports = folder / "runs.yaml", folder / "reports"
    config.write_text(
        "defaults: {k: 3, k_max: 4, depth: quick, id: customer, names: kept/jan.yaml}\n"
        "jan: {dataset: jan.csv}\n"
        "feb: {dataset: feb.csv}\n"
        "four: {dataset: jan.csv, k: 4}\n"
    )
    words = ["jan", "--config", str(config), "--reports", str(reports), "--pdf", "never"]
    assert main(words) == 0


@pytest.fixture
def run(kernels, once, tmp_path, capsys):
    shutil.copytree(once.make("named months", name_months), tmp_path, dirs_exist_ok=True)

    def call(*words: str) -> tuple[int, str]:
        config, reports = str(tmp_path / "runs.yaml"), str(tmp_path / "reports")
        code = main([*words, "--config", config, "--reports", reports, "--pdf", "never"])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


def test_names_go_with_their_segments_and_the_index_shows_them(run, tmp_path):
    assert run("feb")[0] == 0
    jan, feb = read(tmp_path, "jan"), read(tmp_path, "feb")
    assert jan["names"] == NAMES and jan["sizes"] == [60, 50, 40] and jan["names_given"]
    assert feb["names"] == NAMES[::-1] and feb["sizes"] == [60, 50, 40]
    assert "Young, Old, Rich" in (tmp_path / "reports" / "index.html").read_text()


def test_a_changed_file_makes_the_report_again_and_a_rerun_finds_it(run, tmp_path):
    assert "up to date" in run("jan", "--dry-run")[1]
    folder, path = tmp_path / "reports" / "jan", tmp_path / "kept" / "jan.yaml"
    page = (folder / "report.html").read_text()
    assert str(tmp_path) not in page and "jan.yaml" in page
    assert (
        "names: list[str] | str | None = '../../kept/jan.yaml'"
        in (folder / "segmentation.ipynb").read_text()
    )
    code, printed = run("--rerun", str(folder / "report.html"))
    assert code == 0 and "identical" in printed
    path.write_text(path.read_text().replace("Rich", "Richest"))
    assert "stale because the names changed" in run("jan", "--dry-run")[1]
    assert run("jan")[0] == 0 and read(tmp_path, "jan")["names"][2] == "Richest"
    path.unlink()
    assert "will be refused: jan.yaml: there is no such file" in run("jan", "--dry-run")[1]
    code, printed = run("jan")
    assert code == 3 and "jan.yaml: names: there is no such file; name the segments" in printed


def test_names_that_do_not_fit_are_refused_in_one_line(run, tmp_path):
    code, printed = run("four")
    assert code == 3 and "jan.yaml: it names 3 segments of 4; give k: 3, or name" in printed
    code, printed = run("jan", "--features", "age")
    assert code == 3 and "names segments on age, spend; this report's are on age" in printed
    path = tmp_path / "kept" / "jan.yaml"
    path.write_text(re.sub(r"age: [\d.]+", "age: 99", path.read_text(), count=1))
    code, printed = run("jan")
    assert code == 3 and "has no counterpart in it: " in printed
    path.write_text("segments: 3\n")
    code, printed = run("jan", "--check")
    assert code == 3 and "jan.yaml: segments: it must be a valid list" in printed


def test_a_published_notebook_run_again_gives_every_number_of_the_report(run, tmp_path):
    folder = tmp_path / "reports" / "jan"
    book = nbformat.read(folder / "segmentation.ipynb", as_version=4)
    tried = [cell for cell in book.cells if "skip-execution" in cell.metadata.get("tags", [])]
    assert len(tried) == 5 and not any(cell.outputs for cell in tried)
    assert "Try it" not in (folder / "report.html").read_text()
    last = nbformat.v4.new_code_cell("import json\nprint(json.dumps(result))")
    book.cells.append(last)
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(book, resources=place, skip_cells_with_tag="").execute()
    [output] = book.cells[-1].outputs
    assert json.loads(output.text) == read(tmp_path, "jan")
    assert all(cell.outputs for cell in tried)
