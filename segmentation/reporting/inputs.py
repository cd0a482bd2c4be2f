"""A run's input, read and judged before any kernel starts."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from segmentation.data import (
    Columns,
    InputError,
    Note,
    Reading,
    Source,
    check_columns,
    check_k,
    check_names,
    open_customers,
    open_names,
)
from segmentation.data.source import own_columns

READING = tuple(field.name for field in fields(Reading))
FINDS_K = ("dbscan", "hdbscan")  # algorithms that are told no number of segments
ROLES = ("id", "features", "value", "describe")


@dataclass(frozen=True)
class Input:
    """A table that can be reported on: the part of each column, and the notes."""

    columns: Columns
    notes: tuple[Note, ...]


def check_input(values: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The sha256 and the columns of a run's input, or an `InputError`.

    `values` are all parameters of the run. Where they say nothing of features, the notebook has
    its own demands: the table is only opened.
    """
    source = open_input(values)
    if "features" in values:
        judge_input(source, values)
    return source.fingerprint(), own_columns(source.table)


def open_input(values: Mapping[str, Any]) -> Source:
    """The table of a run, opened as its parameters say."""
    reading = Reading(**_taken(values, READING))
    return open_customers(values["dataset"], reading, values.get("orders"))


def judge_input(source: Source, values: Mapping[str, Any]) -> Input:
    """Whether an opened table can be reported on with these parameters, or an `InputError`."""
    try:
        notes = _check_faults(source, values)
        columns = check_columns(source, **_taken(values, ROLES))
        check_k(values.get("k"), columns.rows)
        names, k = open_names(values.get("names")), values.get("k")
        if isinstance(names, list) and k is not None and values.get("algorithm") not in FINDS_K:
            check_names(names, k)
    except InputError as error:
        raise error.at(source.name) from None
    return Input(columns, notes)


def describe_refused(source: Source) -> list[dict[str, Any]]:
    """What can be said of the columns of a refused input: name, role, reason and so on.

    Those at fault have the role `fault`. Empty where no column could be used.
    """
    try:
        columns = check_columns(source).frame().rename(columns={"column": "name"})
    except InputError:
        return []
    records: list[dict[str, Any]] = columns.to_dict("records")
    for record in records:
        if record["name"] in source.faults:
            record |= {"role": "fault", "reason": source.faults[record["name"]][0].what}
    return records


def _check_faults(source: Source, values: Mapping[str, Any]) -> tuple[Note, ...]:
    """The notes; a fault that other features would avoid ends in the words that choose them."""
    features, id = values.get("features"), values.get("id")
    if features is not None:
        return source.check({*features, id, values.get("value")}, id)
    if source.faults:
        rest = replace(source, table=source.table.drop(*source.faults))
        try:
            usable = check_columns(rest, **_taken(values, ("id",))).features
        except InputError:
            return source.check(None, id)
        faults = [fault for each in source.faults.values() for fault in each]
        words = " ".join(shlex.quote(name) for name in usable)
        first = faults[0]
        raise InputError(
            first.what,
            f"{first.remedy}, or leave it out: --features {words}",
            code=first.code,
            line=first.line,
            column=first.column,
            faults=faults[1:],
        )
    return source.check(None, id)


def _taken(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
