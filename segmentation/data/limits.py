"""How large an input may be. Every refusal names the limit, the size and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from segmentation.data.errors import InputError


@dataclass(frozen=True)
class Limits:
    """Bounds on one input; bytes are counted after unpacking."""

    max_bytes: int = 32 * 2**30
    max_ratio: int = 200
    max_columns: int = 1_500  # each takes 10 ms and 2 MB, however few its rows
    max_cells: int = 5_000_000_000
    max_cell: int = 1_000_000
    max_line: int = 16 * 2**20

    def check(self, name: str, size: int, *, line: int | None = None, more: bool = False) -> None:
        """Refuses a size above the limit of this name; `more`: the size is a lower bound."""
        limit: int = getattr(self, name)
        if size > limit:
            raise over_limit(name, limit, f"{'more than ' if more else ''}{size:,}", line)


_UNITS = {
    "max_bytes": ("bytes", "export fewer rows or columns, or leave the table in its database"),
    "max_ratio": (
        "times its packed size",
        "unpack it, or save the sheet as CSV",
    ),
    "max_columns": ("columns", "export only those that matter"),
    "max_cells": ("cells", "export fewer rows or columns"),
    "max_cell": ("characters in one cell", "shorten it, or leave its column out of the file"),
    "max_line": ("bytes in one line", "shorten its cells, or export it again with line breaks"),
}


def over_limit(name: str, limit: int, size: str, line: int | None = None) -> InputError:
    """The refusal of an input above a limit; `size` is in words."""
    unit, remedy = _UNITS[name]
    what = f"{size} {unit}, the limit is {limit:,}"
    return InputError(what, remedy, code=name.replace("_", "-"), line=line)
