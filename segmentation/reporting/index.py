"""The index of all reports: a page to read and a table for pandas, built from the runs' records."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from segmentation.data.writing import neutralise
from segmentation.reporting.page import TEMPLATES
from segmentation.reporting.publishing import FAILED, write_text


def build_index(reports: Path) -> Path:
    """Writes index.html and index.csv of all runs under `reports`; returns the page's path."""
    reports.mkdir(parents=True, exist_ok=True)
    rows = sorted(read_runs(reports), key=lambda row: row["finished"], reverse=True)
    page = reports / "index.html"
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(["html", "j2"])
    )
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    write_text(page, environment.get_template("index.html.j2").render(rows=rows, style=style))
    write_text(reports / "index.csv", _as_csv(rows))
    return page


def read_runs(reports: Path) -> list[dict[str, Any]]:
    """One record a run: published ones with their numbers, failed ones with their reason."""
    runs: dict[str, dict[str, Any]] = {}
    for path in reports.glob("*/run.json"):
        record = _read(path)
        result = _read(path.with_name("result.json"))
        if record and result:
            runs[record["run"]] = {"status": "done", "reason": "", **record, "result": result}
    for path in (reports / FAILED).glob("*/failure.json"):
        record = _read(path)
        if record:
            earlier = runs.get(record["run"], {"result": {}, "parameters": {}})
            runs[record["run"]] = {**earlier, **record}
    return list(runs.values())


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _as_csv(rows: list[dict[str, Any]]) -> str:
    flat = [_flat(row) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: neutralise(v) if isinstance(v, str) else v for name, v in row.items()}
        for row in flat
    )
    return text.getvalue()


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """The run as one line: every parameter as `parameter.name`, every metric by its name."""
    result = row["result"]
    metrics = ("k", "recommended_k", "silhouette", "inertia", "rows", "rows_used", "title")
    flat = {name: row.get(name) for name in ("run", "status", "reason", "finished", "seconds")}
    flat |= {name: result.get(name) for name in metrics}
    flat["verdict"] = (result.get("verdict") or {}).get("kind")
    flat["sizes"] = " ".join(map(str, result.get("sizes", [])))
    values = row.get("parameters", {}).items()
    flat |= {f"parameter.{name}": json.dumps(v) if isinstance(v, list) else v for name, v in values}
    return flat
