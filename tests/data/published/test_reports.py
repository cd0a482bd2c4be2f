"""Published reports: one row per report, and nothing else."""

from __future__ import annotations

import json
import os

import pandas as pd
import pytest

from segmentation.data import InputError, open_report, open_runs, read_customers
from segmentation.data.published.reports import UNREADABLE, read_run
from segmentation.data.rows.file_hashes import file_sha256

LIST = "id,segment,segment_name\nC1,1,a\nC2,2,b\nC3,,\n"


def write_run(folder, name, finished, k=3, text=None):
    folder.mkdir(parents=True)
    record = {
        "run": name,
        "finished": finished,
        "sha256": "ab",
        "dataset": "shop.csv",
        "parameters": {"dataset": "shop.csv", "k": k, "features": ["a", "b"]},
    }
    result = {
        "k": k,
        "sizes": [5] * k,
        "silhouette": 0.5,
        "verdict": {"kind": "natural"},
        "id": "id",
    }
    (folder / "result.json").write_text(json.dumps(result))
    (folder / "segmented_customers.csv").write_text(LIST)
    record["files"] = {path.name: file_sha256(path) for path in folder.iterdir()}
    (folder / "run.json").write_text(json.dumps(record) if text is None else text)


@pytest.fixture
def reports(tmp_path):
    write_run(tmp_path / "shop", "shop", "2026-11-02T08:00:00+01:00")
    write_run(tmp_path / "early", "early", "2026-11-02T06:30:00+00:00", 4)
    write_run(tmp_path / ".history/shop/2026-10-02", "shop", "2026-10-02T08:00:00+02:00", 5)
    write_run(tmp_path / "torn", "torn", "", text="{")
    write_run(tmp_path / "other", "other", "", text="[]")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_every_report_is_a_row_with_its_numbers_and_parameters(reports):
    runs = open_runs(reports)
    assert runs["run"].tolist() == ["early", "shop"] and runs["k"].tolist() == [4, 3]
    assert runs["parameter.k"].tolist() == [4, 3] and set(runs["verdict"]) == {"natural"}
    assert runs.loc[1, "sizes"] == [5, 5, 5] and runs.loc[1, "parameter.features"] == ["a", "b"]
    assert runs["finished"].tolist() == list(
        pd.to_datetime(["2026-11-02T06:30Z", "2026-11-02T07:00Z"])
    )
    assert runs.loc[1, "folder"] == str(reports / "shop")


def test_reports_on_earlier_data_are_rows_on_request(reports):
    runs = open_runs(str(reports), earlier=True)
    assert runs["run"].tolist() == ["shop", "early", "shop"] and runs["k"].tolist() == [5, 4, 3]


def test_a_folder_without_reports_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no report; make one"):
        open_runs(tmp_path)
    with pytest.raises(InputError, match="there is no such folder"):
        open_runs(tmp_path / "none")


def test_a_report_gives_its_customers_by_id_or_by_row(reports):
    report = open_report(reports / "shop")
    assert read_customers(report)["id"].tolist() == ["C1", "C2", "C3"]
    listed = read_customers(report, by_row=True)
    assert listed["id"].tolist() == ["0", "1", "2"] and listed["segment"].isna().sum() == 1


EDITS = {
    "run.json": [
        ("finished", 5),
        ("finished", "soon"),
        ("run", None),
        ("parameters", [1]),
        ("files", ["a"]),
        ("changed", "k"),
        ("made_of", {"files": 3}),
    ],
    "result.json": [("verdict", "x"), ("sizes", "5 5"), ("sizes", ["a"]), ("colours", 3)],
}


@pytest.mark.parametrize(
    ("name", "key", "value"), [(name, *edit) for name in EDITS for edit in EDITS[name]]
)
def test_a_record_with_wrong_types_is_no_report(reports, name, key, value):
    path = reports / "shop" / name
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    assert read_run(reports / "shop") == {}
    assert open_runs(reports)["run"].tolist() == ["early"]
    with pytest.raises(InputError, match=r"shop: run\.json or result\.json cannot be read; make"):
        open_report(reports / "shop")


@pytest.mark.parametrize("text", ["[]", "{", "", "5", "[" * 9_000, "\x00"])
def test_a_malformed_record_is_no_report(reports, text):
    (reports / "shop" / "run.json").write_text(text)
    assert read_run(reports / "shop") == {}


def test_a_report_that_was_edited_is_refused(reports):
    report = open_report(reports / "shop")
    path = reports / "shop" / "segmented_customers.csv"
    for edited in (LIST.replace("C1,1", "C1,7"), LIST + "C1,1,a\n", "", "\x00"):
        path.write_text(edited)
        with pytest.raises(InputError, match=r"segmented_customers\.csv was changed since it was"):
            read_customers(report)
    path.unlink()
    with pytest.raises(InputError, match=r"^shop: segmented_customers\.csv is gone; make the repo"):
        read_customers(report)
    result = reports / "shop" / "result.json"
    result.write_text(result.read_text().replace("0.5", "0.6"))
    with pytest.raises(InputError, match=r"result\.json was changed since it was published; make"):
        open_report(reports / "shop")


@pytest.mark.parametrize("name", ["run.json", "result.json", "segmented_customers.csv"])
def test_a_pipe_in_a_report_is_not_waited_for(tmp_path, name):
    write_run(tmp_path / "a", "a", "2026-03-31T10:00:00+00:00")
    (tmp_path / "a" / name).unlink()
    os.mkfifo(tmp_path / "a" / name)
    with pytest.raises(OSError, match="is no regular file"):
        file_sha256(tmp_path / "a" / name)
    with pytest.raises(InputError, match=f"{UNREADABLE}|{name} is gone"):
        read_customers(open_report(tmp_path / "a"))
