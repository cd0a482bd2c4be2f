"""Where runs keep what, and files that nobody meets half written."""

from __future__ import annotations

import os
from pathlib import Path

STAGING, FAILED = ".staging", ".failed"


def write_text(path: Path, text: str) -> None:
    """Writes the file beside its place and moves it there, so that no reader meets half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
