"""The next step: whom to try something on, and how small an effect the trial could detect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.trust.resamples import VALID
from segmentation.analysis.trust.stability import Stability

RESPONSE, POWER, ALPHA = 0.10, 0.80, 0.05
FEWEST = 20  # in each half: with fewer, proportions are not nearly normal


@dataclass(frozen=True)
class Trial:
    """A half-and-half test in one segment of `customers`, and the smallest `difference` it detects.

    `difference` is in shares of customers above a response of 10 %; NaN if none is detectable.
    """

    segment: int
    customers: int
    difference: float


def plan_trial(profiles: Profiles, stability: Stability) -> Trial:
    """Plans a trial in the stable segment with most value per customer that is large enough.

    Without a value, in the largest; if none is stable and large enough, in the largest of the
    others.
    """
    sizes, shares, jaccard = profiles.sizes, profiles.shares_of_value, stability.jaccard
    steady = jaccard >= min(VALID, float(np.nanmax(jaccard)))
    fit = steady & (sizes // 2 >= FEWEST)
    worth = sizes if shares is None else shares / profiles.shares
    segment = int(worth[fit].idxmax() if fit.any() else sizes[steady].idxmax())
    customers = int(sizes[segment])
    return Trial(segment, customers, detectable_difference(customers // 2))


def detectable_difference(n: int, response: float = RESPONSE) -> float:
    """Returns the smallest rise in response that two groups of n detect.

    80 % power, 5 % two-sided; normal approximation for two proportions (Fleiss 1981, Statistical
    Methods for Rates and Proportions). NaN below 20, or if even a rise to 100 % would go unseen.
    """
    quantiles = norm.ppf(1 - ALPHA / 2) + norm.ppf(POWER)

    def lacking(rise: float) -> float:
        raised = response + rise
        spread = response * (1 - response) + raised * (1 - raised)
        return float(rise - quantiles * np.sqrt(spread / n))

    most = 1 - response
    return float(brentq(lacking, 0.0, most)) if n >= FEWEST and lacking(most) > 0 else np.nan
