"""The segmentation as arithmetic that anyone can read, saved as JSON to score new customers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segmentation.analysis.clustering import PLACES_NEW, Mixture, Segments
from segmentation.analysis.features import Prepared, Scale
from segmentation.data import InputError

FORMAT = "segment-reports model 1"


@dataclass(frozen=True)
class Model:
    """What places a customer: scales, the segments' names and centres (k × d), a mixture if one."""

    scales: tuple[Scale, ...]
    names: list[str]
    centres: np.ndarray
    mixture: Mixture | None


def build_model(
    prepared: Prepared, segments: Segments, names: Sequence[str], seed: int
) -> dict[str, Any] | None:
    """Everything that is needed to place a new customer, with a checksum over it.

    None where the algorithm can only label the rows that it was given.
    """
    if segments.algorithm not in PLACES_NEW:
        return None
    model = {
        "format": FORMAT,
        "algorithm": segments.algorithm,
        "seed": seed,
        "features": [asdict(scale) for scale in prepared.scales],
        "segments": [_describe(segments, at, name) for at, name in enumerate(names)],
    }
    return {**model, "checksum": _checksum(model)}


def save_model(model: dict[str, Any] | None, path: Path) -> None:
    """Writes the model as JSON; nothing where there is none."""
    if model is not None:
        text = json.dumps(model, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def load_model(path: Path) -> Model:
    """A saved model; one that was edited, or comes from elsewhere, is refused."""
    try:
        model = json.loads(path.read_text(encoding="utf-8"))
        stated = model.pop("checksum")
        if model["format"] != FORMAT or _checksum(model) != stated:
            raise ValueError
        return _restore(model)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            "this is not a model that this project wrote, or it was edited",
            "make its report again",
            code="foreign-model",
            file=path.name,
        ) from None


def _describe(segments: Segments, at: int, name: str) -> dict[str, Any]:
    record = {"number": at + 1, "name": name, "centre": segments.centres[at].tolist()}
    if segments.mixture is not None:
        record["share"] = float(segments.mixture.shares[at])
        record["factor"] = segments.mixture.factors[at].tolist()
    return record


def _restore(model: dict[str, Any]) -> Model:
    parts = model["segments"]
    centres = np.array([part["centre"] for part in parts], dtype=float)
    mixture = None
    if model["algorithm"] == "gmm":
        shares = np.array([part["share"] for part in parts], dtype=float)
        mixture = Mixture(shares, np.array([part["factor"] for part in parts], dtype=float))
    scales = tuple(Scale(**feature) for feature in model["features"])
    return Model(scales, [part["name"] for part in parts], centres, mixture)


def _checksum(model: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(model, sort_keys=True).encode()).hexdigest()
