"""What the notebook displays: figures with alt text, sentences, tiles and heads, all escaped."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
from IPython.display import HTML, display
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL.Image import Quantize
from PIL.Image import open as decode_picture

from segmentation.analysis.show.style import STYLE

PICTURE = re.compile(r"(?<=base64,)[A-Za-z0-9+/=\s]+")  # the rasterised part of a figure
SPARE = re.compile(r"\s*<!--.*?-->\s*|\s+", re.DOTALL)  # comments and indentation
SHADES = 64  # a fifth of the size, with no visible difference


def figure(ax: Axes, alt: str) -> None:
    """Displays the figure of `ax` as SVG with its alt text, and closes it."""
    drawn = ax.get_figure(root=True)
    assert drawn is not None
    image = io.StringIO()
    drawn.set_dpi(130)
    with mpl.rc_context(STYLE):
        # Not savefig, which would lay out and draw everything twice.
        FigureCanvasSVG(drawn).print_svg(image, metadata={"Date": None, "Creator": None})
    plt.close(drawn)
    svg = PICTURE.sub(_shrink, image.getvalue())
    display({"image/svg+xml": SPARE.sub(" ", svg), "text/plain": glue(alt)}, raw=True)


def sentence(*sentences: str, kind: str = "finding") -> None:
    """Displays computed sentences as one paragraph; empty ones are skipped."""
    if paragraph := " ".join(filter(None, sentences)):
        put(tag("p", paragraph, kind))


def title(headline: str, finding: str, limits: str, data: str) -> None:
    """Displays the head of the report: the finding, what it does not cover, and its data."""
    parts = (("h1", headline, ""), ("p", finding, "lead"), ("p", data, "source"))
    put(Markup("").join(tag(*part) for part in (*parts, ("p", limits, "limits"))))


def tiles(facts: Sequence[tuple[str, str, str]]) -> None:
    """Displays facts as tiles: a label, a figure and a remark each."""
    boxes = [
        Markup('<div class="tile"><dt>{}</dt><dd><b>{}</b> <span>{}</span></dd></div>').format(
            *fact
        )
        for fact in facts
    ]
    put(Markup('<dl class="tiles">{}</dl>').format(Markup("").join(boxes)))


def put(markup: Markup) -> None:
    """Displays markup."""
    display(HTML(glue(markup)))


def glue(text: str) -> str:
    """Keeps each per cent sign on the line of its number."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def tag(name: str, text: str, kind: str = "") -> Markup:
    """Wraps escaped text in a tag, with a class if `kind`."""
    given = Markup(' class="{}"').format(kind) if kind else Markup("")
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, escape(text))


def breakable(name: str) -> Markup:
    """Adds line breaks to a name: after an underscore, before a word's capital."""
    parts = re.split("(?<=_)|(?<=[a-z])(?=[A-Z])", name)
    return Markup("<wbr>").join(escape(part) for part in parts)


def _shrink(picture: re.Match[str]) -> str:
    """Returns a PNG (base64) with a palette in place of full colours."""
    whole, small = decode_picture(io.BytesIO(base64.b64decode(picture[0]))), io.BytesIO()
    whole.quantize(SHADES, Quantize.FASTOCTREE).save(small, "png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()
