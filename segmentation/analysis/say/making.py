"""How the report was made: cautions, columns, rows, scales and methods, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from segmentation.analysis.fitting.clustering import MIXTURE_STARTS, STARTS
from segmentation.analysis.fitting.scaling import MOST_SORTED
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.passes.scales import Scales
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.gap_statistic import REFERENCES
from segmentation.analysis.trust.prediction import SPLITS
from segmentation.analysis.trust.resamples import EARLY, RESAMPLES
from segmentation.analysis.words import say_are, say_count, say_list, say_runs
from segmentation.data import Columns, Note
from segmentation.data.published.vocabulary import TITLES


def columns_used(columns: Columns) -> str:
    """Returns which columns form the segments, and which were left out altogether."""
    text = f"The segments are formed on {say_list(columns.features)}."
    if columns.id is None:
        text = f"No column names the customers: they are known by the numbers of their rows. {text}"
    left = columns.named("left out")
    if left:
        text += f" Left out: {say_list(left)}; the table says why."
    return text


def rows_used(segmentation: Segmentation) -> str:
    """Returns how many rows have a segment, and why the others do not."""
    sample, customers = segmentation.sample, int(segmentation.sizes.sum())
    text = f"{customers:,} of {say_count(sample.rows, 'row')} have a segment."
    outside = sample.used - customers
    if outside:
        text += f" {outside:,} {say_are(outside)} in no dense group."
    lost = sample.rows - sample.used
    if not lost:
        return text
    because = [f"{name} in {n:,}" for name, n in sample.missing.items() if n]
    text += f" {lost:,} {say_are(lost)} left out, missing {say_list(because)}."
    if lost > 0.1 * sample.rows:
        worst = max(sample.missing, key=lambda name: sample.missing[name])
        text += f" {worst} costs most: leave it out of the features, or fill it (missing: median)."
    return text


def scales_used(scales: Scales) -> str:
    """Returns which features were logged, with their skew before and after."""
    logged = [
        f"{s.feature} (skew {s.skew:.1f}, after the log {s.skew_logged:.1f})"
        for s in scales
        if s.log
    ]
    text = "No feature is logged."
    if logged:
        text = f"Logged, because a few large values would own the axis: {say_list(logged)}."
    sorts = scales.scaling == "robust" or any(scale.fill is not None for scale in scales)
    if not sorts or scales.counts.rows <= MOST_SORTED:
        return text
    return f"{text} Medians to fill and to scale by are of some {MOST_SORTED:,} rows, evenly apart."


def method(segmentation: Segmentation, steps: int) -> str:
    """Returns which algorithm drew the segments, and what it decided by itself.

    `steps` over all rows refined the centres of a sample.
    """
    sample, algorithm = segmentation.sample, segmentation.algorithm
    how = {
        "kmeans": f"K-Means, the best of {STARTS} starts",
        "gmm": f"a Gaussian mixture with full covariances, the best of {MIXTURE_STARTS} starts",
        "ward": "Ward's method: the two groups that are nearest are joined until these are left",
        "dbscan": "DBSCAN, its reach set so that three customers of four lie in a dense place",
        "hdbscan": "HDBSCAN: groups that stay dense while the reach shrinks",
    }[algorithm]
    if not sample.weighted:
        return f"The segments are drawn by {how}."
    mended = ""
    if steps and algorithm == "kmeans":
        over = say_count(steps, "step")
        mended = f" {over} over all customers then mended the middles of the segments."
    return (
        f"The segments are drawn by {how}, on a weighted sample: {len(sample.X):,} customers "
        f"stand for all {sample.used:,}. Those far from the middle are drawn more often and "
        f"count for fewer (a lightweight coreset, Bachem, Lucic and Krause 2018).{mended} Every "
        f"customer was placed: sizes, means and shares are of all, medians and quartiles of the "
        f"sample."
    )


def depth(evidence: Evidence) -> str:
    """Returns how thoroughly the segments were tested."""
    depth, resamples = evidence.depth, evidence.resamples
    other = {"full": "quick", "quick": "full"}[depth]
    text = (
        f"Depth {depth}: {SPLITS[depth]} halves, {RESAMPLES[depth]} draws and {REFERENCES[depth]} "
        f"random tables were tried (depth {other}: {SPLITS[other]}, {RESAMPLES[other]} and "
        f"{REFERENCES[other]})."
    )
    if resamples.algorithm != "kmeans":
        return (
            f"{text} {TITLES[resamples.algorithm]} takes long: to choose the number of segments, "
            f"{SPLITS['quick']} halves and {RESAMPLES['quick']} draws were tried."
        )
    early = [k for k in resamples.by_k if not resamples.is_full(k)]
    if not early:
        return text
    few = EARLY[depth]
    return (
        f"{text} At {say_runs(early)} segments, {few} halves and {few} draws made clear that more "
        f"would not change the choice."
    )


def orders(notes: Sequence[Note]) -> str:
    """Returns what was made of the order lines, and what was left out of them."""
    made = [note.what for note in notes if note.code == "orders"]
    return " ".join(f"{what[0].upper()}{what[1:]}." for what in made)


def checked(segmentation: Segmentation, agreement: float | None) -> str:
    """Returns that plain scikit-learn found the same segments, from its agreement with them.

    The agreement is an adjusted Rand index, None if K-Means was not used. Raises
    `ArithmeticError` below 1: the report's segments are then not what its text says.
    """
    if agreement is None:
        return f"The check is of K-Means; it does not apply to {segmentation.title}."
    customers = say_count(len(segmentation.sample.X), "fitted customer")
    if not agreement >= 1:
        raise ArithmeticError(
            f"plain scikit-learn finds other segments: for {customers}, "
            f"the adjusted Rand index of the labels is {agreement:.6f}, not 1"
        )
    return (
        f"Plain scikit-learn gives the same {segmentation.k} segments: "
        f"the labels of all {customers} agree."
    )
