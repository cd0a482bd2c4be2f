"""The README and the manual tell the truth: their commands, options and files exist."""

from __future__ import annotations

import re
import shlex
from datetime import date

import pytest

from segmentation.reporting.job import resolve_job
from segmentation.reporting.options import build_parser
from segmentation.reporting.outcome import (
    ALL_REFUSED,
    HELD,
    INTERRUPTED,
    SOME_FAILED,
    WRONG,
)
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan
from segmentation.reporting.runs_file import read_runs
from tests.conftest import ROOT

SCHEDULING = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
PAGES = pytest.mark.parametrize("page", [README, MANUAL], ids=["README", "commands"])
MOST_WORDS, MOST_IN_A_PARAGRAPH = 900, 80


def list_commands(page: str) -> list[str]:
    """The command lines of a page, without their comments."""
    return re.findall(r"run_reports\.py[^\n`#]*", page)


def list_options() -> set[str]:
    """Every option of the command."""
    return set(re.findall(r"--[a-z][a-z-]*", build_parser().format_help()))


@PAGES
def test_every_make_target_exists(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^\s*|`)make ([a-z]+)", page, re.MULTILINE))
    assert named and named <= targets


@PAGES
def test_every_option_exists(page):
    commands = list_commands(page)
    assert commands
    assert set(re.findall(r"--[a-z][a-z-]*", " ".join(commands))) <= list_options()


@PAGES
def test_every_example_is_a_command(page):
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    commands = list_commands(blocks)
    assert len(commands) >= 6
    for command in commands:
        _, *words = shlex.split(command)
        assert build_parser().parse_args(words)


def test_the_manual_has_every_option():
    rows = re.findall(r"^\| `(--[a-z-]+)", MANUAL, re.MULTILINE)
    assert sorted(rows) == sorted(list_options())


@PAGES
def test_every_parameter_that_is_set_exists(page):
    parameters = read_parameters(ROOT / "notebooks" / "segmentation.ipynb")
    named = set(re.findall(r"--set ([a-z]\w*)=", page))
    assert named and named <= parameters.keys()


def list_links(path: str) -> list[tuple[str, str]]:
    """The folder of a page with each file that it links."""
    text = (ROOT / path).read_text(encoding="utf-8")
    folder = str((ROOT / path).parent.relative_to(ROOT))
    return [(folder, name) for name in re.findall(r"\]\(((?!http)[^)#]+)\)", text)]


@pytest.mark.parametrize(
    ("folder", "name"), [*list_links("README.md"), *list_links("docs/commands.md")]
)
def test_every_file_that_is_linked_exists(folder, name):
    assert (ROOT / folder / name).exists() or name.startswith("reports/")


def list_paragraphs(page: str) -> list[str]:
    """The paragraphs of a page; items of lists and rows of tables are paragraphs, code is none."""
    prose = re.sub(r"^```.*?^```$", "\n", page, flags=re.DOTALL | re.MULTILINE)
    return [part for part in re.split(r"\n\s*\n|\n(?=\||\d+\. |- )", prose) if part.strip()]


def test_the_readme_is_short():
    assert len(README.split()) <= MOST_WORDS


@PAGES
def test_no_paragraph_is_long(page):
    paragraphs = list_paragraphs(page)
    assert len(paragraphs) > 20
    assert not [p for p in paragraphs if len(p.split()) > MOST_IN_A_PARAGRAPH]


def test_a_long_paragraph_is_seen():
    long = "word " * 81
    assert list_paragraphs(f"Short.\n\n{long}\n\n```sh\n{long}\n```\n") == ["Short.", long]
    assert list_paragraphs("| a |\n| b |\n\n- c\n- d") == ["| a |", "| b |", "- c", "- d"]


def test_every_place_in_the_tree_exists():
    tree = README.split("```text")[1].split("```")[0]
    for line in tree.splitlines():
        place = line.split("  ")[0].strip()
        if place:
            assert (ROOT / place).exists(), place


def test_every_room_is_in_the_tree():
    tree = README.split("```text")[1].split("```")[0]
    named = {line.split("  ")[0].strip("/") for line in tree.splitlines() if line}
    inside = [path.parent for path in (ROOT / "segmentation").glob("*/**/__init__.py")]
    rooms = {path.relative_to(ROOT).as_posix() for path in inside}
    assert len(rooms) >= 17 and rooms <= named


def test_the_schedules_settings_and_exit_codes_are_true(tmp_path):
    text = SCHEDULING
    (tmp_path / "runs.yaml").write_text(text.split("```yaml")[1].split("```")[0])
    parameters = read_parameters(ROOT / "notebooks" / "segmentation.ipynb")
    [[run]] = read_runs(tmp_path / "runs.yaml", parameters).values()
    assert run.settings.expect.otherwise == "hold" and run.settings.pdf == "always"
    codes = re.findall(r"^\| ([\d, ]+) \|", text, re.MULTILINE)
    known = [0, SOME_FAILED, WRONG, ALL_REFUSED, HELD, INTERRUPTED, 143]
    assert [int(code) for row in codes for code in row.split(",")] == known
    assert set(re.findall(r"--[a-z][a-z-]*", text)) <= list_options()
    rows = re.findall(r"^\| ([\d, ]+) \|", MANUAL, re.MULTILINE)
    assert [int(code) for row in rows for code in row.split(",")] == known


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
    assert resolve_job(itself, plan).follows_itself and itself.settings.keep == 24
    assert monthly.name == date.today().strftime("customers-%Y-%m")
    [line] = re.findall(r"run_reports\.py (.*) >", text)
    asked = build_parser().parse_args(shlex.split(line))
    format = re.search(r"date -d 'last month' \+(.*)\)", asked.like)[1].replace("\\%", "%")
    assert asked.like.startswith("reports/customers-$(") and format == "%Y-%m" and asked.json
