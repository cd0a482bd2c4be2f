"""A handful that the best silhouette splits off, and what logged features give instead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.analysis import say
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.passes.scales import Scales
from segmentation.analysis.say.number import handful
from segmentation.analysis.trust.logged import find_handful, try_logged
from tests.analysis.conftest import analyse


def used_rows(sample: Sample, used: int) -> Sample:
    """The sample as if it stood for so many complete rows."""
    own = sample.scales
    counts = replace(own.counts, rows=used, used=used)
    return replace(sample, scales=Scales(own, counts, own.middle, own.square, own.scaling))


@pytest.mark.long
def test_a_handful_split_off_recommends_the_log():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.lognormal(3, 1.3, size=(300, 2)), columns=["a", "b"])
    a = analyse(frame, None, transform="none")
    logged = try_logged(a.scan, a.choice)
    text = say.logged(a.opinions, a.segmentation)
    assert "only splits off a handful" in text and "transform: auto" in text
    assert logged is not None and sum(logged.sizes) == 300 and min(logged.sizes) > 30
    assert a.opinions.logged == logged and f"make {logged.k} " in text
    b = analyse(frame, None)
    assert try_logged(b.scan, b.choice) is None


def test_a_handful_is_said_only_where_it_is_one(grouped):
    scan, choice = grouped.scan, grouped.choice
    assert handful(find_handful(scan, choice), 400) == ""
    few = replace(choice, table=choice.table.assign(smallest=0.02))
    assert find_handful(scan, few) is None  # one of several small segments is no handful
    assert handful(find_handful(scan, few), 400) == ""
    scores = replace(scan, table=scan.table.assign(silhouette=[0.0, 0.9, 0.5, 0.4, 0.3]))
    text = handful(find_handful(scores, few), 400)
    assert "splits off a handful: 8 of 400" in text
    many = replace(few, table=few.table.assign(smallest=0.08))
    large = replace(scores, sample=used_rows(scan.sample, 4_000))
    assert "a small part: 320 of 4,000" in handful(find_handful(large, many), 4_000)
    own = replace(few, k=2, table=few.table.assign(strength=0.9, veto=""))
    assert handful(find_handful(scores, own), 400) == ""  # it comes back
