"""Every customer of a table in a numbered segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.analysis.fitting.clustering import Segments, number_by_size
from segmentation.analysis.fitting.few import blur_few
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.silhouettes import update_widths
from segmentation.analysis.passes.nearest import find_nearest
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.placed_rows import (
    CERTAINTY,
    LEFT_OUT,
    NUMBER,
    SECOND,
    SEGMENT,
    explain_left_out,
    renumber,
)
from segmentation.analysis.passes.placement import Placement
from segmentation.data import ROW
from segmentation.data.published.vocabulary import PLACES_NEW


@dataclass(frozen=True)
class Segmentation:
    """The segments of a sample, the numbers that readers see, and every row of the table placed.

    `segments` are in the order of `numbers`, which increase: 1 … k, unless those of an earlier
    report are kept. `known` are the placed rows, if they come from an earlier placement.
    """

    sample: Sample
    segments: Segments
    numbers: tuple[int, ...]
    known: pa.Table | None = None

    @cached_property
    def placed(self) -> pa.Table:
        """A row for each row of the table, in order; computed when first used.

        Columns: `ROW`, the id if any, `SEGMENT`, `SECOND` (numbers), `CERTAINTY`, `LEFT_OUT`. For a
        row in no segment, `LEFT_OUT` gives the reason, and the three before it are NULL.
        """
        return _place_rows(self) if self.known is None else self.known

    @property
    def placement(self) -> Placement | None:
        """What decides on each row; None for algorithms that cannot place rows they have not seen.

        Those give neither a second segment nor a certainty.
        """
        if self.algorithm not in PLACES_NEW:
            return None
        segments = self.segments
        return Placement(self.sample.scales, segments.centres, segments.mixture, self.numbers)

    @property
    def k(self) -> int:
        """The number of segments."""
        return self.segments.k

    @property
    def algorithm(self) -> str:
        """The algorithm that formed the segments."""
        return self.segments.algorithm

    @property
    def title(self) -> str:
        """The algorithm's name for readers."""
        return self.segments.title

    @property
    def labels(self) -> np.ndarray:
        """The number of each sampled row's segment (n) as it was fitted, 0 for none."""
        return np.array([0, *self.numbers])[self.segments.labels]

    @property
    def placed_labels(self) -> np.ndarray:
        """The number of each sampled row's segment (n) as it was placed, 0 for none."""
        positions = np.searchsorted(self.placed[ROW].to_numpy(), self.sample.frame.index)
        return np.asarray(self.placed[SEGMENT].take(positions).fill_null(0).to_numpy())

    @property
    def sizes(self) -> pd.Series:
        """The number of placed customers, by segment number."""
        counts = self.placed[SEGMENT].drop_null().value_counts().to_pylist()
        sizes = pd.Series({part["values"]: part["counts"] for part in counts}, dtype=int)
        index = pd.Index(self.numbers, name="segment")
        return sizes.reindex(index, fill_value=0)

    @property
    def customers(self) -> ir.Table:
        """The whole table with the placed columns, in the engine that holds it."""
        return open_passes(self.sample.table).customers(self.placed, self.placement)

    @property
    def silhouettes(self) -> pd.Series:
        """The mean silhouette by segment number, NaN if none was measured."""
        widths, weights, labels = self.segments.widths, self.sample.weights, self.labels
        means = {}
        for number in self.numbers:
            rows = (labels == number) & np.isfinite(widths)
            mean = np.average(widths[rows], weights=weights[rows]) if rows.any() else np.nan
            means[number] = float(mean)
        return pd.Series(means, name="silhouette").rename_axis("segment")

    def with_numbers(self, numbers: Sequence[int]) -> Segmentation:
        """Returns the same segments under these numbers (k, in today's order), sorted by them."""
        segments = _order_segments(self.segments, np.argsort(numbers))
        increasing = tuple(sorted(map(int, numbers)))
        return Segmentation(self.sample, segments, increasing, renumber(self.placed, list(numbers)))


def segment_sample(sample: Sample, segments: Segments) -> Segmentation:
    """Returns the segments as they were fitted, numbered 1 … k."""
    return Segmentation(sample, segments, tuple(range(1, segments.k + 1)))


def place_customers(sample: Sample, segments: Segments, polish: int = 0) -> Segmentation:
    """Places every row of the table, and numbers the segments by their size among all rows.

    If a weighted sample was fitted by K-Means, `polish` Lloyd steps over all rows come first. The
    centres of a few customers are rounded, see `blur_few`.
    """
    if not sample.weighted:
        return segment_sample(sample, blur_few(sample, segments))
    polished = _take_steps(sample, segments, polish if segments.algorithm == "kmeans" else 0)
    polished = blur_few(sample, polished)
    placed = segment_sample(sample, polished)
    order = number_by_size(np.arange(segments.k), placed.sizes.to_numpy(), polished.centres)
    ranks = (np.argsort(order) + 1).tolist()
    numbered = _label_again(sample, _order_segments(polished, order))
    before = np.array(ranks)[segments.labels - 1]
    measured = update_widths(sample.X, sample.weights, numbered, before, sample.seed)
    return Segmentation(sample, measured, placed.numbers, renumber(placed.placed, ranks))


def _place_rows(segmentation: Segmentation) -> pa.Table:
    """Places every row of the table in the segments as they are."""
    sample, placement = segmentation.sample, segmentation.placement
    carried = [ROW] if sample.id is None else [ROW, sample.id]
    if placement is None:
        return _list_fitted(sample, segmentation.segments, carried)
    return open_passes(sample.table).place(placement, carried)


def _take_steps(sample: Sample, segments: Segments, steps: int) -> Segments:
    """Moves the centres by Lloyd steps over all rows."""
    numbers = tuple(range(1, segments.k + 1))
    for _ in range(steps):
        placement = Placement(sample.scales, segments.centres, segments.mixture, numbers)
        sums, sizes = open_passes(sample.table).add_up(placement)
        means = sums / np.maximum(sizes, 1)[:, None]
        centres = np.where(sizes[:, None] > 0, means, segments.centres)
        segments = replace(segments, centres=centres)
    return segments


def _order_segments(segments: Segments, order: np.ndarray) -> Segments:
    """Returns the segments in this order of positions (k)."""
    ranks = np.append(0, np.argsort(order) + 1)  # of labels 0 … k
    distances = segments.distances
    return replace(
        segments,
        labels=ranks[segments.labels],
        centres=segments.centres[order],
        mixture=None if segments.mixture is None else segments.mixture.in_order(order),
        distances=distances[:, order] if len(distances) else distances,
    )


def _label_again(sample: Sample, segments: Segments) -> Segments:
    """Labels the sampled rows by the centres, which moved, and sums their squared distances."""
    labels = segments.labels
    if segments.mixture is None:
        labels = find_nearest(sample.X.T, segments.centres).astype(int)
    away = ((sample.X - segments.centres[labels - 1]) ** 2).sum(axis=1)
    return replace(segments, labels=labels, inertia=float(sample.weights @ away))


def _list_fitted(sample: Sample, segments: Segments, carried: Sequence[str]) -> pa.Table:
    """Lists what `Passes.place` gives, by the labels of the sampled rows."""
    columns = dict.fromkeys([*carried, *sample.features])
    whole = sample.table.select(*columns).order_by(ROW).to_pyarrow()
    known = pd.Series(segments.labels, index=sample.frame.index, dtype="Int64")
    numbers = known[known > 0].reindex(whole[ROW].to_numpy())
    features = whole.select(sample.features).to_pandas()
    values = features.to_numpy(dtype=float, na_value=np.nan).T
    outside = numbers.isna().to_numpy()
    placed = {
        SEGMENT: pa.array(numbers, NUMBER),
        SECOND: pa.nulls(len(whole), NUMBER),
        CERTAINTY: pa.nulls(len(whole), pa.float64()),
        LEFT_OUT: explain_left_out(values, outside, sample.scales),
    }
    return pa.table({name: whole[name] for name in carried} | placed)
