"""Resampled fits at every k: prediction strength, and the segments that come back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segmentation.analysis.passes.threads import one_thread, spread
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
EARLY = 12  # splits and resamples, after which most numbers of segments are decided
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
    K-Means stops after 12 at a k whose strength is by then five standard errors below .8, or whose
    strength and weakest Jaccard are as clear of .8 and .75. Above 2,000 rows, a seeded draw is
    resampled. Copies of a row count once, or they would be in both halves.
    """
    rows = find_distinct(X)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))
    labels = {k: every[rows] for k, every in labels.items()}
    if algorithm != "kmeans":
        found = _resample_others(X[rows], weights[rows], labels, algorithm, seed)
        return Resamples(*found, rows, depth, algorithm)
    refit = Refit(algorithm, EARLY, seed)
    early = spread(lambda k: _try(X[rows], weights[rows], labels[k], EARLY, refit), labels)
    strengths, by_k = (dict(zip(labels, part, strict=True)) for part in zip(*early, strict=True))
    first = Resamples(strengths, by_k, rows, depth)
    return go_on(first, X, weights, (k for k in labels if not _is_decided(first, k)), seed)


def go_on(
    resamples: Resamples, X: np.ndarray, weights: np.ndarray, ks: Iterable[int], seed: int
) -> Resamples:
    """Returns the resamples with all splits and fits of the depth at these ks."""
    ks, rows, by_k = list(ks), resamples.rows, resamples.by_k
    splits, times = SPLITS[resamples.depth] - EARLY, RESAMPLES[resamples.depth] - EARLY
    refit = Refit("kmeans", times, seed, 1)
    more = spread(lambda k: _try(X[rows], weights[rows], by_k[k].labels, splits, refit), ks)
    every = list(zip(ks, more, strict=True))
    strengths = {k: np.append(resamples.strengths[k], added) for k, (added, _) in every}
    joined = {k: by_k[k].join(again) for k, (_, again) in every}
    return replace(
        resamples, strengths=resamples.strengths | strengths, by_k=resamples.by_k | joined
    )


def _is_decided(resamples: Resamples, k: int) -> bool:
    """Whether more splits and resamples would hardly change whether k may be recommended."""
    strengths = resamples.strengths[k]
    away = (strengths.mean() - STRONG) * np.sqrt(len(strengths))
    limit = CLEAR * strengths.std(ddof=1)
    return bool(away < -limit or (away > limit and resamples.by_k[k].is_clear_of(VALID)))


@share
def _try(
    X: np.ndarray, weights: np.ndarray, labels: np.ndarray, splits: int, refit: Refit
) -> tuple[np.ndarray, Resampled]:
    """Returns the prediction strength of K-Means in each split, and what comes back."""
    k = int(labels.max())
    rng = np.random.default_rng([refit.seed, refit.round, k, splits])
    return predict_splits(X, weights, k, splits, rng), resample(X, weights, labels, k, refit)


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
