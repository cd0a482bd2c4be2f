"""Published reports, and those that were kept of earlier data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from segmentation.data.errors import InputError
from segmentation.data.rows.file_hashes import file_sha256

HISTORY = ".history"
UNREADABLE = "run.json or result.json cannot be read"


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
