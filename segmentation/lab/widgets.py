"""Panels of the explorer: widgets that show markup."""

from __future__ import annotations

import ipywidgets
from IPython.display import display
from markupsafe import Markup


def open_panel() -> ipywidgets.HTML:
    """Returns an empty panel for markup."""
    return ipywidgets.HTML()


def fill(panel: ipywidgets.HTML, *parts: Markup) -> None:
    """Puts markup into a panel; plain text is escaped."""
    panel.value = Markup("").join(parts)


def show_widget(widget: ipywidgets.Widget, text: str) -> None:
    """Displays a widget; a saved notebook without a kernel shows `text` instead."""
    bundle = widget._repr_mimebundle_()
    display({**bundle, "text/plain": text}, raw=True)
