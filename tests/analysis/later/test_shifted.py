"""What is typical of the kept segments, then and now."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from segmentation.analysis import say
from segmentation.analysis.later.numbering import Kept
from segmentation.analysis.later.shifted import list_medians
from tests.analysis.publishing import changes_since

KEPT = Kept((1, 2, 3), {1: 1.0, 2: 1.0, 3: 1.0}, {1: "a", 2: "b", 3: "c"}, {}, {})


def test_typical_customers_are_compared_in_their_own_unit(then, richer):
    changes = changes_since(then, KEPT)
    before = list_medians(changes, richer.profiles)
    after = richer.profiles.medians
    assert after.loc[3, "spend"] - before[3]["spend"] == pytest.approx(60, abs=1)
    assert "changed most in segment 3" in say.shifted(changes, richer.portraits)


def test_segments_that_are_not_kept_or_are_a_handful_are_not_compared(then, richer):
    two = replace(KEPT, numbers=(1, 2, 4), names={1: "a", 2: "b"})
    assert set(list_medians(changes_since(then, two), richer.profiles)) == {1, 2}
    sizes = pd.Series({1: 60, 2: 4, 3: 40})
    few = replace(richer.profiles, sizes=sizes)
    assert set(list_medians(changes_since(then, KEPT), few)) == {1, 3}
