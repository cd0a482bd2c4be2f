"""What is displayed: escaped, with alt text."""

from __future__ import annotations

from dataclasses import replace

import html5lib
import pandas as pd

from segmentation.analysis import show
from segmentation.analysis.portraits.rules import Rule
from segmentation.analysis.show.maps import plot_sizes

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def elements(page: str) -> list[str]:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return [
        f"{node.tag} {' '.join(node.attrib)}" for node in tree.iter() if isinstance(node.tag, str)
    ]


def is_live(page: str) -> bool:
    return any(e.startswith(("script", "img")) or "onerror" in e for e in elements(page))


def test_the_check_sees_a_live_element():
    assert is_live(f"<p>{HOSTILE}</p>")


def test_nothing_from_data_is_live(analysis, shown):
    portraits = analysis.portraits
    index = portraits.names.index
    names = pd.Series([HOSTILE + str(n) for n in range(3)], index)
    hostile = replace(
        portraits,
        names=names,
        rules=pd.Series([Rule(HOSTILE, 0.5, 0.5)] * 3, index),
        passports=portraits.passports.assign(name=names, rule=HOSTILE),
    )
    frame = pd.DataFrame({HOSTILE: [HOSTILE]}, index=pd.Index([HOSTILE], name=HOSTILE))
    show.title(*[HOSTILE] * 4)
    show.tiles([(HOSTILE,) * 3])
    show.cards(hostile)
    show.profiles(hostile)
    show.passports(hostile)
    show.descriptors(hostile)
    show.sentence(HOSTILE)
    show.table(frame, HOSTILE)
    show.table(frame, HOSTILE, folded=True)
    assert len(shown) >= 9
    for output in shown:
        assert not is_live(output.data)
    assert sum("&lt;script&gt;" in output.data for output in shown) >= 8


def draw_sizes(analysis) -> None:
    with show.drawing() as (ax,):
        plot_sizes(analysis.profiles, ax)
    assert show.figure(ax, "Three segments.") is None


def test_a_figure_has_its_sentence_as_alt_text(analysis, shown):
    draw_sizes(analysis)
    assert shown[0]["text/plain"] == "Three segments."
    assert shown[0]["image/svg+xml"].lstrip().startswith("<?xml")
    assert "dc:date" not in shown[0]["image/svg+xml"]


def test_the_same_figure_twice_is_the_same_bytes(analysis, shown):
    draw_sizes(analysis)
    draw_sizes(analysis)
    assert shown[0] == shown[1]


def test_empty_sentences_display_nothing(shown):
    show.sentence("", "")
    assert shown == []
    show.sentence("", "One.", "", "Two.")
    assert shown[0].data == '<p class="finding">One. Two.</p>'
