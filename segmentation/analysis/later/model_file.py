"""model.json: the segmentation as arithmetic that anyone can read, to score new customers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self

import numpy as np
from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict, FiniteFloat, StringConstraints, model_validator

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.later.model import Model
from segmentation.analysis.passes.bins import Bins
from segmentation.analysis.passes.nearest import Mixture
from segmentation.analysis.passes.placed_rows import MOST_NUMBER
from segmentation.analysis.passes.scales import Scale
from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.portraits.privacy import round_outwards
from segmentation.data import Columns, Fact, InputError, write_json
from segmentation.data.published.vocabulary import PLACES_NEW

FORMAT = "segment-reports model 4"
SCALE = {field.name for field in fields(Scale)}
LARGEST = 20_000_000  # bytes, twice a mixture of a hundred segments on a hundred features
Name = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Number = Annotated[FiniteFloat, Ge(-1e300), Le(1e300)]
Strict = ConfigDict(strict=True, extra="forbid", frozen=True)


class Column(BaseModel):
    """A column of the table that was segmented: number, date or text."""

    model_config = Strict
    name: Name
    type: Literal["number", "date", "text"]


class Feature(BaseModel):
    """How a feature becomes a coordinate (see `Scale`), and the spread of its values (`Bins`)."""

    model_config = Strict
    feature: Name
    log: bool
    centre: Number
    spread: Annotated[Number, Gt(0)]
    fill: Number | None
    skew: Number
    skew_logged: Number | None
    low: Number
    high: Number
    edges: Annotated[list[Number], MaxLen(20)]
    counts: Annotated[list[Annotated[int, Ge(0), Le(10**15)]], MaxLen(22)]


class Part(BaseModel):
    """A segment: its centre in coordinates and its customers; for a mixture, its shape, too."""

    model_config = Strict
    number: Annotated[int, Ge(1), Le(MOST_NUMBER)]
    name: Name
    customers: Annotated[int, Ge(0), Le(10**15)]
    centre: list[Number]
    share: Annotated[Number, Gt(0), Le(1)] | None = None
    factor: list[list[Number]] | None = None


class Written(BaseModel):
    """The record of a model as the file has it, its parts checked against one another."""

    model_config = Strict
    format: Literal["segment-reports model 4"]
    algorithm: Literal["kmeans", "gmm"]
    seed: Annotated[int, Ge(0)]
    id: Name | None
    verdict: Name
    highest: Annotated[int, Ge(1), Le(MOST_NUMBER)]
    columns: Annotated[list[Column], MinLen(1)]
    features: Annotated[list[Feature], MinLen(1), MaxLen(1_000)]
    segments: Annotated[list[Part], MinLen(1), MaxLen(1_000)]
    checksum: str

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        names = [part.feature for part in self.features]
        known = {column.name: column.type for column in self.columns}
        numbers, d = [part.number for part in self.segments], len(names)
        checks = [
            len(set(names)) == d and len(known) == len(self.columns),
            all(known.get(name) == "number" for name in names),
            all(part.low <= part.high for part in self.features),
            all(len(part.counts) == len(part.edges) + 2 for part in self.features),
            all(part.edges == sorted(set(part.edges)) for part in self.features),
            len(set(numbers)) == len({part.name for part in self.segments}) == len(numbers),
            numbers == sorted(numbers) and numbers[-1] <= self.highest,
            all(len(part.centre) == d for part in self.segments),
            all((part.share is None) == (self.algorithm != "gmm") for part in self.segments),
            all(_is_factor(part.factor, self.algorithm, d) for part in self.segments),
        ]
        if not all(checks):
            raise ValueError("its parts do not fit together")
        return self


def describe_model(
    segmentation: Segmentation,
    portraits: Portraits,
    columns: Columns,
    verdict: str,
    highest: int = 0,
) -> dict[str, Any] | None:
    """Returns the record model.json: everything that places a new customer, with a checksum.

    `verdict` is the report's in words, for whoever uses the model; `highest` is the largest number
    that segments of earlier reports had, if their numbers are kept. None if the algorithm can only
    label the rows that it was given.
    """
    segments, sample = segmentation.segments, segmentation.sample
    if segments.algorithm not in PLACES_NEW:
        return None
    facts = {part.fact.name: part.fact for part in columns.parts}
    bins, sizes = portraits.profiles.bins, segmentation.sizes
    model = {
        "format": FORMAT,
        "algorithm": segments.algorithm,
        "seed": sample.seed,
        "id": columns.id,
        "verdict": verdict,
        "highest": max(highest, *segmentation.numbers),
        "columns": [{"name": fact.name, "type": fact.type} for fact in facts.values()],
        "features": [
            _describe_feature(scale, facts[scale.feature], bins[scale.feature])
            for scale in sample.scales
        ],
        "segments": [
            _describe(segments, position, number, portraits.names[number], int(sizes[number]))
            for position, number in enumerate(segmentation.numbers)
        ],
    }
    return {**model, "checksum": checksum(model)}


def save_model(model: dict[str, Any] | None, path: Path) -> None:
    """Writes the model as JSON, if there is one."""
    if model is not None:
        write_json(model, path)


def load_model(path: Path) -> Model:
    """Returns a saved model. Raises `InputError` if it was edited or comes from elsewhere."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError
        return read_model(json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse))
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}",
            "name a report made by K-Means or a Gaussian mixture: only these have a model",
            code="no-file",
            file=path.name,
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(
            "not a model that this project wrote, or it was edited",
            "make its report again",
            code="foreign-model",
            file=path.name,
        ) from None


def name_report(path: Path) -> str:
    """Returns the name of the report that a model belongs to: that of its folder."""
    return path.resolve().parent.name if path.name == "model.json" else path.stem


def read_model(record: dict[str, Any]) -> Model:
    """Returns the model of a record. Raises `ValueError` or the like if it is not ours."""
    if checksum(record) != record["checksum"]:
        raise ValueError("the checksum does not fit")
    return _restore(Written.model_validate(record))


def checksum(record: dict[str, Any]) -> str:
    """Returns the sha256 (hex) of everything in a model's record except the checksum."""
    parts = {name: part for name, part in record.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _describe_feature(scale: Scale, fact: Fact, bins: Bins) -> dict[str, Any]:
    low, high = round_outwards(fact.low, fact.high)
    spread = {"low": low, "high": high}
    return {**asdict(scale), **spread, "edges": list(bins.edges), "counts": list(bins.counts)}


def _describe(
    segments: Segments, at: int, number: int, name: str, customers: int
) -> dict[str, Any]:
    record = {"number": number, "name": name, "customers": customers}
    record["centre"] = segments.centres[at].tolist()
    if segments.mixture is not None:
        record["share"] = float(segments.mixture.shares[at])
        record["factor"] = segments.mixture.factors[at].tolist()
    return record


def _restore(model: Written) -> Model:
    parts, features = model.segments, model.features
    mixture = None
    if model.algorithm == "gmm":
        shares, factors = ([getattr(part, key) for part in parts] for key in ("share", "factor"))
        mixture = Mixture(np.array(shares, dtype=float), np.array(factors, dtype=float))
    return Model(
        scales=tuple(Scale(**part.model_dump(include=SCALE)) for part in features),
        numbers=[part.number for part in parts],
        names=[part.name for part in parts],
        sizes=[part.customers for part in parts],
        centres=np.array([part.centre for part in parts], dtype=float),
        mixture=mixture,
        id=model.id,
        verdict=model.verdict,
        highest=model.highest,
        columns={column.name: column.type for column in model.columns},
        ranges=np.array([[part.low, part.high] for part in features], dtype=float),
        bins={part.feature: Bins(tuple(part.edges), tuple(part.counts)) for part in features},
    )


def _is_factor(factor: list[list[float]] | None, algorithm: str, d: int) -> bool:
    """Whether only a mixture has a precision factor: d × d with a positive diagonal."""
    if factor is None or algorithm != "gmm":
        return factor is None and algorithm != "gmm"
    return [len(row) for row in factor] == [d] * d and all(factor[i][i] > 0 for i in range(d))


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")
