"""The README tells the truth: its commands, options and files exist."""

from __future__ import annotations

import re
import shlex
from datetime import date

import pytest

from segmentation.reporting.command import (
    ALL_REFUSED,
    HELD,
    INTERRUPTED,
    SOME_FAILED,
    WRONG,
    _parser,
)
from segmentation.reporting.earlier import follows_itself
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan
from segmentation.reporting.runs_file import read_runs
from tests.conftest import ROOT

SCHEDULING = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
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


def test_the_schedules_settings_and_exit_codes_are_true(tmp_path):
    text = SCHEDULING
    (tmp_path / "runs.yaml").write_text(text.split("```yaml")[1].split("```")[0])
    parameters = read_parameters(ROOT / "notebooks" / "segmentation.ipynb")
    [[run]] = read_runs(tmp_path / "runs.yaml", parameters).values()
    assert run.settings.expect.otherwise == "hold" and run.settings.pdf == "always"
    codes = re.findall(r"^\| ([\d, ]+) \|", text, re.MULTILINE)
    known = [0, SOME_FAILED, WRONG, ALL_REFUSED, HELD, INTERRUPTED, 143]
    assert [int(code) for row in codes for code in row.split(",")] == known
    assert set(re.findall(r"--[a-z][a-z-]+", text)) <= set(
        re.findall(r"--[a-z][a-z-]+", _parser().format_help())
    )


def test_the_schedule_of_every_month_is_true(tmp_path):
    parameters = read_parameters(ROOT / "notebooks" / "segmentation.ipynb")
    text = SCHEDULING.split("## Every month")[1].split("\n## ")[0]
    runs = []
    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        (tmp_path / "runs.yaml").write_text(block)
        runs += [
            run for own in read_runs(tmp_path / "runs.yaml", parameters).values() for run in own
        ]
    itself, monthly = runs
    plan = Plan(ROOT / "notebooks" / "segmentation.ipynb", parameters, tmp_path / "reports")
    assert follows_itself(plan.values(itself), itself.name, plan) and itself.settings.keep == 24
    assert monthly.name == date.today().strftime("customers-%Y-%m")
    [line] = re.findall(r"run_reports\.py (.*) >", text)
    asked = _parser().parse_args(shlex.split(line))
    format = re.search(r"date -d 'last month' \+(.*)\)", asked.like)[1].replace("\\%", "%")
    assert asked.like.startswith("reports/customers-$(") and format == "%Y-%m" and asked.json
