"""Times the trust statistics for k = 2 … 10, compared with plain scikit-learn loops.

python -m benchmarks.bench_trust [--rows 1000] [--share 1.0]

Both do fits with 25 starts, silhouettes, prediction strength (50 halves), bootstrapped Jaccards
(100 draws) and the gap statistic (25 references); each resampled fit has 10 starts.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from benchmarks.samples import sample_coordinates
from segmentation.analysis import scan_k
from segmentation.analysis.trust.gap_statistic import MOST_ROWS, REFERENCES, measure_gap
from segmentation.analysis.trust.prediction import SPLITS
from segmentation.analysis.trust.resamples import RESAMPLES, Resamples, go_on, resample_ks

KS = range(2, 11)
STARTS = 3  # of K-Means on a random table, in the loops


def fit(X: np.ndarray, k: int, starts: int, seed: int) -> KMeans:
    """Fits K-Means."""
    return KMeans(k, n_init=starts, random_state=seed).fit(X)


def loop_strength(X: np.ndarray, k: int, splits: int) -> float:
    """Computes prediction strength (Tibshirani and Walther 2005) directly from its definition."""
    rng, strengths = np.random.default_rng(0), []
    for split in range(splits):
        halves = np.array_split(rng.permutation(len(X)), 2)
        fits = [fit(X[half], k, 10, split) for half in halves]
        for (half, fitted), other in zip(zip(halves, fits, strict=True), fits[::-1], strict=True):
            theirs, worst = other.predict(X[half]), 1.0
            for segment in range(k):
                sizes = np.bincount(theirs[fitted.labels_ == segment])
                n = sizes.sum()
                worst = min(worst, (sizes * (sizes - 1)).sum() / max(n * (n - 1), 1))
            strengths.append(worst)
    return float(np.mean(strengths))


def loop_jaccard(X: np.ndarray, labels: np.ndarray, k: int, draws: int) -> float:
    """Computes the lowest mean Jaccard (Hennig 2007) of the segments in bootstrapped fits."""
    rng, overlaps = np.random.default_rng(0), np.zeros((draws, k))
    for draw in range(draws):
        rows = rng.integers(0, len(X), len(X))
        again, before = fit(X[rows], k, 10, draw).labels_, labels[rows]
        for segment in range(k):
            mine = before == segment
            shared = [(mine & (again == o)).sum() / (mine | (again == o)).sum() for o in range(k)]
            overlaps[draw, segment] = max(shared)
    return float(overlaps.mean(axis=0).min())


def loop_gap(X: np.ndarray, references: int) -> np.ndarray:
    """Computes the gap (Tibshirani, Walther, Hastie 2001) for k = 1 … 10, on the first 500 rows."""
    X, rng = X[:MOST_ROWS], np.random.default_rng(0)
    axes = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2]
    turned = (X - X.mean(axis=0)) @ axes.T
    box = turned.min(axis=0), turned.max(axis=0)
    tables = [X, *(rng.uniform(*box, turned.shape) for _ in range(references))]
    logs = np.array([[log_w(table, k) for k in (1, *KS)] for table in tables])
    return np.asarray(logs[1:].mean(axis=0) - logs[0])


def log_w(X: np.ndarray, k: int) -> float:
    """Returns the log of the summed half mean distances within segments."""
    labels = fit(X, k, STARTS, 0).labels_
    segments = [X[labels == segment] for segment in range(k)]
    return float(np.log(sum(pdist(rows).sum() / len(rows) for rows in segments) / 2))


def main() -> None:
    """Prints seconds, the ratio, and the largest differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument(
        "--share", type=float, default=1.0, help="share of the repeats that the loops do"
    )
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    X = rng.normal(size=(options.rows, 4)) + rng.choice([-2.0, 2.0], (options.rows, 4))
    weights = np.ones(len(X))
    start = time.perf_counter()
    scan = scan_k(sample_coordinates(X), max(KS))
    early = resample_ks(X, weights, scan.labels, scan.algorithm, "full", 0)
    resamples = go_on(early, X, weights, KS, 0)  # the loops stop nowhere
    measure_gap(X, weights, max(KS), "full", 0)
    ours = time.perf_counter() - start
    theirs, apart = time_loops(X, resamples, options.share)
    print(
        f"trust statistics, {options.rows:,} × 4, k = 2 … 10: ours {ours:.1f} s, scikit-learn's "
        f"loops {theirs:.1f} s: {theirs / ours:.1f}×; largest difference of a prediction "
        f"strength {apart[0]:.2f}, of a Jaccard {apart[1]:.2f}"
    )


def time_loops(
    X: np.ndarray, resamples: Resamples, share: float
) -> tuple[float, tuple[float, float]]:
    """Returns the seconds of the loops for all repeats, and the largest differences from ours."""
    splits, draws = (max(2, round(n["full"] * share)) for n in (SPLITS, RESAMPLES))
    references = max(2, round(REFERENCES["full"] * share))
    start = time.perf_counter()
    fits = {k: fit(X, k, 25, 0) for k in KS}
    for k in KS:
        silhouette_score(X, fits[k].labels_)
    once = time.perf_counter() - start
    strength = {k: loop_strength(X, k, splits) for k in KS}
    jaccard = {k: loop_jaccard(X, fits[k].labels_, k, draws) for k in KS}
    loop_gap(X, references)
    repeated = time.perf_counter() - start - once
    ours = resamples.strength["mean"]
    apart = (
        max(abs(strength[k] - ours[k]) for k in KS),
        max(abs(jaccard[k] - resamples.by_k[k].jaccard.min()) for k in KS),
    )
    return once + repeated / share, apart


if __name__ == "__main__":
    main()
