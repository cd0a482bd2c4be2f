"""What is displayed: escaped, with alt text, nothing about single customers."""

from __future__ import annotations

import re
import sys

import html5lib
import pandas as pd
import pytest

from segmentation.analysis import (
    Rule,
    drawing,
    plot_sizes,
    show,
    show_cards,
    show_descriptors,
    show_passports,
    show_profiles,
    show_sentence,
    show_table,
    show_tiles,
    show_title,
)
from tests.analysis.conftest import analyse

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def shown(monkeypatch) -> list:
    """What has been displayed so far."""
    outputs: list = []
    module = sys.modules[
        "segmentation.analysis.show.page"
    ]  # the package has a function of that name
    monkeypatch.setattr(module, "display", lambda what, **_: outputs.append(what))
    return outputs


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
    names = [HOSTILE + str(n) for n in range(3)]
    frame = pd.DataFrame({HOSTILE: [HOSTILE]}, index=pd.Index([HOSTILE], name=HOSTILE))
    show_title(*[HOSTILE] * 4)
    show_tiles([(HOSTILE,) * 3])
    show_cards(analysis.profiles, names, [Rule(HOSTILE, 0.5, 0.5)] * 3)
    show_profiles(analysis.profiles, names)
    show_passports(analysis.passports.assign(name=names, rule=HOSTILE))
    show_descriptors(analysis.profiles)
    show_sentence(HOSTILE)
    show_table(frame, HOSTILE)
    show_table(frame, HOSTILE, folded=True)
    assert len(shown) >= 9
    for output in shown:
        assert not is_live(output.data)
    assert sum("&lt;script&gt;" in output.data for output in shown) >= 8


def draw_sizes(analysis) -> None:
    with drawing() as (ax,):
        plot_sizes(analysis.profiles, ax)
    assert show(ax, "Three segments.") is None


def test_a_figure_has_its_sentence_as_alt_text(analysis, shown):
    draw_sizes(analysis)
    assert shown[0]["text/plain"] == "Three segments."
    assert shown[0]["image/svg+xml"].lstrip().startswith("<?xml")
    assert "dc:date" not in shown[0]["image/svg+xml"]


def test_the_same_figure_twice_is_the_same_bytes(analysis, shown):
    draw_sizes(analysis)
    draw_sizes(analysis)
    assert shown[0] == shown[1]


@pytest.mark.parametrize("size", [1, 4])
def test_a_tiny_segment_is_not_described(size, customers, shown):
    customers.loc[: size - 1, ["spend", "visits"]] = [9_999.5, 777.5]
    a = analyse(customers, 4)
    show_cards(a.profiles, a.names, a.rules)
    show_profiles(a.profiles, a.names)
    page = "".join(output.data for output in shown)
    assert "Too few customers to describe" in page
    assert "777.5" not in page and "778" not in page and "10,000" not in page


def test_a_category_of_a_few_customers_is_not_told(customers, shown):
    customers["city"] = ["Rome"] * 3 + ["Ulm"] * 57
    a = analyse(customers, 3)
    show_descriptors(a.profiles)
    page = shown[-1].data
    assert "Rome" not in page and "–" in page.split("rare (1 value)")[1].split("</tr>")[0]


def test_words_stand_under_a_head_on_their_own_side(shown):
    show_table(pd.DataFrame({"who": ["a", "b"], "many": [1, 2]}), "A table")
    page = shown[0].data
    assert '<th role="columnheader" scope="col" class="words">Who</th>' in page
    assert '<th role="columnheader" scope="col">Many</th>' in page


def test_names_stay_as_they_are_written(shown):
    table = pd.DataFrame({"b_noid": [1], "m1": [2]}).rename_axis("x_jan")
    show_table(table, "A table")
    show_table(table, "A table", as_written=True)
    heads = [re.findall(r'data-head="(\w+[ \w]*)"', output.data) for output in shown]
    assert heads == [["B noid", "M1"], ["b_noid", "m1"]]
    assert "X jan" in shown[0].data and "x_<wbr>jan" in shown[1].data
