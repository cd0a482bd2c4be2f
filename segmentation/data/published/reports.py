"""All reports of a folder as one frame, for whoever would compare runs with pandas."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
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
    """What a report says that it is made of."""

    model_config = ConfigDict(strict=True)
    files: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    notebook: list[Any] = []
    versions: dict[str, Any] = {}


class _Record(BaseModel):
    """What whoever reads a run.json relies on."""

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
    """What whoever reads a result.json relies on."""

    model_config = ConfigDict(strict=True)
    verdict: dict[str, Any] | None = None
    sizes: list[float] = []
    colours: list[str] = []


@dataclass(frozen=True)
class Report:
    """A published report: its folder, the record run.json and that of its results."""

    folder: Path
    record: dict[str, Any]
    result: dict[str, Any]

    @property
    def name(self) -> str:
        """What the run is called."""
        return str(self.record.get("run") or self.folder.name)

    @property
    def finished(self) -> str:
        """The day it was made: 2026-03-31."""
        return str(self.record.get("finished") or "")[:10]

    @property
    def verdict(self) -> dict[str, Any]:
        """The verdict as result.json has it; empty where there is none."""
        return self.result.get("verdict") or {}

    def check(self, name: str) -> None:
        """Raises `InputError` where a file of the report is not what was published."""
        if fault := find_fault(self.folder, self.record, name):
            raise InputError(
                f"{name} {fault}", "make the report again", code="changed-report", file=self.name
            )

    def read_customers(self, by_row: bool = False) -> pd.DataFrame | None:
        """Every customer's `id` (text) and `segment` (missing: none); None without ids.

        `by_row`: customers are known by the number of their row, whether they have ids or not.
        """
        if self.result.get("id") is None and not by_row:
            return None
        name = find_list(self.record)
        self.check(name)
        path = self.folder / name
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else _read_list(path)
        who = pd.Series(frame.index) if by_row else frame.iloc[:, 0]
        ids = who.astype("string").map(restore, na_action="ignore")
        return pd.DataFrame({"id": ids, "segment": frame["segment"].astype("Int64")})

    @property
    def segment_names(self) -> dict[int, str]:
        """The name of every segment by number, those included that it found retired."""
        changes = self.result.get("changes") or {}
        retired = {int(number): name for number, name in (changes.get("past") or {}).items()}
        rows = self.result.get("segments") or []
        return retired | {int(row["segment"]): str(row["name"]) for row in rows}


def list_past(report: Report) -> dict[int, str]:
    """The name of every number that a segment of this run ever had, by what is kept of it."""
    name, home = report.folder.name, report.folder.parent
    if home.parent.name == HISTORY:
        name, home = home.name, home.parent.parent
    folders = [home / name, *sorted((home / HISTORY / name).glob("[!.]*"))]
    found = [Report(folder, run, run["result"]) for folder in folders if (run := read_run(folder))]
    past: dict[int, str] = {}
    for kin in [*found, report]:
        past |= kin.segment_names
    return past


def open_report(folder: str | Path) -> Report:
    """A published report; an `InputError` where there is none, or its numbers were edited."""
    place = Path(folder)
    found = read_run(place)
    if not found and (place / "run.json").exists():
        raise InputError(UNREADABLE, "make the report again", code="changed-report", file=place)
    if not found:
        raise InputError(
            "there is no report", "name the folder of one that was made", code="no-file", file=place
        )
    result = found.pop("result")
    report = Report(place, found, result)
    report.check("result.json")
    return report


def find_fault(folder: Path, record: Mapping[str, Any], name: str) -> str | None:
    """What is wrong with a file of a published folder, by the sums of its record run.json."""
    path = folder / name
    if not path.is_file():
        return "is gone"
    as_it_was = file_sha256(path) == record.get("files", {}).get(name)
    return None if as_it_was else "was changed since it was published"


def find_list(record: Mapping[str, Any]) -> str:
    """The name of a report's list of customers."""
    table = "segmented_customers.parquet"
    return table if table in record.get("files", {}) else "segmented_customers.csv"


def open_runs(reports: str | Path, earlier: bool = False) -> pd.DataFrame:
    """A row a published report, the newest last; `earlier`: those on earlier data too.

    Columns: run, finished (a time with its zone), seconds, dataset, sha256 of the data, seed, the
    numbers of result.json, `verdict` in a word, `parameter.<name>` as the run had it, `folder`.
    Raises `InputError` where the folder is not there or holds no report.
    """
    folder = Path(reports)
    if not folder.is_dir():
        raise InputError(
            "there is no such folder", "name the folder of the reports", code="no-file", file=folder
        )
    paths = list(folder.glob("*/run.json"))
    if earlier:
        paths += folder.glob(f"{HISTORY}/*/[!.]*/run.json")
    found = [(path.parent, read_run(path.parent)) for path in paths]
    rows = [_as_row(run, place) for place, run in found if run]
    if not rows:
        raise InputError("holds no report", "make one: run_reports.py", code="no-rows", file=folder)
    frame = pd.DataFrame(rows)
    frame["finished"] = pd.to_datetime(frame["finished"], utc=True, format="ISO8601")
    return frame.sort_values(["finished", "run"], ignore_index=True)


def read_run(folder: Path) -> dict[str, Any]:
    """The record run.json of a published folder, with its `result`; empty where it has none.

    Or where either of the two is not what this program writes.
    """
    try:
        record, result = [(folder / name).read_bytes() for name in ("run.json", "result.json")]
        _Record.model_validate_json(record)
        _Result.model_validate_json(result)
        return {**json.loads(record), "result": json.loads(result)}
    except (OSError, ValueError):
        return {}


def _read_list(path: Path) -> pd.DataFrame:
    """The first column and the segment of segmented_customers.csv, whatever delimiter it has."""
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


def _as_row(run: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    result = run["result"]
    row = {name: run.get(name) for name in RECORD}
    row |= {name: result.get(name) for name in RESULT}
    row["verdict"] = (result.get("verdict") or {}).get("kind")
    row |= {f"parameter.{name}": value for name, value in (run.get("parameters") or {}).items()}
    return {**row, "folder": str(folder)}
