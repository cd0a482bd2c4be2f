"""A notebook as it lies on the disk: its cells, read without the machinery that runs them."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from segmentation.reporting.errors import UsageError, did_you_mean

TAG = "parameters"
SKIPPED = "skip-execution"  # the tag of cells that only people run: nbclient's own


class AnyCell(Protocol):
    """What is asked of a cell, here and of nbformat's."""

    @property
    def source(self) -> str:
        """Its text."""

    @property
    def metadata(self) -> Any:
        """Its tags and the like."""


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
    """The notebook, or a `UsageError` where there is none."""
    if not path.is_file():
        near = did_you_mean(path.name, [other.name for other in path.parent.glob("*.ipynb")])
        raise UsageError(f"there is no notebook {path.name}{near}")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["nbformat"] != 4:
            raise ValueError
        cells = [_read_cell(cell, at) for at, cell in enumerate(found["cells"])]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"{path.name} is not a notebook") from None
    return Notebook(cells)


def find_cell(cells: Sequence[AnyCell], path: Path) -> AnyCell:
    """The one cell tagged `parameters`."""
    tagged = [cell for cell in cells if TAG in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise UsageError(
            f"{path.name} has {len(tagged)} cells tagged {TAG!r}; tag the one with the parameters"
        )
    return tagged[0]


def list_headings(notebook: Notebook) -> dict[str, str]:
    """The heading that each cell stands under, by the cell's id."""
    heading, found = "", {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            heading = cell.source.splitlines()[0].lstrip("# ")
        found[cell.id] = heading
    return found


def list_imports(notebook: Notebook) -> list[str]:
    """The modules that the code cells import."""
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


def _read_cell(cell: dict[str, Any], at: int) -> Cell:
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    metadata = cell.get("metadata", {})
    metadata.get("tags", [])  # a mapping, or this is no notebook
    return Cell(str(cell["cell_type"]), text, metadata, str(cell.get("id", at)))
