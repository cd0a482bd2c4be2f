"""Takes widgets out of a saved notebook: without a kernel JupyterLab shows them as faults.

python -m tests.still NOTEBOOK ...
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat

VIEW = "application/vnd.jupyter.widget-view+json"


def find_widgets(book: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The outputs that show a widget."""
    outputs = [o for cell in book.cells for o in cell.get("outputs", [])]
    return [output for output in outputs if VIEW in output.get("data", {})]


def still(path: Path) -> None:
    """Leaves of each widget what is said of it."""
    book = nbformat.read(path, as_version=4)
    for output in find_widgets(book):
        del output.data[VIEW]
    book.metadata.pop("widgets", None)
    nbformat.write(book, path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        still(Path(name))
