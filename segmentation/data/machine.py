"""Faults of the machine, such as a full disk, told from faults of the data."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

DISK_FULL = "disk full; free some space for the reports and for temporary files (TMPDIR)"


class MachineError(Exception):
    """A fault of this machine, such as a full disk: the data may be good."""


@contextmanager
def blame_fairly() -> Iterator[None]:
    """Raises `MachineError` for what was refused only because the machine lacked something."""
    try:
        yield
    except Exception as error:
        fault = find_machine_fault(error)
        if fault is None:
            raise
        raise fault from error


def find_machine_fault(error: BaseException | None) -> MachineError | None:
    """Returns the fault of the machine that an error goes back to, None if there is none."""
    while error is not None:
        if isinstance(error, MachineError):
            return error
        if _is_full(error):
            return MachineError(DISK_FULL)
        if _is_short(error):
            return MachineError("out of memory or threads; free some, or try --jobs 1")
        error = error.__cause__ or error.__context__
    return None


def _is_full(error: BaseException) -> bool:
    """Returns whether an error says that a disk is full."""
    number = error.errno if isinstance(error, OSError) else None
    return number in (errno.ENOSPC, errno.EDQUOT) or _says(error, os.strerror(errno.ENOSPC))


def _is_short(error: BaseException) -> bool:
    """Returns whether an error says that there is no memory or thread left."""
    number = error.errno if isinstance(error, OSError) else None
    words = ("can't start new thread", "bad_alloc", os.strerror(errno.ENOMEM))
    return (
        isinstance(error, MemoryError)
        or number in (errno.ENOMEM, errno.EAGAIN)
        or type(error).__name__ == "OutOfMemoryException"
        or _says(error, *words)
    )


def _says(error: BaseException, *words: str) -> bool:
    """Returns whether a general error has such words, as engines and threads raise no other.

    The text of other errors may quote the data.
    """
    is_general = isinstance(error, OSError | RuntimeError) or type(error).__name__ == "IOException"
    return is_general and any(word in str(error) for word in words)
