"""Rules that hold for every module: sizes, docstrings, and who formats.

A module may be longer, or a function take more parameters, if its docstring gives the reason in a
sentence with `Long because` or `So many parameters because`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from benchmarks.house import MOST_PARAMETERS, read_tree
from benchmarks.house_modules import Module, measure_module
from tests.conftest import ROOT

MOST_LINES = 300
SOURCES = {path: text for path, text in read_tree(ROOT).items() if path.startswith("segmentation/")}
SOURCES |= {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "run_reports.py", *sorted((ROOT / "benchmarks").glob("*.py"))]
}


def list_faults(module: Module) -> Iterator[str]:
    """Yields what a module lacks, or has too much of."""
    if module.lines > MOST_LINES and not gives_reason(module.docstring, "Long because"):
        yield f"{module.lines} lines"
    for function in module.functions:
        if function.parameters > MOST_PARAMETERS and not gives_reason(
            function.docstring, "So many parameters because"
        ):
            yield f"{function.name} takes {function.parameters} parameters"
    if module.path.endswith("__init__.py") and not module.docstring:
        yield "a room without a docstring"
    if module.path.startswith("segmentation/"):
        yield from (
            f"{name} has no docstring" for name, docstring in module.public if not docstring
        )
    if module.skips:
        yield f"{module.skips} fmt: skip"


def gives_reason(docstring: str, words: str) -> bool:
    """Whether at least three words follow these."""
    return bool(re.search(rf"\b{words}(\s+\S+){{3}}", docstring))


def test_every_module_keeps_the_rules():
    faults = {path: [*list_faults(measure_module(path, text))] for path, text in SOURCES.items()}
    assert len(faults) > 100
    assert not {path: found for path, found in faults.items() if found}


LONG = "\n" * MOST_LINES
MANY = "def fit(a, b, c, d, e, f, *, g):\n    "


@pytest.mark.parametrize(
    ("path", "planted", "fault"),
    [
        ("segmentation/a.py", f'"""A."""{LONG}x = 1\n', "301 lines"),
        ("segmentation/a.py", f'"""Long because."""{LONG}x = 1\n', "301 lines"),
        ("segmentation/a.py", f'{MANY}"""Fits."""', "fit takes 7 parameters"),
        (
            "segmentation/a.py",
            f"class A:\n    '''A.'''\n    def _b(self):\n        {MANY}" + " " * 8 + "'''F.'''",
            "fit takes 7",
        ),
        ("segmentation/a/__init__.py", "import os", "a room without a docstring"),
        ("segmentation/a.py", "class Box:\n    pass", "Box has no docstring"),
        (
            "segmentation/a.py",
            "class Box:\n    '''A.'''\n    def put(self): ...",
            "put has no docstring",
        ),
        ("segmentation/a.py", "x = [1,  2]  # fmt: skip", "1 fmt: skip"),
    ],
)
def test_a_planted_fault_is_seen(path, planted, fault):
    [seen] = list_faults(measure_module(path, planted))
    assert seen.startswith(fault)


def test_a_reason_in_the_docstring_is_enough():
    module = f'"""A table. Long because it is one list of names."""{LONG}x = 1\n'
    function = f'{MANY}"""Fits. So many parameters because Spark asks for each."""'
    for source in (module, function):
        assert not [*list_faults(measure_module("segmentation/a.py", source))]
