"""The kind of a file by its first bytes, and compressed text unpacked within limits."""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from segmentation.data.errors import InputError, Note
from segmentation.data.limits import Limits, over_limit
from segmentation.data.text.strange_files import is_plain, refuse_by_magic, refuse_pickle

BLOCK = 1 << 20
_RATIO_FROM = 4 << 20  # unpacked bytes; below, no ratio is taken for a bomb

# First bytes of the kinds that are read.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PAR1", "parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
)


@dataclass(frozen=True)
class Opened:
    """A file ready to be read: its kind, and where its unpacked bytes are."""

    kind: str  # text, workbook or parquet
    path: Path
    notes: tuple[Note, ...] = ()


def open_container(path: Path, folder: Path, limits: Limits) -> Opened:
    """The file, its kind told by its bytes; compressed text is unpacked into `folder`."""
    with path.open("rb") as file:
        head = file.read(4096)
    refuse_by_magic(head, path.suffix.lower().startswith(".xls"))
    refuse_pickle(path, head)
    kind = _kind(path, head)
    if kind == "gzip":
        return _unpack(path, folder, limits, "gzip", lambda: gzip.open(path, "rb"))
    if kind == "zstd":
        return _unpack(path, folder, limits, "zstd", lambda: pa.input_stream(path, "zstd"))
    if kind == "zip":
        return _open_zip(path, folder, limits)
    if kind == "ole":
        return Opened("workbook", path, _true_type(path, "an Excel workbook", ".xls", ".xlsx"))
    if kind == "parquet":
        return Opened("parquet", path, _true_type(path, "Parquet", ".parquet", ".pq"))
    return Opened("text", path)


def _kind(path: Path, head: bytes) -> str:
    """The kind by the first bytes; a text that happens to begin with PAR1 is a text."""
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "text")
    if kind == "parquet" and is_plain(head) and path.suffix.lower() not in (".parquet", ".pq"):
        return "text"
    return kind


def _true_type(path: Path, what: str, *endings: str) -> tuple[Note, ...]:
    if path.suffix.lower() in endings:
        return ()
    return (Note("true-type", f"read as {what}, which it is in spite of its name"),)


def _open_zip(path: Path, folder: Path, limits: Limits) -> Opened:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged("zip", error) from None
    names = {m.filename for m in members}
    if "[Content_Types].xml" in names or "mimetype" in names or "xl/workbook.bin" in names:
        note = _true_type(path, "a workbook", ".xlsx", ".xlsm", ".xlsb", ".ods")
        _check_unpacked(sum(m.file_size for m in members), path.stat().st_size, limits)
        return Opened("workbook", path, note)
    tables = [m for m in members if not m.filename.startswith("__MACOSX/")]
    if len(tables) != 1:
        some = ", ".join(sorted(m.filename for m in tables)[:4]) or "nothing"
        raise InputError(
            f"holds {len(tables)} files: {some}",
            "unpack it and name the one to read",
            code="several-members",
        )
    if tables[0].flag_bits & 1:
        raise InputError("is encrypted", "save it without a password", code="password")

    @contextmanager
    def open_member() -> Iterator[IO[bytes]]:
        with zipfile.ZipFile(path) as archive, archive.open(tables[0]) as member:
            yield member

    return _unpack(path, folder, limits, "zip", open_member)


_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    pa.ArrowException,
)


def _unpack(
    path: Path, folder: Path, limits: Limits, kind: str, opener: Callable[[], Any]
) -> Opened:
    target = folder / "unpacked"
    packed = path.stat().st_size
    try:
        with opener() as source, target.open("wb") as sink:
            _copy_bounded(source, sink, packed, limits)
    except InputError:
        raise
    except _BROKEN as error:
        raise _damaged(kind, error) from None
    if target.stat().st_size == 0:
        raise InputError("is empty inside (0 bytes)", "export the table again", code="empty-file")
    with target.open("rb") as file:
        head = file.read(4096)
    refuse_by_magic(head)
    if any(head.startswith(magic) for magic, _ in _MAGIC):
        raise InputError(
            f"is {kind} data with another container inside",
            "unpack it first",
            code="several-members",
        )
    suffix = {"gzip": ".gz", "zstd": ".zst", "zip": ".zip"}[kind]
    return Opened("text", target, _true_type(path, f"{kind} data", suffix))


def _copy_bounded(source: Any, sink: IO[bytes], packed: int, limits: Limits) -> None:
    done = 0
    while block := source.read(BLOCK):
        done += len(block)
        _check_unpacked(done, packed, limits)
        sink.write(block)


def _check_unpacked(size: int, packed: int, limits: Limits) -> None:
    """Refuses too many unpacked bytes, on their own or for those they come from."""
    limits.check("max_bytes", size, more=True)
    if size > _RATIO_FROM and size > limits.max_ratio * packed:
        what = f"unpacks to more than {size:,} bytes, over {limits.max_ratio}"
        raise over_limit("max_ratio", limits.max_ratio, what)


def _damaged(kind: str, error: Exception) -> InputError:
    # Arrow raises the same OSError for both: only its text says that the data ends early.
    early = isinstance(error, EOFError) or "truncated" in str(error).lower()
    what = f"the {kind} data ends early" if early else f"the {kind} data is damaged"
    return InputError(
        what, "copy or export the file again", code="truncated" if early else "corrupt"
    )
