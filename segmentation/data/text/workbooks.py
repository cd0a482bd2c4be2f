"""Bounds on a workbook before its sheets are laid out: in bytes, in memory, in time."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from segmentation.data.errors import InputError
from segmentation.data.limits import Limits

_MEMORY, _TIMES = 2**30, 20  # bytes, and times the file's size: a sheet needs 5 to 15
_SECONDS, _BYTES_A_SECOND = 10, 2**21  # a tenth as fast as sheets are read
_CELLS, _BYTES_A_CELL = 10_000_000, 2  # cells of any sheet; more in a file of two bytes for each
_TEXT, _TEXT_A_BYTE = 2**27, 10  # characters of a sheet; more in a file of a tenth of the bytes
_PROBE = Path(__file__).with_name("probe.py")
_REMEDY = "delete what lies far below or right of the table, or save the sheet as CSV"


def check_bounds(path: Path, table: str | None) -> None:
    """Refuses a workbook whose sheets need far more memory or time than its size suggests."""
    size = path.stat().st_size
    memory, seconds = _MEMORY + _TIMES * size, _SECONDS + size // _BYTES_A_SECOND
    command = [sys.executable, "-P", str(_PROBE), str(path), str(memory), str(seconds), table or ""]
    ended = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ).returncode
    if ended == -signal.SIGXCPU:
        what = f"is a workbook of {size:,} bytes that takes over {seconds} seconds to unfold"
        raise InputError(what, _REMEDY, code="max-ratio")
    if ended:
        what = f"is a workbook of {size:,} bytes that unfolds to over {memory >> 20:,} MB"
        raise InputError(what, _REMEDY, code="max-cells")


def check_cells(path: Path, height: int, width: int, limits: Limits) -> None:
    """Refuses a sheet with too many columns, or too many cells for a file of this size."""
    limits.check("max_columns", width)
    check_count(height * width, min(most_cells(path), limits.max_cells))


def check_text(path: Path, length: int) -> None:
    """Refuses a sheet with too many characters for a file of this size: a text, many times over."""
    most = max(_TEXT, path.stat().st_size * _TEXT_A_BYTE)
    if length > most:
        what = f"a sheet of {length:,} characters, where a workbook of this size may hold {most:,}"
        raise InputError(what, "leave long texts out, or save the sheet as CSV", code="max-cells")


def most_cells(path: Path) -> int:
    """How many cells a workbook may hold: one for two bytes of a large file."""
    return max(_CELLS, path.stat().st_size // _BYTES_A_CELL)


def check_count(cells: int, most: int) -> None:
    """Refuses more cells than a workbook may hold."""
    if cells > most:
        what = f"a sheet of {cells:,} cells, where a workbook of this size may hold {most:,}"
        raise InputError(what, _REMEDY, code="max-cells")
