"""The README tells the truth: its commands, options and files exist."""

from __future__ import annotations

import re

import pytest

from segmentation.reporting.command import _parser
from segmentation.reporting.parameters import read_parameters
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"run_reports\.py[^\n`#]*", README)


def test_every_make_target_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^\s*make ([a-z]+)", README, re.MULTILINE))
    assert named and named <= targets


def test_every_option_exists():
    assert COMMANDS
    known = set(re.findall(r"--[a-z]+", _parser().format_help()))
    assert set(re.findall(r"--[a-z]+", " ".join(COMMANDS))) <= known


def test_every_parameter_that_is_set_exists():
    parameters = read_parameters(ROOT / "notebooks" / "segmentation.ipynb")
    assert set(re.findall(r"--set (\w+)=", README)) <= parameters.keys()


@pytest.mark.parametrize("name", re.findall(r"\]\(((?!http)[^)#]+)\)", README))
def test_every_file_that_is_linked_exists(name):
    assert (ROOT / name).exists() or name.startswith("reports/")


def test_every_place_in_the_tree_exists():
    tree = README.split("```text")[1].split("```")[0]
    for line in tree.splitlines():
        place = line.split("  ")[0].strip()
        if place:
            assert (ROOT / place).exists(), place
