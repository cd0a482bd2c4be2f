"""Where the customers come from and how the segments were made, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from segmentation.analysis.fitting.clustering import MIXTURE_STARTS, STARTS, TITLES, Segments
from segmentation.analysis.fitting.sample import MOST_SORTED, Prepared
from segmentation.analysis.passes.scales import Scales
from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.trust.gap_statistic import REFERENCES
from segmentation.analysis.trust.stability import RESAMPLES, SPLITS, Trials
from segmentation.analysis.words import say_are, say_count, say_day, say_list
from segmentation.data import Columns, Note, Source


def say_source(source: Source, columns: Columns, notes: Sequence[Note] = ()) -> str:
    """Where the customers come from, and how old they are: never the file's path."""
    made = find_making(notes)
    if made is not None:
        return f"Data: {source.name}, {made}."
    shape = f"{say_count(columns.rows, 'row')}, {say_count(len(columns.parts), 'column')}"
    return f"Data: {source.name}, {shape}{_say_age(source, columns)}."


def find_making(notes: Sequence[Note]) -> str | None:
    """What was made of order lines; None where the rows were customers already."""
    return next((note.what for note in notes if note.code == "orders"), None)


def _say_age(source: Source, columns: Columns) -> str:
    """The newest date in the table and its column; without one, when the file was written."""
    dated = [part.fact for part in columns.parts if part.fact.newest is not None]
    newest = max(dated, key=lambda fact: fact.newest or date.min, default=None)
    if newest is not None and newest.newest is not None:
        return f"; newest date {say_day(newest.newest)} ({newest.name})"
    if source.path is None:
        return ""
    return f"; file of {say_day(date.fromtimestamp(source.path.stat().st_mtime))}"


def say_rows(prepared: Prepared, profiles: Profiles) -> str:
    """How many rows have a segment, and why the others do not."""
    said = f"{profiles.customers:,} of {say_count(prepared.rows, 'row')} have a segment."
    outside = prepared.used - profiles.customers
    if outside:
        said += f" {outside:,} {say_are(outside)} in no dense group."
    lost = prepared.rows - prepared.used
    if not lost:
        return said
    because = [f"{name} in {n:,}" for name, n in prepared.missing.items() if n]
    said += f" {lost:,} {say_are(lost)} left out, missing {say_list(because)}."
    if lost > 0.1 * prepared.rows:
        worst = max(prepared.missing, key=lambda name: prepared.missing[name])
        said += f" {worst} costs most: leave it out of the features, or fill it (missing: median)."
    return said


def say_orders(notes: Sequence[Note]) -> str:
    """What was made of the order lines, and what was left out of them."""
    return " ".join(f"{note.what}." for note in notes if note.code == "orders")


def say_method(prepared: Prepared, segments: Segments, steps: int) -> str:
    """Which algorithm drew the segments, with what it was left to decide by itself.

    `steps` over all rows mended the centres of a sample.
    """
    how = {
        "kmeans": f"K-Means, the best of {STARTS} starts",
        "gmm": f"a Gaussian mixture with full covariances, the best of {MIXTURE_STARTS} starts",
        "ward": "Ward's method: the two groups that are nearest are joined until these are left",
        "dbscan": "DBSCAN, its reach set so that three customers of four lie in a dense place",
        "hdbscan": "HDBSCAN: groups that stay dense while the reach shrinks",
    }[segments.algorithm]
    if not prepared.sampled:
        return f"The segments are drawn by {how}."
    mended = ""
    if steps and segments.algorithm == "kmeans":
        over = say_count(steps, "step")
        mended = f" {over} over all customers then mended the middles of the segments."
    return (
        f"The segments are drawn by {how}, on a weighted sample: {len(prepared.X):,} customers "
        f"stand for all {prepared.used:,}. Those far from the middle are drawn more often and "
        f"count for fewer (a lightweight coreset, Bachem, Lucic and Krause 2018).{mended} Every "
        f"customer was placed: sizes, means and shares are of all, medians and quartiles of the "
        f"sample."
    )


def say_sample(prepared: Prepared) -> str:
    """What it means that a sample is judged; nothing where all are."""
    if not prepared.sampled:
        return ""
    drawn = len(prepared.X)
    return (
        f"The tests see a weighted sample: {drawn:,} customers stand for all {prepared.used:,}. A "
        f"group of one customer in 100 has about {drawn // 200:,} of them or more, one in 1,000 "
        f"about {max(1, drawn // 2_000):,}: such a small group may go unseen."
    )


def say_depth(trials: Trials) -> str:
    """How thoroughly the segments were put to the test."""
    depth, other = trials.depth, {"full": "quick", "quick": "full"}[trials.depth]
    said = (
        f"Depth {depth}: {SPLITS[depth]} halves, {RESAMPLES[depth]} draws and {REFERENCES[depth]} "
        f"random tables were tried (depth {other}: {SPLITS[other]}, {RESAMPLES[other]} and "
        f"{REFERENCES[other]})."
    )
    if trials.algorithm == "kmeans":
        return said
    return (
        f"{said} {TITLES[trials.algorithm]} takes long: to choose the number of segments, "
        f"{SPLITS['quick']} halves and {RESAMPLES['quick']} draws were tried."
    )


def say_columns(columns: Columns) -> str:
    """Which columns form the segments, and which were left out altogether."""
    said = f"The segments are formed on {say_list(columns.features)}."
    left = columns.named("left out")
    if left:
        said += f" Left out: {say_list(left)}; the table says why."
    return said


def tabulate_notes(notes: Sequence[Note]) -> pd.DataFrame:
    """What the reader decided and counted: a row a note, with its line and what was said."""
    rows = [(note.column or "the table", note.line, note.what) for note in notes]
    table = pd.DataFrame(rows, columns=["column", "line", "what"]).set_index("column")
    return table if table["line"].notna().any() else table.drop(columns="line")


def say_scales(scales: Scales, scaling: str) -> str:
    """Which features were logged, with their skew before and after; which rows were sorted."""
    logged = [
        f"{s.feature} (skew {s.skew:.1f}, after the log {s.skew_logged:.1f})"
        for s in scales
        if s.log
    ]
    said = "No feature is logged."
    if logged:
        said = f"Logged, because a few large values would own the axis: {say_list(logged)}."
    sorts = scaling == "robust" or any(scale.fill is not None for scale in scales)
    if not sorts or scales.counts.rows <= MOST_SORTED:
        return said
    return f"{said} Medians to fill and to scale by are of some {MOST_SORTED:,} rows, evenly apart."


def say_checked(segments: Segments, rows: int) -> str:
    """That plain scikit-learn found the same segments; said only after the check has passed."""
    if segments.algorithm != "kmeans":
        return f"The check is of K-Means; it does not apply to {segments.title}."
    return (
        f"Plain scikit-learn gives the same {segments.k} segments: "
        f"the labels of all {say_count(rows, 'fitted customer')} agree."
    )
