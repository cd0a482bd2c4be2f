"""How a run is carried out and watched: the settings in runs.yaml beside the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_type_hints

from annotated_types import Ge, Gt, Le
from pydantic import ConfigDict, TypeAdapter

from segmentation.reporting.errors import UsageError, did_you_mean
from segmentation.reporting.parameters import Parameter


@dataclass(frozen=True)
class Expectations:
    """How a report on new data may differ from the last good one.

    `rows`: by how many per cent their number may differ; `columns`: same or any; `verdict`: not
    worse, or any; `otherwise`: publish silently, warn, or hold the new report back.
    """

    rows: Annotated[int, Ge(1)] | None = 30
    columns: Literal["same", "any"] = "same"
    verdict: Literal["not worse", "any"] = "not worse"
    otherwise: Literal["publish", "warn", "hold"] = "warn"


@dataclass(frozen=True)
class Settings:
    """How a run is carried out.

    `pdf`: auto (if a Chromium is installed), always (a run without one fails), never;
    `deadline`: seconds after which the run is stopped; `keep`: how many predecessors on other
    data are kept; `expect`: how new data may change the report.
    """

    pdf: Literal["auto", "always", "never"] = "auto"
    deadline: Annotated[float, Gt(0), Le(1e6)] | None = None
    keep: Annotated[int, Ge(0), Le(1_000)] = 12
    expect: Expectations = Expectations()


NAMES = tuple(field.name for field in fields(Settings))


def read_setting(name: str, value: Any) -> Any:
    """Returns a setting from its value in runs.yaml; raises `UsageError` with what fits."""
    if name != "expect":
        return _check(Settings, name, value)
    known = [field.name for field in fields(Expectations)]
    if not isinstance(value, Mapping):
        raise UsageError(f"expect: list the expectations below it: {', '.join(known)}")
    for word in value:
        if word not in known:
            raise UsageError(f"expect has no {word!r}{did_you_mean(str(word), known)}")
    return Expectations(**{word: _check(Expectations, word, part) for word, part in value.items()})


def _check(kind: type, name: str, value: Any) -> Any:
    annotation = get_type_hints(kind, include_extras=True)[name]
    adapter: TypeAdapter[Any] = TypeAdapter(annotation, config=ConfigDict(strict=True))
    return Parameter(name, "", None, "", adapter).check(value)
