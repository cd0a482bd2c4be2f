"""like: an earlier report's numbers and names kept month after month, mistakes refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segmentation.reporting.command import main
from tests.conftest import find_sample

DEFAULTS = "defaults: {k: 3, k_max: 4, depth: quick, id: customer}\n"
CENTRES = np.array([[20, 100], [60, 100], [20, 400]])


def write_month(path, sizes, seed):
    rng = np.random.default_rng(seed)
    which = np.repeat(range(3), sizes)
    rows = CENTRES[which] + rng.normal(size=(len(which), 2)) * [2, 9]
    frame = pd.DataFrame(rows.round(2), columns=["age", "spend"])
    frame.insert(0, "customer", [f"K{number:04d}" for number in range(len(frame))])
    frame.to_csv(path, index=False)


@pytest.fixture
def run(kernels, tmp_path, capsys):
    def call(*words: str) -> tuple[int, str]:
        config = tmp_path / "runs.yaml"
        fixed = ["--config", str(config), "--reports", str(tmp_path / "reports"), "--pdf", "never"]
        code = main([*words, *fixed])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


@pytest.fixture
def january(kernels, once, tmp_path) -> None:
    """The report `jan` on jan.csv with these defaults, beside the test's runs file."""

    def build(folder: Path) -> None:
        write_month(folder / "jan.csv", (60, 50, 40), 1)
        config, reports = folder / "runs.yaml", folder / "reports"
        config.write_text(f"{DEFAULTS}jan: {{dataset: jan.csv}}\n")
        fixed = ["--config", str(config), "--reports", str(reports), "--pdf", "never"]
        assert main(fixed) == 0

    shutil.copytree(once.make("january", build), tmp_path, dirs_exist_ok=True)


def read(tmp_path, name):
    return json.loads((tmp_path / "reports" / name / "result.json").read_text())


def test_a_run_like_another_comes_after_it_and_keeps_its_numbers(run, tmp_path):
    write_month(tmp_path / "jan.csv", (60, 50, 40), 1)
    write_month(tmp_path / "feb.csv", (40, 50, 60), 2)
    (tmp_path / "runs.yaml").write_text(
        "defaults: {k: 3, k_max: 4, depth: quick, id: customer}\n"
        "feb: {dataset: feb.csv, like: reports/jan}\n"
        "jan: {dataset: jan.csv, names: [Young, Old, Rich]}\n"
    )
    code, printed = run()
    assert code == 0, printed
    now = read(tmp_path, "feb")
    assert now["names"] == ["Young", "Old", "Rich"] and now["sizes"] == [40, 50, 60]
    assert now["changes"]["since"] == "jan" and now["changes"]["followed"] == 150
    page = (tmp_path / "reports" / "feb" / "report.html").read_text()
    assert "What changed since the earlier report" in page and str(tmp_path) not in page
    assert "What changed" not in (tmp_path / "reports" / "jan" / "report.html").read_text()
    assert run("--dry-run")[1].count("up to date") == 2
    book = (tmp_path / "reports" / "feb" / "segmentation.ipynb").read_text()
    assert "like: str | None = '../jan'" in book
    code, printed = run("--rerun", str(tmp_path / "reports" / "feb" / "report.html"))
    assert code == 0 and "identical" in printed
    write_month(tmp_path / "jan.csv", (60, 51, 40), 3)
    printed = run("--dry-run")[1]
    assert "feb  stale because jan is made again" in printed


def test_a_run_like_itself_follows_its_own_last_report_on_other_data(run, tmp_path):
    (tmp_path / "runs.yaml").write_text(
        "defaults: {k: 3, k_max: 4, depth: quick}\n"
        "monthly: {dataset: export.csv, like: reports/monthly, keep: 3}\n"
    )
    write_month(tmp_path / "export.csv", (60, 50, 40), 1)
    assert run()[0] == 0 and "changes" not in read(tmp_path, "monthly")
    assert "up to date" in run("--dry-run")[1]
    write_month(tmp_path / "export.csv", (30, 50, 70), 2)
    assert "the data changed" in run("--dry-run")[1]
    assert run()[0] == 0
    first = read(tmp_path, "monthly")
    assert first["sizes"] == [30, 50, 70] and first["changes"]["followed"] == 150
    assert "up to date" in run("--dry-run")[1]
    assert run("--force")[0] == 0  # the same data: still against the month before
    assert read(tmp_path, "monthly")["changes"] == first["changes"]
    book = (tmp_path / "reports" / "monthly" / "segmentation.ipynb").read_text()
    assert "like: str | None = '../.history/monthly/" in book


def test_a_run_like_itself_that_keeps_nothing_is_not_stale_for_ever(run, tmp_path):
    (tmp_path / "runs.yaml").write_text(
        "defaults: {k: 3, k_max: 4, depth: quick}\n"
        "monthly: {dataset: export.csv, like: reports/monthly, keep: 0}\n"
    )
    for seed in (1, 2):
        write_month(tmp_path / "export.csv", (60, 50, 40), seed)
        assert run()[0] == 0
    assert read(tmp_path, "monthly")["changes"]["followed"] == 150
    assert "up to date" in run("--dry-run")[1]
    assert (
        "like: str | None = None"
        in (tmp_path / "reports" / "monthly" / "segmentation.ipynb").read_text()
    )
    code, printed = run("--rerun", str(tmp_path / "reports" / "monthly" / "report.html"))
    assert code == 2 and "the earlier report is not kept any more; name it with --like" in printed


@pytest.mark.usefixtures("january")
def test_a_missing_earlier_report_is_refused(run, tmp_path):
    (tmp_path / "runs.yaml").write_text(
        f"{DEFAULTS}"
        "feb: {dataset: jan.csv, like: reports/jam}\n"
        "jan: {dataset: jan.csv}\n"
        "tree: {dataset: jan.csv, algorithm: ward}\n"
    )
    code, printed = run("feb", "jan", "tree")
    assert code == 3 and "there is no report jam; make it first" in printed
    reports = tmp_path / "reports"
    code, printed = run("jan", "--like", str(reports / "tree" / "report.html"))
    assert code == 3 and "tree was made by ward, which cannot place customers" in printed
    code, printed = run("jan", "--like", str(reports / "jan" / "report.html"))
    assert code == 0 and "changes" not in read(tmp_path, "jan")
    assert run("--compare", str(reports / "jan"), str(reports / "tree"))[0] == 0
    code, printed = run("jan", "--like", str(reports / "jan-and-tree"))
    assert code == 3 and "has no model.json; name the folder of a segmentation report" in printed
    assert run("jan", "--like", "")[0] == 2
    (reports / "jan" / "model.json").unlink()
    words = ["feb", "--like", str(reports / "jan" / "report.html")]
    assert "like: jan/model.json is gone; make the report again" in run(*words)[1]


@pytest.mark.usefixtures("january")
def test_a_dry_run_prints_why_like_will_be_refused(run, tmp_path):
    printed = run("--dry-run", "--like", str(tmp_path / "reports" / "jam"))[1]
    assert "stale, and will be refused: like: there is no report jam; make it first" in printed
    assert "or leave out like; did you mean jan?" in printed
    (tmp_path / "reports" / "jan" / "run.json").write_text("{}")
    words = ["--dataset", str(tmp_path / "jan.csv"), "--like", str(tmp_path / "reports" / "jan")]
    code, printed = run(*words, "--k", "3")
    assert code == 3 and "jan: run.json or result.json cannot be read; make the report" in printed


@pytest.mark.usefixtures("january")
def test_an_earlier_report_is_looked_at_before_anything_is_fitted(run, tmp_path):
    text = (tmp_path / "jan.csv").read_text()
    (tmp_path / "feb.csv").write_text(text.replace("spend", "spent", 1))
    (tmp_path / "runs.yaml").write_text(
        f"{DEFAULTS}jan: {{dataset: jan.csv}}\nfeb: {{dataset: feb.csv, like: reports/jan}}\n"
    )
    code, printed = run()
    assert code == 3 and "jan needs a column spend, which is missing; did you mean sp" in printed
    listed = tmp_path / "reports" / "jan" / "segmented_customers.csv"
    words = ["--dataset", str(tmp_path / "jan.csv"), "--like", str(tmp_path / "reports" / "jan")]
    code, printed = run(*words, "--set", "names=['a', 'b']", "--set", "k=3", "--set", "title=x")
    assert code == 3 and "names: 2 given for 3 segments" in printed
    listed.write_text(listed.read_text().replace(",1,", ",7,"))
    code, printed = run("feb", "--dataset", str(tmp_path / "jan.csv"))
    assert code == 3 and "segmented_customers.csv was changed since it was published" in printed
    assert not list((tmp_path / "reports").glob("*/*/*.ipynb"))  # no kernel was started


@pytest.mark.usefixtures("january")
def test_a_run_warns_if_the_report_it_is_like_was_not_made_again(run, tmp_path):
    write_month(tmp_path / "feb.csv", (60, 50, 40), 1)
    (tmp_path / "runs.yaml").write_text(
        f"{DEFAULTS}jan: {{dataset: jan.csv}}\nfeb: {{dataset: feb.csv, like: reports/jan}}\n"
    )
    (tmp_path / "jan.csv").write_text("customer,age\n")
    code, printed = run()
    assert code == 3 and "refused" in printed
    assert "it is like the last good report of jan, which was refused now" in printed


def test_two_months_of_real_orders_are_followed_as_pandas_follows_them(run, tmp_path, samples):
    path = find_sample(samples, "00004 0001 ")
    names = ["all", "id", "date", "cds", "usd"]
    orders = pd.read_csv(path, sep=r"\s+", names=names, dtype={"all": str, "id": str, "date": str})
    orders["date"] = pd.to_datetime(orders["date"]).dt.strftime("%Y-%m-%d")
    for month, end in (("may", "1998-05-31"), ("june", "1998-06-30")):
        orders[orders["date"] <= end].to_csv(tmp_path / f"{month}.csv", index=False)
    (tmp_path / "runs.yaml").write_text(
        "defaults: {orders: {customer: id, date: date, amount: usd}, depth: quick, k_max: 6}\n"
        "may: {dataset: may.csv}\n"
        "june: {dataset: june.csv, like: reports/may}\n"
    )
    assert run()[0] == 0
    now, before = read(tmp_path, "june"), read(tmp_path, "may")
    assert now["names"] == before["names"] and now["changes"]["new"] == []
    listed = [
        pd.read_csv(tmp_path / "reports" / month / "segmented_customers.csv", dtype={"id": str})
        for month in ("may", "june")
    ]
    both = listed[0].merge(listed[1], on="id")
    crossed = both.groupby(["segment_x", "segment_y"]).size()
    flow = {(row["then"], row["now"]): row["customers"] for row in now["changes"]["flow"]}
    assert flow == crossed.to_dict()
    assert now["changes"]["moved"] == (both["segment_x"] != both["segment_y"]).sum() > 0
    assert (
        now["changes"]["shifts"]["recency_days"]["index"] > 0.25
    )  # nearly all wait a month longer
