"""Whether a report is still what its run would make, by the content of everything it is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from segmentation.data import InputError
from segmentation.data.databases.address import is_database
from segmentation.data.published.reports import find_fault, read_run
from segmentation.data.rows.fingerprints import file_sha256, path_sha256
from segmentation.reporting.datasets import shown_values
from segmentation.reporting.earlier import find_earlier, follows_itself
from segmentation.reporting.notebooks import SKIPPED, load_notebook
from segmentation.reporting.planning import Plan
from segmentation.reporting.runs_file import Run
from segmentation.reporting.scoring import MODEL
from segmentation.reporting.versions import list_versions

PACKAGE = Path(__file__).parents[1]
SUFFIXES = {".py", ".j2", ".css", ".js"}


def find_reason(run: Run, plan: Plan) -> str | None:
    """Why the run's report must be made (again); None where it is up to date."""
    folder = plan.reports / run.name
    record = read_run(folder)
    if not record:
        exists = (folder / "run.json").exists()
        return "stale because its record cannot be read" if exists else "there is no report yet"
    faults = {name: find_fault(folder, record, name) for name in record.get("files", {})}
    for name, fault in faults.items():
        if fault:
            return f"stale because {name} {fault}"
    if plan.settings(run).pdf == "always" and "report.pdf" not in faults:
        return "stale because it has no PDF"
    made_of = record.get("made_of")
    if made_of is None:
        return "stale because its record does not say what it is made of"
    try:
        sha256 = find_sha256(plan.values(run))
    except (InputError, OSError):
        return "stale because the data cannot be read"
    try:
        now = describe_making(run, plan, sha256)
    except InputError as error:
        return f"stale, and to be refused: {error}"
    except OSError:
        return "stale because another of its files cannot be read"
    changed = compare_making(made_of, now)
    return f"stale because {', '.join(changed)}" if changed else None


def describe_making(run: Run, plan: Plan, sha256: str | None) -> dict[str, Any]:
    """What a report is made of: data, parameters, the notebook's code, the package, versions."""
    values = plan.values(run)
    files = {name: values[name] for name in ("model",) if values.get(name)}
    files |= {name: f"{values[name]}/result.json" for name in ("one", "other") if name in values}
    if isinstance(values.get("names"), str):
        files["names"] = values["names"]
    earlier = find_earlier(values, run.name, plan, sha256)
    if earlier is not None and not follows_itself(values, run.name, plan):
        files["like"] = str(earlier / MODEL)
    cells = [cell for cell in load_notebook(plan.notebook).cells if cell.cell_type != "raw"]
    code = [cell for cell in cells if SKIPPED not in cell.metadata.get("tags", [])]
    return {
        "data": sha256,
        "files": {name: file_sha256(Path(path)) for name, path in files.items()},
        "parameters": {n: value for n, value in shown_values(values).items() if n != "output"},
        "notebook": [_digest(cell.source) for cell in code],
        "package": hash_package(),
        "versions": list_versions(),
    }


def find_sha256(values: Mapping[str, Any]) -> str | None:
    """The fingerprint of a run's data: of a file's or folder's bytes, of a database's rows."""
    dataset = values.get("dataset")
    if dataset is None:
        return None
    if isinstance(dataset, str) and not is_database(dataset) and not dataset.startswith("env:"):
        return path_sha256(Path(dataset))
    from segmentation.reporting.inputs import open_input

    return open_input(values).fingerprint()


@cache
def hash_package() -> str:
    """One digest of all the code and templates of this package, as they were when it was asked."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in SUFFIXES:
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def compare_making(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two of what reports are made of, in words."""
    now = json.loads(json.dumps(now))  # as the record holds it
    said = []
    if before.get("data") != now["data"]:
        said.append("the data changed")
    old, new = before.get("files", {}), now["files"]
    said += [f"the {name} changed" for name in {**old, **new} if old.get(name) != new.get(name)]
    old, new = before.get("parameters", {}), now["parameters"]
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    said += [f"{name} was {old.get(name)}, is {new.get(name)}" for name in names]
    one, other = before.get("notebook", []), now["notebook"]
    if one != other:
        pairs = zip(one, other, strict=False)
        at = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), min(len(one), len(other)))
        said.append(f"notebook cell {at} changed")
    if before.get("package") != now["package"]:
        said.append("this program changed")
    old, new = before.get("versions", {}), now["versions"]
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return said + [f"{name} {old.get(name)} → {new.get(name)}" for name in names]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
