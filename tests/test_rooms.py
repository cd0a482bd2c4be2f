"""The rooms of the house and the direction between them.

The contracts in pyproject.toml are checked by import-linter. Each has a planted twin here: a
forbidden import, in a copy of the package whose modules are otherwise empty, breaks it alone.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT

CONFIG = ROOT / "pyproject.toml"
PLANTS = {
    "house": [
        ("data/source.py", "import segmentation.analysis.words"),
        ("analysis/words.py", "import segmentation.reporting.page"),
        ("reporting/page.py", "from segmentation.analysis import words"),
        ("reporting/page.py", "def late():\n    import segmentation.lab.panes"),
        ("attic.py", ""),
    ],
    "analysis": [
        ("analysis/passes/moments.py", "import segmentation.analysis.fitting.scan"),
        ("analysis/trust/structure.py", "from segmentation.analysis.say import trust"),
        ("analysis/attic.py", ""),
    ],
    "data": [
        ("data/text/reading.py", "from segmentation.data import source"),
        ("data/orders.py", "import segmentation.data.published.names"),
        ("data/memory.py", "import segmentation.data.parquet.row_groups"),
        ("data/attic.py", ""),
    ],
    "circles": [
        ("reporting/page.py", "import segmentation.reporting.index"),
        ("analysis/trust/structure.py", "import segmentation.analysis.trust.verdict"),
    ],
    "drawing": [
        ("analysis/say/trust.py", "from matplotlib.axes import Axes"),
        ("analysis/trust/structure.py", "from markupsafe import Markup"),
    ],
}
# What closes the circles planted above.
BACK = {
    "reporting/index.py": "import segmentation.reporting.page",
    "analysis/trust/verdict.py": "import segmentation.analysis.trust.structure",
}


@pytest.fixture(scope="module")
def empty_house(tmp_path_factory) -> Path:
    """A folder with the package's modules, all of them empty."""
    folder = tmp_path_factory.mktemp("house")
    for path in (ROOT / "segmentation").rglob("*.py"):
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    return folder


def run_linter(folder: Path) -> subprocess.CompletedProcess[str]:
    """Checks the package in this folder by the project's contracts."""
    command = [Path(sys.executable).with_name("lint-imports"), "--config", CONFIG, "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def list_broken(folder: Path) -> list[str]:
    """The ids of the contracts that the package in this folder breaks."""
    printed = run_linter(folder).stdout.splitlines()
    states = {line.rsplit(" ", 1)[0]: line.rsplit(" ", 1)[-1] for line in printed if line}
    found = [(each["id"], states[each["name"]]) for each in read_contracts()]
    assert {state for _, state in found} <= {"KEPT", "BROKEN"}
    return [name for name, state in found if state == "BROKEN"]


def read_contracts() -> list[dict]:
    return tomllib.loads(CONFIG.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


def test_the_house_keeps_its_contracts():
    done = run_linter(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_contract_has_a_planted_twin():
    assert [contract["id"] for contract in read_contracts()] == [*PLANTS]


def test_an_empty_house_keeps_every_contract(empty_house):
    assert list_broken(empty_house) == []


@pytest.mark.parametrize(
    ("contract", "path", "planted"),
    [(contract, *plant) for contract, plants in PLANTS.items() for plant in plants],
)
def test_a_planted_import_breaks_its_contract_alone(empty_house, tmp_path, contract, path, planted):
    house = shutil.copytree(empty_house, tmp_path / "house")
    for name, text in BACK.items() if contract == "circles" else ():
        (house / "segmentation" / name).write_text(text, encoding="utf-8")
    (house / "segmentation" / path).write_text(planted, encoding="utf-8")
    assert list_broken(house) == [contract]


def list_imports(source: str) -> set[str]:
    """The modules that a piece of Python imports, with the names taken from each."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_imported(source: str) -> set[str]:
    """The rooms of the package that a piece of Python imports from."""
    parts = [name.split(".") for name in list_imports(source)]
    return {part[1] for part in parts if part[0] == "segmentation" and len(part) > 1}


def read_code(path: Path) -> str:
    """The Python of a module, or of all code cells of a notebook."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, 4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def list_sources(*folders: str) -> list[Path]:
    """All modules and notebooks of these folders."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*"))]
    return [path for path in paths if path.suffix in (".py", ".ipynb")]


@pytest.mark.parametrize("path", list_sources("notebooks"), ids=lambda path: path.name)
def test_a_notebook_imports_only_what_it_may(path):
    rooms = rooms_imported(read_code(path))
    assert rooms and rooms <= {"data", "analysis"} | ({"lab"} if path.stem == "explore" else set())


def test_the_check_sees_a_forbidden_import():
    assert rooms_imported("from segmentation.reporting.page import render_page") == {"reporting"}
    assert rooms_imported("from segmentation import reporting") == {"reporting"}
    assert rooms_imported("import segmentation.analysis.show.maps as p") == {"analysis"}


def test_no_import_takes_everything():
    paths = list_sources("segmentation", "notebooks", "tests", "benchmarks", "data")
    assert len(paths) > 250
    assert not [path.name for path in paths if takes_everything(read_code(path))]


def takes_everything(source: str) -> bool:
    return any(name.endswith(".*") for name in list_imports(source))


def test_the_check_sees_an_import_of_everything(tmp_path):
    assert takes_everything("from segmentation.data import *")
    assert not takes_everything("from segmentation.data import open_customers  # import *")
    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("*"),
            nbformat.v4.new_code_cell("if True:\n    from os.path import *"),
        ]
    )
    nbformat.write(book, tmp_path / "a.ipynb")
    assert takes_everything(read_code(tmp_path / "a.ipynb"))


def opens_files(source: str) -> bool:
    """Whether a module opens files itself, instead of by a function of the room of data."""
    opening = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "read_csv"}
    lent = {name.rsplit(".", 1)[-1] for name in list_imports(source) if "segmentation.data" in name}
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    methods = {call.attr for call in calls if isinstance(call, ast.Attribute)}
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    return bool((methods | (names - lent)) & opening)


def test_only_the_model_opens_files_in_analysis():
    paths = list_sources("segmentation/analysis")
    opening = {path.name for path in paths if opens_files(read_code(path))}
    assert opening and opening <= {"model.py", "model_file.py"}


def test_the_check_sees_a_file_being_opened():
    assert opens_files("path.write_text('a')") and opens_files("open('a')")
    assert opens_files("from segmentation.data import write_text\npath.write_text('a')")
    assert opens_files("from pandas import read_csv\nread_csv('a')")
    assert not opens_files("from segmentation.data import write_text\nwrite_text('a', path)")


def test_no_module_is_named_after_nothing():
    empty = {"utils.py", "helpers.py", "config.py", "common.py"}
    assert not {path.name for path in (ROOT / "segmentation").rglob("*.py")} & empty
