"""Customers followed by their ids from an earlier report to this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pandas as pd

from segmentation.analysis.fitting.matching import pair_up
from segmentation.analysis.later.earlier import Earlier
from segmentation.analysis.passes.placed_rows import SEGMENT
from segmentation.data import compute

EARLIER = "__earlier__"  # the segment that the earlier report's model gives a row
NOWHERE, NOBODY = 0, -1  # in a flow: in the list without a segment, or not in the list
MANGLED = 0.05  # of today's ids: a larger share that is only written differently is no chance
NOTABLE = 0.1  # of a segment's customers


@dataclass(frozen=True)
class Movement:
    """Customers of an earlier report and of this one, followed by their ids.

    `flow`: customers by segment then (rows) and now (columns), `NOBODY` if not in the list,
    `NOWHERE` if in no segment. Among the `followed`, with a segment both times, each earlier
    segment has at most one `heir`, so that most customers stay. The others have moved: `changed`
    would also have moved within the earlier borders, `bordered` moved only because the borders did.
    """

    flow: pd.DataFrame
    heirs: dict[int, int]
    followed: int
    changed: int
    bordered: int

    @property
    def moved(self) -> int:
        """The number of customers now in another segment."""
        return self.changed + self.bordered

    @property
    def joined(self) -> int:
        """The number of customers new in the list."""
        return int(self.flow.loc[NOBODY].sum())

    @property
    def left(self) -> int:
        """The number of customers no longer in the list."""
        return int(self.flow[NOBODY].sum())

    @property
    def lost(self) -> int:
        """The number of customers who had a segment and have none now."""
        had = self.flow.drop(index=[NOBODY, NOWHERE], errors="ignore")
        return int(had.get(NOWHERE, pd.Series(0)).sum())

    @property
    def renumbered(self) -> dict[int, int]:
        """The heirs with another number, if they hold a tenth or more of the customers."""
        return {
            then: now
            for then, now in self.heirs.items()
            if then != now and self.flow.loc[then, now] >= NOTABLE * self._followed_from(then)
        }

    def _followed_from(self, then: int) -> int:
        return int(self.flow.loc[then].drop([NOBODY, NOWHERE], errors="ignore").sum())


def count_followed(both: ir.Table, earlier: Earlier, id: str | None) -> pd.DataFrame | None:
    """Counts customers by segment `then`, `now`, and `by_then`: by the earlier borders today.

    None if customers have no id, or had another one.
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
    return compute(joined.group_by(["then", "now", "by_then"]).aggregate(n=joined.count()))


def count_mangled(both: ir.Table, earlier: Earlier, id: str | None) -> int:
    """Counts ids that are in the earlier list but for zeros, a final `.0`, capitals or signs.

    0 if they are under one in twenty: such ids may well be different customers.
    """
    if id is None or earlier.listed is None or earlier.report.result.get("id") != id:
        return 0
    now = compute(both.select(id=_as_text(both[id])))["id"].dropna()
    then = earlier.listed["id"].dropna().astype(str)
    unknown = now[~now.isin(then)]
    found = int(simplify_ids(unknown).isin(simplify_ids(then)).sum())
    return found if found > MANGLED * len(now) else 0


def simplify_ids(ids: pd.Series) -> pd.Series:
    """Returns ids without what spreadsheets and other systems change: K-00123 becomes k123."""
    plain = ids.str.replace(r"\.0+$", "", regex=True).str.casefold()
    plain = plain.str.replace(r"[\W_]+", "", regex=True)
    return plain.str.replace(r"(?<!\d)0+(?=\d)", "", regex=True)


def follow_customers(followed: pd.DataFrame, numbers: Mapping[int, int]) -> Movement:
    """Returns who moved, joined and left, from the counts of `count_followed`.

    `numbers` maps today's positions, 1 … k, to segment numbers.
    """
    number = {**numbers, NOWHERE: NOWHERE, NOBODY: NOBODY}
    counts = followed.assign(now=followed["now"].map(number))
    inside = counts[(counts["then"] > NOWHERE) & (counts["now"] > NOWHERE)]
    shared = cross_counts(inside)
    heirs = {
        int(shared.index[then]): int(shared.columns[now])
        for then, now in pair_up(shared.to_numpy())
    }
    moved = inside[inside["now"] != inside["then"].map(heirs)]
    stayed_by_then = moved["by_then"] == moved["then"]
    return Movement(
        flow=_in_order(cross_counts(counts)),
        heirs=heirs,
        followed=int(inside["n"].sum()),
        changed=int(moved.loc[~stayed_by_then, "n"].sum()),
        bordered=int(moved.loc[stayed_by_then, "n"].sum()),
    )


def cross_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Returns the counts `n` by segment then (rows) and now (columns)."""
    return counts.pivot_table(index="then", columns="now", values="n", aggfunc="sum", fill_value=0)


def _in_order(flow: pd.DataFrame) -> pd.DataFrame:
    """Sorts segments by number, then those in none, then `NOBODY`, which is always there."""

    def order(labels: pd.Index) -> list[object]:
        numbers = sorted(label for label in labels if label not in (NOBODY, NOWHERE))
        return [*numbers, *([NOWHERE] if NOWHERE in labels else []), NOBODY]

    whole = flow.reindex(index=order(flow.index), columns=order(flow.columns), fill_value=0)
    return whole.astype(int).rename_axis(index="then", columns="now")


def _as_text(column: ir.Value) -> ir.StringValue:
    """Returns an id as in the list of customers: whole numbers without a decimal point."""
    if not column.type().is_floating():
        return column.cast("string")
    whole = column == column.floor()
    return whole.ifelse(column.cast("int64").cast("string"), column.cast("string"))
