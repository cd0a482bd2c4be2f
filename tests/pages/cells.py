"""The report notebook run in this process, cell by cell: a page in seconds, without a kernel."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output

from segmentation.analysis import say
from segmentation.analysis.later.model_file import describe_model
from segmentation.reporting.page import render_page
from segmentation.reporting.parameters import fold_values, read_parameters
from tests.conftest import ROOT

NOTEBOOK = ROOT / "notebooks" / "segmentation.ipynb"


def run_cells(values: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, dict]:
    """The notebook with what its cells displayed, and the names that they left."""
    book = nbformat.read(NOTEBOOK, as_version=4)
    shown: list[Any] = []
    show = importlib.import_module("segmentation.analysis.show.page")
    monkeypatch.setattr(show, "display", lambda what, raw=False: shown.append((what, raw)))
    names: dict[str, Any] = {}
    for cell in book.cells:
        if cell.cell_type != "code" or "skip-execution" in cell.metadata.get("tags", []):
            continue
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = fold_values(cell.source, values)
        shown.clear()
        exec(compile(cell.source, cell.id, "exec"), names)
        bundles = [what if raw else {"text/html": str(what.data)} for what, raw in shown]
        cell.outputs = [new_output("display_data", data=bundle) for bundle in bundles]
    return book, names


def render(values: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """The page of a run with these parameters; its record is made up."""
    book, names = run_cells(values, monkeypatch)
    parameters = read_parameters(NOTEBOOK)
    used = {name: parameter.default for name, parameter in parameters.items()} | dict(values)
    record = {
        "run": "example",
        "made_of": {"data": "0" * 64, "notebook": [], "package": "", "versions": {}},
        "parameters": used | {"dataset": Path(values["dataset"]).name},
        "dataset": Path(values["dataset"]).name,
        "sha256": "0" * 64,
        "versions": {"Python": "3"},
        "finished": "2026-01-31T12:00:00+00:00",
        "seconds": 1.0,
    }
    result, findings = json.dumps(names["result"]).encode(), names["findings"]
    verdict = say.kind(findings.verdict)
    model = describe_model(findings.segmentation, findings.portraits, findings.columns, verdict)
    return render_page(book, names["result"]["title"], record, parameters, result, model)
