"""The words that parameters, result.json and published reports have in common."""

from __future__ import annotations

NATURAL = "natural"
REPRODUCIBLE = "reproducible"
CONSTRUCTIVE = "constructive"
ONE_GROUP = "one group"
TOO_FEW = "too few to tell"
BEST_FIRST = (NATURAL, REPRODUCIBLE, CONSTRUCTIVE, ONE_GROUP, TOO_FEW)  # kinds of verdict

TAKES_K = ("kmeans", "gmm", "ward")
FINDS_K = ("dbscan", "hdbscan")
ALGORITHMS = (*TAKES_K, *FINDS_K)
PLACES_NEW = ("kmeans", "gmm")  # the others only label the rows that they were fitted on
TITLES = {
    "kmeans": "K-Means",
    "gmm": "Gaussian mixture",
    "ward": "Ward",
    "dbscan": "DBSCAN",
    "hdbscan": "HDBSCAN",
}
