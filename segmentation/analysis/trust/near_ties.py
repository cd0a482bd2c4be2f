"""Near ties: other solutions that fit almost as well, and who would be elsewhere in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis.fitting.matching import match_labels
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.passes.threads import one_thread

STARTS, WITHIN, MOST_ROWS = 50, 0.01, 5_000
_SAME = 0.999  # agreement above which two solutions count as one


@dataclass(frozen=True)
class Ties:
    """The number of `others`: solutions within 1 % of the best inertia among all `starts`.

    For the one that agrees least: `agreement` (adjusted Rand index) and `differ`, the share of
    customers in another segment.
    """

    starts: int
    others: int
    agreement: float = 1.0
    differ: float = 0.0


def find_ties(sample: Sample, k: int) -> Ties:
    """Returns the near ties of K-Means at k among 50 random starts, on at most 5,000 rows."""
    X, seed = sample.X[sample.part(MOST_ROWS)], sample.seed
    starts = [KMeans(k, init="random", n_init=1, random_state=seed + n) for n in range(STARTS)]
    with one_thread():
        fits = sorted((start.fit(X) for start in starts), key=lambda fit: fit.inertia_)
    distinct: list[np.ndarray] = []
    for fit in fits:
        if fit.inertia_ > (1 + WITHIN) * fits[0].inertia_:
            break
        if all(adjusted_rand_score(fit.labels_, known) < _SAME for known in distinct):
            distinct.append(fit.labels_)
    best, others = distinct[0], distinct[1:]
    if not others:
        return Ties(STARTS, 0)
    least = min(others, key=lambda labels: adjusted_rand_score(best, labels))
    same = match_labels(best + 1, least + 1, np.ones(len(X)), k)[least] == best + 1
    agreement = float(adjusted_rand_score(best, least))
    return Ties(STARTS, len(others), agreement, 1 - float(same.mean()))
