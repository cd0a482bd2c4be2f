"""The executed notebook as a page: one file, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters.ansi import strip_ansi
from traitlets.config import Config

from segmentation.reporting.parameters import Parameter

TEMPLATES = Path(__file__).parent / "template"


def render_page(
    book: nbformat.NotebookNode,
    title: str,
    record: Mapping[str, Any],
    parameters: Mapping[str, Parameter],
) -> str:
    """The report as HTML: what the cells show, their code folded at the end, how it was made."""
    exporter = HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"url": _url, "strip_ansi": strip_ansi},
        config=Config({"HTMLExporter": {"exclude_anchor_links": True}}),
    )
    page, _ = exporter.from_notebook_node(
        book,
        resources={
            "title": title,
            "style": (TEMPLATES / "style.css").read_text(encoding="utf-8"),
            "contents": _contents(book),
            "record": record,
            "parameters": _described(parameters, record),
        },
    )
    return str(page)


def _contents(book: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """The id and heading of every section that the page shows."""
    return [
        (cell.id, cell.source.splitlines()[0].removeprefix("## "))
        for cell in book.cells
        if cell.cell_type == "markdown"
        and cell.source.startswith("## ")
        and "notebook-only" not in cell.metadata.get("tags", [])
    ]


def _described(
    parameters: Mapping[str, Parameter], record: Mapping[str, Any]
) -> Sequence[tuple[str, str, str]]:
    """Name, value and help of every parameter that the run was made with."""
    used = record["parameters"]
    return [
        (name, _said(used[name]), parameter.help)
        for name, parameter in parameters.items()
        if name in used
    ]


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "not set" if value is None else str(value)


def _url(text: str) -> str:
    """The text as the data of a URL: a third smaller than base64."""
    return quote(text, safe="/:=+,;()'! <>\n")
