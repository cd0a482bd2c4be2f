"""Resampled fits at every k: prediction strength, and the segments that come back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segmentation.analysis.passes.threads import one_thread
from segmentation.analysis.trust.prediction import SPLITS, predict_halves, predict_splits
from segmentation.analysis.trust.refits import (
    CLEAR,
    Refit,
    Resampled,
    compare,
    draw_rows,
    fit_again,
    resample,
)
from segmentation.data import find_distinct
from segmentation.data.memory import share

RESAMPLES = {"quick": 20, "full": 100}
EARLY = {"quick": 8, "full": 12}  # of both, after which most numbers of segments are decided
MOST_ROWS = 2_000  # of a larger table, a seeded draw is resampled
STRONG = 0.8  # prediction strength of reproducible segments (Tibshirani, Walther 2005)
VALID = 0.75  # mean Jaccard of a valid segment (Hennig 2007)


@dataclass(frozen=True)
class Resamples:
    """Resampled fits at every k, on `rows` (positions) of the sample.

    `strengths`: the prediction strength of each split, by k. `by_k`: what came back. `algorithm` is
    the one resampled: K-Means if the report's own finds k itself.
    """

    strengths: dict[int, np.ndarray]
    by_k: dict[int, Resampled]
    rows: np.ndarray
    depth: str
    algorithm: str = "kmeans"

    @property
    def strength(self) -> pd.DataFrame:
        """Prediction strength, indexed by k: mean, se, and the number of splits and resamples."""
        counts = {k: len(each) for k, each in self.strengths.items()}
        columns = {
            "mean": {k: each.mean() for k, each in self.strengths.items()},
            "se": {k: each.std(ddof=1) / np.sqrt(counts[k]) for k, each in self.strengths.items()},
            "splits": counts,
            "resamples": {k: resampled.times for k, resampled in self.by_k.items()},
        }
        return pd.DataFrame(columns).rename_axis("k")

    def is_full(self, k: int) -> bool:
        """Returns whether this k has had all splits and resamples of the depth."""
        return self.algorithm != "kmeans" or self.by_k[k].times >= RESAMPLES[self.depth]


def resample_ks(
    X: np.ndarray,
    weights: np.ndarray,
    labels: Mapping[int, np.ndarray],
    algorithm: str,
    depth: str,
    seed: int,
) -> Resamples:
    """Returns prediction strength and Jaccards at every k, from the labels (n) of its segments.

    `depth` full: 50 splits and 100 resamples; quick, and for mixtures and Ward's tree: 20 and 20.
    K-Means stops after 8 or 12 at a k whose strength is by then five standard errors below .8, or
    whose strength and weakest Jaccard are as clear of .8 and .75. Above 2,000 rows, a seeded draw
    is resampled. Copies of a row count once, or they would be in both halves.
    """
    rows = find_distinct(X)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))
    labels = {k: every[rows] for k, every in labels.items()}
    if algorithm != "kmeans":
        found = _resample_others(X[rows], weights[rows], labels, algorithm, seed)
        return Resamples(*found, rows, depth, algorithm)
    few = EARLY[depth]
    early = Resamples(*_try_all(X[rows], weights[rows], labels, (few, few), seed), rows, depth)
    return go_on(early, X, weights, (k for k in labels if not _is_decided(early, k)), seed)


def go_on(
    resamples: Resamples, X: np.ndarray, weights: np.ndarray, ks: Iterable[int], seed: int
) -> Resamples:
    """Returns the resamples with all splits and fits of the depth at these ks, made anew."""
    rows, depth = resamples.rows, resamples.depth
    labels = {k: resamples.by_k[k].labels for k in ks}
    every = SPLITS[depth], RESAMPLES[depth]
    strengths, by_k = _try_all(X[rows], weights[rows], labels, every, seed)
    return replace(resamples, strengths=resamples.strengths | strengths, by_k=resamples.by_k | by_k)


def _try_all(
    X: np.ndarray,
    weights: np.ndarray,
    labels: Mapping[int, np.ndarray],
    times: tuple[int, int],
    seed: int,
) -> tuple[dict[int, np.ndarray], dict[int, Resampled]]:
    """Returns the prediction strengths and what comes back, by k; `times`: splits, resamples."""
    with one_thread():
        made = {k: _try(X, weights, ours, k, times, seed) for k, ours in labels.items()}
    return {k: each[0] for k, each in made.items()}, {k: each[1] for k, each in made.items()}


def _is_decided(resamples: Resamples, k: int) -> bool:
    """Whether more splits and resamples would hardly change whether k may be recommended."""
    strengths = resamples.strengths[k]
    away = (strengths.mean() - STRONG) * np.sqrt(len(strengths))
    limit = CLEAR * strengths.std(ddof=1)
    return bool(away < -limit or (away > limit and resamples.by_k[k].is_clear_of(VALID)))


@share
def _try(
    X: np.ndarray,
    weights: np.ndarray,
    labels: np.ndarray,
    k: int,
    times: tuple[int, int],
    seed: int,
) -> tuple[np.ndarray, Resampled]:
    """Returns the prediction strength of K-Means in each split, and what comes back."""
    splits, resamples = times
    strengths = predict_splits(X, weights, k, splits, np.random.default_rng([seed, splits, k]))
    return strengths, resample(X, weights, labels, k, Refit("kmeans", resamples, seed))


@share
def _resample_others(
    X: np.ndarray,
    weights: np.ndarray,
    labels: Mapping[int, np.ndarray],
    algorithm: str,
    seed: int,
) -> tuple[dict[int, np.ndarray], dict[int, Resampled]]:
    """Returns strengths and what comes back, by k, of mixtures or Ward's tree."""
    ks = list(labels)
    with one_thread():
        strengths = predict_halves(X, weights, ks, algorithm, seed)
        draws = draw_rows(len(X), RESAMPLES["quick"], np.random.default_rng([seed, 0])) > 0
        again = fit_again(X, weights, draws, ks, algorithm, seed)
    by_k = {k: compare(ours, again[k], draws, draws, weights, k) for k, ours in labels.items()}
    return strengths, by_k
