"""A file before it is read: whether it can be, and whether it stays as it was."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segmentation.data.errors import InputError
from segmentation.data.limits import Limits


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Refuses the file if it changes before the context ends."""
    before = _fingerprint(path)
    yield
    if _fingerprint(path) != before:
        raise InputError(
            "the file changed while it was being read",
            "read it again once nothing writes to it",
            code="changed-while-reading",
        )


def _fingerprint(path: Path) -> tuple[int, int, int]:
    try:
        now = path.stat()
    except OSError:
        return (0, 0, 0)
    return (now.st_size, now.st_mtime_ns, now.st_ino)


def check_path(path: Path, limits: Limits) -> None:
    """Refuses whatever is not a readable, regular file with something in it."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise _no_file(path, error) from None
    if not stat.S_ISREG(status.st_mode):
        kind = "a directory" if stat.S_ISDIR(status.st_mode) else "a device, pipe or socket"
        raise InputError(f"is {kind}, not a file", "name a file with a table", code="not-a-file")
    if status.st_size == 0:
        raise InputError("is empty (0 bytes)", "export the table again", code="empty-file")
    limits.check("max_bytes", status.st_size)
    if not os.access(path, os.R_OK):
        raise _denied()


def _no_file(path: Path, error: Exception) -> InputError:
    if isinstance(error, PermissionError):
        return _denied()
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        return InputError(
            f"is no usable path ({type(error).__name__})", "name a file", code="no-file"
        )
    try:
        names = [entry.name for entry in path.parent.iterdir()][:10_000]
    except OSError:
        names = []
    near = difflib.get_close_matches(path.name, names, 1, 0.5)
    remedy = f"did you mean {near[0]}?" if near else "check the name and the folder"
    return InputError("there is no such file", remedy, code="no-file")


def _denied() -> InputError:
    return InputError(
        "may not be read (no permission)", "change its permissions", code="no-permission"
    )
