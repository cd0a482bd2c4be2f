"""Mistakes in a command, a runs file or a parameter."""

from __future__ import annotations

from collections.abc import Iterable

from segmentation.data.errors import offer_name


class UsageError(ValueError):
    """A mistake that shows before any data is read; nothing is run."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Returns `; did you mean k_max?` for the nearest known name.

    Lists the known names if none is near; empty if none is known.
    """
    names = list(known)
    if not names:
        return ""
    return "; " + offer_name(name, names, f"there is {', '.join(names)}")
