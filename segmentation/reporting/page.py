"""The executed notebook as a page: one file that fetches nothing, complete without its script."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters.ansi import strip_ansi
from traitlets.config import Config

from segmentation.reporting.notebooks import TAG, has_tag
from segmentation.reporting.parameters import Parameter, fold_values
from segmentation.reporting.rerunning import COMPARED
from segmentation.reporting.templates import (
    SCRUBBED,
    TEMPLATES,
    read_template,
    script_source,
    scrub,
)
from segmentation.reporting.wording import show_value

UNSHOWN = "notebook-only"  # the tag of cells that the page leaves out
ESCAPED = {code: f"\\u{code:04x}" for code in (*map(ord, "<>&\u2028\u2029"), *SCRUBBED)}


def render_page(
    book: nbformat.NotebookNode,
    title: str,
    record: Mapping[str, Any],
    parameters: Mapping[str, Parameter],
    result: bytes,
    model: Mapping[str, Any] | None = None,
) -> str:
    """Returns the report as HTML: what the cells show, then their code, and how it was made.

    It holds what a rerun needs: parameters, what it was made of, and the digest of `result`, the
    bytes of result.json. With a `model` the page ends in a form that places one customer.
    """
    # nbconvert's own page brings scripts from elsewhere; this template brings none.
    script, book = read_template("place.js"), _without_empty(_without_paths(book, record))
    exporter = HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"url": _url, "strip_ansi": strip_ansi, "css_string": _css_string},
        config=Config({"HTMLExporter": {"exclude_anchor_links": True}}),
    )
    page, _ = exporter.from_notebook_node(
        book,
        resources={
            "title": title,
            "style": read_template("style.css"),
            "script": script,
            "script_source": script_source(script) if model else "'none'",
            "model": _embed(model),
            "contents": _contents(book),
            "record": record,
            "made": _embed_made(record, result),
            "parameters": _described(parameters, record),
        },
    )
    return scrub(str(page))


def _embed_made(record: Mapping[str, Any], result: bytes) -> str:
    """Returns what a rerun is made from and compared with, as JSON."""
    kept = {key: record[key] for key in ("run", "parameters", "made_of")}
    known = json.loads(result)
    kept["made_of"] = {k: v for k, v in kept["made_of"].items() if k != "parameters"}
    kept["result"] = {key: known.get(key) for key in COMPARED}
    kept["result"]["verdict"] = (known.get("verdict") or {}).get("kind")
    kept["result_sha256"] = hashlib.sha256(result).hexdigest()
    return _as_json(kept)


def _as_json(value: Any) -> str:
    """Returns JSON that cannot close the element it is embedded in."""
    return json.dumps(value, ensure_ascii=False).translate(ESCAPED)


def _embed(model: Mapping[str, Any] | None) -> str:
    """Returns what the form needs of a model, as JSON."""
    if not model:
        return ""
    scale = ("feature", "log", "centre", "spread", "fill")
    place = ("number", "name", "centre", "share", "factor")
    kept = {
        "features": [{key: part[key] for key in scale} for part in model["features"]],
        "segments": [{key: s[key] for key in place if key in s} for s in model["segments"]],
    }
    return _as_json(kept)


def _css_string(text: str) -> str:
    """Returns the text as a string of CSS, with all but letters and digits escaped."""
    escaped = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text)
    return f'"{escaped}"'


def _contents(book: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Returns the id and heading of every section that the page shows."""
    return [
        (cell.id, cell.source.splitlines()[0].removeprefix("## "))
        for cell in book.cells
        if cell.cell_type == "markdown"
        and cell.source.startswith("## ")
        and not has_tag(cell, UNSHOWN)
    ]


def _without_paths(book: nbformat.NotebookNode, record: Mapping[str, Any]) -> nbformat.NotebookNode:
    """Returns the notebook with the parameters as readers may see them, without folders."""
    cells = [
        nbformat.NotebookNode(cell | {"source": fold_values(cell.source, record["parameters"])})
        if has_tag(cell, TAG)
        else cell
        for cell in book.cells
    ]
    return nbformat.NotebookNode(book | {"cells": cells})


def _without_empty(book: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Returns the notebook without the sections in which no cell shows anything."""
    parts: list[list[nbformat.NotebookNode]] = [[]]
    for cell in book.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            parts.append([])
        parts[-1].append(cell)
    kept = [cell for part in parts if _shows(part) for cell in part]
    return nbformat.NotebookNode(book | {"cells": kept})


def _shows(cells: Sequence[nbformat.NotebookNode]) -> bool:
    """Returns whether a section has an output, or no cell that could have one."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    return not code or any(cell.outputs or has_tag(cell, UNSHOWN) for cell in code)


def _described(
    parameters: Mapping[str, Parameter], record: Mapping[str, Any]
) -> Sequence[tuple[str, str, str]]:
    """Returns name, value and help of every parameter that the run was made with."""
    used = record["parameters"]
    return [
        (name, show_value(used[name], ", "), parameter.help)
        for name, parameter in parameters.items()
        if name in used
    ]


def _url(text: str) -> str:
    """Returns the text as the data of a URL: a third smaller than base64."""
    return quote(text, safe="/:=+,;()'! <>\n")
