"""Tables of the page: in a box that scrolls, and as cards of rows on a phone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from segmentation.analysis.show.page import breakable, put, tag
from segmentation.analysis.words import say_value

NUMERAL = re.compile(r"–$|(under |over )?[-−]?\d")  # a cell that is aligned right
SHORT = 8  # rows that are kept on one page
NARROW = 75  # letters across that fit half a printed page


class Cell(NamedTuple):
    """A cell of a table: its text, its class, and how strongly it is tinted (0 to 1)."""

    text: str
    kind: str = ""
    tint: float = 0.0


def table(
    frame: pd.DataFrame, caption: str, folded: bool = False, as_written: bool = False
) -> None:
    """Displays a frame, its index as row heads, numbers to three digits; `folded` in a summary.

    Heads in lower case become words, unless they are names to be kept `as_written`.
    """
    put(lay_out_table(frame, caption, folded, as_written))


def lay_out_table(
    frame: pd.DataFrame, caption: str, folded: bool = False, as_written: bool = False
) -> Markup:
    """Returns the markup that `table` displays."""
    names = [str(name) for name in (frame.index.name or "row", *frame.columns)]
    head = names if as_written else [_as_words(name) for name in names]
    columns = [list(map(say_value, column)) for _, column in frame.items()]
    kinds = ["" if all(map(NUMERAL.match, column)) else "words" for column in columns]
    rows = [
        [Cell(str(label)), *map(Cell, row, kinds)]
        for label, row in zip(frame.index, zip(*columns, strict=True), strict=True)
    ]
    markup = lay_out_rows(head, rows, caption, "" if folded else caption)
    if folded:
        markup = Markup("<details><summary>{}</summary>{}</details>").format(caption, markup)
    return markup


def lay_out_rows(
    head: Sequence[str], rows: Sequence[Sequence[Cell]], title: str, note: str = ""
) -> Markup:
    """Returns a table in a box that scrolls, with a note below it.

    Roles are explicit, because CSS that changes a table's display removes its own.
    """
    heads = [_head(name, [row[position] for row in rows]) for position, name in enumerate(head)]
    body = [Markup('<tr role="row">{}</tr>').format(_row(head, row)) for row in rows]
    markup = Markup(
        '<div class="scroll{}" role="region" tabindex="0" aria-label="{}"><table role="table">'
        '<thead role="rowgroup"><tr role="row">{}</tr></thead>'
        '<tbody role="rowgroup">{}</tbody></table></div>'
    ).format(
        (" wide" if _measure(head, rows) > NARROW else "") + (" long" if len(rows) > SHORT else ""),
        title,
        Markup("").join(heads),
        Markup("").join(body),
    )
    return markup + (tag("p", note, "note") if note else Markup(""))


def _head(name: str, cells: Sequence[Cell]) -> Markup:
    """Returns the head of a column, aligned like its cells."""
    words = bool(cells) and all(cell.kind == "words" for cell in cells)
    kind = Markup(' class="words"') if words else Markup("")
    cell = Markup('<th role="columnheader" scope="col"{}>{}</th>')
    return cell.format(kind, breakable(name))


def _row(head: Sequence[str], row: Sequence[Cell]) -> Markup:
    first, *rest = row
    cells = [Markup('<th role="rowheader" scope="row">{}</th>').format(breakable(first.text))]
    for name, cell in zip(head[1:], rest, strict=True):
        given = Markup(' class="{}"').format(cell.kind) if cell.kind else Markup("")
        if cell.tint:
            given += Markup(' style="--tint:{:.2f}"').format(cell.tint)
        markup = Markup('<td role="cell" data-head="{}"{}>{}</td>')
        cells.append(markup.format(name, given, cell.text))
    return Markup("").join(cells)


def _measure(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> int:
    """Estimates how many letters across a table needs, its heads broken into words."""
    longest = [max(map(len, re.split(r"[ _]", name)), default=0) for name in head]
    most = [22 if len(rows) > SHORT else 40] + [40] * (len(head) - 1)
    for row in rows:
        across = [min(len(cell.text), width) for cell, width in zip(row, most, strict=True)]
        longest = list(map(max, longest, across))
    return sum(longest) + 2 * len(head)


def _as_words(name: str) -> str:
    """Writes `torn_share` as Torn share; a name with a capital letter stays as it is."""
    return name.replace("_", " ").capitalize() if name.islower() else name
