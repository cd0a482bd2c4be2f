"""--score: customers of another table placed by a published report, mistakes refused."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from segmentation.reporting.command import main
from tests.conftest import ROOT

CUSTOMERS = ROOT / "data" / "customers.csv"


@pytest.fixture(scope="module")
def reports(kernels, tmp_path_factory):
    """A folder with the report of the twenty customers, and one without a model."""
    folder = tmp_path_factory.mktemp("scored")
    for name, algorithm in (("article", "kmeans"), ("tree", "ward")):
        config = folder / f"{name}.yaml"
        values = f"dataset: {CUSTOMERS}, k: 3, k_max: 3, depth: quick, algorithm: {algorithm}"
        config.write_text(f"{name}: {{{values}}}\n")
        words = ["--config", str(config), "--reports", str(folder), "--pdf", "never"]
        assert main(words) == 0
    return folder


@pytest.fixture
def score(reports, capsys):
    def run(*words: str, report="article") -> tuple[int, str, str]:
        capsys.readouterr()
        fixed = ["--reports", str(reports), "--pdf", "never"]
        code = main(["--score", str(reports / report), *words, *fixed])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_the_customers_of_the_report_get_the_same_file(score, reports):
    code, out, _ = score("--dataset", str(CUSTOMERS))
    assert code == 0 and "placed in the segments of article" in out
    placed, own = reports / "article-customers", reports / "article"
    name = "segmented_customers.csv"
    assert (placed / name).read_bytes() == (own / name).read_bytes()
    result = json.loads((placed / "result.json").read_text())
    assert result["sizes"] == json.loads((own / "result.json").read_text())["sizes"]
    record = json.loads((placed / "run.json").read_text())
    assert record["parameters"]["model"] == "article/model.json"
    assert str(reports) not in (placed / "report.html").read_text()
    assert "../article/model.json" in (placed / "scoring.ipynb").read_text()
    code, out, _ = score("--dataset", str(CUSTOMERS))
    assert code == 0 and "up to date" in out
    code, _, err = score("--dataset", str(CUSTOMERS), "--set", "seed=1")
    assert code == 2 and "no parameter 'seed'" in err


def test_one_customer_is_placed(score, reports, tmp_path):
    lines = CUSTOMERS.read_text().splitlines()
    (tmp_path / "one.csv").write_text("\n".join([lines[0], lines[5]]) + "\n")
    assert score("--dataset", str(tmp_path / "one.csv"))[0] == 0
    own = pd.read_csv(reports / "article" / "segmented_customers.csv")
    placed = pd.read_csv(reports / "article-one" / "segmented_customers.csv")
    pd.testing.assert_frame_equal(placed, own.iloc[[4]].reset_index(drop=True))


def test_a_table_without_a_feature_is_refused(score, reports, tmp_path):
    text = CUSTOMERS.read_text().replace("SpendingScore", "SpendingScores", 1)
    (tmp_path / "other.csv").write_text(text)
    code, out, _ = score("--dataset", str(tmp_path / "other.csv"))
    assert code == 3 and "if it is SpendingScores, rename it" in out
    assert not (reports / "article-other").exists()


def test_an_id_that_stands_twice_is_refused(score, tmp_path):
    lines = CUSTOMERS.read_text().splitlines()
    (tmp_path / "twice.csv").write_text("\n".join([*lines, lines[1]]) + "\n")
    code, out, _ = score("--dataset", str(tmp_path / "twice.csv"))
    assert code == 3 and "1 id occurs more than once" in out


def test_a_damaged_model_is_refused(score, reports, tmp_path):
    copy = tmp_path / "bad"
    copy.mkdir()
    text = (reports / "article" / "model.json").read_text()
    (copy / "model.json").write_text(text.replace('"seed": 42', '"seed": 43'))
    code, out, _ = score("--dataset", str(CUSTOMERS), report=copy)
    assert code == 3 and "not a model that this project wrote, or it was edited" in out


def test_the_report_made_anew_makes_its_placings_stale(score, reports):
    score("--dataset", str(CUSTOMERS))
    path = reports / "article" / "model.json"
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    try:
        _, out, _ = score("--dataset", str(CUSTOMERS), "--dry-run")
    finally:
        path.write_bytes(before)
    assert "stale because the model changed" in out


@pytest.mark.parametrize(
    ("words", "report", "message"),
    [
        ([], "article", "--score needs the new customers: --dataset FILE"),
        (["--dataset", str(CUSTOMERS)], "artikle", "did you mean article"),
        (["--dataset", str(CUSTOMERS)], "tree", "was made by ward, which cannot place customers"),
        (["--dataset", str(CUSTOMERS), "--k", "3"], "article", "there is no parameter 'k'"),
        (["--dataset", str(CUSTOMERS), "--check"], "article", "not allowed with"),
        (["shop", "--dataset", str(CUSTOMERS)], "article", "goes without"),
    ],
)
def test_mistakes_are_refused_before_anything_runs(score, words, report, message):
    code, _, err = score(*words, report=report)
    assert code == 2 and message in err


def test_a_placing_is_no_report_to_rerun(score, reports, capsys):
    score("--dataset", str(CUSTOMERS))
    code = main(
        ["--rerun", str(reports / "article-customers" / "report.html"), "--reports", str(reports)]
    )
    assert code == 2 and "made with --score; use that again" in capsys.readouterr().err
