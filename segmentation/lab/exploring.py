"""Segments to explore: every k fitted once for each way, and a quick view of any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.analysis import fit_scales, gather_evidence, scan_k, take_sample
from segmentation.analysis.fitting.clustering import choose_k
from segmentation.analysis.fitting.sample import SAMPLE_ROWS, Sample
from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.fitting.segmentation import Segmentation, segment_sample
from segmentation.analysis.passes.placed_rows import CERTAINTY, DIGITS, SEGMENT
from segmentation.analysis.portraits.drawn import choose_axes, draw_rows
from segmentation.analysis.portraits.names import name_segments
from segmentation.analysis.portraits.profiles import Profiles, profile_rows
from segmentation.analysis.portraits.rules import NO_RULE
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.prediction import SPLITS
from segmentation.analysis.trust.resamples import RESAMPLES
from segmentation.analysis.words import say_are, say_count
from segmentation.data import ROW, Columns, Source, check_columns

MOST_EXPLORED = 20_000  # fitted rows, so that every move stays quick


@dataclass(frozen=True)
class Way:
    """One way to form segments: the parameters of a report that are tried together."""

    features: tuple[str, ...]
    transform: str = "auto"
    scaling: str = "standard"
    algorithm: str = "kmeans"


@dataclass(frozen=True)
class Fits:
    """A way to form segments with its fits of every k, and the positions of the drawn rows."""

    way: Way
    columns: Columns
    scan: Scan
    drawn: np.ndarray

    @property
    def sample(self) -> Sample:
        """The fitted rows."""
        return self.scan.sample

    @property
    def ks(self) -> list[int]:
        """The numbers of segments to choose from; a single one if the algorithm finds it itself."""
        return sorted(self.scan.labels) if self.scan.found is None else [self.scan.found.k]


@dataclass(frozen=True)
class View:
    """The segments at one k: their profiles, suggested names, and the features of the map."""

    fits: Fits
    segmentation: Segmentation
    profiles: Profiles
    suggested: pd.Series
    axes: list[int]


@dataclass
class Exploration:
    """An explored table, with the fits and tests made so far, by way.

    `options` are the report's other parameters: dataset, id, value, missing, seed, k_max …
    """

    source: Source
    options: Mapping[str, Any]
    fits: dict[Way, Fits] = field(default_factory=dict)
    evidence: dict[Way, Evidence] = field(default_factory=dict)

    def fit(self, way: Way) -> Fits:
        """Returns the fits of this way, made once; raises `InputError` if it cannot be used."""
        if way not in self.fits:
            self.fits[way] = fit_way(self.source, way, self.options)
        return self.fits[way]

    def test(self, way: Way) -> Evidence:
        """Returns what the tests of a report at depth quick find on this way, made once."""
        if way not in self.evidence:
            self.evidence[way] = gather_evidence(self.fit(way).scan, "quick")
        return self.evidence[way]

    @property
    def sets(self) -> int:
        """The number of sets of columns that were fitted so far."""
        return len({frozenset(way.features) for way in self.fits})


def fit_way(source: Source, way: Way, options: Mapping[str, Any]) -> Fits:
    """Fits every k up to `k_max` as a report does: on the same rows, with the same seed.

    Above 20,000 rows, on a weighted sample. Raises `InputError` if the way cannot be used.
    """
    id, value, seed = options["id"], options["value"], options["seed"]
    source.check({*way.features, id, value}, id)
    columns = check_columns(source, id, list(way.features), value)
    features, missing = columns.features, options["missing"]
    scales = fit_scales(source.table, features, way.transform, way.scaling, missing)
    sample = take_sample(source.table, scales, MOST_EXPLORED, seed, columns.id)
    scan = scan_k(sample, options["k_max"], algorithm=way.algorithm)
    if scan.found is None:
        choose_k(scan.fits, min(scan.labels, default=2))  # refuses rows that are all alike
    return Fits(way, columns, scan, draw_rows(sample))


def view_k(fits: Fits, k: int) -> View:
    """Returns the segments at k, described by the fitted rows alone."""
    segmentation = segment_sample(fits.sample, fits.scan.found or fits.scan.fits[k])
    profiles = profile_rows(segmentation)
    # Rules take a report seconds; without them, names come from the medians.
    rules = pd.Series([NO_RULE] * segmentation.k, segmentation.numbers)
    suggested = name_segments(profiles, rules)
    return View(fits, segmentation, profiles, suggested, choose_axes(segmentation))


def nearest_k(fits: Fits, k: int) -> int:
    """Returns the possible number of segments nearest to k."""
    return min(fits.ks, key=lambda other: (abs(other - k), other))


def list_members(view: View, number: int) -> ir.Table:
    """Returns all customers of a segment in the order of the table, those not fitted included.

    Columns: the id or row number, features, value, certainty, then all others.
    """
    id, placed = view.fits.columns.id, view.segmentation.customers
    members = placed.filter(placed[SEGMENT] == number).order_by(ROW)
    names = [name for name in view.segmentation.sample.table.columns if name != ROW]
    who = id or ("row number" if "row" in names else "row")
    first = {who: members[id or ROW]}
    first |= {name: members[name] for name in _list_shown(view)}
    if "certainty" not in names:
        first["certainty"] = members[CERTAINTY].round(DIGITS)
    return members.select(**first | {name: members[name] for name in names if name not in first})


def take_members(view: View, number: int, most: int) -> pd.DataFrame:
    """Returns up to `most` fitted customers of a segment, the first in the order of the table.

    Columns: features and value; indexed by id or row number.
    """
    sample, who = view.segmentation.sample, view.fits.columns.id or ROW
    rows = sample.frame.index[view.segmentation.labels == number][:most]
    members = sample.table.filter(sample.table[ROW].isin(rows.tolist())).order_by(ROW)
    frame = members.select(who, *(name for name in _list_shown(view) if name != who)).execute()
    index = pd.Index(frame.pop(who).convert_dtypes(), name="row" if who == ROW else who)
    return frame.set_index(index)


def list_measures(source: Source, columns: Columns) -> list[str]:
    """Returns the possible features: numbers that vary, apart from the id and the value."""
    reserved = {columns.id, columns.value}
    facts = [part.fact for part in columns.parts if part.fact.name not in reserved]
    varying = [fact.name for fact in facts if fact.type == "number" and fact.distinct > 1]
    return [name for name in varying if name not in source.faults]


def say_fits(fits: Fits) -> str:
    """Returns which rows are fitted, and whether a report has the same segments."""
    sample, customers = fits.sample, say_count(fits.sample.used, "customer")
    lost = sample.rows - sample.used
    left = f" {lost:,} {say_are(lost)} left out, without a value in every feature." if lost else ""
    if not sample.weighted:
        return f"All {customers} are fitted: a report at this k has the same segments.{left}"
    more = (
        "fits all of them" if sample.used <= SAMPLE_ROWS else "refines such a fit over all of them"
    )
    return (
        f"A weighted sample of {len(sample.X):,} of {customers} is fitted; a report {more}, so its "
        f"borders may be slightly different. Sizes and medians are estimates.{left}"
    )


def say_quick(sets: int) -> str:
    """Returns how much less is tested than in a report, and what trying does to a verdict."""
    tried = f" {sets} sets of columns were tried: the best of many proves less."
    return (
        f"Quick form: up to {SPLITS['quick']} halves and {RESAMPLES['quick']} draws; a report "
        f"tries up to {SPLITS['full']} and {RESAMPLES['full']}.{tried if sets > 1 else ''}"
    )


def _list_shown(view: View) -> list[str]:
    """Lists the columns to show first: the features, and the value if any."""
    value = view.fits.columns.value
    return [*view.segmentation.sample.features, *([value] if value else [])]
