"""A notebook that runs in a second, and a place for its reports."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from segmentation.reporting.command import main

PARAMETERS = """\
dataset: str = "customers.csv"  # the customers
k: Annotated[int, Ge(2)] | None = None  # number of segments
scaling: Literal["standard", "none"] = "standard"  # makes units comparable
features: list[str] | None = None  # columns to segment on
share: float = 0.5  # a share
note: str = "it's"  # a remark: `#` inside
output: str | None = None  # the folder for the run's files
"""
LAST = """\
if output is not None:
    import json
    record = {"title": note, "k": k or 2, "silhouette": 0.5, "sizes": [2, 1]}
    with open(f"{output}/result.json", "w") as file:
        json.dump(record, file)
"""


def write_notebook(path: Path, *cells: str, parameters: str = PARAMETERS, last: str = LAST) -> Path:
    """A notebook with a parameters cell, these code cells and a last cell that writes a result."""
    new = nbformat.v4
    book = new.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    )
    book.cells = [
        new.new_code_cell("from typing import Annotated, Literal\nfrom annotated_types import Ge"),
        new.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new.new_markdown_cell("## A section"),
        *[new.new_code_cell(cell) for cell in cells],
        new.new_code_cell(last),
    ]
    nbformat.write(book, path)
    return path


@pytest.fixture
def notebook(tmp_path) -> Path:
    (tmp_path / "customers.csv").write_text(
        "spend,visits\n" + "".join(f"{n * 1.5},{n * n}\n" for n in range(1, 13))
    )
    return write_notebook(tmp_path / "small.ipynb", "print('ran', k)\n'ran'")


@pytest.fixture
def call(notebook, kernels, tmp_path, capsys):
    """Runs the command in a folder with one run, without PDFs; its exit code, output and errors."""
    (tmp_path / "runs.yaml").write_text("small:\n  dataset: customers.csv\n")

    def run(*words: str, book=notebook) -> tuple[int, str, str]:
        fixed = ["--notebook", str(book), "--config", str(tmp_path / "runs.yaml"), "--pdf", "never"]
        code = main([*words, *fixed, "--reports", str(tmp_path / "reports")])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
