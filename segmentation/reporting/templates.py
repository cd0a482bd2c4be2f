"""Templates, styles and scripts of the pages."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

TEMPLATES = Path(__file__).parent / "template"


def read_template(name: str) -> str:
    """Returns a file that is put into pages unchanged."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def script_source(script: str) -> str:
    """Returns the source for a content security policy that allows this script only."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
