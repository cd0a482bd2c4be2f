"""Files by URL (https, s3, gs and all that fsspec knows), downloaded and then read as local files.

fsspec's drivers find credentials in the environment or in the URL. No message shows a password,
user, token or option of the URL.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from segmentation.data.databases.address import (
    hide,
    remote_name,
    resolve_env,
    secret_forms,
    shown_url,
)
from segmentation.data.errors import InputError, shown
from segmentation.data.limits import Limits
from segmentation.data.parquet.folders import MOST_FILES, PARQUET
from segmentation.data.text.containers import BLOCK

_ABSENT = (FileNotFoundError, NotADirectoryError)
_REFUSALS = (401, 403)
_DENIED = re.compile(
    r"\b40[13]\b|access ?denied|forbidden|credential|unauthori[sz]ed|permission", re.IGNORECASE
)


def fetch(source: str, folder: Path, limits: Limits | None = None) -> Path:
    """Copies the file or the folder of Parquet files at a URL into a folder; returns its path.

    A `file://` URL is not copied. Raises `InputError` for all that goes wrong.
    """
    limits = Limits() if limits is None else limits
    url = resolve_env(source)
    with _explaining(source, url):
        import fsspec

        system, place = fsspec.core.url_to_fs(url)
        if "file" in system.protocol:
            return Path(place)
        target = folder / remote_name(url)
        if _is_folder(system, place):
            _fetch_folder(system, place.rstrip("/"), target, limits)
        else:
            _fetch_file(system, place, target, limits, 0)
    return target


def _is_folder(system: Any, place: str) -> bool:
    protocol = system.protocol if isinstance(system.protocol, str) else system.protocol[0]
    return protocol not in ("http", "https") and bool(system.isdir(place))


def _fetch_folder(system: Any, place: str, target: Path, limits: Limits) -> None:
    """Copies the Parquet files below a place; other files stay empty, for the reader's notes."""
    names = system.find(place)
    if len(names) > MOST_FILES:
        what = f"holds more than {MOST_FILES:,} files"
        raise InputError(what, "name a folder further down", code="not-a-file")
    target.mkdir()
    done = 0
    for name in sorted(names):
        below = Path(name.removeprefix(place).lstrip("/"))
        if below.is_absolute() or ".." in below.parts or not below.parts:
            raise InputError("holds a file outside of itself", "name another", code="not-a-file")
        copy = target / below
        copy.parent.mkdir(parents=True, exist_ok=True)
        hidden = any(part.startswith(("_", ".")) for part in below.parts)
        if hidden or (below.suffix and below.suffix.lower() not in PARQUET):
            copy.touch()
        else:
            done = _fetch_file(system, name, copy, limits, done)


def _fetch_file(system: Any, place: str, target: Path, limits: Limits, done: int) -> int:
    """Copies a file; returns the bytes copied so far, and refuses too many."""
    limits.check("max_bytes", done + int(system.info(place).get("size") or 0))
    with system.open(place, "rb") as opened, target.open("wb") as sink:
        while block := opened.read(BLOCK):
            done += len(block)
            limits.check("max_bytes", done, more=True)
            sink.write(block)
    with suppress(Exception):  # not every server knows when it was written
        written = system.modified(place).timestamp()
        os.utime(target, (written, written))
    return done


@contextmanager
def _explaining(source: str, url: str) -> Iterator[None]:
    """Turns any error of fsspec and its drivers into an `InputError` that shows no secret."""
    try:
        yield
    except InputError as error:
        error.file = shown_url(source)
        raise
    except Exception as error:
        what, remedy, code = _explain(error, url.partition("://")[0])
        refused = InputError(hide(what, secret_forms(source)), remedy, code=code)
        refused.file = shown_url(source)
        raise refused from None


def _explain(error: Exception, scheme: str) -> tuple[str, str, str]:
    """The fault, its remedy and its code."""
    if isinstance(error, FileNotFoundError) and isinstance(error.__cause__, Exception):
        return _explain(error.__cause__, scheme)  # aiohttp's own error: not always a missing file
    text = str(error)
    if isinstance(error, ImportError):
        lacking = error.__cause__ if isinstance(error.__cause__, ImportError) else error
        driver = lacking.name or f"fsspec[{scheme}]"
        return f"{driver} is not installed", f"pip install {driver}", "no-driver"
    if isinstance(error, _ABSENT) or getattr(error, "status", None) == 404:
        return "there is no such file", "check the URL", "no-file"
    status = getattr(error, "status", None)
    denied = status in _REFUSALS or _DENIED.search(f"{type(error).__name__} {text}")
    if isinstance(error, PermissionError) or denied:
        remedy = f"give credentials as fsspec's {scheme} driver takes them from the environment"
        return "may not be read (no permission)", remedy, "no-permission"
    name = type(error).__name__
    if status is not None:
        return f"the server answers with {status}", "try again later", "no-server"
    if isinstance(error, ValueError | TypeError):
        return f"is no usable URL ({name})", "check it", "bad-url"
    first = shown(text.splitlines()[0] if text else "", 60)
    return f"does not answer ({name}{': ' if first else ''}{first})", "try again later", "no-server"
