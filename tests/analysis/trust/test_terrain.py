"""Valleys on the way along neighbours: published values, and ways that go round a gap."""

from __future__ import annotations

import diptest
import numpy as np
import pytest
from scipy.stats import norm
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from segmentation.analysis.trust.terrain import find_depth, find_nearest, measure_valley, survey


def test_the_published_dip_of_iris_holds():
    # R clusterability: first principal component of the scaled measures. Two rows of scikit-learn's
    # copy differ from R's (rows 35 and 38 of Fisher's table), so they are put right first.
    X = load_iris().data.copy()
    X[34], X[37] = [4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]
    first = PCA(1).fit_transform(StandardScaler().fit_transform(X))[:, 0]
    assert diptest.dipstat(first) == pytest.approx(0.107841006841301, abs=1e-4)


def test_depth_is_the_lowest_point_over_the_lower_hill():
    one = norm.ppf(np.linspace(0.01, 0.99, 2000))
    assert find_depth(one) > 0.99
    assert find_depth(np.r_[one, one + 3]) > find_depth(np.r_[one, one + 5]) > 0
    assert find_depth(np.r_[one, one + 20]) < 0.01


def test_a_valley_lies_between_groups_and_none_across_a_ring():
    rng = np.random.default_rng(1)
    groups = np.vstack([rng.normal([at, 0], size=(200, 2)) for at in (0, 8)])
    left = np.arange(400) < 200
    p, depth = measure_valley(survey(groups, rng), left, ~left)
    assert p < 0.01 and depth < 0.1
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.c_[np.cos(angle), np.sin(angle)] + 0.08 * rng.normal(size=(400, 2))
    half = circle[:, 0] < 0
    p, depth = measure_valley(survey(circle, rng), half, ~half)
    assert p > 0.05 or depth > 0.53


def test_too_few_rows_have_no_valley():
    terrain = survey(np.random.default_rng(2).normal(size=(60, 2)), np.random.default_rng(0))
    alone = np.arange(60) == 3
    assert measure_valley(terrain, alone, ~alone) == (1.0, 1.0)


def test_neighbours_are_the_nearest_along_the_graph():
    rng = np.random.default_rng(3)
    X = np.vstack([rng.normal([at, 0], size=(80, 2)) for at in (0, 6, 14)])
    segment = np.repeat([1, 2, 3], 80)
    assert find_nearest(survey(X, rng), segment, np.array([1, 2, 3])) == [(1, 2), (2, 3)]
