"""The widgets of explore.ipynb: what is chosen goes in, what `exploring` finds is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from segmentation.data.published.vocabulary import TITLES
from segmentation.analysis.portraits.portraits import mean_width
from segmentation.analysis.say.segments import say_finding, say_map, say_sizes, say_title
from segmentation.analysis.say.trust import say_blades
from segmentation.analysis.show.page import (
    WIDGET_STYLE,
    fill,
    lay_out_for_widget,
    lay_out_picture,
    lay_out_profiles,
    lay_out_sentences,
    open_panel,
    show_widget,
)
from segmentation.analysis.show.plots import STYLE, plot_blades, plot_map, plot_sizes
from segmentation.data import Columns, InputError, Source
from segmentation.lab.commands import name_run
from segmentation.lab.exploring import (
    Exploration,
    Fits,
    View,
    Way,
    judge_view,
    list_measures,
    nearest_k,
    say_fits,
    say_quick,
    view_k,
)

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


class Explorer:
    """Choices on the left; map, sizes, silhouettes, profiles and verdict of one k beside them.

    `watch` tells others of every new view. `typed` are names that were given, by way and k;
    `called` is what the report is to be called, where that was typed.
    """

    def __init__(
        self, source: Source, columns: Columns, asked: Mapping[str, Any], way: Way, k: int | None
    ):
        self.exploration, self.way, self.asked_k = Exploration(source, asked), way, k
        self.fits: Fits | None = None
        self.view: View | None = None
        self.typed: dict[tuple[Way, int], list[str]] = {}
        self.called = ""
        self._watching: dict[str, Callable[[], None]] = {}
        self.measures = list_measures(source, columns)
        self.checks = [_check(name, name in way.features) for name in self.measures]
        self.menus = {name: _menu(name, getattr(way, name)) for name in CHOICES}
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
        self.slider.observe(self._move, "value")
        for control in (*self.checks, *self.menus.values()):
            control.observe(lambda _: self._wait(), "value")

    def show(self) -> None:
        """Displays the board, then fits what is chosen."""
        named = open_panel()
        fill(named, WIDGET_STYLE, lay_out_sentences("Features", kind="lead"))
        boxes = widgets.VBox(self.checks, layout=widgets.Layout(max_height="20em", overflow="auto"))
        left = [named, boxes, *self.menus.values(), self.button]
        right = [self.slider, self.verdict, self.status, self.picture, self.table]
        side, board = widgets.VBox(left, layout=SIDE), widgets.VBox(right, layout=WIDE)
        rows = self.exploration.source.table.count().execute()
        said = (
            f"{self.exploration.source.name}: {rows:,} customers and {len(self.measures)} columns "
            f"to segment on. Run this cell to explore them."
        )
        show_widget(widgets.HBox([side, board]), said)
        self.fit()

    def watch(self, who: str, tell: Callable[[], None]) -> None:
        """Calls `tell` now and after every new view, in the place of what `who` gave before."""
        self._watching[who] = tell
        tell()

    def tell(self) -> None:
        """Tells everybody who watches of a new view, or of new names for it."""
        for tell in self._watching.values():
            tell()

    @property
    def names(self) -> list[str]:
        """What the segments on screen are called: as was typed, else as is suggested."""
        assert self.view is not None
        return self.typed.get(self.place, self.view.suggested)

    @property
    def place(self) -> tuple[Way, int]:
        """Where one is: the way and the number of segments on screen."""
        assert self.view is not None
        return self.way, self.view.segments.k

    @property
    def run_name(self) -> str:
        """What a report of the view is called: as was typed, else after the table and k."""
        asked = self.exploration.asked
        return self.called or name_run(str(asked["dataset"]), asked["table"], self.place[1])

    def fit(self) -> None:
        """Fits what is chosen and shows it, at the same k where it can be made."""
        way = self._choose()
        self._say("Fitting every number of segments …")
        self.button.disabled = self.slider.disabled = True
        try:
            fits = self.exploration.fit(way)
            self.way, self.fits = way, fits
            self._set_slider(fits)
            self.draw()
        except InputError as error:
            self._say(str(error))
        finally:
            self.button.disabled = False
            self.slider.disabled = self.fits is None or len(self.fits.ks) < 2

    def draw(self) -> None:
        """Shows the segments at the slider's k: the picture first, then the verdict."""
        assert self.fits is not None
        self.asked_k = self.slider.value
        self.view = view_k(self.fits, self.slider.value)
        figure = draw_board(self.fits, self.view)
        fill(self.picture, lay_out_picture(figure, say_board(self.fits, self.view)))
        self.name()
        if self.way not in self.exploration.quick:
            self._say("Putting the segments to the test …")
        verdict = judge_view(self.fits, self.exploration.try_out(self.way), self.view)
        title = say_title(self.view.profiles, verdict)
        finding = say_finding(verdict, self.fits.prepared.features)
        fill(self.verdict, lay_out_sentences(title, kind="lead"), lay_out_sentences(finding))
        self._say(say_fits(self.fits), say_quick(self.exploration.sets))

    def name(self) -> None:
        """Shows the names as they are now, here and wherever somebody watches."""
        assert self.view is not None
        table = lay_out_profiles(self.view.profiles, self.names)
        fill(self.table, lay_out_for_widget(table))
        self.tell()

    def _choose(self) -> Way:
        chosen = tuple(check.description for check in self.checks if check.value)
        return Way(chosen, **{name: menu.value for name, menu in self.menus.items()})

    def _set_slider(self, fits: Fits) -> None:
        """The slider over the numbers of segments that there are, without drawing yet."""
        k = self.asked_k
        if k is None and fits.scan.found is None:
            self._say("Putting the segments to the test …")
            k = self.exploration.try_out(fits.way).choice.k
        self.slider.unobserve(self._move, "value")
        with self.slider.hold_trait_notifications():
            self.slider.min, self.slider.max = fits.ks[0], fits.ks[-1]
            self.slider.value = nearest_k(fits, fits.ks[0] if k is None else k)
        self.slider.observe(self._move, "value")

    def _move(self, _: object) -> None:
        self.draw()

    def _wait(self) -> None:
        if self._choose() != self.way:
            self._say("Press Fit to see what is chosen.")

    def _say(self, *sentences: str) -> None:
        fill(self.status, lay_out_sentences(*sentences, kind="note"))


def draw_board(fits: Fits, view: View) -> Figure:
    """The picture of the view: map with centres, sizes, and the silhouette of every customer."""
    with plt.rc_context(STYLE):
        layout: Any = [["map", "sizes"], ["map", "blades"]]
        # A layout that looks for room takes a quarter of the time of a move.
        room = {
            "left": 0.08,
            "right": 0.98,
            "bottom": 0.12,
            "top": 0.97,
            "wspace": 0.12,
            "hspace": 0.45,
        }
        figure, axes = plt.subplot_mosaic(
            layout, figsize=(9.6, 4.4), width_ratios=[3, 2], height_ratios=[2, 3], gridspec_kw=room
        )
        plot_map(fits.prepared, view.segments, view.axes, fits.drawn, axes["map"])
        plot_sizes(view.profiles, axes["sizes"])
        plot_blades(view.segments, axes["blades"])
    return figure


def say_board(fits: Fits, view: View) -> str:
    """The picture in words: its map, the largest and smallest segment, the clearest ones."""
    segments, weights = view.segments, fits.prepared.weights
    widths = {number: mean_width(segments, weights, number) for number in segments.numbers}
    blades = say_blades(segments, pd.DataFrame({"silhouette": widths}), weights)
    drawn = say_map(fits.prepared, segments, view.axes, fits.drawn)
    return f"{drawn} {say_sizes(view.profiles)} {blades}"


def _check(name: str, chosen: bool) -> widgets.Checkbox:
    layout = widgets.Layout(width="auto", min_height="1.6em")
    return widgets.Checkbox(chosen, description=name, indent=False, layout=layout, tooltip=name)


def _menu(name: str, chosen: str) -> widgets.Dropdown:
    words, options = CHOICES[name]
    return widgets.Dropdown(options=options, value=chosen, description=words, **LABELLED)
