"""Hidden folders of the reports, locks, and changes on the disk that are atomic."""

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
def locked(reports: Path, name: str) -> Iterator[None]:
    """Holds an exclusive lock on this run name; the OS releases it if the process dies."""
    (reports / LOCKS).mkdir(parents=True, exist_ok=True)
    lock = FileLock(reports / LOCKS / f"{name}.lock")
    try:
        lock.acquire()
    except NotImplementedError:
        raise UsageError(
            f"files in {reports.name} cannot be locked, as on object stores; choose a folder of "
            "this machine with --reports, and copy from there"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def staged(reports: Path, name: str) -> Iterator[Path]:
    """Yields an empty folder for the run's files, removed at the end; needs the run's lock."""
    folder, aside, target = reports / STAGING / name, _aside(reports, name), reports / name
    if aside.exists() and not target.exists():
        aside.rename(target)  # an earlier runner died between its two renames
    for rest in (folder, aside):
        shutil.rmtree(rest, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def replace_folder(reports: Path, name: str) -> None:
    """Exchanges the staged folder and the run's; the old one is then removed with the staging."""
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
    """Copies a published folder, by hard links if the disk has them."""
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
    """Swaps two folders atomically; returns False if the system cannot."""
    if sys.platform != "linux":
        return False
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is None:
        return False
    if swap(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL):  # the kernel or the file system lacks it
        return False
    raise OSError(code, os.strerror(code), str(other))


def read_record(path: Path) -> dict[str, Any]:
    """Returns the record in a JSON file; empty if the file is missing or holds no record."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def write_text(path: Path, text: str) -> None:
    """Writes a draft beside the file and renames it, so that readers never see half a file."""
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
    """Flushes a file or folder to the disk."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        return  # Windows cannot open folders
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
