"""A folder of Parquet files as one table: its files, and the columns that folder names make.

Files are ordered by their paths below the folder, as text. Names that begin with `_` or `.` are no
data. A folder `year=2024` adds a column `year` to every row below it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.limits import Limits
from segmentation.data.sql import exact, literal
from segmentation.data.text.paths import check_path

PARQUET = (".parquet", ".pq")
MOST_FILES = 100_000
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # how Hive and Spark write a partition without a value
_FORMATS = {"_delta_log": "a Delta table", ".hoodie": "a Hudi table"}
_TEMPORARY = "_temporary"
# Whole numbers that can be read without losing a leading zero, 01 to 09 excepted.
_WHOLE = r"[+-]?(\d{1,2}|[1-9]\d{0,17})"


@dataclass(frozen=True)
class Partition:
    """A column made of folders' names: its type in the engine, and one value per file."""

    name: str
    type: str
    values: tuple[str | None, ...]

    @property
    def sql(self) -> str:
        """The SQL of all values as a list."""
        cells = ("NULL" if value is None else literal(value) for value in self.values)
        return f"CAST([{', '.join(cells)}] AS {self.type}[])"


def is_folder(path: Path) -> bool:
    """Whether the path is a folder; False if it cannot be accessed."""
    try:
        return path.is_dir()
    except OSError:
        return False


def parquet_files(path: Path) -> list[Path]:
    """The Parquet files of a folder in order, or the file itself; raises `InputError` if none."""
    if not is_folder(path):
        return [path]
    all_files = _sorted(path)
    files = [file for file in all_files if _is_parquet(file)]
    if not files:
        raise _no_parquet(path, all_files)
    seen: dict[tuple[int, int], Path] = {}
    for file in files:
        _check_file(path, file)
        place = (file.stat().st_dev, file.stat().st_ino)
        if place in seen:
            what = f"{_below(path, file)} is {_below(path, seen[place])} again, by a link"
            raise InputError(what, "remove the link", code="link-loop")
        seen[place] = file
    Limits().check("max_bytes", sum(file.stat().st_size for file in files))
    return files


def note_others(path: Path) -> tuple[Note, ...]:
    """A note on the files of a folder that were left out because they are no Parquet files."""
    others = [] if not is_folder(path) else [f for f in _sorted(path) if not _is_parquet(f)]
    if not others:
        return ()
    some = ", ".join(_below(path, file) for file in others[:3])
    kind = "file that is" if len(others) == 1 else "files that are"
    more = ", …" if len(others) > 3 else ""
    return (Note("other-files", f"{len(others):,} {kind} no Parquet left out: {some}{more}"),)


def check_alike(con: Any, root: Path, files: Sequence[Path]) -> None:
    """Refuses files that differ from the first in their columns or types."""
    if len(files) < 2:
        return
    paths = ", ".join(literal(exact(file)) for file in files)
    schemas = con.execute(
        f"SELECT file_name, list(name), list(coalesce(duckdb_type, type)) FROM "
        f"(FROM parquet_schema([{paths}]) WHERE column_id > 0 ORDER BY file_name, column_id) "
        f"GROUP BY file_name"
    ).fetchall()
    kinds = {name: dict(zip(names, types, strict=True)) for name, names, types in schemas}
    first = kinds[str(files[0])]
    for file in files[1:]:
        other = kinds[str(file)]
        if other != first:
            raise _differs((root, files[0], first), (file, other))


def find_partitions(con: Any, root: Path, files: Sequence[Path]) -> list[Partition]:
    """The columns made of the folders between the root and its files."""
    if not is_folder(root):
        return []
    by_file = [_read_partitions(file.relative_to(root)) for file in files]
    names = list(by_file[0])
    for file, pairs in zip(files, by_file, strict=True):
        if list(pairs) != names:
            keys = [" and ".join(some) or "no column" for some in (list(pairs), names)]
            what = (
                f"the folders of {_below(root, file)} name {keys[0]}, "
                f"and those of {_below(root, files[0])} {keys[1]}"
            )
            raise InputError(what, "write all files with the same partitions", code="files-differ")
    values = {name: tuple(pairs[name] for pairs in by_file) for name in names}
    return [Partition(name, _find_type(con, some), some) for name, some in values.items()]


def _sorted(root: Path) -> list[Path]:
    """All files below the folder, ordered by their paths as text."""
    files = []
    for file in _walk(root, root, ()):
        files.append(file)
        if len(files) > MOST_FILES:
            what = f"holds more than {MOST_FILES:,} files"
            raise InputError(what, "name a folder further down", code="not-a-file")
    return sorted(files, key=lambda file: file.relative_to(root).as_posix())


def _walk(root: Path, folder: Path, above: tuple[tuple[int, int], ...]) -> Iterator[Path]:
    place = folder.stat().st_dev, folder.stat().st_ino
    if place in above:
        what = f"{_below(root, folder)} is a link to a folder above it"
        raise InputError(what, "remove the link", code="link-loop")
    try:
        entries = list(folder.iterdir())
    except OSError:
        what = "may not be read" if folder == root else f"{_below(root, folder)} may not be read"
        raise InputError(
            f"{what} (no permission)", "change its permissions", code="no-permission"
        ) from None
    _refuse_formats(root, entries)
    for entry in entries:
        if entry.name.startswith(("_", ".")):
            continue
        if is_folder(entry):
            yield from _walk(root, entry, (*above, place))
        else:
            yield entry


def _refuse_formats(root: Path, entries: Sequence[Path]) -> None:
    """Refuses table formats whose Parquet files are not all rows, and unfinished writes."""
    names = {entry.name for entry in entries}
    what = next((what for name, what in _FORMATS.items() if name in names), None)
    if any(e.name == "metadata" and any(e.glob("*.metadata.json")) for e in entries):
        what = "an Iceberg table"
    if what is not None:
        what = f"is {what}: not all rows of its Parquet files are rows of it"
        raise InputError(what, "export it as plain Parquet", code="table-format")
    if _TEMPORARY in names:
        what = f"is not written to its end ({_TEMPORARY} is in it)"
        raise InputError(what, "wait for it, or write it again", code="changed-while-reading")


def _is_parquet(file: Path) -> bool:
    """Whether a file is Parquet by its ending, or without one by its first bytes."""
    if file.suffix:
        return file.suffix.lower() in PARQUET
    if not file.is_file():  # a pipe would be waited for
        return False
    try:
        with file.open("rb") as opened:
            return opened.read(4) == b"PAR1"
    except OSError:
        return False


def _check_file(root: Path, file: Path) -> None:
    try:
        check_path(file, Limits())
    except InputError as error:
        raise InputError(
            f"{_below(root, file)} {error.what}", error.remedy, code=error.code
        ) from None


def _no_parquet(root: Path, files: Sequence[Path]) -> InputError:
    if not files:
        return InputError(
            "is a folder without a file in it",
            "name a file, or a folder of Parquet",
            code="not-a-file",
        )
    endings = Counter(file.suffix.lower() or "no ending" for file in files)
    kinds = ", ".join(f"{n:,} {ending}" for ending, n in endings.most_common(3))
    return InputError(
        f"is a folder without a Parquet file ({kinds})",
        f"name one of its files, such as {shown(_below(root, files[0]))}",
        code="not-a-file",
    )


def _differs(
    expected: tuple[Path, Path, dict[str, str]], got: tuple[Path, dict[str, str]]
) -> InputError:
    (root, first, before), (file, now) = expected, got
    one, other = _below(root, file), _below(root, first)
    missing = next((name for name in before if name not in now), None)
    new = next((name for name in now if name not in before), None)
    if missing is not None:
        column, what = missing, f"{one} lacks this column, which {other} has"
    elif new is not None:
        column, what = new, f"{one} has this column, which {other} lacks"
    else:
        column = next(name for name in before if before[name] != now[name])
        what = f"it is {now[column]} in {one} and {before[column]} in {other}"
    remedy = "write all files with the same columns and types"
    return InputError(what, remedy, code="files-differ", column=column)


def _read_partitions(below: Path) -> dict[str, str | None]:
    pairs: dict[str, str | None] = {}
    for part in below.parts[:-1]:
        key, equals, value = part.partition("=")
        if not equals or not key:
            continue
        if unquote(key) in pairs:
            what = f"the folders of {below.as_posix()} name {unquote(key)} twice"
            raise InputError(what, "rename one", code="files-differ")
        pairs[unquote(key)] = None if value in ("", _NO_VALUE) else unquote(value)
    return pairs


def _find_type(con: Any, values: Sequence[str | None]) -> str:
    """The type that all values of a partition have: whole numbers, days, times, else text."""
    present = [value for value in values if value is not None]
    if present and all(re.fullmatch(_WHOLE, value, re.ASCII) for value in present):
        return "BIGINT"
    for kind, more in (("DATE", "strlen(v) = 10"), ("TIMESTAMP", "true")):
        fits = f"TRY_CAST(v AS {kind}) IS NOT NULL AND {more}"
        sql = f"SELECT bool_and({fits}) FROM (SELECT unnest(?) AS v)"
        if present and con.execute(sql, [present]).fetchone()[0]:
            return kind
    return "VARCHAR"


def _below(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
