"""What is taken of every row of a table; the rest of an analysis works on a sample of them.

A pass reads the whole table once. A table in the embedded engine is read in batches, one elsewhere
answers expressions. Both give the same results; `tests/analysis/passes` compares them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.passes.bins import Bins, Edges
from segmentation.analysis.passes.local import LocalPasses
from segmentation.analysis.passes.moments import Moments
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.passes.remote import RemotePasses
from segmentation.analysis.passes.scales import Counts, Scales
from segmentation.analysis.passes.scored_rows import Tally
from segmentation.analysis.passes.tallies import Sums, Wanted
from segmentation.data import is_embedded


class Passes(Protocol):
    """Each method is one pass over a table."""

    def measure(
        self, features: Sequence[str], fills: Mapping[str, float | None]
    ) -> tuple[Counts, Moments, Moments]:
        """Returns the counts of rows, the moments of their values and of log(1 + value).

        The moments are of the rows that have a value, or a `fill`, for every feature; values below
        0 count as 0 in the logarithm.
        """

    def draw(self, scales: Scales, size: int, seed: int, key: str | None) -> pd.DataFrame:
        """Returns about `size` rows in order, indexed by `ROW`: features (filled) and `WEIGHT`.

        See `sampling`; `key` names the column that identifies rows on every engine.
        """

    def fetch(self, rows: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
        """Returns columns of these rows, in this order, indexed by `ROW`."""

    def add_up(self, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
        """Returns the sums of coordinates (k × d) and the sizes (k) of the segments."""

    def place(self, placement: Placement, carried: Sequence[str]) -> pa.Table:
        """Returns the carried columns and those of `list_placed_rows`, in order of `ROW`."""

    def score(
        self, placement: Placement, ranges: np.ndarray, edges: Edges, carried: Sequence[str]
    ) -> tuple[pa.Table, Tally]:
        """Returns what `place` returns, and counts of how the rows differ from the fitted ones.

        `ranges` (d × 2) are the least and largest fitted values, `edges` those of the bins, both in
        the order of the features; `carried` includes `ROW`.
        """

    def customers(self, placed: pa.Table, placement: Placement | None) -> ir.Table:
        """Returns the whole table with the columns of `placed` added, in the engine that has it.

        An engine elsewhere computes them by the placement, if there is one.
        """

    def sum_up(self, placement: Placement, placed: pa.Table, wanted: Wanted) -> Sums:
        """Returns sums by segment over the rows that `place` has placed by this rule."""

    def count_bins(self, edges: Edges) -> dict[str, Bins]:
        """Returns how many rows are in each bin, by feature."""


def open_passes(table: ir.Table) -> Passes:
    """Returns the passes over a table, by the engine that suits the place of its rows."""
    return LocalPasses(table) if is_embedded(table) else RemotePasses(table)
