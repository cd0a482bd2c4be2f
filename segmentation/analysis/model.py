"""The segmentation as arithmetic that anyone can read: saved as JSON, applied by the engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from segmentation.analysis.features import Scale, add_coordinates
from segmentation.data import InputError

SEGMENT, SECOND, CERTAINTY = "__segment__", "__second__", "__certainty__"
FORMAT = "segment-reports model 1"


def assign_segments(table: ir.Table, scales: Sequence[Scale], centres: np.ndarray) -> ir.Table:
    """The table with the segment of every row beside its columns, computed by the engine.

    `SEGMENT` is the number of the nearest centre, `SECOND` of the next, `CERTAINTY` 1 − d₁/d₂ of
    their distances (0 on the border, 1 on the centre). All three are NULL where a feature is.
    """
    placed = add_coordinates(table, scales)
    away = {f"__d{at}": _squared_distance(placed, centre) for at, centre in enumerate(centres)}
    placed = placed.mutate(**away)
    placed = placed.mutate(**{SEGMENT: _nearest([placed[name] for name in away])})
    rest = [
        (placed[SEGMENT] == at + 1).ifelse(float("inf"), placed[name])
        for at, name in enumerate(away)
    ]
    near, far = ibis.least(*(placed[name] for name in away)), ibis.least(*rest)
    certainty = (far == 0).ifelse(0.0, 1.0 - (near / far).sqrt())
    placed = placed.mutate(**{SECOND: _nearest(rest), CERTAINTY: certainty})
    return placed.select(*table.columns, SEGMENT, SECOND, CERTAINTY)


def build_model(
    scales: Sequence[Scale], centres: np.ndarray, names: Sequence[str], seed: int
) -> dict[str, Any]:
    """Everything that is needed to place a new customer, with a checksum over it."""
    model = {
        "format": FORMAT,
        "algorithm": "kmeans",
        "seed": seed,
        "features": [asdict(scale) for scale in scales],
        "segments": [
            {"number": at, "name": name, "centre": [float(z) for z in centre]}
            for at, (name, centre) in enumerate(zip(names, centres, strict=True), 1)
        ],
    }
    return {**model, "checksum": _checksum(model)}


def save_model(model: dict[str, Any], path: Path) -> None:
    """Writes the model as JSON."""
    path.write_text(json.dumps(model, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load_model(path: Path) -> tuple[list[Scale], np.ndarray, list[str]]:
    """Scales, centres (k × d) and names of a saved model; refuses one that was edited."""
    try:
        model = json.loads(path.read_text(encoding="utf-8"))
        stated = model.pop("checksum")
        if model["format"] != FORMAT or _checksum(model) != stated:
            raise ValueError
        scales = [Scale(**feature) for feature in model["features"]]
        centres = np.array([segment["centre"] for segment in model["segments"]], dtype=float)
        return scales, centres, [segment["name"] for segment in model["segments"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            "this is not a model that this project wrote, or it was edited",
            "make its report again",
            code="foreign-model",
            file=path.name,
        ) from None


def _squared_distance(placed: ir.Table, centre: np.ndarray) -> ir.FloatingValue:
    terms = [(placed[f"__z{at}"] - float(z)) ** 2 for at, z in enumerate(centre)]
    return reduce(add, terms)


def _nearest(distances: Sequence[ir.FloatingValue]) -> ir.IntegerValue:
    least = ibis.least(*distances)
    branches = [(distance == least, at) for at, distance in enumerate(distances, 1)]
    return ibis.cases(*branches, else_=None).cast("int64")


def _checksum(model: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(model, sort_keys=True).encode()).hexdigest()
