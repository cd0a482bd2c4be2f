"""Names of runs: each is also the name of a folder, on every system."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from segmentation.reporting.datasets import dataset_stem
from segmentation.reporting.errors import UsageError

LONGEST = 100
LONGEST_STEM, LONGEST_PART = 80, 60  # they leave room for `-k3` and the like
PATTERN = re.compile(rf"[A-Za-z0-9][A-Za-z0-9 ._-]{{0,{LONGEST - 1}}}")
# Windows keeps these names for devices, whatever the ending.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# The pages of all reports stand beside the runs' folders.
INDEX = re.compile(r"index\..*", re.IGNORECASE)


def is_run_name(name: str) -> bool:
    """Returns whether a folder of this name can exist on every system."""
    allowed = PATTERN.fullmatch(name) and not RESERVED.fullmatch(name)
    allowed = allowed and not INDEX.fullmatch(name)
    return bool(allowed) and not name.endswith((".", " "))


def check_name(name: str) -> None:
    """Raises `UsageError` if this cannot name a run."""
    if not is_run_name(name):
        raise UsageError(
            f"{name!r} cannot name a run; use up to {LONGEST} letters, digits, spaces, '.', '_' "
            "and '-', but not index.html and the like"
        )


def name_for(dataset: str | Path, table: Any = None) -> str:
    """Returns the name of a run that has none, from its dataset: `my export.csv` → `my-export`."""
    return sanitise(dataset_stem(str(dataset), table), LONGEST_STEM) or "report"


def name_part(text: str) -> str:
    """Returns a value as a part of a name."""
    return sanitise(text, LONGEST_PART) or "none"


def sanitise(text: str, longest: int) -> str:
    """Returns the text with every run of other characters replaced by `-`; may be empty."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:longest]
