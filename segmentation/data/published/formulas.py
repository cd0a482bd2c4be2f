"""Text that a spreadsheet could take for a formula, made harmless."""

from __future__ import annotations

# A spreadsheet may run a cell that begins with one of these as a formula.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutralise(text: str) -> str:
    """The text, after an apostrophe if a spreadsheet could take it for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def restore(text: str) -> str:
    """The original of a neutralised text."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(RISKY) else text
