"""The files that pages are made of."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

TEMPLATES = Path(__file__).parent / "template"


def read_template(name: str) -> str:
    """A file that is put into pages as it is."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def script_source(script: str) -> str:
    """What a content security policy allows: this script and no other."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
