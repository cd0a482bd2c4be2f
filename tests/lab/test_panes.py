"""The widgets without a browser: choices, typed text and buttons, and what they show."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import recommend_k
from segmentation.data import check_columns, open_names, open_source
from segmentation.data.memory import FOLDER
from segmentation.lab import Customers, Explorer, Making, Names, Way, panes
from segmentation.lab.commands import Made
from tests.lab.conftest import write_customers
from tests.pages.hostile import HOSTILE, outline

pytestmark = pytest.mark.long

OPTIONS = {"id": None, "value": None, "missing": "drop", "seed": 42, "k_max": 5, "table": None}


@pytest.fixture
def explorer(tmp_path, monkeypatch, once) -> Explorer:
    """Returns an explorer of five groups of customers, fitted at k = 5.

    All explorers share what was computed from the same customers.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(FOLDER, str(once.root))
    write_customers(tmp_path / "mall.csv")
    source = open_source("mall.csv")
    columns = check_columns(source)
    way = Way(("income", "score"))
    explorer = Explorer(source, columns, OPTIONS | {"dataset": "mall.csv"}, way, 5)
    explorer.fit()
    return explorer


@pytest.fixture
def all_panes(explorer):
    customers, names = Customers(explorer, "explored"), Names(explorer, "explored")
    making = Making(explorer, names, "reports")
    for pane in (customers, names, making):
        explorer.watch(type(pane).__name__, pane.follow)
    return explorer, customers, names, making


def read(*panels) -> str:
    """Returns what the panels show, without tags."""
    return re.sub("<[^>]+>", " ", " ".join(panel.value for panel in panels))


def test_the_board_follows_the_slider(explorer):
    assert "200 customers in 5 clear groups" in read(explorer.verdict)
    assert 'alt="Customers by income' in explorer.picture.value
    explorer.slider.value = 3
    assert explorer.view.segmentation.k == 3 and "4 · " not in read(explorer.table)
    assert "their 3 segments" in explorer.picture.value


def test_features_are_fitted_on_demand_and_k_stays(explorer):
    explorer.checks[0].value = True
    assert "Press Fit" in read(explorer.status) and explorer.way.features == ("income", "score")
    explorer.button.click()
    assert explorer.way.features == ("age", "income", "score") and explorer.slider.value == 5
    assert "2 sets of columns" in read(explorer.status) and "age" in read(explorer.table)


def test_a_choice_that_cannot_be_fitted_is_refused_and_the_view_stays(explorer):
    for check in explorer.checks:
        check.value = False
    explorer.button.click()
    assert "no column" in read(explorer.status) and explorer.view.segmentation.k == 5
    assert not explorer.button.disabled and not explorer.slider.disabled


def test_without_a_k_the_recommended_one_is_shown(explorer):
    source, options = explorer.exploration.source, explorer.exploration.options
    again = Explorer(source, check_columns(source), options, explorer.way, None)
    again.fit()
    assert again.slider.value == recommend_k(again.fits.scan, again.exploration.test(again.way)).k


def test_a_method_that_finds_k_itself_has_no_slider(all_panes):
    explorer, _, _, making = all_panes
    explorer.menus["algorithm"].value = "hdbscan"
    explorer.button.click()
    assert explorer.slider.disabled
    assert explorer.view.segmentation.segments is explorer.fits.scan.found
    assert "--k" not in read(making.command) and "algorithm=hdbscan" in read(making.command)


def test_the_first_customers_of_a_segment_and_all_in_a_file(all_panes, tmp_path):
    explorer, customers, _, _ = all_panes
    customers.pick.value = 2
    size = explorer.view.profiles.sizes[2]
    assert f"Segment 2: the first 10 of {size} customers" in read(customers.table)
    customers.button.click()
    path = tmp_path / "explored" / "mall-k5-segment-2.csv"
    assert f"{size} customers written to explored/{path.name}" in read(customers.message)
    assert len(pd.read_csv(path)) == size
    explorer.slider.value = 2
    assert customers.pick.value == 2 and len(customers.pick.options) == 2


def test_an_export_that_fails_says_so(all_panes, tmp_path):
    _, customers, _, _ = all_panes
    (tmp_path / "explored").write_text("a file in the way")
    customers.button.click()
    assert "Not exported: " in read(customers.message)


def type_names(names, *words):
    for field, word in zip(names.fields.children, words, strict=True):
        field.value = word


def test_names_are_kept_with_their_segments_and_read_again(all_panes, tmp_path):
    explorer, customers, names, making = all_panes
    assert "suggestions" in read(names.message) and "names=" not in read(making.command)
    type_names(names, "a", "b", "c", "d", "e")
    assert "1 · a" in read(explorer.table) and customers.pick.options[4] == ("5 · e", 5)
    kept = open_names(str(tmp_path / "explored" / "mall-k5.yaml"))
    assert [one.name for one in kept.segments] == list("abcde")
    assert "names=" in read(making.command) and "mall-k5.yaml" in read(making.entry)
    explorer.slider.value = 4
    assert "names=" not in read(making.command)
    explorer.slider.value = 5
    assert [field.value for field in names.fields.children] == list("abcde")
    explorer.typed.clear()
    explorer.notify()  # as in a later session
    assert explorer.names.tolist() == list("abcde") and "Kept in" in read(names.message)


def test_equal_names_are_refused_and_an_empty_one_is_suggested_again(all_panes):
    explorer, _, names, _ = all_panes
    suggested = explorer.view.suggested.tolist()
    names.fields.children[1].value = suggested[0]
    assert "two segments are called" in read(names.message) and not explorer.typed
    names.fields.children[1].value = "x" * 101
    assert "100 letters at most" in read(names.message) and not explorer.typed
    names.fields.children[1].value = " "
    assert explorer.names.tolist() == suggested


def test_a_renamed_report_has_its_own_file_of_names(all_panes, tmp_path):
    explorer, _, names, making = all_panes
    type_names(names, "a", "b", "c", "d", "e")
    making.name.value = "my mall"
    assert (tmp_path / "explored" / "my mall.yaml").is_file()
    assert "--name 'my mall'" in read(making.command).replace("&#39;", "'")
    explorer.slider.value = 4
    assert making.name.value == "my mall" and "names other segments" in read(names.message)
    making.name.value = "../up"
    assert making.button.disabled and "cannot name a report" in read(making.command)


@pytest.mark.parametrize("good", [True, False])
def test_the_button_runs_the_command_and_shows_its_lines(all_panes, monkeypatch, good):
    _, _, _, making = all_panes
    commands: list[list[str]] = []

    def run(words, on_second):
        commands.append(words)
        on_second(3)
        return Made(good, ["mall-k5  refused: <b>"])

    monkeypatch.setattr(panes, "run_command", run)
    making.button.click()
    making.thread.join()
    assert commands[0][0] == "run_reports.py" and commands[0][-4:-2] == ["--name", "mall-k5"]
    assert "refused: &lt;b&gt;" in making.message.value and not making.button.disabled
    assert len(making.links.outputs) == good
    if good:
        assert 'href="reports/mall-k5/report.html"' in str(making.links.outputs)


def test_every_text_stays_a_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = [text for text in HOSTILE if text.strip() == text][:3]

    def shown(names: list[str], columns: list[str]) -> str:
        rng = np.random.default_rng(0)
        values = rng.normal(size=(60, 3)) + 9 * (np.arange(60) % 3)[:, None]
        source = open_source(pd.DataFrame(values, columns=columns))
        explorer = Explorer(
            source, check_columns(source), OPTIONS | {"dataset": "x.csv"}, Way(tuple(columns)), 3
        )
        explorer.fit()
        pane, named = Customers(explorer, "explored"), Names(explorer, "explored")
        making = Making(explorer, named, "reports")
        for one in (pane, named, making):
            explorer.watch(type(one).__name__, one.follow)
        type_names(named, *names)
        parts = (explorer.verdict, explorer.table, pane.table, making.command, making.entry)
        assert explorer.names.tolist() == names
        return "".join(part.value for part in parts)

    plain = shown(["a", "b", "c"], ["d", "e", "f"])
    assert outline(shown(texts, [f"{text}1" for text in texts])) == outline(plain)
    assert outline(plain + "<b>") != outline(plain)
