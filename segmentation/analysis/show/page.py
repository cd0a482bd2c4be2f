"""Everything that the notebook displays: the one place where HTML is made, always escaped."""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, display
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from segmentation.analysis.portraits.profiles import (
    FEWEST_TO_DESCRIBE,
    Profiles,
    find_clear_residual,
)
from segmentation.analysis.portraits.rules import Rule
from segmentation.analysis.show.plots import MARKERS, STYLE, segment_colour
from segmentation.analysis.words import say_count, say_number, say_share

if TYPE_CHECKING:
    from ipywidgets import HTML as HTMLWidget
    from ipywidgets import Widget

SHAPES = "●■◆▲▼✚★◀▶⬟⬢♦"
MOST_ON_A_CARD = 4
MOST_IN_A_ROW = 4  # cards on paper
NUMERAL = re.compile(r"–$|(under |over )?[-−]?\d")  # a cell that is read from the right
PIXELS = 100  # an inch, of a picture in a widget
# Tables and sentences inside widgets, in JupyterLab's own colours.
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
SHORT = 8  # rows that are kept on one page
NARROW = 75  # letters across that fit half a printed page
assert len(SHAPES) == len(MARKERS)


class Cell(NamedTuple):
    """A cell of a table: its text, its class, and how strongly it is tinted (0 to 1)."""

    text: str
    kind: str = ""
    tint: float = 0.0


def show(ax: Axes, alt: str) -> None:
    """Displays the figure as SVG with its alt text, and closes it."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    image = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(image, format="svg", dpi=130, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    display({"image/svg+xml": image.getvalue(), "text/plain": _glue(alt)}, raw=True)


def show_widget(widget: Widget, said: str) -> None:
    """Displays a widget; where none can live, as in a saved notebook, what is said of it."""
    bundle = widget._repr_mimebundle_()
    display({**bundle, "text/plain": said}, raw=True)


def open_panel() -> HTMLWidget:
    """An empty widget for what is laid out here."""
    import ipywidgets  # here, because reports need none

    return ipywidgets.HTML()


def fill(panel: HTMLWidget, *parts: Markup) -> None:
    """Puts what was laid out into a panel; anything else is escaped."""
    panel.value = Markup("").join(parts)


def lay_out_picture(figure: Figure, alt: str) -> Markup:
    """The figure as a PNG with its alt text; the figure is closed."""
    image = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(image, format="png", dpi=PIXELS, metadata={"Software": None})
    plt.close(figure)
    data = base64.b64encode(image.getvalue()).decode()
    picture = Markup('<img class="seg" src="data:image/png;base64,{}" alt="{}">')
    return picture.format(data, _glue(alt))


def lay_out_sentences(*sentences: str, kind: str = "") -> Markup:
    """A paragraph a sentence, read out when it changes."""
    said = Markup("").join(_tag("p", _glue(sentence), kind) for sentence in sentences if sentence)
    return Markup('<div class="seg" role="status">{}</div>').format(said)


def lay_out_for_widget(table: Markup) -> Markup:
    """A table as it looks inside a widget, in `WIDGET_STYLE`."""
    return Markup('<div class="seg">{}</div>').format(table)


def lay_out_code(text: str) -> Markup:
    """Lines to copy, as they are."""
    return Markup('<pre class="seg" tabindex="0">{}</pre>').format(text)


def lay_out_links(targets: Mapping[str, str]) -> HTML:
    """Links to files, by the words for them; JupyterLab opens them in tabs of its own."""
    link = Markup('<a href="{}">{}</a>')
    links = [link.format(quote(href), words) for words, href in targets.items()]
    return HTML(Markup("<p>{}</p>").format(Markup(" · ").join(links)))


def show_sentence(*sentences: str, kind: str = "finding") -> None:
    """Displays computed sentences as one paragraph; nothing where there are none."""
    if said := " ".join(filter(None, sentences)):
        _display(_tag("p", said, kind))


def show_title(title: str, finding: str, limits: str, data: str) -> None:
    """Displays the head of the report: the finding, the honest sentence, where the data is from."""
    parts = (("h1", title, ""), ("p", finding, "lead"), ("p", data, "source"))
    _display(Markup("").join(_tag(*part) for part in (*parts, ("p", limits, "limits"))))


def show_tiles(tiles: Sequence[tuple[str, str, str]]) -> None:
    """Displays facts as tiles, each a label, a figure and a remark."""
    boxes = [
        Markup('<div class="tile"><dt>{}</dt><dd><b>{}</b> <span>{}</span></dd></div>').format(
            *tile
        )
        for tile in tiles
    ]
    _display(Markup('<dl class="tiles">{}</dl>').format(Markup("").join(boxes)))


def show_cards(profiles: Profiles, names: Sequence[str], rules: Sequence[Rule]) -> None:
    """Displays a card a segment: name, size, typical values beside those of everybody, its rule."""
    each = zip(profiles.sizes.index, names, rules, strict=True)
    cards = [_card(profiles, segment, name, rule.text) for segment, name, rule in each]
    columns = math.ceil(len(cards) / math.ceil(len(cards) / MOST_IN_A_ROW))
    box = Markup('<div class="cards" style="--columns:{}">{}</div>')
    _display(box.format(columns, Markup("").join(cards)))


def show_profiles(profiles: Profiles, names: Sequence[str]) -> None:
    """Displays the medians of all segments side by side, tinted by distance from everybody."""
    _display(lay_out_profiles(profiles, names))


def lay_out_profiles(profiles: Profiles, names: Sequence[str]) -> Markup:
    """The table that `show_profiles` displays."""
    enough = profiles.sizes >= FEWEST_TO_DESCRIBE
    head = ["Segment", "Customers", *profiles.features]
    gaps = profiles.differences
    rows = [
        [Cell(f"{s} · {called}"), Cell(f"{profiles.sizes[s]:,}")]
        + [
            _value(profiles, s, name, gaps.loc[s, name] if enough[s] else None)
            for name in profiles.features
        ]
        for s, called in zip(profiles.sizes.index, names, strict=True)
    ]
    everybody = [Cell("All customers"), Cell(f"{profiles.customers:,}")]
    everybody += [Cell(say_number(profiles.market.loc[n, "q50"])) for n in profiles.features]
    note = (
        "Medians in the feature's own unit: half of the segment's customers are above, half "
        "below. Blue: the segment's mean is above that of all "
        "customers; orange: below; stronger is further."
    )
    return _table(head, [*rows, everybody], "The segments side by side", note)


def show_table(
    frame: pd.DataFrame, caption: str, folded: bool = False, as_written: bool = False
) -> None:
    """Displays a frame, its index as row heads, numbers to three digits, folded if asked.

    Heads in small letters are made words, but where they are names, to be kept `as_written`.
    """
    _display(lay_out_table(frame, caption, folded, as_written))


def lay_out_table(
    frame: pd.DataFrame, caption: str, folded: bool = False, as_written: bool = False
) -> Markup:
    """The table that `show_table` displays."""
    names = [str(name) for name in (frame.index.name or "row", *frame.columns)]
    head = names if as_written else [_as_words(name) for name in names]
    columns = [[_text(value) for value in frame.iloc[:, at]] for at in range(frame.shape[1])]
    kinds = ["" if all(map(NUMERAL.match, column)) else "words" for column in columns]
    rows = [
        [Cell(str(label)), *map(Cell, row, kinds)]
        for label, row in zip(frame.index, zip(*columns, strict=True), strict=True)
    ]
    table = _table(head, rows, caption, "" if folded else caption)
    if folded:
        table = Markup("<details><summary>{}</summary>{}</details>").format(caption, table)
    return table


def show_passports(passports: pd.DataFrame) -> None:
    """Displays the passport of every segment: rule, how well it finds them, how well they hold."""
    head = ["Segment", "Customers", "Rule", "Precision", "Coverage", "Jaccard", "Silhouette"]
    head.append("On a border")
    rows = [
        [
            Cell(f"{row.Index} · {row.name}"),
            Cell(f"{row.customers:,}"),
            Cell(row.rule or "no short rule", "words"),
            *(Cell(_share(share)) for share in (row.precision, row.coverage)),
            *(Cell(_score(score)) for score in (row.jaccard, row.silhouette)),
            Cell(_share(row.border)),
        ]
        for row in passports.itertuples()
    ]
    note = (
        "Precision: of those who meet the rule, the share in the segment; coverage: of "
        "the segment, the share that meets it; both on held-out customers. Jaccard: how well it "
        "is found again (valid from 0.75). Border: customers who change segments easily."
    )
    _display(_table(head, rows, "A passport for every segment", note))


def show_descriptors(profiles: Profiles) -> None:
    """Displays, folded, what did not form the segments: medians, and shares of each category.

    Shares marked ▲ or ▼ are more or less frequent than among all customers, beyond what chance
    does to one of all; the column that tells most comes first.
    """
    enough = profiles.sizes >= FEWEST_TO_DESCRIBE
    medians = profiles.medians.drop(columns=profiles.features)
    heads = ["All", *(f"Segment {segment}" for segment in profiles.sizes.index)]
    lines = {
        f"{name}: median": [
            say_number(profiles.market.loc[name, "q50"]),
            *column.map(say_number).where(enough, "–"),
        ]
        for name, column in medians.items()
    }
    clear = find_clear_residual(profiles.crossed)
    telling = {n: table["residual"].abs().fillna(0).max() for n, table in profiles.crossed.items()}
    for name in sorted(telling, key=lambda name: -telling[name]):
        for category, shares in profiles.crossed[name].groupby("category", sort=False):
            own = shares.droplevel("category").reindex(profiles.sizes.index)
            everybody = say_share(shares["share_of_all"].iloc[0])
            lines[f"{name}: {category}"] = [
                everybody,
                *own.apply(_say_share_of, axis=1, clear=clear),
            ]
    if lines:
        table = pd.DataFrame.from_dict(lines, orient="index", columns=heads)
        title = "Other columns by segment: medians and shares (▲ more, ▼ less frequent)"
        show_table(table.rename_axis("column"), title, folded=True)


def _say_share_of(cell: pd.Series, clear: float) -> str:
    if pd.isna(cell["share"]):
        return "–"
    sign = " ▲" if cell["residual"] > clear else " ▼" if cell["residual"] < -clear else ""
    return f"{say_share(cell['share'])}{sign}"


def _score(score: float) -> str:
    return "–" if pd.isna(score) else f"{score:.2f}"


def _share(share: float) -> str:
    return "–" if pd.isna(share) else say_share(share)


def _card(profiles: Profiles, segment: int, name: str, rule: str) -> Markup:
    size, share = profiles.sizes[segment], profiles.shares[segment]
    return Markup(
        '<article class="card" style="--own:{colour}"><h3><span aria-hidden="true">{shape}</span> '
        '{segment} · {name}</h3><p class="size">{size} · {share}</p>'
        '<div class="bar" aria-hidden="true"><i style="width:{width:.1f}%"></i></div>{facts}{rule}'
        "</article>"
    ).format(
        colour=segment_colour(segment),
        shape=SHAPES[(segment - 1) % len(SHAPES)],
        segment=segment,
        name=name,
        size=say_count(int(size), "customer"),
        share=say_share(share) + _value_share(profiles, segment),
        width=100 * share,
        facts=_facts(profiles, segment),
        rule=_tag("p", f"Mostly: {rule}.", "rule") if rule and rule != name.lower() else "",
    )


def _value_share(profiles: Profiles, segment: int) -> str:
    if profiles.shares_of_value is None:
        return ""
    return f" · {say_share(profiles.shares_of_value[segment])} of {profiles.shares_of_value.name}"


def _facts(profiles: Profiles, segment: int) -> Markup:
    """The features that set a segment apart most, with its median and everybody's."""
    if profiles.sizes[segment] < FEWEST_TO_DESCRIBE:
        return _tag("p", "Too few customers to describe without naming them.")
    gaps = profiles.differences.loc[segment].abs().sort_values(ascending=False, kind="stable")
    lines = [
        Markup("<li>{} <b>{}</b> <span>all: {}</span></li>").format(
            _breakable(name),
            say_number(profiles.medians.loc[segment, name]),
            say_number(profiles.market.loc[name, "q50"]),
        )
        for name in gaps.index[:MOST_ON_A_CARD]
    ]
    return Markup("<ul>{}</ul>").format(Markup("").join(lines))


def _value(profiles: Profiles, segment: int, name: str, gap: float | None) -> Cell:
    if gap is None:
        return Cell("–")
    tint = min(abs(gap) / 2, 1) * 0.55
    text = say_number(profiles.medians.loc[segment, name])
    return Cell(text, "above" if gap > 0 else "below", tint)


def _table(
    head: Sequence[str], rows: Sequence[Sequence[Cell]], title: str, note: str = ""
) -> Markup:
    """A table in a box that scrolls; on a phone each row stands alone, its cells under heads.

    Roles are written out, because a table that is laid out otherwise loses its own.
    """
    heads = [_head(name, [row[at] for row in rows]) for at, name in enumerate(head)]
    body = [Markup('<tr role="row">{}</tr>').format(_row(head, row)) for row in rows]
    table = Markup(
        '<div class="scroll{}" role="region" tabindex="0" aria-label="{}"><table role="table">'
        '<thead role="rowgroup"><tr role="row">{}</tr></thead>'
        '<tbody role="rowgroup">{}</tbody></table></div>'
    ).format(
        (" wide" if _measure(head, rows) > NARROW else "") + (" long" if len(rows) > SHORT else ""),
        title,
        Markup("").join(heads),
        Markup("").join(body),
    )
    return table + (_tag("p", note, "note") if note else Markup(""))


def _head(name: str, cells: Sequence[Cell]) -> Markup:
    """The head of a column, over words where its cells are words."""
    words = bool(cells) and all(cell.kind == "words" for cell in cells)
    kind = Markup(' class="words"') if words else Markup("")
    tag = Markup('<th role="columnheader" scope="col"{}>{}</th>')
    return tag.format(kind, _breakable(name))


def _measure(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> int:
    """About how many letters across a table needs, its heads broken into words."""
    longest = [max(map(len, re.split(r"[ _]", name)), default=0) for name in head]
    most = [22 if len(rows) > SHORT else 40] + [40] * (len(head) - 1)
    for row in rows:
        across = [min(len(cell.text), width) for cell, width in zip(row, most, strict=True)]
        longest = list(map(max, longest, across))
    return sum(longest) + 2 * len(head)


def _as_words(name: str) -> str:
    """`torn_share` → Torn share; a name with a capital letter stays as it is written."""
    return name.replace("_", " ").capitalize() if name.islower() else name


def _row(head: Sequence[str], row: Sequence[Cell]) -> Markup:
    first, *rest = row
    cells = [Markup('<th role="rowheader" scope="row">{}</th>').format(_breakable(first.text))]
    for name, cell in zip(head[1:], rest, strict=True):
        given = Markup(' class="{}"').format(cell.kind) if cell.kind else Markup("")
        if cell.tint:
            given += Markup(' style="--tint:{:.2f}"').format(cell.tint)
        tag = Markup('<td role="cell" data-head="{}"{}>{}</td>')
        cells.append(tag.format(name, given, cell.text))
    return Markup("").join(cells)


def _display(markup: Markup) -> None:
    display(HTML(_glue(markup)))


def _glue(text: str) -> str:
    """The text with each per cent sign kept on the line of its number."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _tag(name: str, text: str, kind: str = "") -> Markup:
    given = Markup(' class="{}"').format(kind) if kind else Markup("")
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, escape(text))


def _breakable(name: str) -> Markup:
    """The name with places to break a line: after an underscore, before a word's capital."""
    parts = re.split("(?<=_)|(?<=[a-z])(?=[A-Z])", name)
    return Markup("<wbr>").join(escape(part) for part in parts)


def _text(value: object) -> str:
    if isinstance(value, float):
        return "–" if pd.isna(value) else say_number(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
