"""Hidden folders of the reports, locks, and changes on the disk that are atomic."""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from segmentation.reporting.errors import UsageError
from segmentation.reporting.ownership import (
    FAILURE,
    KEPT,
    RUN,
    ForeignError,
    check_target,
    list_own,
    move_aside,
    retire,
)

STAGING, FAILED, LOCKS = ".staging", ".failed", ".locks"
NEW, OLD, DRAFT = "new", "old", "draft"  # what a run's folder below STAGING may hold
MARKER = "staging.json"  # proves that this folder is from this program
MARK = '{"made_by": "segmentation"}\n'
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


@contextmanager
def locked(
    reports: Path,
    name: str,
    must_stop: Callable[[], bool] = lambda: False,
    on_wait: Callable[[], None] = lambda: None,
) -> Iterator[bool]:
    """Holds an exclusive lock on this run name; the OS releases it if the process dies.

    Calls `on_wait` once if another process holds it, and waits. Yields whether the lock is held:
    not if it `must_stop` before.
    """
    (reports / LOCKS).mkdir(parents=True, exist_ok=True)
    lock = FileLock(reports / LOCKS / f"{name}.lock")
    try:
        _acquire(lock, must_stop, on_wait)
    except NotImplementedError:
        raise UsageError(
            f"files in {reports.name} cannot be locked, as on object stores; choose a folder of "
            "this machine with --reports, and copy from there"
        ) from None
    try:
        yield lock.is_locked
    finally:
        lock.release()


def _acquire(
    lock: BaseFileLock, must_stop: Callable[[], bool], on_wait: Callable[[], None]
) -> None:
    with suppress(Timeout):
        lock.acquire(blocking=False)
    if not lock.is_locked:
        on_wait()
        with suppress(Timeout):
            lock.acquire(poll_interval=0.1, cancel_check=must_stop)


@contextmanager
def staged(reports: Path, name: str) -> Iterator[Path]:
    """Yields an empty folder for the run's files, removed at the end; needs the run's lock.

    Raises `ForeignError` if something else lies in its place.
    """
    _clear_staging(reports, name)
    folder = staging_folder(reports, name)
    folder.parent.mkdir(parents=True)
    write_text(folder.with_name(MARKER), MARK)
    folder.mkdir()
    try:
        yield folder
    finally:
        with suppress(OSError):  # the next call tries again
            _clear_staging(reports, name)


def staging_folder(reports: Path, name: str) -> Path:
    """Returns the folder in which a run's files are staged."""
    return reports / STAGING / name / NEW


def replace_folder(reports: Path, name: str) -> Path | None:
    """Exchanges the staged folder and the run's, and removes the old one.

    Returns where edited and foreign files of the old one are now; None if there were none. Raises
    `ForeignError` if the run's folder is not from this program.
    """
    folder, target = staging_folder(reports, name), reports / name
    for path in folder.iterdir():
        _sync(path)
    _sync(folder)
    check_target(target)
    if not target.exists():
        folder.rename(target)
    elif not exchange(folder, target):
        aside = folder.with_name(OLD)
        target.rename(aside)
        folder.rename(target)
        aside.rename(folder)
    _sync(reports)
    with suppress(OSError):  # what could not be removed now is removed with the staging
        return _discard(folder, reports / KEPT / name)
    return None


def remove_folder(folder: Path, reports: Path, name: str) -> None:
    """Removes a report of this program by way of the staging, so that it is never seen in part."""
    draft = staging_folder(reports, name).with_name(DRAFT)
    folder.rename(draft)
    _discard(draft, reports / KEPT / name)


def forget_failure(reports: Path, name: str) -> None:
    """Removes what an earlier failure of this run left; other files in its folder are kept."""
    folder = reports / FAILED / name
    if not folder.exists():
        return
    if not list_own(folder, FAILURE) and any(folder.iterdir()):
        raise ForeignError(
            f"{FAILED}/{name} holds files that this program did not make",
            "move them away, or choose another folder with --reports",
        )
    retire(folder, reports / KEPT / name, FAILURE)


def _clear_staging(reports: Path, name: str) -> None:
    """Removes what an earlier call left in the run's folder below STAGING.

    If that call died between its two renames, the report goes back first.
    """
    place, target = reports / STAGING / name, reports / name
    if place.is_symlink() or (place.exists() and not _is_marked(place)):
        raise ForeignError(
            f"{STAGING}/{name} holds files that this program did not make",
            "move them away, or choose another folder with --reports",
        )
    if not place.exists():
        return
    if (place / OLD).is_dir() and not target.exists():
        (place / OLD).rename(target)
    for part in sorted(place.iterdir()):
        if part.name != MARKER:
            _discard(part, reports / KEPT / name)
    (place / MARKER).unlink(missing_ok=True)
    place.rmdir()


def _is_marked(place: Path) -> bool:
    """Returns whether a folder is from this program: marked, or as empty as it is made."""
    if not place.is_dir():
        return False
    try:
        return (place / MARKER).read_text(encoding="utf-8") == MARK
    except (OSError, ValueError):
        drafts = f".{MARKER}."
        return all(path.name.startswith(drafts) for path in place.iterdir())


def _discard(part: Path, kept: Path) -> Path | None:
    """Removes a part of a marked folder: a published report file by file, a half-made one whole.

    Returns where files of the user are now.
    """
    if not part.exists() and not part.is_symlink():
        return None
    if part.name.startswith(f".{MARKER}."):  # a draft of the marker
        part.unlink()
        return None
    if part.is_symlink() or part.name not in (NEW, OLD, DRAFT):
        return move_aside([part], kept)
    if (part / RUN).exists():
        return retire(part, kept)
    shutil.rmtree(part)
    return None


def keep_copy(folder: Path, place: Path, draft: Path) -> None:
    """Copies what this program published in a folder, by hard links if the disk has them."""
    if place.exists() or place.is_symlink():
        return
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for path in list_own(folder):
        _link(path, draft / path.name)
    draft.rename(place)


def _link(one: Path, other: Path) -> None:
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


def write_text(path: Path, text: str) -> None:
    """Writes a draft beside the file and renames it, so that readers never see half a file."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


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
