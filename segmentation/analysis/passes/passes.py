"""What is taken of every row of a table; all the rest of an analysis sees a sample of them.

A pass reads the whole table once. An embedded table is read in batches, one elsewhere answers
expressions: the same results, which `tests/analysis/test_passes.py` compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.passes.local import Batched
from segmentation.analysis.passes.moments import Moments
from segmentation.analysis.passes.placement import Borders
from segmentation.analysis.passes.remote import Expressed
from segmentation.analysis.passes.scales import Counts, Scales
from segmentation.analysis.passes.tallies import Sums, Wanted
from segmentation.data import is_embedded


class Passes(Protocol):
    """One pass over a table each."""

    def measure(
        self, features: Sequence[str], fills: Mapping[str, float | None]
    ) -> tuple[Counts, Moments, Moments]:
        """The rows counted; the moments of their values, and of log(1 + value).

        Of the rows that have a value in every feature, or a `fill` for it; values below 0 are
        taken as 0 before the logarithm.
        """

    def draw(self, scales: Scales, size: int, seed: int, key: str | None) -> pd.DataFrame:
        """About `size` rows in order, indexed by `ROW`: features, filled, and `WEIGHT`.

        See `sampling`; `key` names the column that tells rows apart on every engine.
        """

    def fetch(self, rows: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
        """Columns for these rows, in this order, indexed by `ROW`."""

    def add_up(self, borders: Borders) -> tuple[np.ndarray, np.ndarray]:
        """The sum of the coordinates (k × d) and the number (k) of the rows of each segment."""

    def place(self, borders: Borders, kept: Sequence[str]) -> pa.Table:
        """The kept columns and those of `list_placed_rows` for every row, in order of `ROW`."""

    def sum_up(self, borders: Borders, placed: pa.Table, wanted: Wanted) -> Sums:
        """What is added up by segment, of rows that `place` has placed by these borders."""

    def count_bins(self, edges: Mapping[str, Sequence[float]]) -> np.ndarray:
        """How many rows are in each bin of the first feature, the second, …: `count_values`."""


def open_passes(table: ir.Table) -> Passes:
    """The passes over a table, as they are quickest where its rows live."""
    return Batched(table) if is_embedded(table) else Expressed(table)
