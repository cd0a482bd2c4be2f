"""Rows as a landscape: paths along the graph of nearest neighbours, and the valleys on them.

A straight line between two groups of customers crosses false gaps: the middle of a ring, the steps
of a scale. A path along neighbours stays where customers are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import diptest
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

NEIGHBOURS, LANDMARKS, CORE = 12, 400, 24
_HEIGHTS = 128  # points at which the density along a road is evaluated


@dataclass(frozen=True)
class Terrain:
    """Rows `X` (n × d), their nearest neighbours (n × 12), and paths from landmarks to all rows.

    `landmarks` are row numbers; `ways` (landmarks × n) are squared path lengths along the graph.
    """

    X: np.ndarray
    landmarks: np.ndarray
    ways: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray
    _from_cores: dict[bytes, np.ndarray | None] = field(default_factory=dict, repr=False)

    @cached_property
    def between(self) -> np.ndarray:
        """The squared path lengths between landmarks."""
        return np.asarray(self.ways[:, self.landmarks])

    def measure_from_core(self, members: np.ndarray) -> np.ndarray | None:
        """Returns the mean squared path length (n) from a segment's core to every row.

        `members` is a mask (n); None if no landmark is among them. Kept: while segments are merged,
        most stay as they are.
        """
        key = np.packbits(members).tobytes()
        if key not in self._from_cores:
            core = _core(self, members)
            # Column by column in memory, as the calibrated sums were rounded.
            ways = np.asfortranarray(self.ways[core])
            self._from_cores[key] = ways.mean(axis=0) if len(core) else None
        return self._from_cores[key]


def find_neighbours(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns distances and row numbers (n × 12) of each row's nearest neighbours."""
    distances, rows = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(X).kneighbors(X)
    return distances[:, 1:], rows[:, 1:]


def survey(X: np.ndarray, rng: np.random.Generator) -> Terrain:
    """Returns the neighbour graph of X and its shortest paths; a spanning tree joins its parts.

    Tenenbaum, de Silva, Langford (2000), Science 290, with the landmarks of de Silva and
    Tenenbaum (2004).
    """
    distances, rows = find_neighbours(X)
    n = len(X)
    starts = np.repeat(np.arange(n), NEIGHBOURS)
    lengths = np.maximum(distances, 1e-9).ravel()
    graph = csr_matrix((lengths, (starts, rows.ravel())), (n, n))
    if connected_components(graph, directed=False)[0] > 1:
        graph = graph.maximum(span(cdist(X, X)))
    landmarks = rng.permutation(n)[:LANDMARKS]
    ways = dijkstra(graph.maximum(graph.T), indices=landmarks) ** 2
    return Terrain(X, landmarks, ways, rows, distances)


def span(distances: np.ndarray) -> csr_matrix:
    """Returns the minimum spanning tree of a full graph (n × n), one entry an edge.

    Prim (1957), Bell System Technical Journal 36. SciPy's sorts all n² distances: 20 times slower.
    """
    n = len(distances)
    nearest, near = distances[0].copy(), np.zeros(n, dtype=int)
    nearest[0] = np.inf
    outside, ends = np.ones(n, dtype=bool), np.zeros(n - 1, dtype=int)
    outside[0] = False
    for step in range(n - 1):
        ends[step] = end = int(nearest.argmin())
        outside[end], nearest[end] = False, np.inf
        closer = np.flatnonzero(outside & (distances[end] < nearest))
        nearest[closer], near[closer] = distances[end, closer], end
    starts = near[ends]
    return csr_matrix((distances[starts, ends], (starts, ends)), (n, n))


def measure_valley(terrain: Terrain, one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Returns (p, depth) of the valley between two sets of rows (masks), on a road through both.

    The road is the squared path length to one core minus that to the other (in flat space the
    projection on the line between them), at unit speed. The larger set contributes only its nearest
    rows, as many as the smaller has. p: dip test (Hartigan and Hartigan 1985, Annals of Statistics
    13); depth: see `find_depth`.
    """
    ways = terrain.measure_from_core(one), terrain.measure_from_core(other)
    if ways[0] is None or ways[1] is None or min(one.sum(), other.sum()) < 2:
        return 1.0, 1.0  # the dip has no p-value for three rows or fewer
    rows = np.flatnonzero(one | other)
    road = ways[0][rows] - ways[1][rows]
    road = _balance(_run_at_unit_speed(terrain, rows, road), one[rows])
    return float(diptest.diptest(road)[1]), find_depth(road)


def find_depth(road: np.ndarray) -> float:
    """Returns the lowest density between two hills over the lower hill's: 1 no valley, 0 empty."""
    ordered = np.sort(road)
    quartiles = _find_quantile(ordered, 0.75) - _find_quantile(ordered, 0.25)
    width = min(float(road.std()), max(quartiles / 1.34, 1e-9))
    bandwidth = 0.74 * width * len(road) ** -0.2
    points = np.linspace(ordered[0], ordered[-1], _HEIGHTS)
    heights = points[:, None] - road
    heights /= bandwidth  # in place: new memory takes longer than the arithmetic
    heights *= heights
    heights *= -0.5
    density = np.exp(heights, out=heights).sum(axis=1)
    left = np.maximum.accumulate(density)
    right = np.maximum.accumulate(density[::-1])[::-1]
    return float((density / np.minimum(left, right)).min())


def find_nearest(terrain: Terrain, segment: np.ndarray, ids: np.ndarray) -> list[tuple[int, int]]:
    """Pairs every segment with its nearest, by the mean path length between their landmarks."""
    member = segment[terrain.landmarks][None] == ids[:, None]
    weight = member / np.maximum(member.sum(axis=1, keepdims=True), 1)
    far = weight @ terrain.between @ weight.T
    alone = ~member.any(axis=1)
    far[alone], far[:, alone] = 1e300, 1e300
    np.fill_diagonal(far, np.inf)
    pairs = zip(ids.tolist(), ids[far.argmin(axis=1)].tolist(), strict=True)
    return sorted({(min(pair), max(pair)) for pair in pairs})


def _core(terrain: Terrain, members: np.ndarray) -> np.ndarray:
    """Returns the most central landmarks of a segment, at most a third of them."""
    landmarks = np.flatnonzero(members[terrain.landmarks])
    if not len(landmarks):
        return landmarks
    spread = terrain.between[np.ix_(landmarks, landmarks)].mean(axis=1)
    most = max(1, min(CORE, len(landmarks) // 3))
    return np.asarray(landmarks[np.argsort(spread, kind="stable")[:most]])


def _run_at_unit_speed(terrain: Terrain, rows: np.ndarray, road: np.ndarray) -> np.ndarray:
    """Stretches the road so that a step to a neighbour covers the same distance everywhere.

    If a ring turns away from the road, rows pile up on it without being any denser. Speed is capped
    at its 70th percentile, because inside a gap all steps lead across.
    """
    place = np.full(len(terrain.X), np.nan)
    place[rows] = road
    along = np.abs(place[terrain.neighbours[rows]] - road[:, None])
    apart = terrain.distances[rows]
    outside = np.isnan(along)
    along[outside] = apart[outside] = 0
    order = np.argsort(road, kind="stable")
    ends = np.linspace(0, len(road), min(max(len(road) // 20, 4), 30) + 1).astype(int)
    gone = np.add.reduceat(along.sum(axis=1)[order], ends[:-1])
    walked = np.add.reduceat(apart.sum(axis=1)[order], ends[:-1])
    speed = gone / np.maximum(walked, 1e-12)
    speed = np.minimum(speed, _find_quantile(np.sort(speed), 0.7))
    marks = road[order[np.append(ends[:-1], len(road) - 1)]]
    stretched = np.cumsum(np.diff(marks) / np.maximum(speed, 1e-3 * speed.max()))
    return np.interp(road, marks, np.append(0, stretched))


def _find_quantile(ordered: np.ndarray, share: float) -> float:
    """Returns a quantile of sorted values, interpolated and rounded as by `np.quantile`.

    That takes ten times as long on a hundred values, and a table needs thousands of them.
    """
    below, part = divmod(share * (len(ordered) - 1), 1)
    low, high = ordered[int(below)], ordered[min(int(below) + 1, len(ordered) - 1)]
    gap = high - low
    return float(low + gap * part if part < 0.5 else high - gap * (1 - part))


def _balance(road: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Keeps the smaller set, and as many of the larger: those nearest to it."""
    big = first if first.sum() > (~first).sum() else ~first
    away = np.where(big, np.abs(road - road[~big].mean()), -1.0)
    return road[np.argsort(away, kind="stable")[: 2 * (~big).sum()]]
