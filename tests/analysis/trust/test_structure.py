"""Groups are found where they are, and not where a curve, a scale or skew only looks like them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.families import draw_table, four_blobs, gaussian, ring, scale_1_to_5
from segmentation.analysis.trust.draws import spread_ties
from segmentation.analysis.trust.structure import (
    Level,
    _count_votes,
    find_structure,
    needed_depth,
)

pytestmark = pytest.mark.long


def test_four_groups_are_shown():
    X = draw_table(four_blobs, 7, 600, 6.0)
    found = find_structure(X, np.ones(len(X)), "quick", 0)
    assert found.shown and 4 <= found.k <= 5 and found.votes > found.starts / 2
    assert found.p < 0.05 and found.depth < 0.3


@pytest.mark.parametrize("family", [gaussian, ring, scale_1_to_5])
def test_a_cloud_a_ring_and_a_scale_are_no_groups(family):
    X = draw_table(family, 3, 500)
    found = find_structure(X, np.ones(len(X)), "quick", 0)
    assert not found.shown and found.k == 1 and found.tested


def test_below_a_hundred_rows_nothing_is_tested():
    found = find_structure(draw_table(four_blobs, 1, 99, 9.0), np.ones(99))
    assert not found.tested and not found.shown and found.rows == 99 and found.starts == 0


def test_a_no_of_few_rows_may_miss_groups():
    few, many = (
        find_structure(draw_table(gaussian, 1, n), np.ones(n), "quick", 0) for n in (200, 400)
    )
    assert few.may_miss and not many.may_miss


def test_the_same_seed_gives_the_same_evidence():
    X = draw_table(four_blobs, 2, 700, 4.0)
    assert find_structure(X, np.ones(700), "quick", 5) == find_structure(
        X, np.ones(700), "quick", 5
    )


def test_draws_go_by_weight():
    X = np.vstack([draw_table(gaussian, 4, 900), 50 + draw_table(gaussian, 8, 900)])
    weights = np.r_[np.ones(900), np.full(900, 1e-12)]
    assert not find_structure(X, weights, "quick", 0).shown
    assert find_structure(X, np.ones(1800), "quick", 0).shown


def test_tied_values_are_spread_to_their_neighbours_and_no_further():
    X = np.repeat([[0.0], [1.0], [2.0], [10.0]], 50, axis=0)
    spread = spread_ties(X, np.random.default_rng(0))
    assert len(np.unique(spread)) == 200
    assert spread.std() == pytest.approx(1) and spread.mean() == pytest.approx(0, abs=1e-12)
    untied = np.arange(50.0)[:, None]
    standard = (untied - untied.mean()) / untied.std()
    np.testing.assert_allclose(spread_ties(untied, np.random.default_rng(0)), standard)


def test_half_of_the_starts_must_keep_a_deep_valley_that_is_no_chance():
    gate = needed_depth(1000, 2)
    deep, chance, shallow = Level(3, 0.01, 0.4), Level(3, 0.4, 0.3), Level(3, 0.01, gate + 0.1)
    assert _count_votes([[deep], [deep], [], []], 4, 1000, gate).shown
    assert not _count_votes([[deep], [], []], 3, 1000, gate).shown
    assert not _count_votes([[chance], [shallow]], 2, 1000, gate).shown
    assert _count_votes([[deep], [deep]], 2, 1000, gate).k == 3


def test_no_start_is_made_once_too_few_can_keep_a_valley():
    noise, groups = draw_table(gaussian, 3, 300), draw_table(four_blobs, 3, 300, 6.0)
    found = find_structure(noise, np.ones(300))
    assert not found.shown and found.votes + found.planned - found.starts < found.planned / 2
    assert found.votes + found.planned - found.starts + 1 >= found.planned / 2
    found = find_structure(groups, np.ones(300))
    assert found.shown and found.starts == found.planned


def test_fewer_rows_need_deeper_valleys():
    depths = [needed_depth(rows, 2) for rows in (100, 200, 1000, 100_000)]
    assert all(needed_depth(rows, 1) < needed_depth(rows, 2) for rows in (100, 1000))
    assert depths == sorted(depths) and depths[1] == pytest.approx(0.53) and depths[-1] == 0.68


def test_a_single_even_column_has_no_groups_and_a_split_one_has():
    rng = np.random.default_rng(7)
    shown = [
        find_structure(rng.uniform(size=(300, 1)), np.ones(300), "full", seed).shown
        for seed in range(10)
    ]
    assert sum(shown) <= 1
    halves = np.r_[rng.normal(size=150), rng.normal(6, 1, 150)][:, None]
    assert find_structure(halves / halves.std(), np.ones(300), "full", 0).shown


def test_a_weighted_sample_is_looked_at_by_its_weights():
    # Rows at the rim are many and stand for few, as in a coreset: unweighted they make a gap.
    rng = np.random.default_rng(3)
    X = rng.uniform(-1, 1, size=(12_000, 1))
    chances = 0.5 + 1.5 * np.abs(X[:, 0]) ** 2
    rows = rng.choice(len(X), 5_000, p=chances / chances.sum())
    sample, weights = X[rows], 1 / chances[rows]
    found = find_structure((sample - sample.mean()) / sample.std(), weights, "full", 0)
    assert not found.shown


def test_copies_of_noise_make_no_groups():
    rng = np.random.default_rng(1)
    X = draw_table(gaussian, 1, 240).round(2)
    copies = np.repeat(X, rng.integers(1, 7, len(X)), axis=0)
    assert not find_structure(copies, np.ones(len(copies)), "quick", 0).shown
    alone = find_structure(X, np.ones(len(X)), "quick", 0)
    assert find_structure(copies, np.ones(len(copies)), "quick", 0) == alone
