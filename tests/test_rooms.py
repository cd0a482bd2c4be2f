"""The rooms of the house and the direction between them, read from the imports."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT

ALLOWED = {
    "data": {"data"},
    "analysis": {"data", "analysis"},
    "reporting": {"data", "reporting"},
    "notebooks": {"data", "analysis"},
}


def rooms_imported(source: str) -> set[str]:
    """The rooms of the package that a piece of Python imports from."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    parts = [name.split(".") for name in names]
    return {part[1] for part in parts if part[0] == "segmentation" and len(part) > 1}


def sources(room: str) -> list[tuple[Path, str]]:
    if room == "notebooks":
        books = sorted((ROOT / "notebooks").glob("*.ipynb"))
        return [
            (
                path,
                "\n".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"),
            )
            for path in books
        ]
    return [
        (path, path.read_text()) for path in sorted((ROOT / "segmentation" / room).rglob("*.py"))
    ]


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_it_may(room):
    found = sources(room)
    assert found
    for path, source in found:
        assert rooms_imported(source) <= ALLOWED[room], path


def test_the_check_sees_a_forbidden_import():
    assert rooms_imported("from segmentation.reporting.page import render_page") == {"reporting"}
    assert rooms_imported("from segmentation import reporting") == {"reporting"}
    assert rooms_imported("import segmentation.analysis.show.maps as p") == {"analysis"}


def test_only_the_model_opens_files_in_analysis():
    opening = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "read_csv"}
    for path, source in sources("analysis"):
        called = {
            getattr(node.func, "attr", getattr(node.func, "id", ""))
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Call)
        }
        assert not called & opening or path.name == "model.py", path


def test_no_module_is_named_after_nothing():
    empty = {"utils.py", "helpers.py", "config.py", "common.py"}
    assert not {path.name for path in (ROOT / "segmentation").rglob("*.py")} & empty
