"""Passes over a table in an engine elsewhere: expressions that it computes where the rows are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmentation.analysis.passes.expressions import express_rows, fence
from segmentation.analysis.passes.moments import Moments
from segmentation.analysis.passes.placed_rows import (
    CERTAINTY,
    DIGITS,
    LEFT_OUT,
    NUMBER,
    SECOND,
    SEGMENT,
    say_faults,
)
from segmentation.analysis.passes.placement import Borders
from segmentation.analysis.passes.sampling import express_drawn
from segmentation.analysis.passes.scales import (
    Counts,
    Scale,
    Scales,
    add_coordinates,
    express_filled,
    express_log,
)
from segmentation.analysis.passes.tallies import Added, Sums, Wanted, make_sums
from segmentation.data import ROW

FAULTS = "__faults__"
MOST_FAULTS = 31  # features whose faults are told in the words of a row: two bits of 62 each


class Expressed:
    """See `Passes`."""

    def __init__(self, table: ir.Table) -> None:
        self.table = table

    def measure(
        self, features: Sequence[str], fills: Mapping[str, float | None]
    ) -> tuple[Counts, Moments, Moments]:
        """The rows counted; the moments of their values, and of log(1 + value)."""
        lacking = {f"m{at}": self.table[name].isnull().sum() for at, name in enumerate(features)}
        counts = _ask(self.table, {"rows": self.table.count(), **lacking})
        filled = {name: express_filled(self.table, name, fills[name]) for name in features}
        kept = self.table.select(**filled).drop_null(list(features))
        plain = [kept[name] for name in features]
        logged = [express_log(ibis.greatest(column, 0.0)) for column in plain]
        used, (moments, of_logs) = _measure_both(kept, plain, logged)
        lost = {name: int(counts[f"m{at}"]) for at, name in enumerate(features)}
        return Counts(int(counts["rows"]), used, lost), moments, of_logs

    def draw(self, scales: Scales, size: int, seed: int, key: str | None) -> pd.DataFrame:
        """About `size` rows in order, indexed by `ROW`: features, filled, and `WEIGHT`."""
        drawn = express_drawn(self.table, scales, size, seed, key).execute()
        return drawn.set_index(ROW).sort_index()

    def fetch(self, rows: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
        """Columns for these rows, in this order, indexed by `ROW`."""
        own = self.table.semi_join(_list_rows(rows), ROW).select(ROW, *names)
        return own.execute().set_index(ROW).loc[list(rows)]

    def add_up(self, borders: Borders) -> tuple[np.ndarray, np.ndarray]:
        """The sum of the coordinates (k × d) and the number (k) of the rows of each segment."""
        kept = self.table.select(*borders.features)
        rows = add_coordinates(express_rows(kept, borders, fence), borders.scales)
        inside = rows.filter(rows[SEGMENT].notnull())
        names = [f"__z{at}" for at in range(len(borders.scales))]
        wanted = {"n": inside.count(), **{name: inside[name].sum() for name in names}}
        found = inside.group_by(SEGMENT).aggregate(**wanted)
        table = found.execute().set_index(SEGMENT).reindex(list(borders.numbers), fill_value=0)
        return table[names].to_numpy(dtype=float), table["n"].to_numpy(dtype=np.int64)

    def place(self, borders: Borders, kept: Sequence[str]) -> pa.Table:
        """The kept columns and those of `list_placed_rows` for every row, in order of `ROW`."""
        own = self.table.select(*dict.fromkeys([ROW, *kept, *borders.features]))
        rows = express_rows(own, borders, fence)
        faults = _express_faults(rows, borders.scales)
        asked = rows.select(*dict.fromkeys([ROW, *kept]), SEGMENT, SECOND, CERTAINTY, faults)
        found = asked.to_pyarrow().sort_by(ROW)
        names = {name: found[name].cast(NUMBER) for name in (SEGMENT, SECOND)}
        said = _say_left_out(found, borders.scales)
        columns = {name: found[name] for name in kept} | names
        return pa.table(columns | {CERTAINTY: pc.round(found[CERTAINTY], DIGITS), LEFT_OUT: said})

    def sum_up(self, borders: Borders, placed: pa.Table, wanted: Wanted) -> Sums:
        """What is added up by segment, of rows that `place` has placed by these borders."""
        own = self.table.select(
            *dict.fromkeys([*borders.features, *wanted.numbers, *wanted.crossed])
        )
        rows = express_rows(own, borders, fence)
        rows = fence(rows.filter(rows[SEGMENT].notnull()))
        moments, sizes = _measure_segments(rows, wanted.numbers, borders.numbers)
        crossed = {
            (name, *cell): n for name in wanted.crossed for cell, n in _cross(rows, name, borders)
        }
        added = Added(moments, sizes, crossed, self.count_bins(wanted.edges))
        return make_sums(added, borders.numbers, wanted)

    def count_bins(self, edges: Mapping[str, Sequence[float]]) -> np.ndarray:
        """How many rows are in each bin of the first feature, the second, …: `count_values`."""
        wanted: dict[str, ir.Value] = {"rows": self.table.count()}
        for at, (name, bounds) in enumerate(edges.items()):
            column = self.table[name].cast("float64")
            wanted[f"{at} said"] = column.count()
            wanted |= {f"{at} {i}": (column <= edge).sum() for i, edge in enumerate(bounds)}
        found, counts = _ask(self.table, wanted), []
        for at, bounds in enumerate(edges.values()):
            said = int(found[f"{at} said"])
            up_to = [int(found[f"{at} {i}"]) for i in range(len(bounds))]
            counts += [int(found["rows"]) - said, *np.diff([0, *up_to, said])]
        return np.array(counts)


def _list_rows(rows: Sequence[int]) -> ir.Table:
    """A table of numbers of rows, out of one text: many literals take long to compile."""
    text = ibis.literal(",".join(str(int(row)) for row in rows))
    words = text.split(",").unnest().name(ROW).as_table()
    return words.select(words[ROW].cast("int64").name(ROW))


def _ask(table: ir.Table, wanted: Mapping[str, ir.Value]) -> pd.Series:
    """One row of answers, 0 where there is none."""
    return table.aggregate(**wanted).execute().iloc[0].fillna(0)


def _measure_both(
    kept: ir.Table, plain: Sequence[ir.Value], logged: Sequence[ir.Value]
) -> tuple[int, list[Moments]]:
    """How many rows there are, and the moments of both forms: one pass, and one for the cubes."""
    columns = [*plain, *logged]
    wanted: dict[str, ir.Value] = {"n": kept.count()}
    for at, column in enumerate(columns):
        wanted |= {f"mean{at}": column.mean(), f"sd{at}": column.std(how="pop")}
        wanted |= {f"low{at}": column.min(), f"high{at}": column.max()}
    found = _ask(kept, wanted)
    parts = {
        name: np.array([float(found[f"{name}{at}"]) for at in range(len(columns))])
        for name in ("mean", "sd", "low", "high")
    }
    cubes = {}
    for at, column in enumerate(columns):
        away = column - float(parts["mean"][at])
        cubes[f"c{at}"] = (away * away * away).sum()
    asked = _ask(kept, cubes)
    n, d = float(found["n"]), len(plain)
    moments = Moments(
        n=np.full(len(columns), n),
        mean=parts["mean"],
        squares=parts["sd"] ** 2 * n,
        cubes=np.array([float(asked[f"c{at}"]) for at in range(len(columns))]),
        low=parts["low"],
        high=parts["high"],
    )
    return int(n), [_take(moments, slice(d)), _take(moments, slice(d, None))]


def _take(moments: Moments, part: slice) -> Moments:
    return Moments(*(getattr(moments, name)[part] for name in Moments.__dataclass_fields__))


def _measure_segments(
    rows: ir.Table, names: Sequence[str], numbers: Sequence[int]
) -> tuple[Moments, np.ndarray]:
    wanted: dict[str, ir.Value] = {"n": rows.count()}
    for at, name in enumerate(names):
        column = rows[name].cast("float64")
        wanted |= {f"n{at}": column.count(), f"mean{at}": column.mean()}
        wanted[f"sd{at}"] = column.std(how="pop")
    found = rows.group_by(SEGMENT).aggregate(**wanted).execute().set_index(SEGMENT)
    found = found.reindex(list(numbers)).fillna(0)
    each = range(len(names))
    n, mean, sd = (
        np.array([found[f"{part}{at}"].to_numpy(dtype=float) for at in each]).reshape(
            len(names), len(numbers)
        )
        for part in ("n", "mean", "sd")
    )
    nothing = np.zeros_like(n)
    sizes = found["n"].to_numpy(dtype=np.int64)
    return Moments(n, mean, sd**2 * n, nothing, nothing, nothing), sizes


def _cross(rows: ir.Table, name: str, borders: Borders) -> list[tuple[tuple[str, int], int]]:
    column = rows[name].cast("int64") if rows[name].type().is_numeric() else rows[name]
    said = rows.filter(column.notnull()).select(SEGMENT, category=column.cast("string"))
    counts = said.group_by([SEGMENT, "category"]).aggregate(n=said.count()).execute()
    position = {number: at for at, number in enumerate(borders.numbers, 1)}
    cells = zip(counts["category"], counts[SEGMENT], counts["n"], strict=True)
    return [((str(word), position[int(at)]), int(n)) for word, at, n in cells]


def _express_faults(rows: ir.Table, scales: Sequence[Scale]) -> ir.Value:
    """A bit for every fault that keeps a row from having coordinates: missing, then below 0."""
    bits: ir.Value = ibis.literal(0, "int64")
    for at, scale in enumerate(scales[:MOST_FAULTS]):
        column = rows[scale.feature].cast("float64")
        if scale.fill is None:
            bits = bits + column.isnull().ifelse(1 << at, 0)
        if scale.log:
            bits = bits + (column < 0).fill_null(False).ifelse(1 << (MOST_FAULTS + at), 0)
    return bits.cast("int64").name(FAULTS)


def _say_left_out(found: pa.Table, scales: Sequence[Scale]) -> pa.Array:
    """Why each row is in none of the segments, NULL for the others."""
    bits = found[FAULTS].to_numpy()
    none = found[SEGMENT].is_null().to_numpy()
    said = np.full(len(bits), None, dtype=object)
    for pattern in np.unique(bits[none]).tolist():
        there = [
            at < MOST_FAULTS and bool(pattern >> (start + at) & 1)
            for start in (0, MOST_FAULTS)
            for at in range(len(scales))
        ]
        words = say_faults(there, scales) if pattern else "missing: another feature"
        said[none & (bits == pattern)] = words
    return pa.array(said, pa.string())
