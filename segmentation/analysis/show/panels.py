"""Markup inside widgets: pictures, sentences, tables and code, in JupyterLab's own colours."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from urllib.parse import quote

import matplotlib as mpl
import matplotlib.pyplot as plt
from IPython.display import HTML
from markupsafe import Markup
from matplotlib.figure import Figure

from segmentation.analysis.show.page import glue, tag
from segmentation.analysis.show.style import STYLE

PIXELS = 100  # an inch, of a picture in a widget
WIDGET_STYLE = Markup("""<style>
.seg { font-size: 13px; line-height: 1.45; color: var(--jp-content-font-color1, #1f2933) }
.seg p { margin: 0 0 .35em } .seg .lead { font-size: 17px; font-weight: 600 }
.seg .note, .seg + .note { color: var(--jp-content-font-color2, #4b5563) }
img.seg { display: block; width: 100%; height: auto; background: #fff }
pre.seg { white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere; margin: 0;
  padding: .6em .8em; background: var(--jp-layout-color2, #eee) }
.seg table { border-collapse: collapse; margin: .3em 0 }
.seg th, .seg td { padding: .25em .6em; text-align: right; font-weight: 400;
  border-bottom: 1px solid var(--jp-border-color2, #ddd) }
.seg thead th { font-weight: 600; vertical-align: bottom }
.seg th:first-child, .seg .words { text-align: left } .seg tbody th { min-width: 9em }
.seg .scroll { overflow-x: auto }
.seg td.above { background: rgb(47 127 203 / var(--tint, 0)) }
.seg td.below { background: rgb(224 138 0 / var(--tint, 0)) }
</style>""")


def lay_out_picture(figure: Figure, alt: str) -> Markup:
    """Returns the figure as a PNG with its alt text, and closes it."""
    image = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(image, format="png", dpi=PIXELS, metadata={"Software": None})
    plt.close(figure)
    data = base64.b64encode(image.getvalue()).decode()
    picture = Markup('<img class="seg" src="data:image/png;base64,{}" alt="{}">')
    return picture.format(data, glue(alt))


def lay_out_sentences(*sentences: str, kind: str = "") -> Markup:
    """Returns a paragraph for each sentence, announced by screen readers when it changes."""
    paragraphs = Markup("").join(
        tag("p", glue(sentence), kind) for sentence in sentences if sentence
    )
    return Markup('<div class="seg" role="status">{}</div>').format(paragraphs)


def lay_out_for_widget(table: Markup) -> Markup:
    """Returns a table as it looks inside a widget, in `WIDGET_STYLE`."""
    return Markup('<div class="seg">{}</div>').format(table)


def lay_out_code(text: str) -> Markup:
    """Returns lines to copy."""
    return Markup('<pre class="seg" tabindex="0">{}</pre>').format(text)


def lay_out_links(targets: Mapping[str, str]) -> HTML:
    """Returns links to files, by their words; JupyterLab opens them in tabs."""
    link = Markup('<a href="{}">{}</a>')
    links = [link.format(quote(href), words) for words, href in targets.items()]
    return HTML(Markup("<p>{}</p>").format(Markup(" · ").join(links)))
