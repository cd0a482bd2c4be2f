"""The next step: what a trial of this size can show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis.portraits.trial import detectable_difference, plan_trial


def test_the_textbook_sample_size_comes_back():
    # Fleiss (1981): about 686 in each group show 15 % against 10 % (80 % power, 5 %, two-sided).
    assert detectable_difference(686) == pytest.approx(0.05, abs=5e-4)


def test_more_customers_show_less_and_too_few_nothing():
    rises = [detectable_difference(n) for n in (20, 100, 1000, 100_000)]
    assert rises == sorted(rises, reverse=True) and rises[-1] < 0.01
    assert np.isnan(detectable_difference(0)) and np.isnan(detectable_difference(19))


def test_power_is_what_it_says():
    n, rise, rng = 300, detectable_difference(300), np.random.default_rng(0)
    one, other = rng.binomial(n, 0.10, 20_000) / n, rng.binomial(n, 0.10 + rise, 20_000) / n
    error = np.sqrt(one * (1 - one) / n + other * (1 - other) / n)
    assert (other - one > 1.96 * error).mean() == pytest.approx(0.80, abs=0.02)


def test_the_segment_with_most_value_a_customer_is_tried(grouped):
    sizes = grouped.profiles.sizes
    shares = pd.Series([0.1, 0.2, 0.1, 0.6], index=sizes.index)
    rich = plan_trial(replace(grouped.profiles, shares_of_value=shares), grouped.verdict.stability)
    assert rich.segment == 4 and rich.customers == sizes[4]
    assert plan_trial(grouped.profiles, grouped.verdict.stability).segment == 1


def test_a_handful_of_rich_customers_or_a_loose_segment_is_not_tried(grouped):
    sizes = grouped.profiles.sizes.copy()
    shares = pd.Series([0.1, 0.2, 0.1, 0.6], index=sizes.index)
    sizes.iloc[3] = 12
    few = replace(grouped.profiles, sizes=sizes, shares_of_value=shares)
    assert plan_trial(few, grouped.verdict.stability).segment == 2
    stability, own = grouped.verdict.stability, grouped.verdict.stability.resampled
    overlaps = own.overlaps.copy()
    overlaps[:, 1] = 0.3
    loose = replace(stability, resampled=replace(own, overlaps=overlaps))
    assert plan_trial(few, loose).segment == 3
