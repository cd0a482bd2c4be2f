"""All reports of a folder as one frame, for whoever would compare runs with pandas."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from segmentation.data.errors import InputError
from segmentation.data.writing import restore

HISTORY = ".history"
RECORD = ("run", "finished", "seconds", "dataset", "sha256", "seed")
RESULT = ("rows", "rows_used", "features", "algorithm", "k", "recommended_k", "silhouette",
          "inertia", "sizes", "title", "warnings")  # fmt: skip


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

    def read_customers(self, by_row: bool = False) -> pd.DataFrame | None:
        """Every customer's `id` (text) and `segment` (missing: none); None without ids.

        `by_row`: the number of the row is the id where there is no other.
        """
        if self.result.get("id") is None and not by_row:
            return None
        for name in ("segmented_customers.csv", "segmented_customers.parquet"):
            path = self.folder / name
            if path.is_file():
                break
        else:
            raise InputError(
                f"{self.name} has no list of customers any more", "make the report again",
                code="no-file", file="segmented_customers.csv",
            )  # fmt: skip
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else _read_list(path)
        who = frame.columns[0]
        ids = frame[who].astype("string").map(restore, na_action="ignore")
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
    """A published report; an `InputError` where there is none."""
    place = Path(folder)
    found = read_run(place)
    if not found:
        raise InputError("there is no report", "name the folder of one that was made",
                         code="no-file", file=place)  # fmt: skip
    result = found.pop("result")
    return Report(place, found, result)


def open_runs(reports: str | Path, earlier: bool = False) -> pd.DataFrame:
    """A row a published report, the newest last; `earlier`: those on earlier data too.

    Columns: run, finished (a time with its zone), seconds, dataset, sha256 of the data, seed, the
    numbers of result.json, `verdict` in a word, `parameter.<name>` as the run had it, `folder`.
    Raises `InputError` where the folder is not there or holds no report.
    """
    folder = Path(reports)
    if not folder.is_dir():
        raise InputError("there is no such folder", "name the folder of the reports",
                         code="no-file", file=folder)  # fmt: skip
    paths = list(folder.glob("*/run.json"))
    if earlier:
        paths += folder.glob(f"{HISTORY}/*/[!.]*/run.json")
    found = [(path.parent, read_run(path.parent)) for path in paths]
    rows = [_as_row(run, place) for place, run in found if run]
    if not rows:
        raise InputError("holds no report", "make one: run_reports.py", code="no-rows",
                         file=folder)  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["finished"] = pd.to_datetime(frame["finished"], utc=True)
    return frame.sort_values(["finished", "run"], ignore_index=True)


def read_run(folder: Path) -> dict[str, Any]:
    """The record run.json of a published folder, with its `result`; empty where there is none."""
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    whole = isinstance(record, dict) and isinstance(result, dict)
    return {**record, "result": result} if whole else {}


def _read_list(path: Path) -> pd.DataFrame:
    """The first column and the segment of segmented_customers.csv, whatever delimiter it has."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
    delimiter = re.search(r'segment"?(.)"?segment_name', head)
    if delimiter is None:
        raise InputError("is no list of customers", "make the report again", code="no-file",
                         file=path)  # fmt: skip
    frame = pd.read_csv(
        path, sep=delimiter[1], encoding="utf-8-sig", dtype="string", keep_default_na=False,
        na_values=[""],
    )  # fmt: skip
    return frame[[frame.columns[0], "segment"]]


def _as_row(run: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    result = run["result"]
    row = {name: run.get(name) for name in RECORD}
    row |= {name: result.get(name) for name in RESULT}
    row["verdict"] = (result.get("verdict") or {}).get("kind")
    row |= {f"parameter.{name}": value for name, value in (run.get("parameters") or {}).items()}
    return {**row, "folder": str(folder)}
