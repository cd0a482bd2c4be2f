"""Times silhouettes for k = 2 … 10: all labelings in one pass, compared with scikit-learn's loop.

python benchmarks/bench_silhouette.py [customers] [features]
"""

import sys
from time import perf_counter

import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import silhouette_score

from segmentation.analysis.fitting.silhouettes import silhouette_widths

ROUNDS = 3


def main(customers: int = 10_000, features: int = 6) -> None:
    """Prints the median times of both, their ratio, and the largest difference of a score."""
    X, _ = make_blobs(customers, features, centers=5, cluster_std=4, random_state=0)
    ks = range(2, 11)
    labels = [KMeans(k, n_init=1, random_state=0).fit(X).labels_ + 1 for k in ks]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        start = perf_counter()
        one_pass = [widths.mean() for widths in silhouette_widths(X, labels)]
        middle = perf_counter()
        loop = [silhouette_score(X, each) for each in labels]
        ours.append(middle - start)
        theirs.append(perf_counter() - middle)
    print(
        f"silhouette, k = 2 … 10, {customers:,} customers, {features} features, median of {ROUNDS}"
    )
    print(f"  one pass           {np.median(ours):7.2f} s")
    print(f"  scikit-learn, loop {np.median(theirs):7.2f} s")
    print(f"  ratio              {np.median(theirs) / np.median(ours):7.1f} ×")
    print(f"  largest difference {np.abs(np.subtract(one_pass, loop)).max():.1e}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
