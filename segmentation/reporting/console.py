"""What a call prints. A terminal that cannot show a letter, or is gone, stops no run."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO


def prepare_streams() -> None:
    """Lets the streams print letters that their encoding lacks as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def tell(text: str) -> None:
    """Prints a text; if nobody reads on (`| head`) or the disk is full, the work goes on."""
    _print(text, sys.stdout)


def complain(text: str) -> None:
    """Prints a text on the error stream."""
    _print(text, sys.stderr)


def _print(text: str, stream: TextIO | None) -> None:
    if stream is None:
        return
    try:
        print(text, file=stream, flush=True)
    except OSError:
        _mute(stream)


def _mute(stream: TextIO) -> None:
    """Sends all that is still to come, also at the interpreter's end, nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
