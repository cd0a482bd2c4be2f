"""A report made again from its own page."""

from __future__ import annotations

import json
import shutil

import pytest

from segmentation.reporting.rerunning import read_made
from tests.reporting.conftest import LAST, write_notebook

COUNTED = LAST.replace('"silhouette": 0.5', '"silhouette": len(open(dataset).read()) / 1000')


@pytest.fixture
def made(call, tmp_path):
    """The page of a run that sets a parameter, and the notebook that made it."""
    book = write_notebook(tmp_path / "counted.ipynb", "1", last=COUNTED)
    assert call("--k", "3", book=book)[0] == 0
    return tmp_path / "reports" / "small-k3" / "report.html", book


def test_the_same_data_gives_an_identical_report(call, made, tmp_path):
    page, book = made
    code, out, err = call("--rerun", str(page), book=book)
    assert (code, err) == (0, "")
    assert out == "identical: every number of report.html came out again\n"
    assert not (tmp_path / "reports" / "small-k3-rerun").exists()
    assert "small-k3-rerun" not in (tmp_path / "reports" / "index.html").read_text()


def test_a_mailed_page_needs_its_data_named(call, made, tmp_path):
    page, book = made
    mailed = tmp_path / "mail" / "report.html"
    mailed.parent.mkdir()
    shutil.copy(page, mailed)
    code, out, err = call("--rerun", str(mailed), book=book)
    assert (code, out) == (2, "") and "name the data with --dataset" in err
    data = shutil.copy(tmp_path / "customers.csv", tmp_path / "moved.csv")
    code, out, _ = call("--rerun", str(mailed), "--dataset", str(data), book=book)
    assert code == 0 and out.startswith("identical")


def test_what_differs_is_printed_and_kept(call, made, tmp_path):
    page, book = made
    with (tmp_path / "customers.csv").open("a") as file:
        file.write("99,99\n")
    code, out, _ = call("--rerun", str(page), book=book)
    assert code == 1 and out.startswith("different: the data changed; silhouette was 0.")
    kept = tmp_path / "reports" / "small-k3-rerun" / "report.html"
    assert kept.is_file() and out.endswith("small-k3-rerun/report.html\n")
    assert read_made(kept)["parameters"]["k"] == 3
    code, out, _ = call("--rerun", str(page), "--json", book=book)
    record = json.loads(out)
    assert code == 1 and not record["identical"] and record["differs"][0] == "the data changed"
    assert record["report"] == str(kept)


def test_a_page_of_earlier_data_finds_the_data_of_today(call, made, tmp_path):
    page, book = made
    with (tmp_path / "customers.csv").open("a") as file:
        file.write("99,99\n")
    assert call("--k", "3", book=book)[0] == 0
    [earlier] = (tmp_path / "reports" / ".history").glob("small-k3/*/report.html")
    code, out, _ = call("--rerun", str(earlier), book=book)
    assert code == 1 and out.startswith("different: the data changed")
    assert call("--rerun", str(page), book=book)[0] == 0


def test_a_rerun_that_fails_says_why(call, made, tmp_path):
    page, book = made
    (tmp_path / "customers.csv").unlink()
    code, out, _ = call("--rerun", str(page), book=book)
    assert code == 3 and out.startswith("different: refused: customers.csv: there is no such file")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file or directory; name the page of a report"),
        ("<p>hello</p>", "does not say how it was made"),
        ('<script id="made">{}</script>', "does not say how it was made"),
        ('<script id="made">[1, 2</script>', "does not say how it was made"),
    ],
)
def test_another_file_is_no_page(text, message, call, tmp_path):
    page = tmp_path / "other.html"
    if text is not None:
        page.write_text(text)
    code, out, err = call("--rerun", str(page))
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1


def test_a_rerun_takes_no_other_parameters(call, made):
    code, _, err = call("--rerun", str(made[0]), "--k", "4", book=made[1])
    assert code == 2 and "leave out the others" in err
