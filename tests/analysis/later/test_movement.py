"""Customers followed from an earlier report: who moved, joined and left, and who by chance."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from segmentation.analysis import describe_findings, say
from segmentation.analysis.later.movement import NOBODY, NOWHERE, simplify_ids
from segmentation.analysis.portraits.rules import NO_RULE
from segmentation.analysis.say.changes import mangled, rescaled
from segmentation.analysis.show.flows import plot_flow
from segmentation.analysis.trust.chance import Chance
from segmentation.analysis.trust.structure import Structure
from tests.analysis.publishing import STILL, THEN, keep, make_customers, publish


@pytest.mark.long
def test_the_flow_is_what_pandas_counts(then, grouped):
    now = make_customers(THEN, 1).iloc[10:].copy()
    now.iloc[:7, 1:] = [60.0, 100.0]  # seven of the young grew old
    now = pd.concat([now, make_customers({"new": 9}, 4).assign(age=20.0, spend=100.0)])
    made = keep(now, 3, then)
    movement = made.movement
    old = pd.read_csv(then.folder / "segmented_customers.csv").set_index("id")["segment"]
    new = made.assigned.set_index("id")["__segment__"]
    both = pd.concat([old.rename("then"), new.rename("now")], axis=1, join="inner")
    crossed = pd.crosstab(both["then"], both["now"])
    inside = movement.flow.drop(index=NOBODY, columns=NOBODY)
    assert inside.loc[[1, 2, 3], [1, 2, 3]].to_numpy().tolist() == crossed.to_numpy().tolist()
    assert (movement.followed, movement.joined, movement.left) == (len(both), 9, 10)
    assert movement.moved == movement.changed == (both["then"] != both["now"]).sum() == 7
    text = say.moved(made.changes, "id")
    assert "All of them moved because their own values changed" in text
    assert "7 (5 %) moved to another one." in text and "9 joined and 10 left" in text
    assert "7 from segment 1 to segment 2" in say.flow(movement)
    assert movement.flow.loc[1, 2] == 7 and movement.flow.index[-1] == NOBODY
    assert say.label_then(NOBODY) == "not in the list" and say.label_then(1) == "segment 1"
    ax = plot_flow(movement, Figure().add_subplot())
    assert {text.get_text() for text in ax.texts} >= {"1", "2", "3", "joined", "left"}
    findings = replace(grouped.findings, changes=made.changes)
    record = describe_findings(findings, "now", [])["changes"]
    assert record["moved"] == 7 and {"then": 1, "now": 2, "customers": 7} in record["flow"]
    json.dumps(record, allow_nan=False)


def test_the_same_table_again_changes_nothing(then):
    made = keep(make_customers(THEN, 1), 3, then)
    movement, changes = made.movement, replace(made.changes, chance=STILL)
    assert movement.moved == movement.joined == movement.left == movement.lost == 0
    assert set(made.kept.overlaps.values()) == {1.0}
    assert [shift.index for shift in changes.shifts.values()] == [0.0, 0.0]
    assert "Nobody moved" in say.moved(changes, "id")
    assert "puts in one, all are put there by both" in say.kept(changes)
    assert say.flow(movement).endswith("Nobody moved.")


def draw_cloud(rng) -> pd.DataFrame:
    return pd.DataFrame(rng.normal(50, 10, (600, 2)), columns=["age", "spend"])


def draw_skewed(rng) -> pd.DataFrame:
    return pd.DataFrame(rng.lognormal(3, 1.2, (400, 2)), columns=["age", "spend"])


@pytest.mark.long
@pytest.mark.parametrize(("draw", "k"), [(draw_cloud, 3), (draw_cloud, 5), (draw_skewed, 4)])
def test_two_bootstraps_of_one_table_differ_by_noise(draw, k, tmp_path, monkeypatch):
    """In 19 of 20 pairs: of 12 fewer than 9 would be in one of 450 such tests."""
    # Groups and rules are not looked for, as nothing needs them.
    unseen = Structure(False, 1, 0, 0, 0, np.nan, np.nan, 0)
    rules = pd.Series(NO_RULE, range(1, k + 1))
    monkeypatch.setattr("segmentation.analysis.trust.gathering.find_structure", lambda *_: unseen)
    monkeypatch.setattr("segmentation.analysis.portraits.portraits.make_rules", lambda _: rules)
    rng, noise = np.random.default_rng(6), 0
    for at in range(12):
        whole = draw(rng)
        whole.insert(0, "id", [f"c{row}" for row in range(len(whole))])
        n = len(whole)
        one, other = (whole.iloc[np.unique(rng.integers(0, n, n))] for _ in range(2))
        report = publish(one, k, tmp_path / str(at))
        made = keep(other, k, report)
        changes = made.changes
        assert made.movement.changed == 0
        text = say.moved(changes, "id")
        noise += (
            "That is noise" in text
            or "no more than" in text
            or "only because" in text
            or "Nobody moved" in text
        )
        if made.kept.new:
            assert changes.chance.renumbered > 0.05
            assert "need not mean that customers changed" in say.kept(changes)
        if made.movement.bordered:  # its twin is caught
            still = replace(changes, chance=STILL)
            assert "more than by chance" in say.moved(still, "id")
    assert noise >= 9


def test_customers_are_followed_by_the_same_column_only(then):
    now = make_customers(THEN, 1)
    nameless = keep(now, 3, then, id=None)
    assert nameless.movement is None
    assert "No column names the customers" in say.moved(nameless.changes, None)
    carded = keep(now.assign(card=np.arange(150)), 3, then, id="card")
    assert carded.movement is None
    text = say.moved(carded.changes, "card")
    assert "named by card here, and the earlier report named its customers by id" in text
    carded.changes.earlier.report.result["id"] = None
    assert "had no column that named them" in say.moved(carded.changes, "card")


def test_a_handful_is_not_counted_out_and_who_has_no_segment_any_more_is_told(then):
    now = make_customers(THEN, 1).iloc[2:].copy()
    now.iloc[:3, 1:] = [60.0, 100.0]
    now.loc[now.index[-6:], "age"] = None
    made = keep(now, 3, then)
    assert made.movement.lost == made.movement.flow[NOWHERE].sum() == 6
    text = say.moved(replace(made.changes, chance=STILL), "id")
    assert "0 joined and fewer than 5 left" in text
    assert "6 had a segment and have none now." in text
    assert "Fewer than 5 moved to another one." in text and "(" not in text


@pytest.mark.long
def test_ids_that_look_like_formulas_and_whole_floats_are_the_same_people(tmp_path):
    frame = make_customers(THEN, 1)
    odd = frame.assign(id=["=" + name for name in frame["id"]])
    earlier = publish(odd, 3, tmp_path / "odd")
    assert (tmp_path / "odd" / "segmented_customers.csv").read_text().count("'=young") == 60
    assert keep(odd, 3, earlier).movement.followed == 150
    numbered = frame.assign(id=np.arange(150.0))
    earlier = publish(numbered, 3, tmp_path / "numbered")
    assert keep(numbered, 3, earlier).movement.followed == 150


def test_cents_for_euros_are_said_and_segments_keep_their_numbers(then):
    now = make_customers(THEN, 1)
    for factor, words in ((100, "100 times as large"), (0.001, "1,000 times smaller")):
        made = keep(now.assign(spend=now["spend"] * factor), 3, then)
        assert made.changes.rescaled.keys() == {"spend"}
        text = rescaled(made.changes.rescaled)
        assert text.startswith(f"Another unit? spend is about {words}")
        assert made.kept.new == [] and not made.changes.shifts["spend"].shown
    grown = keep(now.assign(spend=now["spend"] * 3), 3, then)
    assert grown.changes.rescaled == {} and rescaled({}) == ""


def test_ids_that_are_only_written_differently_are_one():
    ways = pd.Series(["K-00123", "k123", " K 123", "K00123.0", "K_0123"])
    assert simplify_ids(ways).unique().tolist() == ["k123"]
    others = pd.Series(["k1230", "k1023", "l123", "0", "10"])
    assert simplify_ids(others).tolist() == others.tolist()


@pytest.mark.long
@pytest.mark.parametrize("mangle", [lambda id: id.lstrip("0"), lambda id: f"{id.lstrip('0')}.0"])
def test_ids_that_lost_their_zeros_are_suspected_and_nobody_is_followed(tmp_path, mangle):
    frame = make_customers(THEN, 1).assign(id=[f"{at:06}" for at in range(150)])
    report = publish(frame, 3, tmp_path / "january")
    made = keep(frame.assign(id=frame["id"].map(mangle)), 3, report)
    assert made.movement is None and made.changes.mangled >= 140
    assert "but for leading zeros, .0, capitals or signs" in mangled(made.changes)
    assert "joined" not in say.moved(made.changes, "id")
    assert "whom the borders of then or of now put" in say.kept(made.changes)
    others = keep(frame.assign(id=[f"9{at:06}" for at in range(150)]), 3, report)
    assert others.changes.mangled == 0 and "No customer is in both lists" in say.moved(
        others.changes, "id"
    )


def test_a_hidden_count_does_not_follow_from_those_beside_it(then):
    changes = keep(make_customers(THEN, 1), 3, then).changes
    moved = replace(changes.movement, changed=7, bordered=3)
    text = say.moved(replace(changes, movement=moved), "id")
    assert "10 (7 %) moved" in text and "Most of them moved because their own" in text
    assert " 7 " not in text and "A few others moved because the borders did" in text
    lost = changes.movement.flow.copy()
    lost.loc[NOBODY, 1] = 2
    text = say.moved(replace(changes, movement=replace(changes.movement, flow=lost)), "id")
    assert text.startswith("About 150 customers had") and "fewer than 5 joined" in text


def test_a_segment_that_was_given_up_is_no_noise(then):
    changes = keep(make_customers(THEN, 1), 3, then).changes
    moved = replace(changes.movement, bordered=30)
    chance, given_up = Chance(0.5, 0.0), replace(changes.kept, retired={3: "c"})
    noisy = replace(changes, movement=moved, chance=chance)
    assert "That is noise" in say.moved(noisy, "id")
    text = say.moved(replace(noisy, kept=given_up), "id")
    assert "noise" not in text and "no more than by chance" in text
