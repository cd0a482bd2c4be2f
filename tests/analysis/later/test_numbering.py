"""Numbers and names of an earlier report: kept by the customers, and never used again."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from segmentation.analysis import keep_numbers, say
from segmentation.data import list_past, open_report
from segmentation.data.published.reports import find_report
from tests.analysis.publishing import STILL, THEN, keep, make_customers, publish


def test_numbers_follow_the_customers_and_not_the_sizes(then):
    now = make_customers({"young": 30, "old": 50, "rich": 70}, 2)
    made = keep(now, 3, then)
    kept, frame, segmentation = made.kept, made.assigned, made.segmentation
    assert kept.new == [] and kept.retired == {} and set(kept.overlaps) == {1, 2, 3}
    number = frame.assign(kind=frame["id"].str.strip("0123456789")).groupby("kind")["__segment__"]
    assert number.unique().map(list).to_dict() == {"young": [1], "old": [2], "rich": [3]}
    ages = segmentation.sample.scales[0].invert(segmentation.segments.centres[:, 0])
    assert np.round(ages, -1).tolist() == [20, 60, 20]
    assert segmentation.numbers == (1, 2, 3)
    assert segmentation.labels.tolist() == frame["__segment__"].tolist()


def test_a_planted_segment_is_new_and_a_lost_number_is_not_used_again(then):
    now = make_customers({"young": 60, "old": 50, "new": 45}, 3)
    made = keep(now, 3, then)
    segmentation, kept, frame = made.segmentation, made.kept, made.assigned
    assert segmentation.numbers == (1, 2, 4) and kept.new == [4] and list(kept.retired) == [3]
    assert set(frame.loc[frame["id"].str.startswith("new"), "__segment__"]) == {4}
    assert set(segmentation.labels) == {1, 2, 4} and kept.highest == 4
    text = say.kept(replace(made.changes, chance=STILL))
    assert "Segments 1 and 2 are as in then of 2026-03-31" in text
    assert "Segment 4 is new. No longer found: 3 (" in text


@pytest.mark.long
def test_numbers_that_were_retired_before_are_not_given_again(tmp_path):
    home = tmp_path / ".history" / "month"
    home.mkdir(parents=True)
    three, changes = make_customers(THEN, 1), {"past": {"7": "gone"}}
    first = publish(three, 3, home / "1", changes=changes)
    last = publish(make_customers({"young": 60, "old": 50}, 1), 2, tmp_path / "month")
    assert list_past(last)[7] == "gone" and set(list_past(last)) == {1, 2, 3, 7}
    made = keep(make_customers({"young": 60, "old": 50, "new": 45}, 3), 3, last)
    assert made.segmentation.numbers == (1, 2, 8) and made.kept.past == {
        3: first.result["names"][2],
        7: "gone",
    }
    assert made.changes.past == made.kept.past and made.changes.names == made.kept.names
    assert set(list_past(open_report(first.folder))) == {1, 2, 3, 7}  # from the history too


def test_what_replaces_a_report_of_the_same_data_takes_its_numbers(tmp_path):
    folders = [tmp_path / ".history" / "month" / "1", tmp_path / "month"]
    for number, folder in enumerate(folders, 1):
        folder.mkdir(parents=True)
        record = {"sha256": f"of {number}", "finished": f"2026-0{number}-28T09:00:00+00:00"}
        (folder / "run.json").write_text(json.dumps({"run": "month", "files": {}, **record}))
        result = {"segments": [{"segment": number, "name": "some"}]}
        (folder / "result.json").write_text(json.dumps(result))
    first = find_report(folders[0])
    assert set(list_past(first)) == set(list_past(first, lambda: "of 3")) == {1, 2}
    assert set(list_past(first, lambda: "of 2")) == {1}


def test_numbers_stay_where_all_customers_changed_alike(then):
    now = make_customers(THEN, 1)
    now["age"] += 35  # beyond every earlier border
    made = keep(now, 3, then)
    assert made.kept.new == [] and made.movement.moved == 0
    strangers = keep(now.assign(id=[f"other{at}" for at in range(150)]), 3, then)
    assert strangers.kept.new


def test_without_an_earlier_report_nothing_changes(grouped):
    segmentation, changes = keep_numbers(grouped.segmentation, None)
    assert segmentation is grouped.segmentation and changes is None
