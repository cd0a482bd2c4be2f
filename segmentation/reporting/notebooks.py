"""The cells of a notebook file, read without the libraries that run it."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from segmentation.reporting.errors import UsageError, did_you_mean

HOME = Path(__file__).parents[2]  # the project's folder
NOTEBOOK = HOME / "notebooks" / "segmentation.ipynb"
TAG = "parameters"
SKIPPED = "skip-execution"  # nbclient's own tag, for cells that only people run
INJECTED = "injected-parameters"  # papermill's tag


class AnyCell(Protocol):
    """A cell of this module or of nbformat."""

    @property
    def source(self) -> str:
        """The text."""

    @property
    def metadata(self) -> Any:
        """Tags and the like."""


def has_tag(cell: AnyCell, tag: str) -> bool:
    """Returns whether the cell has this tag."""
    return bool(tag in cell.metadata.get("tags", []))


@dataclass(frozen=True)
class Cell:
    """One cell: code, markdown or raw."""

    cell_type: str
    source: str
    metadata: dict[str, Any]
    id: str


@dataclass(frozen=True)
class Notebook:
    """The cells of a notebook, in order."""

    cells: list[Cell]


def load_notebook(path: Path) -> Notebook:
    """Returns the notebook; raises `UsageError` if the file is missing or is not a notebook."""
    if not path.is_file():
        near = did_you_mean(path.name, [other.name for other in path.parent.glob("*.ipynb")])
        raise UsageError(f"there is no notebook {path.name}{near}")
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
        if book["nbformat"] != 4:
            raise ValueError
        cells = [_read_cell(cell, position) for position, cell in enumerate(book["cells"])]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"{path.name} is not a notebook") from None
    return Notebook(cells)


def find_cell(cells: Sequence[AnyCell], path: Path) -> AnyCell:
    """Returns the one cell tagged `parameters`."""
    tagged = [cell for cell in cells if has_tag(cell, TAG)]
    if len(tagged) != 1:
        raise UsageError(
            f"{path.name} has {len(tagged)} cells tagged {TAG!r}; tag the one with the parameters"
        )
    return tagged[0]


def list_headings(notebook: Notebook) -> dict[str, str]:
    """Returns the heading above each cell, by the cell's id."""
    heading, headings = "", {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            heading = cell.source.splitlines()[0].lstrip("# ")
        headings[cell.id] = heading
    return headings


def list_imports(notebook: Notebook) -> list[str]:
    """Returns the modules that the code cells import."""
    modules: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        with suppress(SyntaxError):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    modules += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules.append(node.module)
    return list(dict.fromkeys(modules))


def _read_cell(cell: dict[str, Any], position: int) -> Cell:
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    metadata = cell.get("metadata", {})
    metadata.get("tags", [])  # raises if this is not a mapping
    return Cell(str(cell["cell_type"]), text, metadata, str(cell.get("id", position)))
