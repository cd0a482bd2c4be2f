"""The widgets beside the explorer: a segment's customers, names, and the way to a report."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

import ipywidgets as widgets

from segmentation.analysis.portraits.names import locate_segments, match_names
from segmentation.analysis.show.page import (
    fill,
    lay_out_code,
    lay_out_for_widget,
    lay_out_links,
    lay_out_sentences,
    lay_out_table,
    open_panel,
    show_widget,
)
from segmentation.data import InputError, open_names, write_csv, write_names
from segmentation.data.published.names import LONGEST
from segmentation.lab.commands import (
    Made,
    Ordered,
    is_run_name,
    list_words,
    order_report,
    run_command,
    write_command,
    write_entry,
)
from segmentation.lab.explorer import Explorer
from segmentation.lab.exploring import list_members, take_members

MADE = "The report is made. Its form for a single customer works here after Trust HTML."
FIRST = 10  # customers that are shown
WIDE = widgets.Layout(width="100%")
LINE = widgets.Layout(width="36em")
LABEL = {"description_width": "6em"}


class Customers:
    """The first customers of the segment that is picked, and all of them as a file."""

    def __init__(self, explorer: Explorer, folder: str | Path):
        self.explorer, self.folder = explorer, Path(folder)
        self.pick = widgets.ToggleButtons(description="Segment", style={"button_width": "auto"})
        self.table, self.said = open_panel(), open_panel()
        self.button = widgets.Button(
            description="Export these customers",
            icon="download",
            layout=widgets.Layout(width="16em"),
        )
        self.pick.observe(self._picked, "value")
        self.button.on_click(lambda _: self.export())

    def show(self) -> None:
        """Displays the pane and follows the explorer."""
        box = widgets.VBox([self.pick, self.table, self.button, self.said], layout=WIDE)
        show_widget(box, "The customers of a segment are listed here, with a button to export.")
        self.explorer.watch("customers", self.follow)

    def follow(self) -> None:
        """Offers the segments on screen; the one that is picked stays so where it is there."""
        view = self.explorer.view
        if view is None:
            return
        numbers, before = view.segments.numbers, self.pick.value
        words = [f"{n} · {name}" for n, name in zip(numbers, self.explorer.names, strict=True)]
        self.pick.unobserve(self._picked, "value")
        self.pick.options = list(zip(words, numbers, strict=True))
        self.pick.value = before if before in numbers else numbers[0]
        self.pick.observe(self._picked, "value")
        self.draw()

    def _picked(self, _: object) -> None:
        self.draw()

    def draw(self) -> None:
        """Shows the first customers of the segment, in the order of the table."""
        fits, view = self.explorer.fits, self.explorer.view
        assert fits is not None and view is not None
        number = self.pick.value
        size = view.profiles.sizes[number]
        first = take_members(fits, view, number, FIRST)
        caption = f"Segment {number}: the first {len(first)} of {size:,} customers"
        fill(self.table, lay_out_for_widget(lay_out_table(first, caption)))
        fill(self.said)

    def export(self) -> None:
        """Writes all customers of the segment beside the notebook and says where."""
        fits, view = self.explorer.fits, self.explorer.view
        assert fits is not None and view is not None
        path = self.folder / f"{self.explorer.run_name}-segment-{self.pick.value}.csv"
        try:
            members = list_members(fits, view, self.pick.value).execute()
            self.folder.mkdir(parents=True, exist_ok=True)
            write_csv(members, path, self.explorer.exploration.source.dialect)
        except (OSError, ValueError) as error:
            said = f"Not exported: {error}."
        else:
            said = f"{len(members):,} customers written to {say_place(path)}."
        fill(self.said, lay_out_sentences(said))


class Names:
    """A field for the name of every segment; what is typed is kept in a file that reports read."""

    def __init__(self, explorer: Explorer, folder: str | Path):
        self.explorer, self.folder = explorer, Path(folder)
        self.fields, self.said = widgets.VBox(), open_panel()

    @property
    def path(self) -> Path:
        """The file of the names of the view."""
        return self.folder / f"{self.explorer.run_name}.yaml"

    def show(self) -> None:
        """Displays the pane and follows the explorer."""
        box = widgets.VBox([self.fields, self.said], layout=WIDE)
        show_widget(box, "A field for the name of every segment stands here.")
        self.explorer.watch("names", self.follow)

    def follow(self) -> None:
        """Shows the names of the view: typed before, else those in the file, else suggested."""
        view = self.explorer.view
        if view is None:
            return
        if self.explorer.place not in self.explorer.typed:
            self._read()
        fill(self.said, lay_out_sentences(self._keep()))
        if [field.value for field in self.fields.children] != self.explorer.names:
            each = zip(view.segments.numbers, self.explorer.names, strict=True)
            self.fields.children = [self._field(number, name) for number, name in each]

    def take(self) -> None:
        """Takes the names that stand in the fields, where they are different; blank: suggested."""
        view = self.explorer.view
        assert view is not None
        pairs = zip(self.fields.children, view.suggested, strict=True)
        names = [field.value.strip() or suggested for field, suggested in pairs]
        if max(map(len, names)) > LONGEST:
            fill(self.said, lay_out_sentences(f"Not kept: a name has {LONGEST} letters at most."))
            return
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            fill(self.said, lay_out_sentences(f"Not kept: two segments are called “{twice[0]}”."))
            return
        self.explorer.typed[self.explorer.place] = names
        self.explorer.name()

    def _read(self) -> None:
        """Takes the names from the file where it is there and of these segments."""
        view, fits = self.explorer.view, self.explorer.fits
        assert fits is not None and view is not None
        if not self.path.is_file():
            return
        with suppress(InputError):
            found = match_names(open_names(str(self.path)), fits.prepared, view.segments)
            self.explorer.typed[self.explorer.place] = list(found or ())
            self.explorer.name()

    def _keep(self) -> str:
        """Writes the file where names were typed, and says where they are."""
        view, fits, where = self.explorer.view, self.explorer.fits, self.path.as_posix()
        assert fits is not None and view is not None
        if self.explorer.place not in self.explorer.typed:
            if self.path.is_file():
                return f"{where} names other segments; typing a name here replaces it."
            return "These are suggestions; type over them."
        try:
            named = locate_segments(fits.prepared, view.segments, self.explorer.names)
            write_names(named, self.path)
        except (OSError, ValueError) as error:
            return f"Not kept: {str(error).splitlines()[0]}."
        return f"Kept in {say_place(self.path)}; the report reads them there."

    def _field(self, number: int, name: str) -> widgets.Text:
        field = widgets.Text(
            name, description=f"Segment {number}", continuous_update=False, layout=LINE, style=LABEL
        )
        field.observe(lambda _: self.take(), "value")
        return field


class Making:
    """The command and the runs.yaml entry of what is on screen, and a button that runs it."""

    def __init__(self, explorer: Explorer, names: Names, reports: str | Path):
        self.explorer, self.names, self.reports = explorer, names, Path(reports)
        self.called = widgets.Text(
            description="Called", continuous_update=False, layout=LINE, style=LABEL
        )
        self.command, self.entry, self.said = (open_panel() for _ in range(3))
        self.links = widgets.Output()
        self.button = widgets.Button(
            description="Make this the report",
            button_style="primary",
            layout=widgets.Layout(width="16em"),
        )
        self.ordered: Ordered | None = None
        self.thread = threading.Thread()
        self.suggested = ""
        self.called.observe(lambda _: self.call(), "value")
        self.button.on_click(lambda _: self.make())

    def show(self) -> None:
        """Displays the pane and follows the explorer."""
        parts = [self.called, self.command, self.entry, self.button, self.said, self.links]
        show_widget(
            widgets.VBox(parts, layout=WIDE),
            "The command, the entry for runs.yaml and a button that makes the report stand here.",
        )
        self.explorer.watch("report", self.follow)

    def follow(self) -> None:
        """Suggests a name for the report, unless one was typed, and shows the command."""
        if self.explorer.view is None:
            return
        if not self.explorer.called:
            self.suggested = self.explorer.run_name
            self.called.value = self.suggested
        self.draw()

    def call(self) -> None:
        """Calls the report as was typed, and its file of names too."""
        if self.called.value != self.suggested and is_run_name(self.called.value):
            self.explorer.called = self.called.value
            self.explorer.tell()
        self.draw()

    def draw(self) -> None:
        """Shows the command and the entry, or in one line why there are none."""
        fits = self.explorer.fits
        if fits is None:
            return
        try:
            self.ordered = self._order()
        except InputError as error:
            self.ordered = None
            fill(self.command, lay_out_sentences(str(error)))
            fill(self.entry)
        else:
            said = lay_out_sentences("In a shell, from the project's folder:")
            fill(self.command, said, lay_out_code(write_command(self.ordered)))
            said = lay_out_sentences("In runs.yaml, to make it again whenever the data changes:")
            fill(self.entry, said, lay_out_code(write_entry(self.ordered)))
        self.button.disabled = self.ordered is None or self.thread.is_alive()

    def make(self) -> None:
        """Runs the command in a thread of its own, so that the explorer goes on."""
        assert self.ordered is not None
        self.button.disabled, self.links.outputs = True, ()
        self.thread = threading.Thread(target=self._run, args=(self.ordered,), daemon=True)
        self.thread.start()

    def _run(self, ordered: Ordered) -> None:
        self._tell(0)
        try:
            made = run_command(list_words(ordered), self._tell)
        except OSError as error:
            made = Made(False, [str(error)])
        said = lay_out_sentences(MADE if made.good else "There is no new report.")
        fill(self.said, said, lay_out_code("\n".join(made.lines)))
        if made.good:
            pages = {
                f"Open {ordered.name}": ordered.page,
                "All reports": ordered.reports / "index.html",
            }
            here = {words: Path(os.path.relpath(page)).as_posix() for words, page in pages.items()}
            self.links.append_display_data(lay_out_links(here))
        self.button.disabled = self.ordered is None

    def _tell(self, seconds: int) -> None:
        fill(self.said, lay_out_sentences(f"Making the report: {seconds} s …"))

    def _order(self) -> Ordered:
        explorer, fits = self.explorer, self.explorer.fits
        assert fits is not None
        k = explorer.place[1] if fits.scan.found is None else None
        typed = explorer.place in explorer.typed
        names = self.names.path if typed else None
        asked = explorer.exploration.asked
        return order_report(self.called.value, self.reports, asked, explorer.way, k, names)


def say_place(path: Path) -> str:
    """Where a file is, for whoever has the notebook open."""
    return f"{path.as_posix()}{'' if path.is_absolute() else ', beside this notebook'}"
