"""The index of all reports: a page to read and a table for pandas, from the runs' records."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, Template, select_autoescape
from markupsafe import Markup

from segmentation.data.published.formulas import neutralise
from segmentation.data.published.reports import HISTORY, list_history, read_run
from segmentation.data.rows.file_hashes import file_sha256
from segmentation.reporting.files import FAILED, locked, write_text
from segmentation.reporting.ownership import ForeignError, read_record
from segmentation.reporting.templates import TEMPLATES, read_template, script_source, scrub
from segmentation.reporting.wording import show_value

MANIFEST = ".index.json"
COLOUR = re.compile("#[0-9a-f]{6}")
HEADS = (
    ("Run", ""),
    ("Verdict", "words"),
    ("Segments", ""),
    ("Silhouette", ""),
    ("Sizes", "words"),
    ("Customers", ""),
    ("Changed", "words"),
    ("Finished", ""),
)


def build_index(reports: Path) -> Path:
    """Writes index.html and index.csv of all runs under `reports`; returns the page's path."""
    reports.mkdir(parents=True, exist_ok=True)
    with locked(reports, ".index"):  # no run can have this name
        return _write_index(reports)


def _write_index(reports: Path) -> Path:
    runs = sorted(read_runs(reports), key=lambda run: run["finished"], reverse=True)
    script = read_template("index.js")
    text = _open_template().render(
        rows=[_row(run, best) for run, best in zip(runs, _count_beaten(runs), strict=True)],
        heads=HEADS,
        style=read_template("style.css"),
        script=script,
        script_source=Markup(script_source(script)),
    )
    write_index(reports, {"index.html": scrub(text), "index.csv": _as_csv(runs)})
    return reports / "index.html"


def write_index(reports: Path, texts: Mapping[str, str]) -> None:
    """Writes the files of the index, in place of our own only.

    Their checksums are in a manifest that is written first, with the old ones: whatever a kill in
    between leaves is known as ours. Raises `ForeignError` for files that are not.
    """
    manifest = reports / MANIFEST
    known = _read_manifest(manifest)
    for name in texts:
        if not _is_own(reports / name, known.get(name, [])):
            raise ForeignError(
                f"{name} in {reports.name} was not made by this program, or was edited",
                "move it away and add --index, or choose another folder with --reports",
            )
    files = {
        name: [*_list_sum(reports / name), hashlib.sha256(text.encode()).hexdigest()]
        for name, text in texts.items()
    }
    write_text(manifest, json.dumps({"files": files}, indent=1) + "\n")
    for name, text in texts.items():
        write_text(reports / name, text)


def _read_manifest(manifest: Path) -> dict[str, list[str]]:
    """Returns the checksums of the index's files; raises `ForeignError` if it is another file."""
    files = read_record(manifest).get("files")
    is_ours = isinstance(files, dict) and all(isinstance(sums, list) for sums in files.values())
    if isinstance(files, dict) and is_ours and not manifest.is_symlink():
        return files
    if manifest.exists() or manifest.is_symlink():
        raise ForeignError(
            f"{MANIFEST} in {manifest.parent.name} was not made by this program",
            "move it away, or choose another folder with --reports",
        )
    return {}


def _list_sum(path: Path) -> list[str]:
    return [file_sha256(path)] if path.is_file() else []


def _is_own(path: Path, sums: Sequence[str]) -> bool:
    """Returns whether a file of the index may be written: it is missing, or as we wrote it."""
    if path.is_symlink() or not path.is_file():
        return not path.exists() and not path.is_symlink()
    return file_sha256(path) in sums


@cache
def _open_template() -> Template:
    escaping = select_autoescape(["html", "j2"])
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=escaping).get_template(
        "index.html.j2"
    )


def read_runs(reports: Path) -> list[dict[str, Any]]:
    """Returns a record per run: published ones with their numbers, failed ones with the reason.

    Each is called as its folder, which may have been moved or copied.
    """
    runs: dict[str, dict[str, Any]] = {}
    for path in reports.glob("*/run.json"):
        name, record = path.parent.name, read_run(path.parent)
        if record.get("result"):
            made = {"status": "done", "reason": "", "made": record["finished"]}
            earlier = {"earlier": _find_earlier(reports, name), "run": name}
            runs[name] = {**made, **record, **earlier}
    for path in (reports / FAILED).glob("*/failure.json"):
        name, record = path.parent.name, read_record(path)
        if isinstance(record.get("finished"), str):
            last = runs.get(name, {"result": {}, "parameters": {}})
            runs[name] = {**last, **record, "run": name, "held": _find_held(path.parent)}
    return list(runs.values())


def _find_held(folder: Path) -> str | None:
    """Returns the page of a report that was held back, relative to the index."""
    held = (folder / "report.html").is_file()
    return f"{FAILED}/{quote(folder.name)}/report.html" if held else None


def _find_earlier(reports: Path, name: str) -> list[tuple[str, str]]:
    """Returns when the run's reports on earlier data were made, and their pages; newest first."""
    folders = [path for path in list_history(reports, name) if (path / "report.html").is_file()]
    return [
        (
            str(read_record(folder / "run.json").get("finished", folder.name)),
            f"{HISTORY}/{quote(name)}/{quote(folder.name)}/report.html",
        )
        for folder in folders
    ]


def _row(run: Mapping[str, Any], best: int) -> dict[str, Any]:
    """Returns what the page shows of a run; `best` counts the runs that it is the best of."""
    result, name = run["result"], quote(run["run"])
    sizes, colours = result.get("sizes", []), result.get("colours", [])
    fit = len(colours) == len(sizes) and all(COLOUR.fullmatch(str(colour)) for colour in colours)
    return {
        **{key: run.get(key) for key in ("run", "status", "reason", "finished", "dataset")},
        **{key: result.get(key) for key in ("title", "k", "silhouette")},
        "report": f"{name}/report.html" if result else None,
        "pdf": f"{name}/report.pdf" if "report.pdf" in run.get("files", {}) else None,
        "verdict": (result.get("verdict") or {}).get("in_words"),
        "customers": sum(sizes) or None,
        "sizes": sizes,
        "names": ", ".join(map(str, result.get("names") or [])) if _is_named(result) else None,
        "strip": list(zip(sizes, colours if fit else ["currentcolor"] * len(sizes), strict=True)),
        "changed": ", ".join(f"{k} = {show_value(v)}" for k, v in run.get("changed", {}).items()),
        "best": best,
        "warnings": list(map(str, run.get("warnings") or [])),
        "held": run.get("held"),
        "earlier": [(_say_time(when), page) for when, page in run.get("earlier", [])],
        "since": _say_time(str(run.get("since", ""))),
        "when": _say_time(run["finished"]),
        "when_made": _say_time(run.get("made", "")),
    }


def _is_named(result: Mapping[str, Any]) -> bool:
    """Returns whether a person named the segments."""
    return bool(result.get("names_given")) and isinstance(result.get("names"), list)


def _count_beaten(runs: Sequence[Mapping[str, Any]]) -> list[int]:
    """Returns, for each run, of how many comparable ones it has the best silhouette, or 0.

    Runs are comparable on the same data, features, transform, scaling and missing values. A run
    counts itself, but one alone is not the best.
    """
    groups: dict[str, list[float]] = {}
    for run in runs:
        groups.setdefault(_space(run), []).append(_silhouette(run))
    return [
        len(group) if len(group) > 1 and _silhouette(run) == max(group) > -inf else 0
        for run in runs
        for group in [groups[_space(run)]]
    ]


def _space(run: Mapping[str, Any]) -> str:
    parameters, result = run.get("parameters", {}), run["result"]
    ways = [parameters.get(name) for name in ("transform", "scaling", "missing", "orders", "table")]
    return json.dumps([run.get("sha256"), run.get("dataset"), result.get("features"), ways])


def _silhouette(run: Mapping[str, Any]) -> float:
    value = run["result"].get("silhouette")
    return float(value) if isinstance(value, int | float) else -inf


def _say_time(finished: str) -> str:
    """Returns `23 Nov 2026 05:00`, in the time zone of the machine that made the report."""
    try:
        moment = datetime.fromisoformat(finished)
    except ValueError:
        return finished
    return f"{moment.day} {moment:%b %Y %H:%M}"


def _as_csv(rows: list[dict[str, Any]]) -> str:
    flat = [_flat(row) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    text = io.StringIO()
    # Names and titles come from data: a spreadsheet must not run them as formulas.
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: neutralise(v) if isinstance(v, str) else v for name, v in row.items()}
        for row in flat
    )
    return text.getvalue()


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Returns the run as one line: parameters as `parameter.name`, metrics by their names."""
    result = row["result"]
    metrics = ("k", "recommended_k", "silhouette", "inertia", "rows", "rows_used", "title")
    flat = {name: row.get(name) for name in ("run", "status", "reason", "finished", "seconds")}
    flat |= {name: result.get(name) for name in metrics}
    flat["verdict"] = (result.get("verdict") or {}).get("kind")
    flat["sizes"] = show_value(result.get("sizes", []))
    flat["names"] = json.dumps(result.get("names"), ensure_ascii=False)
    values = row.get("parameters", {}).items()
    flat |= {f"parameter.{name}": json.dumps(v) if isinstance(v, list) else v for name, v in values}
    return flat
