"""Passes over a table in an engine elsewhere: expressions it computes where the rows are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmentation.analysis.passes.batches import map_batches
from segmentation.analysis.passes.bins import Bins, Edges, name_bins
from segmentation.analysis.passes.expressions import express_rows
from segmentation.analysis.passes.moments import Moments
from segmentation.analysis.passes.placed_rows import (
    CERTAINTY,
    DIGITS,
    LEFT_OUT,
    NUMBER,
    SECOND,
    SEGMENT,
    name_faults,
)
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.passes.sampling import express_drawn
from segmentation.analysis.passes.scales import (
    Counts,
    Scale,
    Scales,
    add_coordinates,
    express_filled,
    express_log,
)
from segmentation.analysis.passes.scored_rows import Tally, add_scored, score_batch
from segmentation.analysis.passes.tallies import Added, Sums, Wanted, make_sums
from segmentation.data import ROW, fence

FAULTS = "__faults__"
MOST_FAULTS = 31  # features whose faults are named: a row's faults are bits of one integer


class RemotePasses:
    """The passes over a table in another engine; see `Passes`."""

    def __init__(self, table: ir.Table) -> None:
        self.table = table

    def measure(
        self, features: Sequence[str], fills: Mapping[str, float | None]
    ) -> tuple[Counts, Moments, Moments]:
        """Returns the counts of rows, the moments of their values and of log(1 + value)."""
        lacking = {f"m{i}": self.table[name].isnull().sum() for i, name in enumerate(features)}
        counts = _compute(self.table, {"rows": self.table.count(), **lacking})
        filled = {name: express_filled(self.table, name, fills[name]) for name in features}
        usable = self.table.select(**filled).drop_null(list(features))
        plain = [usable[name] for name in features]
        logged = [express_log(ibis.greatest(column, 0.0)) for column in plain]
        used, (moments, of_logs) = _measure_both(usable, plain, logged)
        missing = {name: int(counts[f"m{i}"]) for i, name in enumerate(features)}
        return Counts(int(counts["rows"]), used, missing), moments, of_logs

    def draw(self, scales: Scales, size: int, seed: int, key: str | None) -> pd.DataFrame:
        """Returns about `size` rows in order, indexed by `ROW`: features (filled) and `WEIGHT`."""
        drawn = express_drawn(self.table, scales, size, seed, key).execute()
        return drawn.set_index(ROW).sort_index()

    def fetch(self, rows: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
        """Returns columns of these rows, in this order, indexed by `ROW`."""
        columns = self.table.semi_join(_list_rows(rows), ROW).select(ROW, *names)
        return columns.execute().set_index(ROW).loc[list(rows)]

    def add_up(self, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
        """Returns the sums of coordinates (k × d) and the sizes (k) of the segments."""
        features = self.table.select(*placement.features)
        placed = express_rows(features, placement, fence)
        rows = add_coordinates(placed, placement.scales)
        inside = rows.filter(rows[SEGMENT].notnull())
        names = [f"__z{i}" for i in range(len(placement.scales))]
        sums = {"n": inside.count(), **{name: inside[name].sum() for name in names}}
        table = inside.group_by(SEGMENT).aggregate(**sums).execute().set_index(SEGMENT)
        table = table.reindex(list(placement.numbers), fill_value=0)
        return table[names].to_numpy(dtype=float), table["n"].to_numpy(dtype=np.int64)

    def place(self, placement: Placement, carried: Sequence[str]) -> pa.Table:
        """Returns the carried columns and those of `list_placed_rows`, in order of `ROW`."""
        columns = self.table.select(*dict.fromkeys([ROW, *carried, *placement.features]))
        rows = express_rows(columns, placement, fence)
        faults = _express_faults(rows, placement.scales)
        rows = rows.select(*dict.fromkeys([ROW, *carried]), SEGMENT, SECOND, CERTAINTY, faults)
        placed = rows.to_pyarrow().sort_by(ROW)
        kept = {name: placed[name] for name in carried}
        numbers = {name: placed[name].cast(NUMBER) for name in (SEGMENT, SECOND)}
        certainty = pc.round(placed[CERTAINTY], DIGITS)
        left_out = _explain_left_out(placed, placement.scales)
        return pa.table(kept | numbers | {CERTAINTY: certainty, LEFT_OUT: left_out})

    def score(
        self, placement: Placement, ranges: np.ndarray, edges: Edges, carried: Sequence[str]
    ) -> tuple[pa.Table, Tally]:
        """Returns what `place` returns, and counts of how the rows differ from the fitted ones.

        Every row has to come here to be listed, so it is placed and counted here, too.
        """
        work = partial(score_batch, placement=placement, ranges=ranges, edges=edges)
        batches = map_batches(self.table, placement.features, work, carried, sort=True)
        return add_scored(batches)

    def customers(self, placed: pa.Table, placement: Placement | None) -> ir.Table:
        """Returns the whole table with the columns of `placed` added, in the engine that has it."""
        if placement is not None:
            return express_rows(self.table, placement, fence)
        columns = placed.select([ROW, SEGMENT, SECOND, CERTAINTY, LEFT_OUT])
        return self.table.join(ibis.memtable(columns), ROW)

    def sum_up(self, placement: Placement, placed: pa.Table, wanted: Wanted) -> Sums:
        """Returns sums by segment over the rows that `place` has placed by this rule."""
        names = dict.fromkeys([*placement.features, *wanted.numbers, *wanted.crossed])
        rows = express_rows(self.table.select(*names), placement, fence)
        rows = fence(rows.filter(rows[SEGMENT].notnull()))
        moments, sizes = _measure_segments(rows, wanted.numbers, placement.numbers)
        crossed = {
            (name, *cell): n for name in wanted.crossed for cell, n in _cross(rows, name, placement)
        }
        added = Added(moments, sizes, crossed, self.count_bins(wanted.edges))
        return make_sums(added, placement.numbers, wanted)

    def count_bins(self, edges: Edges) -> dict[str, Bins]:
        """Returns how many rows are in each bin, by feature."""
        wanted: dict[str, ir.Value] = {"rows": self.table.count()}
        for i, (name, bounds) in enumerate(edges.items()):
            column = self.table[name].cast("float64")
            wanted[f"{i} present"] = column.count()
            wanted |= {f"{i} {edge}": (column <= bound).sum() for edge, bound in enumerate(bounds)}
        answers, counts = _compute(self.table, wanted), []
        for i, bounds in enumerate(edges.values()):
            present = int(answers[f"{i} present"])
            up_to = [int(answers[f"{i} {edge}"]) for edge in range(len(bounds))]
            counts += [int(answers["rows"]) - present, *np.diff([0, *up_to, present])]
        return name_bins(np.array(counts), edges)


def _list_rows(rows: Sequence[int]) -> ir.Table:
    """Returns a table of row numbers, split from one text: many literals compile slowly."""
    text = ibis.literal(",".join(str(int(row)) for row in rows))
    words = text.split(",").unnest().name(ROW).as_table()
    return words.select(words[ROW].cast("int64").name(ROW))


def _compute(table: ir.Table, wanted: Mapping[str, ir.Value]) -> pd.Series:
    """Returns one row of aggregates, 0 instead of NULL."""
    return table.aggregate(**wanted).execute().iloc[0].fillna(0)


def _measure_both(
    rows: ir.Table, plain: Sequence[ir.Value], logged: Sequence[ir.Value]
) -> tuple[int, list[Moments]]:
    """Returns the number of rows and the moments of both forms: one pass, and one for the cubes."""
    columns = [*plain, *logged]
    wanted: dict[str, ir.Value] = {"n": rows.count()}
    for i, column in enumerate(columns):
        wanted |= {f"mean{i}": column.mean(), f"sd{i}": column.std(how="pop")}
        wanted |= {f"low{i}": column.min(), f"high{i}": column.max()}
    answers = _compute(rows, wanted)
    parts = {
        name: np.array([float(answers[f"{name}{i}"]) for i in range(len(columns))])
        for name in ("mean", "sd", "low", "high")
    }
    cubes = {}
    for i, column in enumerate(columns):
        away = column - float(parts["mean"][i])
        cubes[f"c{i}"] = (away * away * away).sum()
    cubed = _compute(rows, cubes)
    n, d = float(answers["n"]), len(plain)
    moments = Moments(
        n=np.full(len(columns), n),
        mean=parts["mean"],
        squares=parts["sd"] ** 2 * n,
        cubes=np.array([float(cubed[f"c{i}"]) for i in range(len(columns))]),
        low=parts["low"],
        high=parts["high"],
    )
    return int(n), [moments.take(slice(d)), moments.take(slice(d, None))]


def _measure_segments(
    rows: ir.Table, names: Sequence[str], numbers: Sequence[int]
) -> tuple[Moments, np.ndarray]:
    wanted: dict[str, ir.Value] = {"n": rows.count()}
    for i, name in enumerate(names):
        column = rows[name].cast("float64")
        wanted |= {f"n{i}": column.count(), f"mean{i}": column.mean()}
        wanted[f"sd{i}"] = column.std(how="pop")
    table = rows.group_by(SEGMENT).aggregate(**wanted).execute().set_index(SEGMENT)
    table = table.reindex(list(numbers)).fillna(0)
    shape = (len(names), len(numbers))
    n, mean, sd = (
        table[[f"{part}{i}" for i in range(len(names))]].to_numpy(dtype=float).T.reshape(shape)
        for part in ("n", "mean", "sd")
    )
    nothing = np.zeros_like(n)
    sizes = table["n"].to_numpy(dtype=np.int64)
    return Moments(n, mean, sd**2 * n, nothing, nothing, nothing), sizes


def _cross(rows: ir.Table, name: str, placement: Placement) -> list[tuple[tuple[str, int], int]]:
    """Returns the customers of every (category, position of a segment)."""
    column = rows[name].cast("int64") if rows[name].type().is_numeric() else rows[name]
    present = rows.filter(column.notnull()).select(SEGMENT, category=column.cast("string"))
    counts = present.group_by([SEGMENT, "category"]).aggregate(n=present.count()).execute()
    positions = {number: position for position, number in enumerate(placement.numbers, 1)}
    cells = zip(counts["category"], counts[SEGMENT], counts["n"], strict=True)
    return [((str(word), positions[int(number)]), int(n)) for word, number, n in cells]


def _express_faults(rows: ir.Table, scales: Sequence[Scale]) -> ir.Value:
    """Returns a bit for every fault that leaves a row out: missing, then below 0."""
    bits: ir.Value = ibis.literal(0, "int64")
    for i, scale in enumerate(scales[:MOST_FAULTS]):
        column = rows[scale.feature].cast("float64")
        if scale.fill is None:
            bits = bits + column.isnull().ifelse(1 << i, 0)
        if scale.log:
            bits = bits + (column < 0).fill_null(False).ifelse(1 << (MOST_FAULTS + i), 0)
    return bits.cast("int64").name(FAULTS)


def _explain_left_out(placed: pa.Table, scales: Sequence[Scale]) -> pa.Array:
    """Returns why each row is in no segment, NULL for the others."""
    bits = placed[FAULTS].to_numpy()
    none = placed[SEGMENT].is_null().to_numpy()
    reasons = np.full(len(bits), None, dtype=object)
    for pattern in np.unique(bits[none]).tolist():
        faults = [
            i < MOST_FAULTS and bool(pattern >> (start + i) & 1)
            for start in (0, MOST_FAULTS)
            for i in range(len(scales))
        ]
        reason = name_faults(faults, scales) if pattern else "missing: another feature"
        reasons[none & (bits == pattern)] = reason
    return pa.array(reasons, pa.string())
