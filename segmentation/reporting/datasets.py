"""The dataset of a run as it is found, injected and shown: a file's path or a database's URL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segmentation.data.databases.address import (
    database_name,
    has_secret,
    hide,
    is_database,
    move_url,
    secret_forms,
    shown_url,
)
from segmentation.data.parquet.folders import PARQUET

PATHS = ("dataset", "model", "like", "names", "one", "other")  # the parameters that name files
HIDDEN = "SEGMENTATION_DATASET_"


@dataclass(frozen=True)
class Secrets:
    """What a run must not publish, and the environment that hands it to the kernel instead."""

    forms: frozenset[str] = field(default=frozenset(), repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    shown: str = ""

    def take_from(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as they may stand in a notebook: a variable's name for the secret."""
        name = next(iter(self.environment), None)
        return dict(values) if name is None else {**values, "dataset": f"env:{name}"}

    def name_back(self, text: str) -> str:
        """The text with the shown URL where this run's variable stands."""
        for name in self.environment:
            text = text.replace(f"env:{name}", self.shown)
        return text

    def hide(self, text: str) -> str:
        """The text without a secret in it."""
        return hide(self.name_back(text), set(self.forms))

    def found_in(self, content: bytes) -> bool:
        """Whether these bytes hold a secret."""
        return any(form.encode() in content for form in self.forms)


def find_secrets(dataset: Any) -> Secrets:
    """What is secret in a dataset; a URL with a password gets a variable of its own."""
    forms = frozenset(secret_forms(dataset))
    if not has_secret(dataset):
        return Secrets(forms)
    name = f"{HIDDEN}{uuid.uuid4().hex[:12]}"
    return Secrets(forms, {name: str(dataset)}, shown_url(str(dataset)))


def absolute_dataset(dataset: Any, folder: Path) -> Any:
    """The dataset with its path made absolute, starting from this folder."""
    if not isinstance(dataset, str):
        return dataset
    if is_database(dataset):
        return move_url(dataset, folder)
    return str((folder / Path(dataset).expanduser()).resolve())


def absolute_report(report: Any, folder: Path) -> Any:
    """The folder of a report made absolute in this way; a file in it names it too."""
    place = absolute_dataset(report, folder)
    return str(Path(place).parent) if place is not None and Path(place).is_file() else place


def relative_dataset(dataset: Any, folder: Path) -> Any:
    """The dataset as a notebook in this folder names it; a password is left out."""
    if not isinstance(dataset, str):
        return dataset
    if is_database(dataset):
        return shown_url(dataset) if has_secret(dataset) else move_url(dataset, folder, True)
    return Path(os.path.relpath(dataset, folder)).as_posix()


def shown_dataset(dataset: Any) -> str:
    """The dataset for readers: neither folders nor passwords."""
    text = "" if dataset is None else str(dataset)
    return shown_url(text) if is_database(text) else Path(text).name


def shown_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters for readers: of a model its report too, of nothing else the folders above."""
    found = dict(values)
    if found.get("dataset") is not None:
        found["dataset"] = shown_dataset(found["dataset"])
    if found.get("model") is not None:
        found["model"] = "/".join(Path(found["model"]).parts[-2:])
    for name in ("like", "names", "one", "other"):
        if isinstance(found.get(name), str):
            found[name] = Path(found[name]).name
    return found


def dataset_stem(dataset: str, table: Any) -> str:
    """What a run of this dataset is called before it is made a folder's name."""
    if not is_database(dataset):
        return _stem(Path(dataset))
    is_name = isinstance(table, str) and len(table.split()) == 1
    return database_name(dataset) + (f"-{table}" if is_name else "")


def _stem(path: Path) -> str:
    """The name of a file without its ending; of a folder whole, but for a `.parquet` at its end."""
    whole = path.is_dir() and path.suffix.lower() not in PARQUET
    return path.name if whole else path.stem
