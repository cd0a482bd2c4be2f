"""The page on paper: a PDF, printed by the system's Chromium if one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Nothing but the page is fetched, and nothing of the machine is touched.
BROWSER_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PRINTING = (
    "--headless",
    "--no-pdf-header-footer",
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
)
SECONDS = 120


def find_browser() -> str | None:
    """Returns the path of a Chromium on this machine; None if there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def print_pdf(page: Path, pdf: Path, browser: str) -> str | None:
    """Prints the page to `pdf`, tagged and with an outline; returns what went wrong, if anything.

    The page is local and fetches nothing, and so does the browser.
    """
    with tempfile.TemporaryDirectory(prefix="segment-print-") as profile:
        words = [
            browser,
            *BROWSER_FLAGS,
            *PRINTING,
            f"--user-data-dir={profile}",
            f"--print-to-pdf={pdf}",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            words.append("--no-sandbox")  # Chromium has no sandbox for root
        try:
            done = subprocess.run(
                [*words, page.as_uri()], capture_output=True, text=True, timeout=SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{Path(browser).name}: {error}"
    if done.returncode or not pdf.is_file():
        return f"{Path(browser).name} made no PDF (exit code {done.returncode})"
    return None
