"""Text from data becomes HTML in one room, in panels, and in templates that escape every value."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT

LIVE = {"HTML", "Markdown", "Markup", "Javascript", "SVG", "Latex", "display_html", "to_html"}
LIVE |= {"display_markdown", "display_svg", "display_javascript", "publish_display_data"}
ALLOWED = {
    "segmentation/analysis/show/board.py": {"Markup"},
    "segmentation/analysis/show/page.py": {"HTML", "Markup"},
    "segmentation/analysis/show/panels.py": {"HTML", "Markup"},
    "segmentation/analysis/show/portraits.py": {"Markup"},
    "segmentation/analysis/show/tables.py": {"Markup"},
    "segmentation/lab/widgets.py": {"HTML", "Markup"},  # joins markup, escapes the rest
    "segmentation/reporting/index.py": {"Markup"},
}
TEMPLATES = ROOT / "segmentation" / "reporting" / "template"
# What a template may put in as it is: our own files and what has been escaped where it was made.
MADE_SAFE = {
    "super()",
    "contents()",
    "cell.source | markdown2html",
    "resources.style",
    "resources.script",
    "resources.model",
    "resources.made",
    "output.data['text/html']",
    "resources.title | css_string",
    "style | safe",
    "script | safe",
}


def live_names(source: str) -> set[str]:
    """The names in a piece of Python that can put text into a page unescaped."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {a.name for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names}
    return names & LIVE


def loose_markup(source: str) -> list[int]:
    """Lines where Markup is made of anything but a literal, so that text could pass unescaped."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Markup"
        and not all(isinstance(part, ast.Constant) for part in node.args)
    ]


def unescaped(template: str, autoescaped: bool) -> list[str]:
    """The values that a template puts in without escaping them."""
    values = [value.strip() for value in re.findall(r"\{\{(.+?)\}\}", template, re.S)]
    if autoescaped:
        return [v for v in values if re.search(r"\|\s*safe\b", v) and v not in MADE_SAFE]
    literal = re.compile(r"' [^'<>]*' if .*|', ' if .*")
    return [
        value
        for value in values
        if not value.endswith("| e") and value not in MADE_SAFE and not literal.fullmatch(value)
    ]


def python_sources() -> list[tuple[str, str]]:
    files = [*(ROOT / "segmentation").rglob("*.py"), ROOT / "run_reports.py"]
    found = [(path.relative_to(ROOT).as_posix(), path.read_text()) for path in sorted(files)]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, 4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        found.append((path.relative_to(ROOT).as_posix(), code))
    return found


def test_html_is_made_where_it_may_be():
    for name, source in python_sources():
        assert live_names(source) <= ALLOWED.get(name, set()), name


def test_markup_is_made_of_literals():
    package = ROOT / "segmentation"
    paths = [*(package / "analysis").rglob("*.py"), *(package / "lab").rglob("*.py")]
    loose = [
        (path.name, path.read_text().splitlines()[line - 1].strip())
        for path in paths
        for line in loose_markup(path.read_text())
    ]
    assert loose == [
        ("page.py", 'return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, escape(text))')
    ]  # the names of our own elements


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.j2")), ids=lambda path: path.parent.name)
def test_templates_escape_every_value(path: Path):
    assert not unescaped(path.read_text(), autoescaped=path.parent == TEMPLATES)


def test_the_lint_sees_live_paths():
    assert live_names("from IPython.display import HTML\nHTML(x)") == {"HTML"}
    assert live_names("frame.style.to_html()") == {"to_html"}
    assert loose_markup("a\nMarkup(f'<b>{x}</b>')") == [2]
    assert unescaped("{{ title }} {{ title | e }}", False) == ["title"]
    assert unescaped("{{ title | safe }} {{ title }}", True) == ["title | safe"]
