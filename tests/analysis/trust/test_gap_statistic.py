"""The gap statistic, by published numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans

from segmentation.analysis.trust.gap_statistic import choose_by_gap, log_dispersions, measure_gap

# Ruspini (1970), as in R's cluster package.
RUSPINI = np.column_stack(
    [
        [
            4,
            5,
            10,
            9,
            13,
            13,
            12,
            15,
            18,
            19,
            22,
            27,
            28,
            24,
            27,
            28,
            30,
            31,
            32,
            36,
            28,
            32,
            35,
            33,
            38,
            41,
            38,
            38,
            32,
            34,
            44,
            44,
            44,
            46,
            47,
            49,
            50,
            53,
            52,
            55,
            54,
            60,
            63,
            86,
            85,
            85,
            78,
            74,
            97,
            98,
            98,
            99,
            99,
            101,
            108,
            110,
            108,
            111,
            115,
            117,
            70,
            77,
            83,
            61,
            69,
            78,
            66,
            58,
            64,
            69,
            66,
            61,
            76,
            72,
            64,
        ],
        [
            53,
            63,
            59,
            77,
            49,
            69,
            88,
            75,
            61,
            65,
            74,
            72,
            76,
            58,
            55,
            60,
            52,
            60,
            61,
            72,
            147,
            149,
            153,
            154,
            151,
            150,
            145,
            143,
            143,
            141,
            156,
            149,
            143,
            142,
            149,
            152,
            142,
            144,
            152,
            155,
            124,
            136,
            139,
            132,
            115,
            96,
            94,
            96,
            122,
            116,
            124,
            119,
            128,
            115,
            111,
            111,
            116,
            126,
            117,
            115,
            4,
            12,
            21,
            15,
            15,
            16,
            18,
            13,
            20,
            21,
            23,
            25,
            27,
            31,
            30,
        ],
    ]
).astype(float)


def test_the_published_dispersions_of_ruspini_hold():
    labels = [KMeans(k, n_init=20, random_state=0).fit_predict(RUSPINI) + 1 for k in (1, 2, 3, 4)]
    published = [7.187997, 6.628498, 6.261660, 5.692736]  # R cluster, clusGap, d.power = 1
    np.testing.assert_allclose(log_dispersions(RUSPINI, labels), published, atol=2e-6)


def test_ruspini_has_four_groups():
    gap = measure_gap(RUSPINI, np.ones(75), 8)
    assert gap.index.tolist() == list(range(1, 9)) and (gap["se"] > 0).all()
    assert choose_by_gap(gap["gap"], gap["se"]) == 4


def test_the_rule_is_that_of_the_paper():
    # R cluster, example of maxSE: the first k that is no lower than the next less its error.
    f = pd.Series([2, 3, 5, 4, 7, 8, 5, 4], index=range(1, 9), dtype=float)
    se = pd.Series([1, 1, 2, 1, 1, 3, 1, 1], index=range(1, 9)) / 2
    assert choose_by_gap(f, se) == 3 and int(f.idxmax()) == 6
    assert choose_by_gap({1: 1.0, 2: 2.0}, {1: 0.1, 2: 0.1}) == 2


def test_one_cloud_is_one_group():
    X = np.random.default_rng(0).normal(size=(800, 2))
    gap = measure_gap(X, np.ones(800), 5, "quick")
    assert choose_by_gap(gap["gap"], gap["se"]) == 1


def test_few_different_rows_end_the_scan():
    X = np.repeat([[0.0], [1.0], [5.0]], 20, axis=0)
    assert measure_gap(X, np.ones(60), 9, "quick").index.tolist() == [1, 2]


def test_a_draw_of_one_value_is_one_group():
    X = np.zeros((200_000, 1))
    X[:3] = 1.0
    gap = measure_gap(X, np.ones(len(X)), 5, "quick")
    assert gap.index.tolist() == [1] and choose_by_gap(gap["gap"], gap["se"]) == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_gap(seed):
    first, second = (measure_gap(RUSPINI, np.ones(75), 4, "quick", seed) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
