"""The notebooks are essays: short cells, findings computed, small, run through by nbval."""

from __future__ import annotations

import re

import nbformat
import pytest

from segmentation.reporting.parameters import read_parameters
from tests.conftest import ROOT
from tests.still import VIEW, find_widgets

FIGURES = {"segmentation.ipynb": 8, "scoring.ipynb": 1, "comparison.ipynb": 2}  # at least
BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells(path, kind):
    book = nbformat.read(path, as_version=4)
    return [cell for cell in book.cells if cell.cell_type == kind]


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.name)
def test_code_cells_are_short(path):
    for cell in cells(path, "code"):
        if "parameters" not in cell.metadata.get("tags", []):
            assert cell.source.count("\n") < 8, cell.source


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.name)
def test_no_finding_is_typed_into_the_text(path):
    for cell in cells(path, "markdown"):
        assert not re.search(r"\d", re.sub(r"^#+ .*", "", cell.source)), cell.source


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.name)
def test_the_committed_notebook_is_executed_and_small(path):
    assert path.stat().st_size < 500_000
    numbers = [cell.execution_count for cell in cells(path, "code")]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.name)
def test_every_figure_has_a_sentence_of_its_own(path):
    pictures = [
        output.data
        for cell in cells(path, "code")
        for output in cell.outputs
        if "image/svg+xml" in output.get("data", {})
    ]
    said = [picture["text/plain"] for picture in pictures]
    assert len(said) >= FIGURES.get(path.name, 0) and len(set(said)) == len(said)
    assert all(len(sentence) > 40 and re.search(r"\d", sentence) for sentence in said)


def test_the_explorer_asks_for_what_the_report_asks_for():
    explored, report = (
        read_parameters(ROOT / "notebooks" / name)
        for name in ("explore.ipynb", "segmentation.ipynb")
    )
    assert explored.keys() - report.keys() == {"folder", "reports"}
    for name in explored.keys() & report.keys():
        assert explored[name].annotation == report[name].annotation, name
        assert explored[name].default == report[name].default, name


def test_no_widget_is_saved_that_no_kernel_stands_behind():
    for path in BOOKS:
        book = nbformat.read(path, as_version=4)
        assert not find_widgets(book) and "widgets" not in book.metadata, path
    book.cells[-1]["outputs"] = [nbformat.v4.new_output("display_data", {VIEW: {}})]
    assert len(find_widgets(book)) == 1


def test_the_end_of_the_report_is_five_lines_to_try_that_reports_leave_out():
    tried = [
        cell
        for cell in cells(BOOKS[-1], "code")
        if "skip-execution" in cell.metadata.get("tags", [])
    ]
    assert len(tried) == 5 and all(cell.source.count("\n") == 0 for cell in tried)
    assert all("notebook-only" in cell.metadata.tags and cell.outputs for cell in tried)
