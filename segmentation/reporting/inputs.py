"""A run's input, read and checked before any kernel starts."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from segmentation.data.errors import LONGEST, shown
from segmentation.data.published.vocabulary import FINDS_K
from segmentation.data.rows.variety import check_distinct
from segmentation.data.source import own_columns
from segmentation.reporting.scoring import READING
from segmentation.reporting.wording import write_options

ROLES = ("id", "features", "value", "describe")


@dataclass(frozen=True)
class Input:
    """A table that can be reported on: the role of each column, and the notes."""

    columns: Columns
    notes: tuple[Note, ...]


def check_input(values: Mapping[str, Any], declared: bool) -> tuple[str, list[str]]:
    """Returns the sha256 and the columns of the data that a run's values name.

    If the notebook has no parameter `features`, the table is only opened: what else it must be
    is the notebook's own business. Raises `InputError`, worded for a run `declared` in a file or
    for a command.
    """
    try:
        source = open_input(values)
        if "features" in values:
            judge_input(source, values)
        return source.fingerprint(), own_columns(source.table)
    except InputError as error:
        raise error if declared else for_pasting(error) from None


def open_input(values: Mapping[str, Any]) -> Source:
    """Returns the table of a run, opened as its parameters say."""
    reading = Reading(**_pick(values, READING))
    return open_customers(values["dataset"], reading, values.get("orders"))


def judge_input(source: Source, values: Mapping[str, Any]) -> Input:
    """Returns what a report on an opened table would use; raises `InputError`."""
    try:
        notes = _check_faults(source, values)
        columns = check_columns(source, **_pick(values, ROLES))
        check_k(values.get("k"), columns.rows)
        names, k = open_names(values.get("names")), values.get("k")
        if k is not None and values.get("algorithm") not in FINDS_K:
            check_distinct(k, source.table, columns.features, values.get("missing") == "median")
            if isinstance(names, list):
                check_names(names, k)
    except InputError as error:
        raise error.at(source.name) from None
    return Input(columns, notes)


def describe_refused(source: Source) -> list[dict[str, Any]]:
    """Returns the columns of a refused input as records: name, role, reason and so on.

    Columns at fault have the role `fault`. Empty if no column can be used.
    """
    try:
        columns = check_columns(source).frame().rename(columns={"column": "name"})
    except InputError:
        return []
    records: list[dict[str, Any]] = columns.to_dict("records")
    return [record | _describe_fault(source, record["name"]) for record in records]


def _describe_fault(source: Source, column: str) -> dict[str, Any]:
    faults = source.faults.get(column)
    return {"role": "fault", "reason": faults[0].what} if faults else {}


def _check_faults(source: Source, values: Mapping[str, Any]) -> tuple[Note, ...]:
    """Returns the notes; a fault that other features would avoid names the option for them."""
    features, id = values.get("features"), values.get("id")
    if features is not None:
        return source.check({*features, id, values.get("value")}, id)
    if set(own_columns(source.table)) - set(source.faults) and source.faults:
        # Would it do without these columns? Then say which option leaves them out.
        rest = replace(source, table=source.table.drop(*source.faults))
        try:
            usable = check_columns(rest, **_pick(values, ("id",))).features
        except InputError:
            return source.check(None, id)
        raise _offer_features(source, usable)
    return source.check(None, id)


def _offer_features(source: Source, usable: list[str]) -> InputError:
    first, *others = [fault for faults in source.faults.values() for fault in faults]
    words = " ".join(shlex.quote(name) for name in usable)
    offer = f"{first.remedy}, or leave it out: --features {words}"
    return InputError(
        first.what,
        offer if shown(offer, LONGEST) == offer else first.remedy,  # only what can be pasted
        code=first.code,
        line=first.line,
        column=first.column,
        faults=others,
    )


def for_pasting(error: InputError) -> InputError:
    """Returns the error with the parameters in its remedies as options of the command."""
    for fault in error.faults:
        fault.remedy = write_options(fault.remedy)
    return error


def _pick(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
