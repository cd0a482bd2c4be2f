"""The board of explore.ipynb: choose features and k, and see the segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd

from segmentation.analysis import judge, recommend_k, say
from segmentation.analysis.show.board import lay_out_board
from segmentation.analysis.show.panels import (
    WIDGET_STYLE,
    lay_out_for_widget,
    lay_out_sentences,
)
from segmentation.analysis.show.portraits import lay_out_profiles
from segmentation.data import Columns, InputError, Source
from segmentation.data.published.vocabulary import TITLES
from segmentation.lab.commands import name_run
from segmentation.lab.exploring import (
    Exploration,
    Fits,
    View,
    Way,
    list_measures,
    nearest_k,
    say_fits,
    say_quick,
    view_k,
)
from segmentation.lab.widgets import fill, open_panel, show_widget

WIDE = widgets.Layout(width="100%")
SIDE = widgets.Layout(width="15.5em", flex="0 0 auto", margin="0 1em 0 0")
LABELLED: dict[str, Any] = {
    "style": {"description_width": "5.5em"},
    "layout": widgets.Layout(width="15em"),
}
CHOICES: dict[str, tuple[str, list[Any]]] = {
    "transform": ("Transform", ["auto", "log", "none"]),
    "scaling": ("Scaling", ["standard", "robust", "minmax", "none"]),
    "algorithm": ("Method", [(title, name) for name, title in TITLES.items()]),
}
TESTING = "Putting the segments to the test …"


class Explorer:
    """Choices on the left; beside them verdict, map, sizes, silhouettes and profiles of one k.

    `typed` are the names typed so far, by way and k; `report_name` is the report's name if one was
    typed. `watch` calls others after every new view.
    """

    def __init__(
        self, source: Source, columns: Columns, options: Mapping[str, Any], way: Way, k: int | None
    ):
        self.exploration, self.way, self.wanted_k = Exploration(source, options), way, k
        self.fits: Fits | None = None
        self.view: View | None = None
        self.typed: dict[tuple[Way, int], list[str]] = {}
        self.report_name = ""
        self._watchers: dict[str, Callable[[], None]] = {}
        self.measures = list_measures(source, columns)
        self.checks = [_make_check(name, name in way.features) for name in self.measures]
        self.menus = {name: _make_menu(name, getattr(way, name)) for name in CHOICES}
        self.button = widgets.Button(description="Fit", button_style="primary", layout=WIDE)
        self.slider = widgets.IntSlider(
            description="Segments",
            min=2,
            max=3,
            continuous_update=False,
            disabled=True,
            layout=widgets.Layout(width="32em"),
            style={"description_width": "5.5em"},
        )
        self.status, self.verdict, self.picture, self.table = (open_panel() for _ in range(4))
        self.button.on_click(lambda _: self.fit())
        self.slider.observe(self._on_slider, "value")
        for control in (*self.checks, *self.menus.values()):
            control.observe(lambda _: self._ask_to_fit(), "value")

    def show(self) -> None:
        """Displays the board, then fits what is chosen."""
        heading = open_panel()
        fill(heading, WIDGET_STYLE, lay_out_sentences("Features", kind="lead"))
        boxes = widgets.VBox(self.checks, layout=widgets.Layout(max_height="20em", overflow="auto"))
        left = [heading, boxes, *self.menus.values(), self.button]
        right = [self.slider, self.verdict, self.status, self.picture, self.table]
        side, board = widgets.VBox(left, layout=SIDE), widgets.VBox(right, layout=WIDE)
        rows = self.exploration.source.table.count().execute()
        text = (
            f"{self.exploration.source.name}: {rows:,} customers and {len(self.measures)} columns "
            f"to segment on. Run this cell to explore them."
        )
        show_widget(widgets.HBox([side, board]), text)
        self.fit()

    def watch(self, watcher: str, react: Callable[[], None]) -> None:
        """Calls `react` now and after every new view, instead of an earlier one of this watcher."""
        self._watchers[watcher] = react
        react()

    def notify(self) -> None:
        """Tells all watchers that the view, or a name in it, is new."""
        for react in self._watchers.values():
            react()

    @property
    def key(self) -> tuple[Way, int]:
        """The way and the number of segments on screen."""
        assert self.view is not None
        return self.way, self.view.segmentation.k

    @property
    def names(self) -> pd.Series:
        """The names of the segments on screen, by number: as typed, else as suggested."""
        assert self.view is not None
        suggested = self.view.suggested
        return pd.Series(self.typed.get(self.key, suggested.tolist()), suggested.index)

    @property
    def run_name(self) -> str:
        """The name of a report of the view: as typed, else from the table and k."""
        options = self.exploration.options
        return self.report_name or name_run(options["dataset"], options["table"], self.key[1])

    def fit(self) -> None:
        """Fits what is chosen and shows it, at the same k if possible."""
        way = self._read_way()
        self._set_status("Fitting every number of segments …")
        self.button.disabled = self.slider.disabled = True
        try:
            fits = self.exploration.fit(way)
            self.way, self.fits = way, fits
            self._set_slider(fits)
            self.draw()
        except InputError as error:
            self._set_status(str(error))
        finally:
            self.button.disabled = False
            self.slider.disabled = self.fits is None or len(self.fits.ks) < 2

    def draw(self) -> None:
        """Shows the segments at the slider's k: the picture first, then the verdict."""
        assert self.fits is not None
        self.wanted_k = self.slider.value
        self.view = view = view_k(self.fits, self.slider.value)
        board = lay_out_board(view.segmentation, view.profiles, view.axes, self.fits.drawn)
        fill(self.picture, board)
        self.show_names()
        if self.way not in self.exploration.evidence:
            self._set_status(TESTING)
        self._judge(view)
        self._set_status(say_fits(self.fits), say_quick(self.exploration.sets))

    def show_names(self) -> None:
        """Shows the present names, here and in what watches."""
        assert self.view is not None
        table = lay_out_profiles(self.view.profiles, self.names)
        fill(self.table, lay_out_for_widget(table))
        self.notify()

    def _judge(self, view: View) -> None:
        """Shows the verdict of a report at depth quick."""
        evidence = self.exploration.test(self.way)
        choice = recommend_k(view.fits.scan, evidence)
        verdict = judge(view.segmentation, evidence, choice)
        title = lay_out_sentences(say.title(view.profiles, verdict), kind="lead")
        fill(self.verdict, title, lay_out_sentences(say.finding(verdict)))

    def _read_way(self) -> Way:
        chosen = tuple(check.description for check in self.checks if check.value)
        return Way(chosen, **{name: menu.value for name, menu in self.menus.items()})

    def _set_slider(self, fits: Fits) -> None:
        """Sets the slider to the possible numbers of segments, without drawing yet."""
        k = self.wanted_k
        if k is None and fits.scan.found is None:
            self._set_status(TESTING)
            k = recommend_k(fits.scan, self.exploration.test(fits.way)).k
        self.slider.unobserve(self._on_slider, "value")
        with self.slider.hold_trait_notifications():
            self.slider.min, self.slider.max = fits.ks[0], fits.ks[-1]
            self.slider.value = nearest_k(fits, fits.ks[0] if k is None else k)
        self.slider.observe(self._on_slider, "value")

    def _on_slider(self, _: object) -> None:
        self.draw()

    def _ask_to_fit(self) -> None:
        if self._read_way() != self.way:
            self._set_status("Press Fit to see what is chosen.")

    def _set_status(self, *sentences: str) -> None:
        fill(self.status, lay_out_sentences(*sentences, kind="note"))


def _make_check(name: str, chosen: bool) -> widgets.Checkbox:
    layout = widgets.Layout(width="auto", min_height="1.6em")
    return widgets.Checkbox(chosen, description=name, indent=False, layout=layout, tooltip=name)


def _make_menu(name: str, chosen: str) -> widgets.Dropdown:
    label, options = CHOICES[name]
    return widgets.Dropdown(options=options, value=chosen, description=label, **LABELLED)
