"""Where runs keep what, and changes on the disk that are whole or not there at all."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from segmentation.reporting.errors import UsageError

STAGING, FAILED, LOCKS = ".staging", ".failed", ".locks"
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


@contextmanager
def held(reports: Path, name: str) -> Iterator[None]:
    """The only holder of this name among all runners on the folder; a killed one lets go."""
    (reports / LOCKS).mkdir(parents=True, exist_ok=True)
    lock = FileLock(reports / LOCKS / f"{name}.lock")
    try:
        lock.acquire()
    except NotImplementedError:
        raise UsageError(
            f"files in {reports.name} cannot be locked, as on object stores; choose a folder of "
            f"this machine with --reports, and copy from there"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def staged(reports: Path, name: str) -> Iterator[Path]:
    """An empty folder for the run's files, gone at the end; for whoever holds the run's name."""
    folder, aside, target = reports / STAGING / name, _aside(reports, name), reports / name
    if aside.exists() and not target.exists():
        aside.rename(target)  # an earlier runner was stopped between its two renames
    for rest in (folder, aside):
        shutil.rmtree(rest, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def replace_folder(reports: Path, name: str) -> None:
    """Puts the staged folder in the place of the run's; what was there is staged then."""
    folder, target = reports / STAGING / name, reports / name
    for path in folder.iterdir():
        _sync(path)
    _sync(folder)
    if not target.exists():
        folder.rename(target)
    elif not exchange(folder, target):
        aside = _aside(reports, name)
        target.rename(aside)
        folder.rename(target)
        aside.rename(folder)
    _sync(reports)


def keep_copy(folder: Path, place: Path) -> None:
    """A copy of a published folder, which costs no room where the disk knows hard links."""
    if place.exists():
        return
    draft = place.with_name(f".{place.name}")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(folder, draft, copy_function=_link)
    draft.rename(place)


def _link(one: str, other: str) -> None:
    try:
        os.link(one, other)
    except OSError:
        shutil.copy2(one, other)


def exchange(one: Path, other: Path) -> bool:
    """Swaps two folders in one step; False where the system cannot."""
    if sys.platform != "linux":
        return False
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is None:
        return False
    if swap(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL):  # the kernel or the file system has no such thing
        return False
    raise OSError(code, os.strerror(code), str(other))


def read_record(path: Path) -> dict[str, Any]:
    """The record that a JSON file holds; empty where it holds none."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def write_text(path: Path, text: str) -> None:
    """Writes the file beside its place and moves it there, so that no reader meets half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _aside(reports: Path, name: str) -> Path:
    return reports / STAGING / f"{name}.old"


def _sync(path: Path) -> None:
    """Has the system write a file or folder down."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        return  # folders cannot be opened everywhere
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
