"""JupyterLab as `make lab` starts it, in its own home folder, with a small table to explore."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from segmentation.reporting.parameters import fold_values
from tests.conftest import ROOT

CENTRES = np.array([[30, 20], [85, 20], [55, 50], [30, 80], [85, 80]])  # income and score
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address, and the folder that replaces the project's."""

    url: str
    folder: Path


def read_recipe() -> list[list[str]]:
    """Returns the words of each command of `make lab`."""
    variables = dict(re.findall(r"^(\w+) :?= (.*)$", MAKEFILE, re.MULTILINE))
    variables["BIN"] = str(Path(sys.executable).parent)
    recipe = MAKEFILE.split("\nlab:")[1].split("\n\n")[0].splitlines()[1:]
    return [
        shlex.split(re.sub(r"\$\((\w+)\)", lambda match: variables[match[1]], line))
        for line in recipe
    ]


def write_customers(path: Path) -> None:
    """Writes 200 customers in five groups by income and score; age is the same in all groups."""
    rng = np.random.default_rng(5)
    rows = CENTRES[rng.choice(5, 200, p=[0.1, 0.15, 0.35, 0.15, 0.25])]
    frame = pd.DataFrame(rows + rng.normal(0, 4, rows.shape), columns=["income", "score"]).round(1)
    frame.insert(0, "age", rng.integers(18, 80, 200))
    frame.insert(0, "customer", [f"C{row:03d}" for row in range(200)])
    frame.to_csv(path, index=False)


def copy_notebook(name: str, target: Path, **values: object) -> None:
    """Copies a notebook, with these values as its parameters."""
    book = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    for cell in book.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = fold_values(cell.source, values)
    nbformat.write(book, target)


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab on a free port of this machine, without anybody's settings."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ("notebooks", "data", "home"):
        (folder / name).mkdir()
    write_customers(folder / "data" / "mall.csv")
    copy_notebook(
        "explore.ipynb",
        folder / "notebooks" / "explore.ipynb",
        dataset="../data/mall.csv",
        k=4,
        k_max=6,
    )
    others = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    environment = others | {
        "HOME": str(folder / "home"),
        "JUPYTER_RUNTIME_DIR": str(folder / "run"),
    }
    first, last = read_recipe()
    subprocess.run([*first, "--level=user"], env=environment, check=True, capture_output=True)
    more = [
        "--allow-root",
        "--no-browser",
        "--expose-app-in-browser",
        "--ServerApp.port=0",
        "--ServerApp.ip=127.0.0.1",
        "--IdentityProvider.token=",
    ]
    server = subprocess.Popen(
        [*last, *more], cwd=folder, env=environment, text=True, stderr=subprocess.PIPE
    )
    assert server.stderr is not None
    lines: list[str] = []
    for line in server.stderr:
        lines.append(line)
        if address := re.search(r"http://127\.0\.0\.1:[1-9]\d*", line):
            break
    else:
        pytest.fail("JupyterLab did not start: " + "".join(lines[-5:]))
    rest = threading.Thread(target=server.stderr.read, daemon=True)
    rest.start()
    yield Lab(address[0], folder)
    server.terminate()
    server.wait()
    rest.join()
    server.stderr.close()
