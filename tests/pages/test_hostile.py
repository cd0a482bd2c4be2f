"""Sixty hostile texts in every place that a page takes them from: all of it stays text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import html5lib
import numpy as np
import pandas as pd
import pytest
from markupsafe import escape

from segmentation.reporting.index import build_index
from segmentation.reporting.templates import scrub
from tests.pages.cells import render
from tests.pages.hostile import HOSTILE, comments, is_drawing, outline, read_texts

AT_ONCE = 12
BATCHES = [HOSTILE[at : at + AT_ONCE] for at in range(0, len(HOSTILE), AT_ONCE)]
MOMENT = "2026-01-31T12:00:00+00:00"
HARMLESS = [f"plain {letter}" for letter in "abcdefghijkl"]


def make_page(texts: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A page with the texts as feature, descriptor, category, value, file, segment and title."""
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 40)
    columns = {
        text: 10 * ((group + at) % 3) + rng.normal(size=120) for at, text in enumerate(texts)
    }
    frame = pd.DataFrame(columns).round(2)
    features = list(frame.columns)
    frame[f"{texts[0]} of"] = np.resize(texts, 120)  # categories
    frame[f"{texts[1]} of"] = np.resize(texts[::-1], 120)
    frame[f"{texts[2]} sum"] = np.arange(120) + 1.0
    path = folder / (texts[3].replace("/", "-")[:80] + ".csv")
    frame.to_csv(path, index=False)
    values = {
        "dataset": str(path),
        "features": features,
        "value": f"{texts[2]} sum",
        "names": texts[:3],
        "title": texts[4],
        "k": 3,
        "k_max": 3,
        "depth": "quick",
    }
    return render(values, monkeypatch)


@pytest.fixture(scope="module")
def plain(once, tmp_path_factory) -> str:
    """The same page with harmless texts."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("plain")
        return once.compute("plain", lambda: make_page(HARMLESS, folder, patch))


def drawings(page: str) -> list[str]:
    """The SVGs that a page holds."""
    tree, head = html5lib.parse(page, namespaceHTMLElements=False), "data:image/svg+xml,"
    sources = [node.get("src") for node in tree.iter("img")]
    return [unquote(source.removeprefix(head)) for source in sources if source.startswith(head)]


@pytest.mark.long
@pytest.mark.parametrize("texts", BATCHES, ids=lambda texts: f"from {HOSTILE.index(texts[0])}")
def test_a_report_keeps_every_text_a_text(texts, plain, tmp_path, monkeypatch):
    page = make_page(texts, tmp_path, monkeypatch)
    assert outline(page) == outline(plain) and comments(page) == comments(plain)
    read = read_texts(page)
    for text in texts:
        assert scrub(text) in read
    pictures = drawings(page)
    assert len(pictures) == len(drawings(plain)) >= 6
    assert all(is_drawing(svg) for svg in pictures)


PLACES = {  # where a harmless text stands, and what there would come alive of a hostile one
    "title": ("<title>plain e</title>", "</title"),
    "heading": ("<h1>plain e</h1>", "<[a-z/!?]"),
    "card": ("· plain a</h3>", "<[a-z/!?]"),
    "category": (">plain a of: plain c<", "<[a-z/!?]"),
    "parameter": (">plain a, plain b", "<[a-z/!?]"),
    "attribute": ('data-head="plain a"', '"'),
    "alternative": ('alt="Customers by plain', '"'),
}


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_planted_text_is_caught(text, place, plain):
    around, live = PLACES[place]
    bare = re.sub('data:image[^"]+', "data:", plain)  # half of the page to parse
    planted = bare.replace(around, around.replace("plain", f"{text}plain", 1), 1)
    assert planted != bare
    if re.search(live, text) and not text.startswith("<!DOCTYPE"):
        assert outline(planted) != outline(bare) or comments(planted) != comments(bare)


def test_a_planted_drawing_is_caught():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">{}</svg>'
    assert is_drawing(svg.format("<text>&lt;script&gt;</text>"))
    for live in (
        "<script/>",
        '<path onclick="x"/>',
        '<image x:href="//example.invalid/"/>',
        '<a x:href="javascript:x"/>',
        "<foreignObject/>",
    ):
        assert not is_drawing(svg.format(live))


def write_run(reports: Path, text: str) -> None:
    """A published run and a failed one that hold the text wherever the index shows one."""
    verdict = {"in_words": text, "kind": text}
    result = {
        "title": text,
        "k": 2,
        "silhouette": 0.5,
        "sizes": [3, 2],
        "features": [text],
        "colours": [text, "#000000"],
        "verdict": verdict,
        "names": [text, "b"],
        "names_given": True,
    }
    record = {
        "run": text,
        "finished": MOMENT,
        "dataset": text,
        "parameters": {"title": text},
        "changed": {text: text},
        "files": {"report.pdf": text},
        "warnings": [text],
    }
    failure = {
        "run": f"{text} too",
        "status": "refused",
        "reason": text,
        "finished": MOMENT,
        "since": text,
    }
    for folder, files in (
        ("one", {"run": record, "result": result}),
        (".failed/two", {"failure": failure}),
    ):
        (reports / folder).mkdir(parents=True)
        for name, content in files.items():
            (reports / folder / f"{name}.json").write_text(json.dumps(content))
    earlier = reports / ".history" / "one" / "then"
    earlier.mkdir(parents=True)
    (earlier / "report.html").touch()
    (earlier / "run.json").write_text(json.dumps({"finished": text}))


@pytest.mark.long
@pytest.mark.parametrize("text", HOSTILE)
def test_the_index_keeps_every_text_a_text(text, tmp_path):
    write_run(tmp_path / "hostile", text)
    write_run(tmp_path / "plain", "plain")
    page, plain = (build_index(tmp_path / name).read_text() for name in ("hostile", "plain"))
    assert outline(page) == outline(plain) and comments(page) == comments(plain)
    read, shown = read_texts(page), scrub(text)
    assert read.count(shown) >= 5 and f"{shown}, b" in read
    planted = page.replace(str(escape(shown)), shown)
    if re.search("<[a-z/]", text) and not text.startswith("<!DOCTYPE"):
        assert outline(planted) != outline(plain) or comments(planted) != comments(plain)
