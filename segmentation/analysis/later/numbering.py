"""The numbers and names of an earlier report kept, and what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from segmentation.analysis.fitting.matching import divide_by_joint, pair_up
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.later.drift import (
    Rescaled,
    Shift,
    find_rescaled,
    measure_shifts,
    restore_units,
)
from segmentation.analysis.later.earlier import Earlier
from segmentation.analysis.later.model import Model
from segmentation.analysis.later.movement import (
    EARLIER,
    Movement,
    count_followed,
    count_mangled,
    cross_counts,
    follow_customers,
)
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.placed_rows import SEGMENT
from segmentation.analysis.passes.placement import half_ways
from segmentation.analysis.passes.tallies import measure_segments
from segmentation.analysis.trust.chance import SAME, Chance, measure_chance
from segmentation.data import ROW, compute


@dataclass(frozen=True)
class Kept:
    """Which segments are those of an earlier report.

    `numbers` are those of the segments, in the order in which they were fitted. `overlaps` (Jaccard
    similarity of their customers) and `names` are those of kept segments, by number. `retired` are
    the names of segments without a successor, `past` those of all numbers no longer in use.
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
class Changes:
    """What changed since an earlier report.

    `kept`: which segments are its own. `movement`: who moved, if customers can be followed.
    `chance`: how many would move anyway. `shifts`: how the features are distributed now. `mangled`:
    earlier ids that are written differently; `rescaled`: features in another unit.
    """

    earlier: Earlier
    kept: Kept
    movement: Movement | None
    chance: Chance
    shifts: dict[str, Shift]
    mangled: int = 0
    rescaled: Rescaled = field(default_factory=dict)

    @property
    def names(self) -> dict[int, str]:
        """The names of kept segments, by number."""
        return self.kept.names

    @property
    def past(self) -> dict[int, str]:
        """The names of all numbers no longer in use."""
        return self.kept.past


def keep_numbers(
    segmentation: Segmentation, earlier: Earlier | None
) -> tuple[Segmentation, Changes | None]:
    """Returns the segmentation with the numbers of an earlier report, and what changed since.

    Without an earlier report, the segmentation as it is, and None.
    """
    if earlier is None:
        return segmentation, None
    frame = _fetch(segmentation, earlier.model)
    rescaled = find_rescaled(frame, segmentation.sample.weights, earlier.model.bins)
    frame = restore_units(frame, rescaled)
    table = restore_units(segmentation.sample.table, rescaled)
    both = place_by_earlier(segmentation, earlier.model, table)
    followed = count_followed(both, earlier, segmentation.sample.id)
    near = are_near(segmentation, earlier.model, frame)
    kept = match_segments(both, followed, near, earlier)
    movement, mangled = None, count_mangled(both, earlier, segmentation.sample.id)
    if followed is not None and not mangled:
        movement = follow_customers(followed, dict(enumerate(kept.numbers, 1)))
    numbered = segmentation.with_numbers(kept.numbers)
    chance = measure_chance(numbered, earlier.report.result.get("rows_fitted"))
    shifts = measure_shifts(table, earlier.model.bins)
    return numbered, Changes(earlier, kept, movement, chance, shifts, mangled, rescaled)


def place_by_earlier(segmentation: Segmentation, model: Model, table: ir.Table) -> ir.Table:
    """Returns the placed rows with `EARLIER`: where the earlier report's rule puts each row.

    `table` are the same rows, with the features in the earlier report's units.
    """
    then = open_passes(table).place(model.placement, [ROW])[SEGMENT]
    return ibis.memtable(segmentation.placed.append_column(EARLIER, then))


def match_segments(
    both: ir.Table, followed: pd.DataFrame | None, near: np.ndarray, earlier: Earlier
) -> Kept:
    """Matches k segments, numbered 1 … k, with those of an earlier report.

    The Jaccard similarities add up to most, each the larger of two: of today's customers by the old
    and the new borders, and of the customers `followed` from then to now. Pairs that share half or
    less are no match. The old borders do not count for a segment that is not `near` its counterpart
    (earlier × k): it lies where nobody was. New segments get numbers above all that ever were.
    """
    model, k = earlier.model, near.shape[1]
    pairs = both.filter(both[SEGMENT].notnull() & both[EARLIER].notnull())
    pairs = pairs.select(then=pairs[EARLIER], now=pairs[SEGMENT])
    today = compute(pairs.group_by(["then", "now"]).aggregate(n=pairs.count()))
    overlap = _overlap(today, model.numbers, k) * near
    if followed is not None:
        overlap = np.maximum(overlap, _overlap(followed, model.numbers, k))
    matches = {
        new: (model.numbers[old], float(overlap[old, new]))
        for old, new in pair_up(overlap)
        if overlap[old, new] > SAME
    }
    fresh = count(max([model.highest, *earlier.past]) + 1)
    numbers = tuple(matches[new][0] if new in matches else next(fresh) for new in range(k))
    called = dict(zip(model.numbers, model.names, strict=True))
    overlaps = dict(sorted(matches.values()))
    names = {number: called[number] for number in overlaps}
    retired = {number: name for number, name in called.items() if number not in names}
    past = {n: name for n, name in (earlier.past | called).items() if n not in numbers}
    return Kept(numbers, overlaps, names, retired, past)


def are_near(segmentation: Segmentation, model: Model, frame: pd.DataFrame) -> np.ndarray:
    """Returns whether each segment (columns) is near each earlier one (rows).

    Near is within half the distance from the earlier centre to the next, in the earlier report's
    coordinates, by the sampled rows; `frame` has the earlier features of these.
    """
    sample = segmentation.sample
    Z = model.placement.measure(frame.to_numpy(dtype=float).T)
    labels = np.searchsorted([0, *segmentation.numbers], segmentation.placed_labels)
    centres = measure_segments(Z, labels, segmentation.k, sample.weights)
    means = np.where(centres.n > 0, centres.mean, np.inf).T
    return np.asarray(cdist(model.centres, means) <= half_ways(model.centres)[:, None])


def _fetch(segmentation: Segmentation, model: Model) -> pd.DataFrame:
    """Returns the earlier report's features of the sampled rows."""
    sample = segmentation.sample
    frame = open_passes(sample.table).fetch(sample.frame.index, model.features)
    return frame.apply(pd.to_numeric)


def _overlap(counts: pd.DataFrame, numbers: Sequence[int], k: int) -> np.ndarray:
    """Returns the Jaccard similarity of earlier segments (rows) with today's k (columns)."""
    positions = range(1, k + 1)
    inside = counts[counts["then"].isin(numbers) & counts["now"].isin(positions)]
    shared = cross_counts(inside).reindex(index=numbers, columns=positions, fill_value=0)
    return divide_by_joint(shared.to_numpy(dtype=float))
