"""The report on paper, and what it weighs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from segmentation.reporting.pdf import find_browser, print_pdf
from tests.pages.conftest import FEW, QUICK, TWENTY, list_pages, make_reports

A4 = (595, 842)


def flatten(outline: list) -> Iterator[str]:
    """The titles of an outline and of what is under them."""
    for entry in outline:
        yield from flatten(entry) if isinstance(entry, list) else [entry["/Title"]]


def check_paper(folder: Path) -> None:
    """Two to four pages of A4 (six of nine segments), tagged, titled, numbered, nothing lost."""
    paper = PdfReader(folder / "report.pdf")
    result = json.loads((folder / "result.json").read_text())
    title = result["title"]
    assert 2 <= len(paper.pages) <= (4 if result["k"] < 9 else 6), folder.name
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"] and paper.metadata.title == title
    assert len(list(flatten(paper.outline))) >= 9  # the title and every section
    for at, page in enumerate(paper.pages, 1):
        assert tuple(round(float(side)) for side in page.mediabox[2:]) == A4
        text = " ".join(page.extract_text().split())
        assert f"{at} / {len(paper.pages)}" in text and len(text) > 300, (folder.name, at)
    text = " ".join(page.extract_text() for page in paper.pages)
    for said in ("Scores of every number", "Every column", "Parameters of this run", "next step"):
        assert said in " ".join(text.split())


def test_the_pdf_is_short_tagged_and_whole(browser, reports):
    for name in ("shop_customers", "customers"):
        check_paper(reports / name)


def test_the_pdf_of_a_real_table_too(browser, real_reports):
    folders = [path.parent for path in list_pages(real_reports)[1:]]
    for folder in folders:
        check_paper(folder)


def test_no_pdf_without_a_browser_and_none_where_it_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() is None
    page = tmp_path / "page.html"
    page.write_text("<p>page</p>")
    fault = print_pdf(page, tmp_path / "page.pdf", "/bin/false")
    assert fault is not None and "made no PDF" in fault
    gone = print_pdf(page, tmp_path / "page.pdf", str(tmp_path / "gone"))
    assert gone is not None and "gone" in gone


def test_two_runs_of_the_same_inputs_give_equal_pages(reports, tmp_path):
    make_reports(tmp_path, [TWENTY, *QUICK, *FEW, "--pdf", "never"])
    pages = [(folder / "customers" / "report.html").read_text() for folder in (reports, tmp_path)]
    record = re.compile(r'<div id="run-record">.*?</div>', re.S)
    assert all(len(record.findall(page)) == 1 for page in pages)
    assert record.sub("", pages[0]) == record.sub("", pages[1])


@pytest.fixture(scope="session")
def twenty_thousand(kernels, tmp_path_factory) -> Path:
    """A report on 20,000 customers in five groups."""
    folder = tmp_path_factory.mktemp("large")
    rng = np.random.default_rng(3)
    centres = rng.uniform(0, 100, size=(5, 6))
    rows = centres[rng.integers(0, 5, 20_000)] + rng.normal(0, 6, size=(20_000, 6))
    table = folder / "many.csv"
    names = ",".join(f"measure_of_{letter}" for letter in "abcdef")
    np.savetxt(table, rows, delimiter=",", header=names, comments="", fmt="%.2f")
    make_reports(folder, [str(table), *QUICK, *FEW, "--pdf", "never"])
    return folder / "many"


def test_a_page_of_20_000_customers_is_light(twenty_thousand):
    assert (twenty_thousand / "report.html").stat().st_size <= 500_000
