"""A run's input, read and judged before any kernel starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmentation.data import Columns, InputError, Source, check_columns, check_k, open_source
from segmentation.data.tables import fingerprint

READING = ("table", "delimiter", "encoding")
ROLES = ("id", "features", "value", "describe")


@dataclass(frozen=True)
class Input:
    """A table that can be reported on: the part of each column, and what its bytes hash to."""

    source: Source
    columns: Columns
    sha256: str


def check_input(values: Mapping[str, Any]) -> Input:
    """The input of a run with these parameters (defaults included), or an `InputError`."""
    source = open_source(values["dataset"], **_taken(values, READING))
    try:
        columns = check_columns(source.table, **_taken(values, ROLES))
        check_k(values.get("k"), columns.rows)
    except InputError as error:
        raise error.of_file(source.name) from None
    assert source.path is not None
    return Input(source, columns, fingerprint(source.path))


def locate(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The parameters with a relative dataset made absolute, from this folder."""
    dataset = values.get("dataset")
    if not isinstance(dataset, str) or "://" in dataset:
        return dict(values)
    return {**values, "dataset": str((folder / dataset).resolve())}


def _taken(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
