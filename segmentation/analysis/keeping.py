"""Numbers and names of an earlier report kept, and who moved since, against what chance moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from segmentation.analysis.assigning import SEGMENT, join_rows, number_rows, place_rows
from segmentation.analysis.clustering import Segments
from segmentation.analysis.features import add_coordinates
from segmentation.analysis.model import Model, load_model
from segmentation.analysis.scoring import match_columns
from segmentation.analysis.verdict import Verdict
from segmentation.data import ROW, Report, Source

EARLIER = "__earlier__"  # the segment that the earlier report's model gives a row
SAME = 0.5  # a segment is an earlier one where they share more than half of who is in either
NOBODY, NOWHERE = "joined or left", 0  # in a flow: not in the list, or in no segment


@dataclass(frozen=True)
class Kept:
    """Which segments are those of an earlier report.

    `numbers` are those of the segments in the order that they were fitted; `overlaps` and `names`
    are of the kept ones by number: the Jaccard similarity of the customers that both fits put
    there, and the earlier name. `retired` are the names of those that have no successor.
    """

    numbers: tuple[int, ...]
    overlaps: dict[int, float]
    names: dict[int, str]
    retired: dict[int, str]
    highest: int

    @property
    def new(self) -> list[int]:
        """The numbers of segments that the earlier report did not have."""
        return sorted(set(self.numbers) - set(self.names))


def read_earlier(earlier: Report | None, source: Source) -> Model | None:
    """The model of an earlier report; an `InputError` where the new table lacks what it needs."""
    if earlier is None:
        return None
    model = load_model(earlier.folder / "model.json")
    match_columns(model, source)
    return model


def keep_numbers(
    placed: ir.Table, segments: Segments, model: Model | None
) -> tuple[ir.Table, Segments, Kept | None]:
    """Rows and segments with the numbers of an earlier report's, and which those are.

    As they are, and None, where there is no model. Else the rows have `EARLIER` too.
    """
    if model is None:
        return placed, segments, None
    both = place_by_earlier(placed, model).cache()
    kept = match_segments(both, segments.k, model)
    return number_rows(both, kept.numbers), number_segments(segments, kept), kept


def place_by_earlier(assigned: ir.Table, model: Model) -> ir.Table:
    """The assigned table with `EARLIER`: where the earlier report's own borders put each row."""
    placed = place_rows(assigned, model.borders).select([ROW, SEGMENT])
    return join_rows(assigned, placed.rename_columns([ROW, EARLIER]))


def match_segments(placed: ir.Table, k: int, model: Model) -> Kept:
    """The numbers of k segments that were assigned as 1 … k, after an earlier report's.

    Segments are matched so that their Jaccard similarities, on the same customers, add up to most
    (Kuhn 1955, the Hungarian method). Those that share half or less are none of the earlier ones,
    nor are those whose centre went more than half the way to the next earlier one: they stand
    where nobody was, and only the borders put them there. They get numbers above all that ever
    were.
    """
    pairs = placed.filter(placed[SEGMENT].notnull() & placed[EARLIER].notnull())
    counts = pairs.group_by([EARLIER, SEGMENT]).aggregate(n=pairs.count()).execute()
    shared = counts.pivot_table(index=EARLIER, columns=SEGMENT, values="n", fill_value=0)
    shared = shared.reindex(index=model.numbers, columns=range(1, k + 1), fill_value=0)
    both = shared.to_numpy(dtype=float)
    joint = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    overlap = both / np.where(joint > 0, joint, 1) * _are_near(placed, k, model)
    found = {
        int(new): (model.numbers[old], float(overlap[old, new]))
        for old, new in zip(*linear_sum_assignment(-overlap), strict=True)
        if overlap[old, new] > SAME
    }
    fresh = iter(range(model.highest + 1, model.highest + 1 + k))
    numbers = tuple(found[at][0] if at in found else next(fresh) for at in range(k))
    called = dict(zip(model.numbers, model.names, strict=True))
    names = {number: called[number] for number, _ in sorted(found.values())}
    retired = {number: name for number, name in called.items() if number not in names}
    return Kept(numbers, dict(sorted(found.values())), names, retired, model.highest)


def _are_near(placed: ir.Table, k: int, model: Model) -> np.ndarray:
    """Whether each of k segments (columns) is within half the way from an earlier one to the next.

    In the coordinates of the earlier report.
    """
    rows = add_coordinates(placed, model.scales)
    means = {f"m{at}": rows[f"__z{at}"].mean() for at in range(len(model.scales))}
    found = rows.filter(rows[SEGMENT].notnull()).group_by(SEGMENT).aggregate(**means).execute()
    centres = found.set_index(SEGMENT).reindex(range(1, k + 1))[list(means)].to_numpy(dtype=float)
    between = cdist(model.centres, model.centres)
    np.fill_diagonal(between, np.inf)
    reach = between.min(axis=1, keepdims=True) / 2
    return np.asarray(cdist(model.centres, np.nan_to_num(centres, nan=np.inf)) <= reach)


def number_segments(segments: Segments, kept: Kept) -> Segments:
    """The segments with the numbers kept, in the order of those."""
    order = np.argsort(kept.numbers)
    place = np.zeros(segments.k + 1, dtype=int)
    place[order + 1] = np.arange(1, segments.k + 1)
    return replace(
        segments,
        labels=place[segments.labels],
        centres=segments.centres[order],
        mixture=None if segments.mixture is None else segments.mixture.in_order(order),
        kept=tuple(sorted(kept.numbers)),
    )


def number_verdict(verdict: Verdict, segments: Segments) -> Verdict:
    """The verdict with segments called by the numbers that readers see."""
    return replace(verdict, missed=tuple(segments.numbers[at - 1] for at in verdict.missed))


@dataclass(frozen=True)
class Movement:
    """Customers of an earlier report and of this one, followed by their ids.

    `flow`: customers by the segment then (rows) and now (columns), `NOBODY` where they were not
    in the list, `NOWHERE` where they had no segment. Of those with a segment both times, the
    `followed`: `changed` are elsewhere and would be by the earlier borders too, `bordered` are
    elsewhere only because the borders are not where they were.
    """

    flow: pd.DataFrame
    followed: int
    changed: int
    bordered: int

    @property
    def moved(self) -> int:
        """How many have another segment now."""
        return self.changed + self.bordered

    @property
    def joined(self) -> int:
        """How many are new in the list."""
        return int(self.flow.loc[NOBODY].sum())

    @property
    def left(self) -> int:
        """How many are not in the list any more."""
        return int(self.flow[NOBODY].sum())


def follow_customers(placed: ir.Table, id: str | None, earlier: Report) -> Movement | None:
    """Who moved, joined and left since the earlier report; None where customers have no ids.

    `placed` has `SEGMENT` in this report's numbers, and `EARLIER`.
    """
    listed = earlier.read_customers()
    if id is None or listed is None:
        return None
    then = ibis.memtable(listed)
    then = then.select(then_id=then["id"], then=then["segment"].fill_null(NOWHERE))
    now = placed.select(
        id=_as_text(placed[id]),
        now=placed[SEGMENT].cast("int64").fill_null(NOWHERE),
        by_then=placed[EARLIER].cast("int64").fill_null(NOWHERE),
    )
    both = now.outer_join(then, now["id"] == then["then_id"])
    both = both.mutate(listed_now=both["id"].notnull(), listed_then=both["then_id"].notnull())
    parts = ["then", "now", "by_then", "listed_then", "listed_now"]
    counts = both.group_by(parts).aggregate(n=both.count()).execute()
    for side in ("then", "now"):
        listed = counts[f"listed_{side}"]
        counts[side] = [
            int(at) if there else NOBODY for at, there in zip(counts[side], listed, strict=True)
        ]
    flow = counts.pivot_table(index="then", columns="now", values="n", aggfunc="sum", fill_value=0)
    inside = counts[
        ~counts["then"].isin([NOBODY, NOWHERE]) & ~counts["now"].isin([NOBODY, NOWHERE])
    ]
    moved = inside[inside["then"] != inside["now"]]
    stayed_by_then = moved["by_then"] == moved["then"]
    return Movement(
        flow=_in_order(flow),
        followed=int(inside["n"].sum()),
        changed=int(moved.loc[~stayed_by_then, "n"].sum()),
        bordered=int(moved.loc[stayed_by_then, "n"].sum()),
    )


def keep_names(made: Sequence[str], kept: Kept | None, given: Sequence[str] | None) -> list[str]:
    """The names of segments in order: those kept, unless names were `given` for this report.

    A new segment that would be called like a kept one gets its number behind it.
    """
    if kept is None or given is not None:
        return list(made)
    taken, numbers = set(kept.names.values()), sorted(kept.numbers)
    return [
        kept.names.get(number, f"{name} ({number})" if name in taken else name)
        for number, name in zip(numbers, made, strict=True)
    ]


def _in_order(flow: pd.DataFrame) -> pd.DataFrame:
    """Segments by number, then those in none, then those not in the list; `NOBODY` always there."""

    def order(labels: pd.Index) -> list[object]:
        numbers = sorted(label for label in labels if label not in (NOBODY, NOWHERE))
        return [*numbers, *([NOWHERE] if NOWHERE in labels else []), NOBODY]

    whole = flow.reindex(index=order(flow.index), columns=order(flow.columns), fill_value=0)
    return whole.astype(int).rename_axis(index="then", columns="now")


def _as_text(column: ir.Value) -> ir.StringValue:
    """An id as the list of customers has it: whole numbers without a point."""
    if not column.type().is_floating():
        return column.cast("string")
    whole = column == column.floor()
    return whole.ifelse(column.cast("int64").cast("string"), column.cast("string"))
