"""The house in numbers, on a tiny package with known faults."""

from __future__ import annotations

import importlib
import subprocess

import pytest

from benchmarks.house import (
    compare_houses,
    describe_house,
    find_quantile,
    list_totals,
    read_revision,
    read_tree,
    tabulate,
)
from benchmarks.house_imports import list_siblings
from benchmarks.house_modules import measure_module
from tests.conftest import ROOT

SHORT = '''"""One module."""

import os  # noqa: F401


def open_it(path, *more, mode="r", **options):
    """Opens it."""
    # Why it is opened at all.
    return path


class Box:
    def put(self, a, b, c, d, e, f, g):
        x = 1  # fmt: skip
        return x

    def _hide(self):
        return "# no comment"
'''
TINY = {
    "segmentation/__init__.py": "",
    "segmentation/data/__init__.py": '"""Reads."""',
    "segmentation/data/source.py": "from segmentation.data.text import reading\n",
    "segmentation/data/text/__init__.py": "",
    "segmentation/data/text/reading.py": "def read():\n    import segmentation.data.rows\n",
    "segmentation/data/rows.py": SHORT,
    "segmentation/analysis.py": "from segmentation.data import source\n",
    "tests/test_rows.py": "import pytest\nwith pytest.raises(OSError):\n    assert 1\nassert 2\n",
}


def test_a_module_is_measured_from_its_text():
    module = measure_module("segmentation/data/rows.py", SHORT)
    assert (module.room, module.docstring, module.lines) == (
        "segmentation/data",
        "One module.",
        18,
    )
    sizes = {each.name: (each.lines, each.parameters) for each in module.functions}
    assert sizes == {"open_it": (4, 4), "put": (3, 7), "_hide": (2, 0)}
    assert dict(module.public) == {"open_it": "Opens it.", "Box": "", "put": ""}
    assert (module.comments, module.skips, module.assertions) == (1, 1, 0)


def test_imports_are_counted_between_neighbours():
    inside = {each.package: each for each in list_siblings(TINY, "segmentation")}
    house, data = inside["segmentation"], inside["segmentation.data"]
    assert (house.parts, house.imports, house.levels, house.circles) == (2, 1, 2, 0)
    assert (data.parts, data.imports, data.levels, data.circles) == (3, 2, 3, 0)


@pytest.mark.parametrize(
    "back",
    [
        "import segmentation.data.source",
        "from segmentation.data import source",
        "from segmentation.data.source import anything",
        "def late():\n    from segmentation.data.source import anything",
    ],
)
def test_a_planted_circle_is_counted_once(back):
    planted = TINY | {"segmentation/data/rows.py": back}
    inside = {each.package: each for each in list_siblings(planted, "segmentation")}
    data = inside["segmentation.data"]
    assert (data.imports, data.levels, data.circles) == (3, 1, 1)


def test_the_totals_are_of_the_package_and_the_assertions_of_the_tests():
    totals = list_totals(TINY)
    assert totals["modules"] == "7" and totals["rooms"] == "3"
    assert totals["functions with more than 6 parameters"] == "1"
    assert totals["lines of the longest function"] == "4"
    assert totals["public functions and classes with a docstring"] == "25%"
    assert totals["assertions in tests"] == "3" and totals["circles of imports"] == "0"


def test_both_states_stand_side_by_side():
    longer = TINY | {"segmentation/data/rows.py": SHORT + "# Another why.\n"}
    lines = compare_houses(TINY, longer).splitlines()
    [row] = [line for line in lines if "longest module" in line]
    assert [cell.strip() for cell in row.strip("|").split("|")][1:] == ["18", "19"]


def test_every_room_has_a_row():
    text = describe_house(TINY)
    for room in ("segmentation", "segmentation/data", "segmentation/data/text", "total"):
        assert f"| {room} " in text


def test_ninety_per_cent_have_at_most_so_many():
    assert find_quantile([1] * 9 + [50], 0.9) == 1
    assert find_quantile([1] * 8 + [7, 50], 0.9) == 7


def test_a_table_is_aligned():
    table = tabulate(("a", "bb"), [("long", "1"), ("x", "1000")])
    assert table.splitlines() == [
        "| a    |   bb |",
        "| ---- | ---: |",
        "| long |    1 |",
        *table.splitlines()[3:],
    ]
    assert len({len(line) for line in table.splitlines()}) == 1


def test_a_revision_is_read_as_it_was_committed(tmp_path):
    def git(*words: str) -> None:
        own = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *own, *words], cwd=tmp_path, check=True, capture_output=True)

    for path, text in TINY.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    git("init")
    git("add", ".")
    git("commit", "-m", "Begin")
    (tmp_path / "segmentation/data/rows.py").write_text("", encoding="utf-8")
    assert read_revision(tmp_path, "HEAD") == TINY
    assert read_tree(tmp_path) == TINY | {"segmentation/data/rows.py": ""}


@pytest.mark.long
def test_the_project_itself_is_measured():
    totals = list_totals(read_tree(ROOT))
    assert int(totals["modules"]) > 100 and int(totals["assertions in tests"]) > 1500


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda p: p.stem)
def test_every_benchmark_finds_what_it_imports(path):
    importlib.import_module(f"benchmarks.{path.stem}")
