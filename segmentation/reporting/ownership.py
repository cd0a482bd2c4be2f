"""What this program made, proven by its own records; only that is ever replaced or removed.

A record (run.json of a report, failure.json of a failed run) lists the checksums of the files
beside it and is sealed with a digest of itself. Whatever it does not prove is the user's: it is
left where it is, or moved to .kept/ if its folder has to go.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from segmentation.data.rows.file_hashes import file_sha256
from segmentation.reporting.outcome import RunError, Status

KEPT = ".kept"
RUN, FAILURE = "run.json", "failure.json"
SEAL = "seal"
# Failures that were recorded before records had checksums.
UNSEALED_FAILURE = {"run", "status", "reason", "finished", "since"}


class ForeignError(RunError):
    """A place that this program would write to holds something that it did not make."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}", status=Status.REFUSED)


def seal(record: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the record with a digest of itself, so that an edit shows."""
    return {**record, SEAL: _digest(record)}


def read_record(path: Path) -> dict[str, Any]:
    """Returns the record in a JSON file; empty if the file is missing or holds no record."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return {}
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def list_own(folder: Path, name: str = RUN) -> list[Path]:
    """Returns the files of a folder that are as this program wrote them, its record last.

    `name` is the record's. Empty if the folder is not from this program.
    """
    if folder.is_symlink() or (folder / name).is_symlink():
        return []
    record = read_record(folder / name)
    files = record.get("files", {})
    if not isinstance(record.get("run"), str) or not isinstance(files, dict):
        return []
    own = [path for path in folder.iterdir() if _is_unchanged(path, files.get(path.name))]
    if SEAL not in record:
        whole = bool(own) or record.keys() == UNSEALED_FAILURE
    else:
        whole = record[SEAL] == _digest({k: v for k, v in record.items() if k != SEAL})
    return [*own, folder / name] if whole else own


def check_target(folder: Path) -> None:
    """Raises `ForeignError` unless a report may be published in this folder."""
    where = f"{folder.parent.name}/{folder.name}"
    remedy = "move it away, or choose another place with --name or --reports"
    if folder.is_symlink():
        raise ForeignError(f"{where} is a link, which a report would replace", remedy)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ForeignError(f"{where} is a file that this program did not make", remedy)
    if any(folder.iterdir()) and not list_own(folder):
        raise ForeignError(f"{where} holds files that are no report of this program", remedy)


def check_overlap(folder: Path, inputs: Iterable[Path]) -> None:
    """Raises `ForeignError` if a report in this folder would replace an input or lie inside it."""
    target = folder.resolve()
    for path in inputs:
        if target == path or target in path.parents or path in target.parents:
            raise ForeignError(
                f"the report's folder {folder.parent.name}/{folder.name} and {path.name}, which "
                "it reads, overlap",
                "choose another place with --reports",
            )


def check_overlaps(targets: Sequence[tuple[Path, Iterable[Path]]]) -> None:
    """Raises `ForeignError`, before anything is written, if no run has a folder of its own."""
    faults = []
    for folder, inputs in targets:
        try:
            check_overlap(folder, inputs)
        except ForeignError as error:
            faults.append(error)
    if faults and len(faults) == len(targets):
        raise faults[0]


def retire(folder: Path, kept: Path, name: str = RUN) -> Path | None:
    """Removes a folder of this program, once edited and foreign files in it are moved aside.

    They go to a new folder below `kept`, which is returned; None if there were none.
    """
    own = list_own(folder, name)
    rest = [path for path in folder.iterdir() if path not in own]
    # The user's files first: a kill in between must not leave them beside nothing of ours.
    place = move_aside(rest, kept) if rest else None
    for path in own:
        path.unlink()
    folder.rmdir()
    return place


def move_aside(paths: list[Path], kept: Path) -> Path:
    """Moves the files to a new folder below `kept`, named after the time; returns it."""
    place = _make_place(kept)
    for path in paths:
        path.rename(place / path.name)
    return place


def _make_place(kept: Path) -> Path:
    stamp, count = datetime.now().strftime("%Y-%m-%dT%H-%M-%S"), 1
    kept.mkdir(parents=True, exist_ok=True)
    while True:
        place = kept / (stamp if count == 1 else f"{stamp}-{count}")
        try:
            place.mkdir()
            return place
        except FileExistsError:
            count += 1


def _is_unchanged(path: Path, digest: object) -> bool:
    return (
        digest is not None
        and path.is_file()
        and not path.is_symlink()
        and file_sha256(path) == digest
    )


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
