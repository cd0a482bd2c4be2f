"""The page on paper: a PDF by a Chromium of the system, where there is one."""

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
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
)
SECONDS = 120


def find_browser() -> str | None:
    """The path of a Chromium on this machine, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def print_pdf(page: Path, pdf: Path, browser: str) -> str | None:
    """Prints the page to `pdf`, tagged and with an outline; what went wrong, None where nothing.

    The page is local and fetches nothing: neither does the browser.
    """
    with tempfile.TemporaryDirectory(prefix="segment-print-") as profile:
        words = [browser, *FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={pdf}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            words.append("--no-sandbox")  # root has none
        try:
            done = subprocess.run(
                [*words, page.as_uri()], capture_output=True, text=True, timeout=SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{Path(browser).name}: {error}"
    if done.returncode or not pdf.is_file():
        return f"{Path(browser).name} made no PDF (exit code {done.returncode})"
    return None
