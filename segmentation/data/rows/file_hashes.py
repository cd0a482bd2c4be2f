"""Fingerprints of a file, or of a folder of Parquet files: digests of its bytes."""

from __future__ import annotations

import errno
import hashlib
import stat
from pathlib import Path

from segmentation.data.parquet.folders import parquet_files


def file_sha256(path: Path) -> str:
    """The sha256 of the file's bytes, in hex.

    Raises `OSError` for anything but a regular file: a pipe would be waited for.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "is no regular file", str(path))
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def path_sha256(path: Path) -> str:
    """The sha256, in hex, of a file's bytes, or of a folder's Parquet files and their paths."""
    if path.is_file():
        return file_sha256(path)
    digest = hashlib.sha256()
    for file in parquet_files(path):
        digest.update(f"{file.relative_to(path).as_posix()}\0{file_sha256(file)}\n".encode())
    return digest.hexdigest()
