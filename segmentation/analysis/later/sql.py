"""The arithmetic of a model as SQL, for a warehouse that places its own customers."""

from __future__ import annotations

from typing import Any

import ibis

from segmentation.analysis.later.model_file import read_model
from segmentation.analysis.passes.expressions import express_rows
from segmentation.analysis.passes.placed_rows import CERTAINTY, SECOND, SEGMENT

SQL_TABLE = "customers"


def compile_sql(record: dict[str, Any] | None) -> str | None:
    """Returns one SELECT that scores a table `customers`, in SQL for PostgreSQL and DuckDB alike.

    A column of the result whose name is taken by a feature is called `model_…`. `record` is that
    of `describe_model`; None if missing.
    """
    if record is None:
        return None
    model = read_model(record)
    kinds = {scale.feature: "decimal(38, 9)" for scale in model.scales}  # any number: it is cast
    if model.id is not None:
        kinds = {model.id: "string"} | kinds
    scored = express_rows(ibis.table(kinds, name=SQL_TABLE), model.placement)
    named = zip(model.numbers, model.names, strict=True)
    names = [(scored[SEGMENT] == number, name) for number, name in named]
    own = [model.id] if model.id is not None and model.id not in model.features else []
    own += [scale.feature for scale in model.scales]
    made = {
        "segment": scored[SEGMENT],
        "segment_name": ibis.cases(*names, else_=None),
        "second_segment": scored[SECOND],
        "certainty": scored[CERTAINTY],
    }
    taken = {name.casefold() for name in own}
    chosen = scored.select(
        *own, **{f"model_{name}" if name in taken else name: made[name] for name in made}
    )
    return f"{ibis.to_sql(chosen, dialect='postgres')}\n"
