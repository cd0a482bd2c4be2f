"""The one next step: whom to try something on, and how small an effect the trial could see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from segmentation.analysis.portraits.profiles import Profiles
from segmentation.analysis.trust.choice import VALID
from segmentation.analysis.trust.stability import Stability

RESPONSE, POWER, ALPHA = 0.10, 0.80, 0.05
FEWEST = 20  # in each half: in fewer, proportions are not nearly normal


@dataclass(frozen=True)
class Trial:
    """A half / half test in one segment: its `customers`, and the smallest difference it detects.

    `difference` is in shares of customers above a response of 10 %; NaN where none is.
    """

    segment: int
    customers: int
    difference: float


def plan_trial(profiles: Profiles, stability: Stability) -> Trial:
    """Of stable segments, large enough for a trial, the one with most value a customer.

    Without a value the largest; where none is large enough or stable, the largest of the others.
    """
    sizes, shares = profiles.sizes, profiles.shares_of_value
    steady = stability.own.jaccard >= min(VALID, float(np.nanmax(stability.own.jaccard)))
    fit = steady & (sizes // 2 >= FEWEST).to_numpy()
    worth = sizes if shares is None else shares / profiles.shares
    at = int(worth[fit].idxmax() if fit.any() else sizes[steady].idxmax())
    return Trial(at, int(sizes[at]), detectable_difference(int(sizes[at]) // 2))


def detectable_difference(n: int, response: float = RESPONSE) -> float:
    """The smallest rise of a response rate that two groups of n show (80 % power, 5 % two-sided).

    Normal approximation of two proportions (Fleiss 1981, Statistical Methods for Rates and
    Proportions); NaN for fewer than 20, and where even a rise to 100 % would not show.
    """
    reach = norm.ppf(1 - ALPHA / 2) + norm.ppf(POWER)

    def lacking(rise: float) -> float:
        raised = response + rise
        spread = response * (1 - response) + raised * (1 - raised)
        return float(rise - reach * np.sqrt(spread / n))

    most = 1 - response
    return float(brentq(lacking, 0.0, most)) if n >= FEWEST and lacking(most) > 0 else np.nan
