"""A folder for the temporary files of a call, among them customers' rows, which goes with it."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX, LOCK = "seg-", "segmentation.lock"
YOUNGEST = 1.0  # seconds; a younger folder may be about to be locked


def make_scratch(owner: object) -> Path:
    """Returns a new folder that is removed with its owner, or at the end of the process.

    It is locked as long. What killed calls have left is removed: the system released their locks.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError, Timeout, NotImplementedError):
            _remove_dead(folder)
    # A short name: the name of a socket in it has at most 104 bytes.
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = FileLock(folder / LOCK, thread_local=False)
    with suppress(NotImplementedError):
        lock.acquire()
    weakref.finalize(owner, _end, folder, lock)
    return folder


def _remove_dead(folder: Path) -> None:
    """Removes a folder of this user whose lock nobody holds."""
    status = (folder / LOCK).lstat()
    is_own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    if not is_own or folder.is_symlink() or time.time() - status.st_mtime < YOUNGEST:
        return
    with FileLock(folder / LOCK, blocking=False):
        shutil.rmtree(folder, ignore_errors=True)


def _end(folder: Path, lock: FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()
