"""An earlier report: opened with its model, its list and the names of all its numbers."""

from __future__ import annotations

import pytest

from segmentation.analysis import open_earlier
from segmentation.data import InputError, open_report, open_source
from tests.analysis.publishing import THEN, make_customers, publish


def test_an_earlier_report_whose_columns_are_gone_is_refused(then):
    source = open_source(make_customers({"young": 5, "old": 5}, 1).drop(columns="spend"))
    with pytest.raises(InputError, match="spend"):
        open_earlier(str(then.folder), source)
    with pytest.raises(InputError, match="no report"):
        open_report(then.folder / "nowhere")


def test_without_a_folder_there_is_no_earlier_report():
    assert open_earlier(None, open_source(make_customers({"young": 5, "old": 5}, 1))) is None


def test_an_earlier_report_brings_its_model_its_customers_and_its_names(then, tmp_path):
    customers = make_customers(THEN, 1)
    earlier = open_earlier(str(then.folder), open_source(customers))
    assert earlier.model.names == list(earlier.past.values()) == then.result["names"]
    assert earlier.listed["id"].tolist() == customers["id"].tolist()
    assert set(earlier.listed["segment"]) == set(earlier.past) == {1, 2, 3}
    assert not earlier.names_given
    named = publish(customers, 3, tmp_path / "named", names_given=True)
    assert open_earlier(str(named.folder), open_source(customers)).names_given
