"""Trying things: the fits of every k made once, and what can be said of one of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import Segments, choose_k
from segmentation.analysis.fitting.sample import SAMPLED_ABOVE, Prepared, fit_scales, take_rows
from segmentation.analysis.fitting.scan import Scan, list_ks, scan_k
from segmentation.analysis.fitting.segmentation import place_segments
from segmentation.analysis.passes.placed_rows import CERTAINTY, DIGITS, SEGMENT
from segmentation.analysis.passes.tallies import Added, Wanted, make_sums, measure_segments
from segmentation.analysis.portraits.names import name_segments
from segmentation.analysis.portraits.profiles import Profiles, Which, lay_out_profiles
from segmentation.analysis.portraits.rules import NO_RULE
from segmentation.analysis.show.plots import choose_axes, draw_rows
from segmentation.analysis.trust.choice import Choice, recommend_k
from segmentation.analysis.trust.stability import (
    RESAMPLES,
    SPLITS,
    Trials,
    measure_stability,
    try_ks,
)
from segmentation.analysis.trust.structure import Structure, find_structure
from segmentation.analysis.trust.valleys import Border, find_borders, find_gapped
from segmentation.analysis.trust.verdict import Verdict, judge
from segmentation.analysis.words import say_are, say_count
from segmentation.data import ROW, Columns, Source, check_columns

MOST_EXPLORED = 20_000  # rows that are fitted, so that every move stays quick
QUICK = "quick"


@dataclass(frozen=True)
class Way:
    """One way to form segments: parameters of the report that are tried out together."""

    features: tuple[str, ...]
    transform: str = "auto"
    scaling: str = "standard"
    algorithm: str = "kmeans"


@dataclass(frozen=True)
class Fits:
    """The segments of every k on one way, and the rows (positions) that are drawn."""

    way: Way
    columns: Columns
    prepared: Prepared
    scan: Scan
    drawn: np.ndarray
    seed: int

    @property
    def ks(self) -> list[int]:
        """The numbers of segments that can be shown: one, where the method finds it itself."""
        return sorted(self.scan.labels) if self.scan.found is None else [self.scan.found.k]


@dataclass(frozen=True)
class Quick:
    """What a report at depth quick would know of these fits, before it is asked for a k."""

    structure: Structure
    trials: Trials
    borders: dict[int, list[Border]]
    choice: Choice
    gapped: list[str]


@dataclass(frozen=True)
class View:
    """The segments at one k: who is in them, what they may be called, the features of the map."""

    segments: Segments
    profiles: Profiles
    suggested: list[str]
    axes: list[int]


@dataclass
class Exploration:
    """A table that is explored: what was fitted so far, by way.

    `asked` are the report's other parameters: id, value, missing, seed, k_max and the like.
    """

    source: Source
    asked: Mapping[str, Any]
    fits: dict[Way, Fits] = field(default_factory=dict)
    quick: dict[Way, Quick] = field(default_factory=dict)

    def fit(self, way: Way) -> Fits:
        """The fits of this way, made once. Raises `InputError` where it cannot be used."""
        if way not in self.fits:
            self.fits[way] = fit_way(self.source, way, self.asked)
        return self.fits[way]

    def try_out(self, way: Way) -> Quick:
        """The quick tests of this way, made once."""
        if way not in self.quick:
            self.quick[way] = try_quickly(self.fit(way))
        return self.quick[way]

    @property
    def sets(self) -> int:
        """How many sets of columns were fitted so far."""
        return len({frozenset(way.features) for way in self.fits})


def fit_way(source: Source, way: Way, asked: Mapping[str, Any]) -> Fits:
    """The segments of every k up to `k_max`, as a report makes them: same rows, starts and seed.

    Of more than 20,000 rows a weighted sample is fitted, drawn as a report draws.
    """
    id, value, seed = asked["id"], asked["value"], asked["seed"]
    source.check({*way.features, id, value}, id)
    columns = check_columns(source, id, list(way.features), value)
    scales = fit_scales(
        source.table, columns.features, way.transform, way.scaling, asked["missing"]
    )
    prepared = take_rows(source.table, scales, MOST_EXPLORED, seed, columns.id)
    ks = list_ks(asked["k_max"])
    scan = scan_k(prepared.X, prepared.weights, ks, seed, way.algorithm)
    if scan.found is None:
        choose_k(scan.segments, min(scan.labels, default=2))
    return Fits(way, columns, prepared, scan, draw_rows(prepared, seed), seed)


def try_quickly(fits: Fits) -> Quick:
    """The tests of a report at depth quick, on the fitted rows."""
    X, weights, scan, seed = fits.prepared.X, fits.prepared.weights, fits.scan, fits.seed
    structure = find_structure(X, weights, QUICK, seed)
    trials = try_ks(X, weights, scan, QUICK, seed)
    borders = find_borders(X, weights, scan.labels, structure, QUICK, seed)
    choice = recommend_k(scan, weights, trials, borders)
    gapped = find_gapped(fits.prepared, structure, seed)
    return Quick(structure, trials, borders, choice, gapped)


def view_k(fits: Fits, k: int) -> View:
    """The segments at k, described by the rows that were fitted."""
    segments = fits.scan.found or fits.scan.segments[k]
    prepared = fits.prepared
    profiles = profile_rows(prepared, segments)
    suggested = name_segments(profiles, [NO_RULE] * segments.k)
    axes = choose_axes(prepared.X, segments.labels, prepared.weights)
    return View(segments, profiles, suggested, axes)


def judge_view(fits: Fits, quick: Quick, view: View) -> Verdict:
    """The verdict of a report at depth quick on these segments."""
    X, weights, segments = fits.prepared.X, fits.prepared.weights, view.segments
    stability = measure_stability(X, weights, quick.trials, segments, fits.seed)
    borders = quick.borders.get(segments.k, [])
    if fits.scan.found is not None:
        own = {segments.k: segments.labels}
        borders = find_borders(X, weights, own, quick.structure, QUICK, fits.seed)[segments.k]
    return judge(quick.structure, stability, quick.choice, segments, borders, quick.gapped)


def nearest_k(fits: Fits, k: int) -> int:
    """The k that is shown where this one was asked for: itself where it can be made."""
    return min(fits.ks, key=lambda other: (abs(other - k), other))


def profile_rows(prepared: Prepared, segments: Segments) -> Profiles:
    """The profiles of the features by the fitted rows, each counted by what it stands for.

    As `describe_segments` has them, where every row was fitted.
    """
    frame, weights = prepared.frame[prepared.features], prepared.weights
    values = frame.to_numpy(dtype=float).T
    moments = measure_segments(values, segments.labels, segments.k, weights)
    sizes = np.bincount(segments.labels, weights, minlength=segments.k + 1)[1:].round()
    sums = make_sums(Added(moments, sizes), segments.numbers, Wanted(prepared.features))
    return lay_out_profiles(prepared.features, frame, Which(segments.numbered, weights), sums)


def list_members(fits: Fits, view: View, number: int) -> ir.Table:
    """The customers of a segment in the order of the table: who, certainty, then every column.

    Placed as a report places them: all rows, also where a sample was fitted.
    """
    table = fits.prepared.table
    placed = place_segments(fits.prepared, view.segments).customers
    own = placed.filter(placed[SEGMENT] == number).order_by(ROW)
    who = fits.columns.id
    shown = [*fits.prepared.features, *([fits.columns.value] if fits.columns.value else [])]
    rest = [name for name in table.columns if name not in (ROW, who, *shown)]
    named = {"row" if who is None else who: own[who or ROW]}
    certainty = (
        {"certainty": own[CERTAINTY].round(DIGITS)} if "certainty" not in table.columns else {}
    )
    return own.select(
        **named,
        **{name: own[name] for name in shown},
        **certainty,
        **{name: own[name] for name in rest},
    )


def take_members(fits: Fits, view: View, number: int, most: int) -> pd.DataFrame:
    """The first fitted customers of a segment, in the order of the table: features and value."""
    rows = fits.prepared.frame.index[view.segments.numbered == number][:most]
    table, value = fits.prepared.table, fits.columns.value
    names = [*fits.prepared.features, *([value] if value else [])]
    own = table.filter(table[ROW].isin([int(row) for row in rows])).order_by(ROW)
    who = fits.columns.id or ROW
    frame = own.select(who, *(name for name in names if name != who)).execute()
    named = pd.Index(frame.pop(who).convert_dtypes(), name="row" if who == ROW else who)
    return frame.set_index(named)


def list_measures(source: Source, columns: Columns) -> list[str]:
    """The columns that can be features: numbers that vary, without the id and the value."""
    apart = {columns.id, columns.value}
    facts = [part.fact for part in columns.parts if part.fact.name not in apart]
    usable = [fact.name for fact in facts if fact.type == "number" and fact.distinct > 1]
    return [name for name in usable if name not in source.faults]


def say_fits(fits: Fits) -> str:
    """Which rows are fitted, and whether a report's segments are these."""
    prepared, used = fits.prepared, say_count(fits.prepared.used, "customer")
    lost = prepared.rows - prepared.used
    left = f" {lost:,} {say_are(lost)} left out, without a value in every feature." if lost else ""
    if not prepared.sampled:
        return f"All {used} are fitted: a report at this k has the same segments.{left}"
    whole = "fits all of them" if prepared.used <= SAMPLED_ABOVE else "mends it over all of them"
    return (
        f"A weighted sample of {len(prepared.X):,} of {used} is fitted; a report {whole}, so that "
        f"its borders may lie a little elsewhere. Sizes and medians are estimates."
        f"{left}"
    )


def say_quick(sets: int) -> str:
    """What the quick form leaves out, and what trying does to a verdict."""
    tried = "" if sets < 2 else f" {sets} sets of columns were tried: the best of many proves less."
    return (
        f"Quick form: {SPLITS['quick']} halves and {RESAMPLES['quick']} draws; a report tries "
        f"{SPLITS['full']} and {RESAMPLES['full']}.{tried}"
    )
