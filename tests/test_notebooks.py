"""The notebooks are essays: short cells, findings computed, small, run through by nbval."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.conftest import ROOT

FIGURES = {"segmentation.ipynb": 6, "scoring.ipynb": 1, "comparison.ipynb": 2}  # at least
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
    assert len(said) >= FIGURES[path.name] and len(set(said)) == len(said)
    assert all(len(sentence) > 40 and re.search(r"\d", sentence) for sentence in said)
