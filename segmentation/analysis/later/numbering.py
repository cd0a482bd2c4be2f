"""Numbers and names of an earlier report kept, and who moved since, against what chance moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.segmentation import Assigned
from segmentation.analysis.later.model import Model, load_model
from segmentation.analysis.later.scoring import match_columns
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.placed_rows import SEGMENT
from segmentation.analysis.passes.tallies import measure_segments
from segmentation.analysis.trust.chance import SAME
from segmentation.analysis.trust.verdict import Verdict
from segmentation.data import ROW, Report, Source, list_past

EARLIER = "__earlier__"  # the segment that the earlier report's model gives a row
NOWHERE, NOBODY = 0, -1  # in a flow: in the list without a segment, or not in the list
TELLING = 0.1  # of a segment's customers


@dataclass(frozen=True)
class Earlier:
    """A report whose numbers and names are kept: its model, its list of customers if they have ids.

    `past` are the names of all numbers that segments of that run ever had.
    """

    report: Report
    model: Model
    listed: pd.DataFrame | None
    past: dict[int, str]


@dataclass(frozen=True)
class Kept:
    """Which segments are those of an earlier report.

    `numbers` are those of the segments in the order that they were fitted; `overlaps` and `names`
    are of the kept ones by number: the Jaccard similarity of who is in them, and the earlier name.
    `retired` are the names of those that have no successor, `past` those of all numbers that are
    not in use any more.
    """

    numbers: tuple[int, ...]
    overlaps: dict[int, float]
    names: dict[int, str]
    retired: dict[int, str]
    past: dict[int, str]

    @property
    def new(self) -> list[int]:
        """The numbers of segments that the earlier report did not have."""
        return sorted(set(self.numbers) - set(self.names))

    @property
    def highest(self) -> int:
        """The largest number that a segment ever had."""
        return max([*self.numbers, *self.past])


@dataclass(frozen=True)
class Movement:
    """Customers of an earlier report and of this one, followed by their ids.

    `flow`: customers by the segment then (rows) and now (columns), `NOBODY` where they were not
    in the list, `NOWHERE` where they had no segment. Of those with a segment both times, the
    `followed`, each segment then has at most one `heir` now, so that most stay (the Hungarian
    method); who is not in it has moved: `changed` would have by the earlier borders too,
    `bordered` only because the borders are not where they were.
    """

    flow: pd.DataFrame
    heirs: dict[int, int]
    followed: int
    changed: int
    bordered: int

    @property
    def moved(self) -> int:
        """How many are in another segment now."""
        return self.changed + self.bordered

    @property
    def joined(self) -> int:
        """How many are new in the list."""
        return int(self.flow.loc[NOBODY].sum())

    @property
    def left(self) -> int:
        """How many are not in the list any more."""
        return int(self.flow[NOBODY].sum())

    @property
    def lost(self) -> int:
        """How many had a segment, and have none now."""
        had = self.flow.drop(index=[NOBODY, NOWHERE], errors="ignore")
        return int(had.get(NOWHERE, pd.Series(0)).sum())

    @property
    def renumbered(self) -> dict[int, int]:
        """The heirs with another number, where they have a tenth or more of their customers."""
        return {
            then: now
            for then, now in self.heirs.items()
            if then != now and self.flow.loc[then, now] >= TELLING * self._followed_from(then)
        }

    def _followed_from(self, then: int) -> int:
        return int(self.flow.loc[then].drop([NOBODY, NOWHERE], errors="ignore").sum())


def read_earlier(report: Report | None, source: Source) -> Earlier | None:
    """What is needed of an earlier report; an `InputError` where it or the new table lacks it."""
    if report is None:
        return None
    model = load_model(report.folder / "model.json")
    match_columns(model, source)
    return Earlier(report, model, report.read_customers(), list_past(report))


def keep_numbers(
    assigned: Assigned, segments: Segments, earlier: Earlier | None, id: str | None
) -> tuple[Assigned, Segments, Kept | None, Movement | None]:
    """Rows and segments with the numbers of an earlier report's, which those are, and who moved.

    As they are, and None, where there is no earlier report. `id` names the customers; None for
    the movement where they cannot be followed.
    """
    if earlier is None:
        return assigned, segments, None, None
    both = place_by_earlier(assigned, earlier.model)
    followed = count_followed(both, earlier, id)
    near = are_near(assigned, segments.k, earlier.model)
    kept = match_segments(both, followed, near, earlier)
    movement = None if followed is None else follow_customers(followed, kept)
    return assigned.number(kept.numbers), number_segments(segments, kept), kept, movement


def place_by_earlier(assigned: Assigned, model: Model) -> ir.Table:
    """The placed rows with `EARLIER`: where the earlier report's own borders put each of them."""
    then = open_passes(assigned.prepared.table).place(model.borders, [ROW])[SEGMENT]
    return ibis.memtable(assigned.placed.append_column(EARLIER, then))


def count_followed(both: ir.Table, earlier: Earlier, id: str | None) -> pd.DataFrame | None:
    """Customers by `then` and `now`, and by `by_then`: where the earlier borders put them now.

    Segments now are still 1 … k. None where customers have no id, or had another one.
    """
    if id is None or earlier.listed is None or earlier.report.result.get("id") != id:
        return None
    listed = ibis.memtable(earlier.listed)
    listed = listed.select(then_id=listed["id"], then=listed["segment"].fill_null(NOWHERE))
    rows = both.select(
        id=_as_text(both[id]),
        now=both[SEGMENT].cast("int64").fill_null(NOWHERE),
        by_then=both[EARLIER].cast("int64").fill_null(NOWHERE),
    )
    joined = rows.outer_join(listed, rows["id"] == listed["then_id"])
    joined = joined.mutate(
        then=joined["then_id"].isnull().ifelse(NOBODY, joined["then"]),
        now=joined["id"].isnull().ifelse(NOBODY, joined["now"]),
        by_then=joined["by_then"].fill_null(NOBODY),
    )
    return joined.group_by(["then", "now", "by_then"]).aggregate(n=joined.count()).execute()


def match_segments(
    both: ir.Table, followed: pd.DataFrame | None, near: np.ndarray, earlier: Earlier
) -> Kept:
    """The numbers of k segments that were assigned as 1 … k, after an earlier report's.

    Segments are matched so that their Jaccard similarities add up to most (Kuhn 1955, the
    Hungarian method): of the customers of today by the old and the new borders, or of the
    customers `followed` from then to now, whichever is more. Those that share half or less are
    none of the earlier ones; the borders count for nothing where a segment's centre went more than
    half the way to the next earlier one: it stands where nobody was. New segments get numbers
    above all that ever were.
    """
    model, k = earlier.model, near.shape[1]
    pairs = both.filter(both[SEGMENT].notnull() & both[EARLIER].notnull())
    pairs = pairs.select(then=pairs[EARLIER], now=pairs[SEGMENT])
    today = pairs.group_by(["then", "now"]).aggregate(n=pairs.count()).execute()
    overlap = _overlap(today, model.numbers, k) * near
    if followed is not None:
        overlap = np.maximum(overlap, _overlap(followed, model.numbers, k))
    found = {
        int(new): (model.numbers[old], float(overlap[old, new]))
        for old, new in zip(*linear_sum_assignment(-overlap), strict=True)
        if overlap[old, new] > SAME
    }
    fresh = count(max([model.highest, *earlier.past]) + 1)
    numbers = tuple(found[at][0] if at in found else next(fresh) for at in range(k))
    called = dict(zip(model.numbers, model.names, strict=True))
    names = {number: called[number] for number, _ in sorted(found.values())}
    retired = {number: name for number, name in called.items() if number not in names}
    past = {n: name for n, name in (earlier.past | called).items() if n not in numbers}
    return Kept(numbers, dict(sorted(found.values())), names, retired, past)


def follow_customers(followed: pd.DataFrame, kept: Kept) -> Movement:
    """Who moved, joined and left, of the customers that `count_followed` counted."""
    number = dict(enumerate(kept.numbers, 1)) | {NOWHERE: NOWHERE, NOBODY: NOBODY}
    counts = followed.assign(now=followed["now"].map(number))
    inside = counts[(counts["then"] > NOWHERE) & (counts["now"] > NOWHERE)]
    shared = inside.pivot_table(
        index="then", columns="now", values="n", aggfunc="sum", fill_value=0
    )
    pairs = zip(*linear_sum_assignment(-shared.to_numpy()), strict=True)
    heirs = {int(shared.index[then]): int(shared.columns[now]) for then, now in pairs}
    moved = inside[inside["now"] != inside["then"].map(heirs)]
    stayed_by_then = moved["by_then"] == moved["then"]
    flow = counts.pivot_table(index="then", columns="now", values="n", aggfunc="sum", fill_value=0)
    return Movement(
        flow=_in_order(flow),
        heirs=heirs,
        followed=int(inside["n"].sum()),
        changed=int(moved.loc[~stayed_by_then, "n"].sum()),
        bordered=int(moved.loc[stayed_by_then, "n"].sum()),
    )


def _overlap(counts: pd.DataFrame, numbers: Sequence[int], k: int) -> np.ndarray:
    """The Jaccard similarity of each earlier segment (rows) with each of k now (columns)."""
    inside = counts[counts["then"].isin(numbers) & counts["now"].isin(range(1, k + 1))]
    shared = inside.pivot_table(
        index="then", columns="now", values="n", aggfunc="sum", fill_value=0
    )
    both = shared.reindex(index=numbers, columns=range(1, k + 1), fill_value=0).to_numpy(
        dtype=float
    )
    joint = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    return np.asarray(both / np.where(joint > 0, joint, 1))


def are_near(assigned: Assigned, k: int, model: Model) -> np.ndarray:
    """Whether each of k segments (columns) is within half the way from an earlier one to the next.

    In the coordinates of the earlier report, by the rows that were fitted.
    """
    prepared = assigned.prepared
    frame = open_passes(prepared.table).fetch(prepared.frame.index, model.features)
    Z = model.borders.measure(frame.apply(pd.to_numeric).to_numpy(dtype=float).T)
    centres = measure_segments(Z, assigned.fitted, k, prepared.weights)
    means = np.where(centres.n > 0, centres.mean, np.inf).T
    between = cdist(model.centres, model.centres)
    np.fill_diagonal(between, np.inf)
    reach = between.min(axis=1, keepdims=True) / 2
    return np.asarray(cdist(model.centres, means) <= reach)


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


def keep_names(made: Sequence[str], kept: Kept | None, given: Sequence[str] | None) -> list[str]:
    """The names of segments in order: those kept, unless names were `given` for this report.

    A new segment that would be called like one that is or was gets its number behind it.
    """
    if kept is None or given is not None:
        return list(made)
    taken, numbers = {*kept.names.values(), *kept.past.values()}, sorted(kept.numbers)
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
