"""New customers placed by a model, without fitting, and counts of what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from segmentation.analysis.later.drift import Shift, compare_bins
from segmentation.analysis.later.model import Model
from segmentation.analysis.passes.bins import name_bins
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.scored_rows import Tally
from segmentation.analysis.words import say_share
from segmentation.data import ROW, InputError, Source, find_type, nearest_name


@dataclass(frozen=True)
class Match:
    """How the columns of a new table differ from those of the model, features aside.

    `missing` and `extra` are names; `retyped` maps a name to its type then and now.
    """

    id: str | None
    missing: list[str]
    extra: list[str]
    retyped: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Scored:
    """What became of the new customers, in counts.

    `sizes` by segment number; `left_out` rows by reason; `outside` by feature: the rows below the
    least and above the largest fitted value, and `outside_rows` those outside in any feature;
    `certainty` is its mean; `shifts` by feature: how differently it is spread.
    """

    rows: int
    sizes: dict[int, int]
    left_out: dict[str, int]
    outside: dict[str, tuple[int, int]]
    outside_rows: int
    certainty: float
    shifts: dict[str, Shift]

    @property
    def placed(self) -> int:
        """How many rows have a segment."""
        return sum(self.sizes.values())


def match_columns(model: Model, source: Source, id: str | None = None) -> Match:
    """Returns how a new table fits the model; columns are matched by name, in any order.

    Raises `InputError` if a feature is missing (naming the nearest column) or no longer numeric.
    """
    types = {name: find_type(kind) for name, kind in source.table.schema().items() if name != ROW}
    for feature in model.features:
        _check_feature(feature, model, source, types)
    rest = {column: kind for column, kind in model.columns.items() if column not in model.features}
    return Match(
        id=id or source.id or (model.id if model.id in types else None),
        missing=[column for column in rest if column not in types],
        extra=[column for column in types if column not in model.columns],
        retyped={
            column: (kind, types[column])
            for column, kind in rest.items()
            if column in types and types[column] != kind
        },
    )


def _check_feature(feature: str, model: Model, source: Source, types: dict[str, str]) -> None:
    if feature not in types:
        others = [column for column in types if column not in model.features]
        near = nearest_name(feature, others)
        rename = f"rename the column that holds it: {', '.join(others)}"
        raise InputError(
            f"the model needs a column {feature!r}, which is missing",
            f"if it is {near}, rename it" if near else rename,
            code="no-such-column",
            file=source.name,
        )
    if types[feature] != "number" and int(source.table[feature].count().execute()):
        raise InputError(
            f"was a number in the model, is {types[feature]}",
            "export it as numbers",
            code="unusable-feature",
            file=source.name,
            column=feature,
        )


def score_rows(table: ir.Table, model: Model, id: str | None = None) -> tuple[pa.Table, Scored]:
    """Returns every row in order, and what became of them, from one pass over the table.

    The columns are `ROW`, the `id` if given, and those of `list_placed_rows`.
    """
    carried = (ROW,) if id is None else (ROW, id)
    placed, tally = open_passes(table).score(model.placement, model.ranges, model.edges, carried)
    return placed, _name_counts(tally, model)


def _name_counts(tally: Tally, model: Model) -> Scored:
    placed = int(tally.sizes.sum())
    missing, negative, below, above = tally.columns.T.tolist()
    reasons = {f"missing: {name}": n for name, n in zip(model.features, missing, strict=True)}
    reasons |= {f"below 0: {name}": n for name, n in zip(model.features, negative, strict=True)}
    ends = zip(model.features, below, above, strict=True)
    return Scored(
        rows=tally.rows,
        sizes=dict(zip(model.numbers, tally.sizes.tolist(), strict=True)),
        left_out={reason: n for reason, n in reasons.items() if n},
        outside={name: (low, high) for name, low, high in ends if low or high},
        outside_rows=tally.beyond,
        certainty=tally.certain / placed if placed else float("nan"),
        shifts=compare_bins(model.bins, name_bins(tally.bins, model.edges)),
    )


def tabulate_placed(counted: Scored, model: Model) -> pd.DataFrame:
    """Returns a row per segment: its name, customers, and shares now and when it was formed."""
    sizes = pd.Series(counted.sizes).rename_axis("segment")
    then = pd.Series(model.sizes, index=model.numbers)
    return pd.DataFrame(
        {
            "name": pd.Series(model.names, index=model.numbers),
            "customers": sizes,
            "share": sizes / max(int(sizes.sum()), 1),
            "share_then": then / max(int(then.sum()), 1),
        }
    ).rename_axis("segment")


def tabulate_shares(counted: Scored, model: Model) -> pd.DataFrame:
    """Returns `tabulate_placed` for readers: shares in per cent, segments with their names."""
    table = tabulate_placed(counted, model)
    shares = table[["share", "share_then"]].map(say_share)
    shares.insert(0, "customers", table["customers"])
    labels = [f"{number} · {name}" for number, name in table["name"].items()]
    shares.index = pd.Index(labels, name="segment")
    return shares.rename(columns={"share": "share now", "share_then": "share then"})
