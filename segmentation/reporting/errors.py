"""What is said when a command, a runs file or a parameter is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from segmentation.data.errors import offer_name


class UsageError(ValueError):
    """A mistake in what was asked for, seen without looking at any data: nothing is run."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean k_max?`, or the known names where none is near; nothing if none is known."""
    names = list(known)
    if not names:
        return ""
    return "; " + offer_name(name, names, f"there is {', '.join(names)}")
