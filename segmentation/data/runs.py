"""All reports of a folder as one frame, for whoever would compare runs with pandas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from segmentation.data.errors import InputError

HISTORY = ".history"
RECORD = ("run", "finished", "seconds", "dataset", "sha256", "seed")
RESULT = ("rows", "rows_used", "features", "algorithm", "k", "recommended_k", "silhouette",
          "inertia", "sizes", "title", "warnings")  # fmt: skip


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


def _as_row(run: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    result = run["result"]
    row = {name: run.get(name) for name in RECORD}
    row |= {name: result.get(name) for name in RESULT}
    row["verdict"] = (result.get("verdict") or {}).get("kind")
    row |= {f"parameter.{name}": value for name, value in (run.get("parameters") or {}).items()}
    return {**row, "folder": str(folder)}
