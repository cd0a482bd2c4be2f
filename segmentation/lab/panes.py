"""The panes below the board: a segment's customers, names, and the way to a report."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

import ipywidgets as widgets

from segmentation.analysis.portraits.names import locate_segments, match_names
from segmentation.analysis.show.panels import (
    lay_out_code,
    lay_out_for_widget,
    lay_out_links,
    lay_out_sentences,
)
from segmentation.analysis.show.tables import lay_out_table
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
from segmentation.lab.widgets import fill, open_panel, show_widget

MADE = "The report is made. Its form to look up a customer works here after Trust HTML."
FIRST = 10  # customers of a segment in the pane
WIDE = widgets.Layout(width="100%")
LINE = widgets.Layout(width="36em")
LABEL = {"description_width": "6em"}


class Customers:
    """The first customers of the selected segment, and all of them as a file."""

    def __init__(self, explorer: Explorer, folder: str | Path):
        self.explorer, self.folder = explorer, Path(folder)
        self.pick = widgets.ToggleButtons(description="Segment", style={"button_width": "auto"})
        self.table, self.message = open_panel(), open_panel()
        self.button = widgets.Button(
            description="Export these customers",
            icon="download",
            layout=widgets.Layout(width="16em"),
        )
        self.pick.observe(self._on_pick, "value")
        self.button.on_click(lambda _: self.export())

    def show(self) -> None:
        """Displays the pane and follows the explorer."""
        box = widgets.VBox([self.pick, self.table, self.button, self.message], layout=WIDE)
        show_widget(box, "The customers of a segment are listed here, with a button to export.")
        self.explorer.watch("customers", self.follow)

    def follow(self) -> None:
        """Offers the segments on screen; the selected number stays selected if it exists."""
        view = self.explorer.view
        if view is None:
            return
        numbers, before = view.segmentation.numbers, self.pick.value
        self.pick.unobserve(self._on_pick, "value")
        self.pick.options = [(f"{n} · {name}", n) for n, name in self.explorer.names.items()]
        self.pick.value = before if before in numbers else numbers[0]
        self.pick.observe(self._on_pick, "value")
        self.draw()

    def _on_pick(self, _: object) -> None:
        self.draw()

    def draw(self) -> None:
        """Shows the first customers of the segment, in the order of the table."""
        view, number = self.explorer.view, self.pick.value
        assert view is not None
        first = take_members(view, number, FIRST)
        size = view.profiles.sizes[number]
        caption = f"Segment {number}: the first {len(first)} of {size:,} customers"
        fill(self.table, lay_out_for_widget(lay_out_table(first, caption)))
        fill(self.message)

    def export(self) -> None:
        """Writes all customers of the segment to a file and displays its path."""
        view, number = self.explorer.view, self.pick.value
        assert view is not None
        path = self.folder / f"{self.explorer.run_name}-segment-{number}.csv"
        try:
            members = list_members(view, number).execute()
            self.folder.mkdir(parents=True, exist_ok=True)
            write_csv(members, path, self.explorer.exploration.source.dialect)
        except (OSError, ValueError) as error:
            message = f"Not exported: {error}."
        else:
            message = f"{len(members):,} customers written to {say_path(path)}."
        fill(self.message, lay_out_sentences(message))


class Names:
    """A field for the name of every segment; typed names are kept in a file that reports read."""

    def __init__(self, explorer: Explorer, folder: str | Path):
        self.explorer, self.folder = explorer, Path(folder)
        self.fields, self.message = widgets.VBox(), open_panel()

    @property
    def path(self) -> Path:
        """The file with the names of the view."""
        return self.folder / f"{self.explorer.run_name}.yaml"

    @property
    def typed(self) -> bool:
        """Whether the names of the view were typed."""
        return self.explorer.key in self.explorer.typed

    def show(self) -> None:
        """Displays the pane and follows the explorer."""
        box = widgets.VBox([self.fields, self.message], layout=WIDE)
        show_widget(box, "A field for the name of every segment is displayed here.")
        self.explorer.watch("names", self.follow)

    def follow(self) -> None:
        """Shows the names of the view: those typed, else those in the file, else suggestions."""
        if self.explorer.view is None:
            return
        if not self.typed:
            self._read()
        fill(self.message, lay_out_sentences(self._write()))
        names = self.explorer.names
        if [field.value for field in self.fields.children] != names.tolist():
            self.fields.children = [self._make_field(*pair) for pair in names.items()]

    def take(self) -> None:
        """Takes the names from the fields if they are unique; an empty field means the suggestion.

        Anything else is refused, with the reason on screen.
        """
        view = self.explorer.view
        assert view is not None
        pairs = zip(self.fields.children, view.suggested, strict=True)
        names = [field.value.strip() or suggested for field, suggested in pairs]
        repeated = [name for name in names if names.count(name) > 1]
        if max(map(len, names)) > LONGEST:
            self._refuse(f"a name has {LONGEST} letters at most")
        elif repeated:
            self._refuse(f"two segments are called “{repeated[0]}”")
        else:
            self.explorer.typed[self.explorer.key] = names
            self.explorer.show_names()

    def _refuse(self, reason: str) -> None:
        fill(self.message, lay_out_sentences(f"Not kept: {reason}."))

    def _read(self) -> None:
        """Takes the names from the file if it names these segments."""
        view = self.explorer.view
        assert view is not None
        if not self.path.is_file():
            return
        with suppress(InputError):
            names = match_names(open_names(str(self.path)), view.segmentation)
            assert names is not None
            self.explorer.typed[self.explorer.key] = list(names)
            self.explorer.show_names()

    def _write(self) -> str:
        """Writes typed names to the file; returns where the names are."""
        view = self.explorer.view
        assert view is not None
        if not self.typed:
            if self.path.is_file():
                return f"{self.path.as_posix()} names other segments; typing here replaces it."
            return "These are suggestions; type over them."
        try:
            write_names(locate_segments(view.segmentation, self.explorer.names), self.path)
        except (OSError, ValueError) as error:
            return f"Not kept: {str(error).splitlines()[0]}."
        return f"Kept in {say_path(self.path)}; the report reads them there."

    def _make_field(self, number: int, name: str) -> widgets.Text:
        field = widgets.Text(
            name, description=f"Segment {number}", continuous_update=False, layout=LINE, style=LABEL
        )
        field.observe(lambda _: self.take(), "value")
        return field


class Making:
    """The command and the runs.yaml entry for the view, and a button that makes the report."""

    def __init__(self, explorer: Explorer, names: Names, reports: str | Path):
        self.explorer, self.names, self.reports = explorer, names, Path(reports)
        self.name = widgets.Text(
            description="Name", continuous_update=False, layout=LINE, style=LABEL
        )
        self.command, self.entry, self.message = (open_panel() for _ in range(3))
        self.links = widgets.Output()
        self.button = widgets.Button(
            description="Make this the report",
            button_style="primary",
            layout=widgets.Layout(width="16em"),
        )
        self.ordered: Ordered | None = None
        self.thread = threading.Thread()
        self.suggested = ""
        self.name.observe(lambda _: self.rename(), "value")
        self.button.on_click(lambda _: self.make())

    def show(self) -> None:
        """Displays the pane and follows the explorer."""
        parts = [self.name, self.command, self.entry, self.button, self.message, self.links]
        text = "The command, the runs.yaml entry and a button for the report are displayed here."
        show_widget(widgets.VBox(parts, layout=WIDE), text)
        self.explorer.watch("report", self.follow)

    def follow(self) -> None:
        """Suggests a name for the report, unless one was typed, and shows the command."""
        if self.explorer.view is None:
            return
        if not self.explorer.report_name:
            self.suggested = self.explorer.run_name
            self.name.value = self.suggested
        self.draw()

    def rename(self) -> None:
        """Gives the report, and its file of names, the name that was typed."""
        if self.name.value != self.suggested and is_run_name(self.name.value):
            self.explorer.report_name = self.name.value
            self.explorer.notify()
        self.draw()

    def draw(self) -> None:
        """Shows the command and the entry, or why the report cannot be made."""
        if self.explorer.view is None:
            return
        try:
            self.ordered = self._order()
        except InputError as error:
            self.ordered = None
            fill(self.command, lay_out_sentences(str(error)))
            fill(self.entry)
        else:
            lead = lay_out_sentences("In a shell, from the project's folder:")
            fill(self.command, lead, lay_out_code(write_command(self.ordered)))
            lead = lay_out_sentences("In runs.yaml, to make it again whenever the data changes:")
            fill(self.entry, lead, lay_out_code(write_entry(self.ordered)))
        self.button.disabled = self.ordered is None or self.thread.is_alive()

    def make(self) -> None:
        """Runs the command in a thread, so that the explorer keeps responding."""
        assert self.ordered is not None
        self.button.disabled, self.links.outputs = True, ()
        self.thread = threading.Thread(target=self._run, args=(self.ordered,), daemon=True)
        self.thread.start()

    def _run(self, ordered: Ordered) -> None:
        self._show_seconds(0)
        try:
            made = run_command(list_words(ordered), self._show_seconds)
        except OSError as error:
            made = Made(False, [str(error)])
        message = lay_out_sentences(MADE if made.good else "There is no new report.")
        fill(self.message, message, lay_out_code("\n".join(made.lines)))
        if made.good:
            pages = {
                f"Open {ordered.name}": ordered.page,
                "All reports": ordered.reports / "index.html",
            }
            links = {text: Path(os.path.relpath(page)).as_posix() for text, page in pages.items()}
            self.links.append_display_data(lay_out_links(links))
        self.button.disabled = self.ordered is None

    def _show_seconds(self, seconds: int) -> None:
        fill(self.message, lay_out_sentences(f"Making the report: {seconds} s …"))

    def _order(self) -> Ordered:
        view, options = self.explorer.view, self.explorer.exploration.options
        assert view is not None
        k = view.segmentation.k if view.fits.scan.found is None else None
        names = self.names.path if self.names.typed else None
        return order_report(self.name.value, self.reports, options, self.explorer.way, k, names)


def say_path(path: Path) -> str:
    """Returns where a file is, as seen from the notebook."""
    return f"{path.as_posix()}{'' if path.is_absolute() else ', beside this notebook'}"
