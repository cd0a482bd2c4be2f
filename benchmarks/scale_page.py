"""What the benchmark of scale prints, between two comments of a page, part by part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

BEGIN, END = "<!-- printed by bench_scale -->", "<!-- end of what is printed -->"


def write_part(page: Path, name: str, lines: Sequence[str], order: Sequence[str]) -> None:
    """Puts a part's lines into the page; the other parts stay."""
    text = page.read_text(encoding="utf-8")
    page.write_text(replace_part(text, name, lines, order), encoding="utf-8")


def replace_part(text: str, name: str, lines: Sequence[str], order: Sequence[str]) -> str:
    """The page's text with this part in it, parts in this order; all around them stays.

    The first line of a part begins with its name and a comma.
    """
    before, rest = _cut(text, BEGIN)
    block, after = _cut(rest, END)
    parts = read_parts(block) | {name: list(lines)}
    known = ["\n".join(parts[each]) for each in order if each in parts]
    return f"{before}{BEGIN}\n```text\n" + "\n\n".join(known) + f"\n```\n{END}{after}"


def read_parts(block: str) -> dict[str, list[str]]:
    """The lines of each part of a printed block, by its name."""
    printed = re.sub(r"^```.*\n?", "", block, flags=re.MULTILINE).strip("\n")
    parts = [part.splitlines() for part in printed.split("\n\n") if part.strip()]
    return {lines[0].split(",")[0]: lines for lines in parts}


def _cut(text: str, mark: str) -> tuple[str, str]:
    before, found, after = text.partition(mark)
    if not found:
        raise ValueError(f"the page lacks the comment {mark}: put both comments where lines go")
    return before, after
