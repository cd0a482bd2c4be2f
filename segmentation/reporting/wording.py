"""Values and paths in the words of every line, page and table."""

from __future__ import annotations

import errno
import os
import re
import shlex
from collections.abc import Collection
from pathlib import Path
from typing import Any

# An option of the command, kept, or a quoted text as Python writes it, perhaps cut at its end.
QUOTED = re.compile(
    r"""(?P<option>--set\ (?:'[^']*'|\S+)|--features\ .*)
    |(?<!\w)(?P<mark>['"])(?P<text>(?:\\.|(?!(?P=mark)(?!\w)).)*)(?:(?P=mark)|$)""",
    re.VERBOSE,
)
GIVEN = (
    r"\b(algorithm|decimal|dates|on_bad_value|copies|footer|bad_lines|missing|header|delimiter|encoding|k"
    r"|orders(?=: \{)|id(?=: COLUMN)): "
    r"(\{[^{}]*\}|'[^']*'|[\w.-]+)"
)  # a parameter with its value, as a runs file has it
SIGNS = re.compile(r"[\W_]*|\\t")


def show_value(value: Any, between: str = " ") -> str:
    """Returns a parameter or number for readers: lists joined, floats to six digits."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {show_value(part)}" for name, part in value.items())
    if isinstance(value, list):
        return between.join(show_value(part, between) for part in value)
    if value is None:
        return "not set"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def show_path(path: str | Path) -> str:
    """Returns the path as it would be typed in the current folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def describe_os_error(error: OSError) -> str:
    """Returns what the operating system refused, and the remedy for a full disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk full; free some space for the reports and for temporary files (TMPDIR)"
    name = Path(str(error.filename)).name if error.filename else "reports"
    return f"{error.strerror or error}: {name}; choose another folder with --reports"


def hide_cells(reason: str, names: Collection[str]) -> str:
    """Returns the reason of a fault for pages that are passed on, with quoted cells hidden.

    A cell may be a person's name or address. Signs such as ';' and the given `names` stay.
    """

    def hide(found: re.Match[str]) -> str:
        text = found["text"]
        kept = found["option"] or text in names or SIGNS.fullmatch(text)
        return found[0] if kept else "'…'"

    return QUOTED.sub(hide, reason)


def write_options(remedy: str) -> str:
    """Returns a remedy with its parameters as options of the command: `--set header=3`."""
    return re.sub(GIVEN, _write_option, remedy)


def _write_option(given: re.Match[str]) -> str:
    """Returns `decimal: ','` as `--set decimal=,`, quoted for a shell if that is needed."""
    name, value = given.groups()
    plain = value[1:-1] if value.startswith("'") else value
    return f"--set {shlex.quote(f'{name}={plain}')}"
