"""Whether all that a run reads is still as it was when it was checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from segmentation.data import InputError
from segmentation.data.databases.sqlite import find_log
from segmentation.data.parquet.folders import parquet_files
from segmentation.data.published.reports import find_list
from segmentation.reporting.apart import call_apart
from segmentation.reporting.datasets import local_path, shown_dataset, shown_values
from segmentation.reporting.freshness import find_sha256
from segmentation.reporting.job import Job
from segmentation.reporting.kernels import Kernels
from segmentation.reporting.ownership import RUN, read_record
from segmentation.reporting.scoring import MODEL

DATA = "the data"


def sign(job: Job) -> dict[str, list[Any]]:
    """Returns, for each thing that a run reads, what changes with any change of its files.

    Even with one that is undone later. The earlier report is included once the job has it.
    """
    model = job.values.get("model")
    signs = {DATA: _sign_files(file for path in job.inputs for file in _list_data(path))}
    if model is not None:
        signs[f"the model {shown_values(job.values)['model']}"] = _sign_files([Path(model)])
    for folder in job.reports:
        signs.setdefault(f"the report {folder.name}", []).extend(_sign_files(_list_read(folder)))
    return signs


def refuse_changed(job: Job, before: Mapping[str, list[Any]], kernels: Kernels) -> None:
    """Raises `InputError` unless everything is as it was signed `before`.

    The kernel read it again: its numbers would be published under the checksums of other files.
    """
    dataset, now = job.values.get("dataset"), sign(job)
    changed = next((what for what, signs in before.items() if now.get(what) != signs), None)
    if changed is None and dataset is not None and local_path(dataset) is None:
        is_same = call_apart(kernels, job.deadline, find_sha256, job.values) == job.sha256
        changed = None if is_same else DATA
    if changed is not None:
        raise InputError(
            f"{changed} changed while it was read",
            "wait until nothing writes to it, and run it again",
            code="changed-while-reading",
            file=shown_dataset(dataset) if changed == DATA else None,
        )


def _sign_files(files: Iterable[Path]) -> list[tuple[str, int, int, int, int]]:
    stats = [(str(file), file.stat()) for file in files if file.is_file()]
    return [(name, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for name, s in stats]


def _list_data(path: Path) -> list[Path]:
    """Returns a file with a database's log beside it, or the Parquet files in a folder."""
    if path.is_dir():
        with suppress(InputError):  # which the check tells
            return parquet_files(path)
    return [one for one in (path, find_log(path)) if one is not None]


def _list_read(folder: Path) -> list[Path]:
    """Returns the files of a report that a later run may read."""
    names = (RUN, "result.json", MODEL, find_list(read_record(folder / RUN)))
    return [folder / name for name in names]
