"""The clustering itself: scikit-learn fits, this module numbers the segments, largest first."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.cluster.hierarchy import cut_tree, linkage
from sklearn.cluster import DBSCAN, HDBSCAN, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors

from segmentation.analysis.fitting.sample import draw_by_weight
from segmentation.analysis.passes.nearest import Mixture, place_coordinates
from segmentation.analysis.passes.threads import one_thread, spread
from segmentation.data import InputError
from segmentation.data.published.vocabulary import TITLES

STARTS = 25  # scikit-learn's `auto` is a single start: public tutorials print local optima
MIXTURE_STARTS = 3  # of K-Means each, so that a start is rarely a bad one
STEPS, ROUGH_STEPS = (1_000, 1e-4), (100, 1e-3)  # most of them, and the gain that ends them
DENSE_SHARE = 0.75
WORTH_SPREADING = 10_000  # rows, from which K-Means at several k is faster on several cores
MOST_AT_ONCE = 20_000  # rows whose distances are all compared: 1.6 GB for Ward's tree


@dataclass(frozen=True)
class Segments:
    """k segments of the sampled rows.

    `labels` (n) are 1 … k, largest segment first, 0 for rows in none. `centres` (k × d) are
    coordinates; `inertia` is the weighted sum of squared distances to them. `widths` (n) are the
    silhouettes of the rows, NaN if not measured, `silhouette` their mean; `distances` (n × k), each
    row's summed distance to the rows of every segment, is what they come from.
    """

    k: int
    labels: np.ndarray
    centres: np.ndarray
    inertia: float
    algorithm: str = "kmeans"
    mixture: Mixture | None = None
    bic: float = np.nan
    widths: np.ndarray = field(default_factory=lambda: np.empty(0))
    silhouette: float = np.nan
    distances: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def title(self) -> str:
        """The algorithm's name for readers."""
        return TITLES[self.algorithm]


def fit_segments(
    X: np.ndarray, weights: np.ndarray, k: int, seed: int, algorithm: str = "kmeans"
) -> Segments:
    """Returns the segments at k by K-Means (25 starts), a Gaussian mixture or Ward's tree."""
    return choose_k(fit_all(X, weights, [k], seed, algorithm), k)


def fit_all(
    X: np.ndarray,
    weights: np.ndarray,
    ks: Iterable[int],
    seed: int,
    algorithm: str = "kmeans",
    rough: bool = False,
) -> dict[int, Segments]:
    """Returns the segments at every k that is possible; Ward's tree is grown once, cut at each k.

    `rough` stops a mixture earlier, three times as fast: for resampled fits. Impossible are more
    segments than distinct rows, and mixtures with an empty component. Raises `InputError` if Ward
    gets more than 20,000 rows or a weighted sample.
    """
    distinct = len(np.unique(X, axis=0))
    possible = [k for k in ks if 1 <= k <= distinct]
    # One thread: the same digits on every machine, and no waiting for a busy second core.
    with one_thread():
        if algorithm == "ward":
            return _fit_ward(X, weights, possible)
        if algorithm == "kmeans":
            share_out = spread if len(X) >= WORTH_SPREADING else map
            made = share_out(lambda k: _fit_kmeans(X, weights, k, seed), possible)
            fits = dict(zip(possible, made, strict=True))
        else:
            fits = {k: _fit_mixture(X, weights, k, seed, rough) for k in possible}
    return {k: found for k, found in fits.items() if len(np.unique(found.labels)) == k}


def choose_k(fits: Mapping[int, Segments], k: int) -> Segments:
    """Returns the segments at k; raises `InputError` if that many are not possible."""
    if k not in fits:
        most = f"choose k up to {max(fits)}" if fits else "choose a smaller k"
        raise InputError(
            f"{k} segments cannot be made: the customers differ too little, or are too few",
            most,
            code="k-too-large",
        )
    return fits[k]


def find_segments(X: np.ndarray, weights: np.ndarray, algorithm: str) -> Segments:
    """Returns the segments that DBSCAN or HDBSCAN find; rows outside have label 0.

    DBSCAN: a row is dense if 2d others (Sander et al. 1998) lie within a radius that three rows in
    four satisfy. HDBSCAN: a segment holds at least 1 % of the rows (15 from 300 rows on, else 5).
    Raises `InputError` if fewer than two segments are found.
    """
    _check_rows(X, weights, algorithm)
    labels = (_dbscan(X) if algorithm == "dbscan" else _hdbscan(X)).fit_predict(X)
    found = int(labels.max()) + 1
    if found < 2:
        one = "one dense group" if found else "no dense group"
        outside = int((labels < 0).sum())
        raise InputError(
            f"{TITLES[algorithm]} sees {one} and {outside:,} customers outside: no segments",
            "choose other features, or algorithm: kmeans",
            code="one-group",
        )
    return _number(X, weights, labels, _means(X, weights, labels), algorithm)


def predict(X: np.ndarray, segments: Segments) -> np.ndarray:
    """Returns the labels (n, from 1) of any rows: likeliest component, else nearest centre."""
    return place_coordinates(X.T, segments.centres, segments.mixture).first.astype(int)


def number_by_size(labels: np.ndarray, weights: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Returns the order of segments 0 … k − 1: heaviest first, ties by the first coordinate."""
    inside = labels >= 0
    sizes = np.bincount(labels[inside], weights[inside], minlength=len(centres))
    return np.lexsort((centres[:, 0], -np.round(sizes, 6)))


def _number(
    X: np.ndarray,
    weights: np.ndarray,
    labels: np.ndarray,
    centres: np.ndarray,
    algorithm: str,
    mixture: Mixture | None = None,
) -> Segments:
    """Numbers segments from labels 0 … k − 1 (−1: none) and their centres, largest first."""
    order = number_by_size(labels, weights, centres)
    number = np.zeros(len(centres) + 1, dtype=int)  # the last place is that of −1
    number[order] = np.arange(1, len(centres) + 1)
    if mixture is not None:
        mixture = mixture.in_order(order)
    inside = labels >= 0
    away = ((X[inside] - centres[labels[inside]]) ** 2).sum(axis=1)
    inertia = float(weights[inside] @ away)
    return Segments(len(centres), number[labels], centres[order], inertia, algorithm, mixture)


def _fit_kmeans(X: np.ndarray, weights: np.ndarray, k: int, seed: int) -> Segments:
    fit = KMeans(k, n_init=STARTS, random_state=seed).fit(X, sample_weight=weights)
    return _number(X, weights, fit.labels_, fit.cluster_centers_, "kmeans")


def _fit_mixture(X: np.ndarray, weights: np.ndarray, k: int, seed: int, rough: bool) -> Segments:
    """Full covariances; scikit-learn's takes no weights, so a weighted sample is drawn by them."""
    rows = draw_by_weight(weights, MOST_AT_ONCE, seed)
    steps, close = ROUGH_STEPS if rough else STEPS
    fit = GaussianMixture(k, n_init=MIXTURE_STARTS, max_iter=steps, tol=close, random_state=seed)
    with warnings.catch_warnings():
        if rough:
            warnings.simplefilter("ignore", ConvergenceWarning)
        labels = fit.fit(X[rows]).predict(X)
    mixture = Mixture(fit.weights_, fit.precisions_cholesky_)
    segments = _number(X, weights, labels, fit.means_, "gmm", mixture)
    return replace(segments, bic=float(fit.bic(X[rows])))


def _fit_ward(X: np.ndarray, weights: np.ndarray, ks: Sequence[int]) -> dict[int, Segments]:
    _check_rows(X, weights, "ward")
    cuts = cut_tree(linkage(X, "ward"), n_clusters=ks).T
    return {
        k: _number(X, weights, labels, _means(X, weights, labels), "ward")
        for k, labels in zip(ks, cuts, strict=True)
    }


def _dbscan(X: np.ndarray) -> DBSCAN:
    least = min(2 * X.shape[1], len(X) - 1)
    near = NearestNeighbors(n_neighbors=least).fit(X).kneighbors()[0][:, -1]
    radius = max(float(np.quantile(near, DENSE_SHARE)), 1e-9)
    return DBSCAN(eps=radius, min_samples=least + 1)  # scikit-learn counts the row itself


def _hdbscan(X: np.ndarray) -> HDBSCAN:
    least = max(5, min(15, len(X) // 20), round(0.01 * len(X)))
    return HDBSCAN(min_cluster_size=min(least, len(X)), min_samples=min(5, len(X)), copy=True)


def _check_rows(X: np.ndarray, weights: np.ndarray, algorithm: str) -> None:
    if len(X) > MOST_AT_ONCE or np.ptp(weights) > 0:
        raise InputError(
            f"{TITLES[algorithm]} compares all customers with one another, "
            f"at most {MOST_AT_ONCE:,}",
            "choose algorithm: kmeans or gmm",
            code="too-many-rows",
        )


def _means(X: np.ndarray, weights: np.ndarray, labels: np.ndarray) -> np.ndarray:
    parts = [labels == segment for segment in range(labels.max() + 1)]
    return np.array([np.average(X[own], axis=0, weights=weights[own]) for own in parts])
