"""Templates, styles and scripts of the pages."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

TEMPLATES = Path(__file__).parent / "template"
# Characters that turn the text after them around, and control characters but tab and newlines.
TURNING = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
CONTROLS = {*range(0x20), *range(0x7F, 0xA0)} - {ord(char) for char in "\t\n\r"}
SCRUBBED = dict.fromkeys([*TURNING, *CONTROLS], "\N{REPLACEMENT CHARACTER}")


def scrub(page: str) -> str:
    """Returns a page without characters by which one cell would disturb what stands around it."""
    return page.translate(SCRUBBED)


def read_template(name: str) -> str:
    """Returns a file that is put into pages unchanged."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def script_source(script: str) -> str:
    """Returns the source for a content security policy that allows this script only."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
