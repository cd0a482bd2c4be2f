"""One row a report, and nothing that is no report."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from segmentation.data import InputError, open_runs


def write_run(folder, name, finished, k=3, text=None):
    folder.mkdir(parents=True)
    record = {"run": name, "finished": finished, "sha256": "ab", "dataset": "shop.csv",
              "parameters": {"dataset": "shop.csv", "k": k, "features": ["a", "b"]}}  # fmt: skip
    result = {"k": k, "sizes": [5] * k, "silhouette": 0.5, "verdict": {"kind": "natural"}}
    (folder / "run.json").write_text(json.dumps(record) if text is None else text)
    (folder / "result.json").write_text(json.dumps(result))


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


def test_reports_on_earlier_data_are_rows_where_asked_for(reports):
    runs = open_runs(str(reports), earlier=True)
    assert runs["run"].tolist() == ["shop", "early", "shop"] and runs["k"].tolist() == [5, 4, 3]


def test_a_folder_without_reports_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no report; make one"):
        open_runs(tmp_path)
    with pytest.raises(InputError, match="there is no such folder"):
        open_runs(tmp_path / "none")
