"""What is odd is found, and nothing is found where nothing is odd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from segmentation.analysis.trust.cautions import Outliers, compare_without, find_cautions
from tests.analysis.conftest import analyse, find_odd


def test_a_plain_table_has_nothing_odd(measures):
    found = find_odd(measures)
    assert found.id is None and found.identifiers == [] and found.twins == {}
    assert found.answers == found.codes == found.skewed == [] and found.small.empty
    assert found.lost == 0 and not found.many_lost and not found.outliers.decisive


def test_every_fact_is_of_the_column_that_it_names(measures):
    rng = np.random.default_rng(1)
    frame = measures.assign(
        CustomerID=range(1, 201),
        grade=np.tile([1, 2, 3, 4], 50),
        member=np.tile([0, 1], 100),
        months=measures["age"] * 12 + rng.normal(size=200),
        spend=rng.lognormal(3, 1.5, 200),
    )
    features = [name for name in frame if name != "CustomerID"]
    found = find_odd(frame, features=features, transform="none")
    assert found.id is not None and found.id.name == "CustomerID"
    assert (found.codes, found.answers) == (["grade"], ["member"])
    assert {other: one for other, (one, _) in found.twins.items()} == {"months": "age"}
    assert [scale.feature for scale in found.skewed] == ["spend"]
    named = find_odd(frame, features=["age", "CustomerID"])
    assert [fact.name for fact in named.identifiers] == ["CustomerID"]


def test_dummies_of_one_category_are_found_whatever_stands_between(measures):
    towns, sizes = np.arange(200) % 4, np.arange(200) % 3
    frame = measures.assign(**{f"town_{i}": (towns == i) * 1 for i in range(4)})
    frame = frame.assign(member=(np.arange(200) % 7 == 0) * 1)
    frame = frame.assign(**{f"size_{i}": (sizes == i) * 1 for i in range(3)})
    found = find_odd(frame, features=list(frame))
    assert found.dummies == [[f"town_{i}" for i in range(4)], [f"size_{i}" for i in range(3)]]
    part = find_odd(frame, features=["age", "town_0", "town_1", "member"])
    assert part.dummies == [] and part.answers == ["town_0", "town_1", "member"]


def test_small_segments_are_given_by_their_number(measures):
    measures.loc[:1, "age"] = [4000.0, 4100.0]
    a = analyse(measures, 2, transform="none")
    assert find_cautions(a.columns, a.segmentation).small.to_dict() == {2: 2}
    kept = a.segmentation.with_numbers([3, 8])
    assert find_cautions(a.columns, kept).small.to_dict() == {8: 2}


@pytest.mark.long
def test_few_rows_and_other_methods_are_not_fitted_without_the_furthest(analysis, grouped):
    for segmentation in (analysis.segmentation, analyse(grouped.frame, 4, "ward").segmentation):
        outliers = compare_without(segmentation)
        assert np.isnan([outliers.without_furthest, outliers.without_random]).all()
        assert not outliers.decisive
    assert compare_without(grouped.segmentation) == Outliers(1.0, 1.0)


def test_more_than_two_in_a_hundred_without_a_segment_are_many(cloud):
    found = find_cautions(cloud.columns, cloud.segmentation)
    assert not replace(found, lost=8).many_lost and replace(found, lost=9).many_lost
