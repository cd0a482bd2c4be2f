"""Published reports: one by one, or all of a folder as a frame for pandas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import AwareDatetime, BaseModel, ConfigDict

from segmentation.data.errors import InputError
from segmentation.data.published.writing import restore
from segmentation.data.rows.fingerprints import file_sha256

HISTORY = ".history"
UNREADABLE = "run.json or result.json cannot be read"
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


class _Making(BaseModel):
    """What a report was made of."""

    model_config = ConfigDict(strict=True)
    files: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    notebook: list[Any] = []
    versions: dict[str, Any] = {}


class _Record(BaseModel):
    """The parts of a run.json that readers rely on."""

    model_config = ConfigDict(strict=True)
    run: str
    finished: AwareDatetime
    dataset: str | None = None
    sha256: str | None = None
    rows: float | None = None
    columns: list[str] | None = None
    made_of: _Making | None = None
    parameters: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    files: dict[str, str] = {}
    warnings: list[str] = []


class _Result(BaseModel):
    """The parts of a result.json that readers rely on."""

    model_config = ConfigDict(strict=True)
    verdict: dict[str, Any] | None = None
    sizes: list[float] = []
    colours: list[str] = []


@dataclass(frozen=True)
class Report:
    """A published report: its folder, and its records run.json and result.json."""

    folder: Path
    record: dict[str, Any]
    result: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the run."""
        return str(self.record.get("run") or self.folder.name)

    @property
    def finished(self) -> str:
        """The day it was made: 2026-03-31."""
        return str(self.record.get("finished") or "")[:10]

    @property
    def verdict(self) -> dict[str, Any]:
        """The verdict in result.json; empty if it has none."""
        return self.result.get("verdict") or {}

    def check(self, name: str) -> None:
        """Raises `InputError` if a file of the report is not as it was published."""
        if fault := find_fault(self.folder, self.record, name):
            raise InputError(
                f"{name} {fault}", "make the report again", code="changed-report", file=self.name
            )

    def read_customers(self, by_row: bool = False) -> pd.DataFrame | None:
        """Returns every customer's `id` (text) and `segment` (missing if in none).

        Returns None for a report without ids, unless `by_row`: the id is then the row's number.
        """
        if self.result.get("id") is None and not by_row:
            return None
        name = find_list(self.record)
        self.check(name)
        path = self.folder / name
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else _read_list(path)
        keys = pd.Series(frame.index) if by_row else frame.iloc[:, 0]
        ids = keys.astype("string").map(restore, na_action="ignore")
        return pd.DataFrame({"id": ids, "segment": frame["segment"].astype("Int64")})

    @property
    def segment_names(self) -> dict[int, str]:
        """The name of every segment by number, retired ones included."""
        changes = self.result.get("changes") or {}
        retired = {int(number): name for number, name in (changes.get("past") or {}).items()}
        rows = self.result.get("segments") or []
        return retired | {int(row["segment"]): str(row["name"]) for row in rows}


def list_past(report: Report, fingerprint: Callable[[], str] | None = None) -> dict[int, str]:
    """Returns the name of every number that a segment of this run ever had, from kept reports.

    Reports on the data with this `fingerprint` are left out: what replaces one takes its numbers.
    """
    name, home = report.folder.name, report.folder.parent
    if home.parent.name == HISTORY:
        name, home = home.name, home.parent.parent
    folders = [home / name, *reversed(list_history(home, name))]
    kept = [earlier for folder in folders if (earlier := find_report(folder)) is not None]
    others = [one for one in kept if one.folder != report.folder]
    if others and fingerprint is not None:
        sha256 = fingerprint()
        others = [one for one in others if one.record.get("sha256") != sha256]
    past: dict[int, str] = {}
    for one in [*others, report]:
        past |= one.segment_names
    return past


def list_history(reports: Path, name: str) -> list[Path]:
    """Returns the folders of a run's kept reports, the newest first."""
    kept = map(find_report, (reports / HISTORY / name).glob("[!.]*"))
    # By instants: the hour of the wall clock goes back, and moves with the time zone.
    made = [
        (datetime.fromisoformat(one.record["finished"]), one.folder)
        for one in kept
        if one is not None
    ]
    return [folder for _, folder in sorted(made, reverse=True)]


def open_report(folder: str | Path) -> Report:
    """The report of a folder; raises `InputError` if there is none or its numbers were edited."""
    place = Path(folder)
    report = find_report(place)
    if report is None and (place / "run.json").exists():
        raise InputError(UNREADABLE, "make the report again", code="changed-report", file=place)
    if report is None:
        raise InputError(
            "there is no report", "name the folder of one that was made", code="no-file", file=place
        )
    report.check("result.json")
    return report


def find_fault(folder: Path, record: Mapping[str, Any], name: str) -> str | None:
    """What is wrong with a file of a published folder, by the checksums in its run.json."""
    path = folder / name
    if not path.is_file():
        return "is gone"
    unchanged = file_sha256(path) == record.get("files", {}).get(name)
    return None if unchanged else "was changed since it was published"


def find_list(record: Mapping[str, Any]) -> str:
    """The name of the file that lists a report's customers."""
    table = "segmented_customers.parquet"
    return table if table in record.get("files", {}) else "segmented_customers.csv"


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


def read_run(folder: Path) -> dict[str, Any]:
    """The record run.json of a published folder with its `result`; empty without a report."""
    report = find_report(folder)
    return {} if report is None else {**report.record, "result": report.result}


def find_report(folder: Path) -> Report | None:
    """The report of a folder; None if one of its two records is missing or malformed."""
    try:
        files = [folder / name for name in ("run.json", "result.json")]
        if not all(file.is_file() for file in files):  # a pipe would be waited for
            return None
        record, result = [file.read_bytes() for file in files]
        _Record.model_validate_json(record)
        _Result.model_validate_json(result)
        return Report(folder, json.loads(record), json.loads(result))
    except (OSError, ValueError):
        return None


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
