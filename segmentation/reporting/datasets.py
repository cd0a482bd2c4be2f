"""The dataset of a run, a file or a database's URL: absolute, relative, shown, without secrets."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segmentation.data.databases.address import (
    IN_FILES,
    database_name,
    has_secret,
    hide,
    is_database,
    move_url,
    resolve_env,
    secret_forms,
    shown_url,
)
from segmentation.data.errors import shown
from segmentation.data.parquet.folders import PARQUET
from segmentation.reporting.errors import UsageError

PATHS = ("dataset", "model", "like", "names", "one", "other")  # the parameters that name files
HIDDEN = "SEGMENTATION_DATASET_"


@dataclass(frozen=True)
class Secrets:
    """What a run must not publish, and the environment that passes it to the kernel instead."""

    forms: frozenset[str] = field(default=frozenset(), repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    shown: str = ""

    def take_from(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the values for a notebook: a variable's name in place of the secret."""
        name = next(iter(self.environment), None)
        return dict(values) if name is None else {**values, "dataset": f"env:{name}"}

    def name_back(self, text: str) -> str:
        """Returns the text with the shown URL in place of this run's variable."""
        for name in self.environment:
            text = text.replace(f"env:{name}", self.shown)
        return text

    def hide(self, text: str) -> str:
        """Returns the text without secrets."""
        return hide(self.name_back(text), set(self.forms))

    def found_in(self, content: bytes) -> bool:
        """Returns whether these bytes hold a secret."""
        return any(form.encode() in content for form in self.forms)


def find_secrets(dataset: Any) -> Secrets:
    """Returns what is secret in a dataset; a URL with a password gets its own variable."""
    forms = frozenset(secret_forms(dataset))
    if not has_secret(dataset):
        return Secrets(forms)
    name = f"{HIDDEN}{uuid.uuid4().hex[:12]}"
    return Secrets(forms, {name: str(dataset)}, shown_url(str(dataset)))


def absolute_dataset(dataset: Any, folder: Path) -> Any:
    """Returns the dataset with its path made absolute, starting from this folder."""
    if not isinstance(dataset, str):
        return dataset
    if is_database(dataset):
        return move_url(dataset, folder)
    if not dataset.strip():
        raise UsageError("a path is empty; name a file")
    if "\0" in dataset:
        raise UsageError(f"{shown(dataset)}: a path cannot hold a NUL; write it again")
    if any("\ud800" <= letter <= "\udfff" for letter in dataset):
        raise UsageError(f"{shown(dataset)}: the name is not UTF-8; rename the file")
    return os.path.realpath(folder / Path(dataset).expanduser())  # also of a link to itself


def absolute_report(report: Any, folder: Path) -> Any:
    """Returns the absolute folder of a report, given the folder or a file in it."""
    place = absolute_dataset(report, folder)
    return str(Path(place).parent) if place is not None and Path(place).is_file() else place


def relative_dataset(dataset: Any, folder: Path) -> Any:
    """Returns the dataset relative to this folder, without its password."""
    if not isinstance(dataset, str):
        return dataset
    if is_database(dataset):
        return shown_url(dataset) if has_secret(dataset) else move_url(dataset, folder, True)
    return Path(os.path.relpath(dataset, folder)).as_posix()


def local_path(dataset: Any) -> Path | None:
    """Returns the file or folder on this machine that an absolute dataset is read from, if any."""
    if not isinstance(dataset, str):
        return None
    if not is_database(dataset):
        return Path(dataset)
    scheme, _, rest = resolve_env(dataset).partition(":///")
    return Path(f"/{rest}").resolve() if rest and scheme in (*IN_FILES, "file", "local") else None


def shown_dataset(dataset: Any) -> str:
    """Returns the dataset for readers, without folders and passwords."""
    text = "" if dataset is None else str(dataset)
    return shown_url(text) if is_database(text) else Path(text).name


def shown_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the parameters for readers: files without folders, a model with its report's name."""
    shown = dict(values)
    if shown.get("dataset") is not None:
        shown["dataset"] = shown_dataset(shown["dataset"])
    if shown.get("model") is not None:
        shown["model"] = "/".join(Path(shown["model"]).parts[-2:])
    for name in ("like", "names", "one", "other"):
        if isinstance(shown.get(name), str):
            shown[name] = Path(shown[name]).name
    return shown


def dataset_stem(dataset: str, table: Any) -> str:
    """Returns what a dataset is called, before it is made a folder's name."""
    if not is_database(dataset):
        return _stem(Path(dataset))
    is_name = isinstance(table, str) and len(table.split()) == 1
    return database_name(dataset) + (f"-{table}" if is_name else "")


def _stem(path: Path) -> str:
    """Returns the name without its ending; of a folder only `.parquet` counts as one."""
    whole = path.is_dir() and path.suffix.lower() not in PARQUET
    return path.name if whole else path.stem
