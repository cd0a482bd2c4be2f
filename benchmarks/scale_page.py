"""Copies what a benchmark prints into a page, between two comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

BEGIN, END = "<!-- printed by a benchmark -->", "<!-- end of what is printed -->"


def write_part(page: Path, name: str, lines: Sequence[str], order: Sequence[str]) -> None:
    """Replaces the lines of one part in a page."""
    text = page.read_text(encoding="utf-8")
    page.write_text(replace_part(text, name, lines, order), encoding="utf-8")


def replace_part(text: str, name: str, lines: Sequence[str], order: Sequence[str]) -> str:
    """Returns the text of a page with one part replaced or added, all parts in this order.

    The first line of a part begins with its name and a comma. Raises `ValueError` if the page
    lacks one of the comments.
    """
    before, rest = _cut(text, BEGIN)
    block, after = _cut(rest, END)
    parts = read_parts(block) | {name: list(lines)}
    known = ["\n".join(parts[each]) for each in order if each in parts]
    return f"{before}{BEGIN}\n```text\n" + "\n\n".join(known) + f"\n```\n{END}{after}"


def read_parts(block: str) -> dict[str, list[str]]:
    """Returns the lines of each part of a printed block, by name."""
    printed = re.sub(r"^```.*\n?", "", block, flags=re.MULTILINE).strip("\n")
    parts = [part.splitlines() for part in printed.split("\n\n") if part.strip()]
    return {lines[0].split(",")[0]: lines for lines in parts}


def _cut(text: str, mark: str) -> tuple[str, str]:
    before, separator, after = text.partition(mark)
    if not separator:
        raise ValueError(
            f"the page lacks the comment {mark}: add both comments around the place for the lines"
        )
    return before, after
