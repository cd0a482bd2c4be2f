"""What reports published, as frames for pandas: all reports of a folder, and one's customers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from segmentation.data.errors import InputError
from segmentation.data.published.formulas import restore
from segmentation.data.published.reports import HISTORY, Report, find_list, find_report

RECORD = ("run", "finished", "seconds", "dataset", "sha256", "seed")
RESULT = (
    "rows",
    "rows_used",
    "features",
    "algorithm",
    "k",
    "recommended_k",
    "silhouette",
    "inertia",
    "sizes",
    "title",
    "warnings",
)


def open_runs(reports: str | Path, earlier: bool = False) -> pd.DataFrame:
    """Returns one row per published report, the newest last; with `earlier`, old data's too.

    Columns: run, finished (a time with its zone), seconds, dataset, sha256 of the data, seed, the
    numbers of result.json, `verdict` (its kind), `parameter.<name>`, and `folder`.
    Raises `InputError` if the folder does not exist or holds no report.
    """
    folder = Path(reports)
    if not folder.is_dir():
        raise InputError(
            "there is no such folder", "name the folder of the reports", code="no-file", file=folder
        )
    paths = list(folder.glob("*/run.json"))
    if earlier:
        paths += folder.glob(f"{HISTORY}/*/[!.]*/run.json")
    reports_read = [find_report(path.parent) for path in paths]
    rows = [_as_row(report) for report in reports_read if report is not None]
    if not rows:
        raise InputError("holds no report", "make one: run_reports.py", code="no-rows", file=folder)
    frame = pd.DataFrame(rows)
    frame["finished"] = pd.to_datetime(frame["finished"], utc=True, format="ISO8601")
    return frame.sort_values(["finished", "run"], ignore_index=True)


def read_customers(report: Report, by_row: bool = False) -> pd.DataFrame | None:
    """Returns from a report every customer's `id` (text) and `segment` (missing if in none).

    Returns None for a report without ids, unless `by_row`: the id is then the row's number.
    """
    if report.result.get("id") is None and not by_row:
        return None
    name = find_list(report.record)
    report.check(name)
    path = report.folder / name
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else _read_list(path)
    keys = pd.Series(frame.index) if by_row else frame.iloc[:, 0]
    ids = keys.astype("string").map(restore, na_action="ignore")
    return pd.DataFrame({"id": ids, "segment": frame["segment"].astype("Int64")})


def _read_list(path: Path) -> pd.DataFrame:
    """The first column and the segment of segmented_customers.csv, with any delimiter."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
    delimiter = re.search(r'segment"?(.)"?segment_name', head)
    if delimiter is None:
        raise InputError(
            "is no list of customers", "make the report again", code="no-file", file=path
        )
    frame = pd.read_csv(
        path,
        sep=delimiter[1],
        encoding="utf-8-sig",
        dtype="string",
        keep_default_na=False,
        na_values=[""],
    )
    return frame[[frame.columns[0], "segment"]]


def _as_row(report: Report) -> dict[str, Any]:
    row = {name: report.record.get(name) for name in RECORD}
    row |= {name: report.result.get(name) for name in RESULT}
    row["verdict"] = report.verdict.get("kind")
    parameters = report.record.get("parameters") or {}
    row |= {f"parameter.{name}": value for name, value in parameters.items()}
    return {**row, "folder": str(report.folder)}
