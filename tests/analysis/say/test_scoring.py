"""What is said of customers that an earlier report placed: every figure counted by hand."""

from __future__ import annotations

import pytest

from segmentation.analysis import say, show
from segmentation.analysis.later import (
    load_model,
    match_columns,
    name_report,
    save_model,
    score_rows,
    tabulate_placed,
    tabulate_shares,
    tabulate_shifts,
)
from segmentation.analysis.passes.placed_rows import SEGMENT
from segmentation.analysis.results import describe_scored
from segmentation.data import open_source
from tests.analysis.conftest import record_model


@pytest.fixture
def model(analysis, tmp_path):
    save_model(record_model(analysis), tmp_path / "model.json")
    return load_model(tmp_path / "model.json")


def count(frame, model):
    source = open_source(frame)
    scored, counted = score_rows(source.table, model)
    rows = frame.reset_index(drop=True).assign(**{SEGMENT: scored[SEGMENT].to_pandas()})
    return counted, match_columns(model, source), rows


def test_the_customers_of_the_report_have_the_shares_that_they_had(analysis, model):
    counted, match, rows = count(analysis.frame, model)
    table = tabulate_placed(counted, model)
    own = rows[SEGMENT].value_counts().sort_index()
    assert table["customers"].tolist() == own.tolist()
    assert table["share"].tolist() == pytest.approx((own / own.sum()).tolist())
    assert table["share_then"].tolist() == pytest.approx(table["share"].tolist())
    assert "within half a percentage point of what it was" in say.placed(counted, model)
    assert f"whose verdict was: {say.kind(analysis.verdict)}." in say.unjudged(counted, model)
    assert say.matched_columns(match) == "The columns are those that the segments were formed on."
    assert say.placed_title(counted, "shop") == (
        f"{own.sum()} customers placed in the segments of shop"
    )


def test_what_changed_is_said_with_then_and_now(analysis, model):
    _, _, rows = count(analysis.frame, model)
    kept = rows[rows[SEGMENT] != 1][analysis.frame.columns]
    counted, _, _ = count(kept, model)
    then = tabulate_placed(counted, model).loc[1, "share_then"]
    assert f"{then:.0%}".replace("%", " % then, 0 % now") in say.placed(counted, model)
    assert "segment 1 (" in say.placed(counted, model)
    assert tabulate_shares(counted, model).loc[f"1 · {model.names[0]}", "share now"] == "0 %"
    with show.drawing() as (ax,):
        show.plot_shares(counted, model, ax)
        widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx((100 * tabulate_placed(counted, model)["share"]).tolist())
    assert "segment 1 0 % now" in say.placed_shares(counted, model)


def test_customers_without_a_segment_or_beyond_the_range_are_counted(analysis, model):
    feature, other = model.features[:2]
    frame = analysis.frame.dropna(subset=model.features).reset_index(drop=True)
    frame[[feature, other]] = frame[[feature, other]].astype(float)
    frame.loc[0, feature] = None
    frame.loc[[1, 2], other] = 1e6
    counted, match, _ = count(frame.assign(colour="red"), model)
    assert counted.placed == len(frame) - 1
    assert f"1 customer of {len(frame)} is left out: missing {feature} in 1" in say.unplaced(
        counted
    )
    sentence = say.outside(counted)
    start = "2 customers have values below or above all that the segments were"
    assert sentence.startswith(start)
    assert f"formed on: {other} (2 above). " in sentence
    assert "New, and not used: colour." in say.matched_columns(match)
    assert [tile[1] for tile in say.placed_tiles(counted, model)][:3] == [
        f"{counted.placed}",
        f"{len(model.numbers)}",
        "1",
    ]


def test_nobody_placed_is_said(analysis, model):
    counted, match, _ = count(analysis.frame.assign(**dict.fromkeys(model.features[:1])), model)
    assert counted.placed == 0 and say.placed(counted, model) == "No customer could be placed."
    record = describe_scored(counted, model, match, "none", "shop")
    assert record["sizes"] == [0] * len(model.numbers) and record["rows_used"] == 0
    assert record["verdict"] == {"kind": None, "in_words": "placed in the segments of shop"}


def test_a_model_is_named_after_its_report(tmp_path):
    (tmp_path / "shop").mkdir()
    assert name_report(tmp_path / "shop" / "model.json") == "shop"
    assert name_report(tmp_path / "shop_model.json") == "shop_model"


def test_features_that_differ_beyond_chance_are_named(analysis, model):
    counted, _, _ = count(analysis.frame, model)
    assert [shift.index for shift in counted.shifts.values()] == [0.0] * len(model.features)
    assert "by more than chance" in say.placed_shifts(
        counted
    ) and "In no feature" in say.placed_shifts(counted)
    feature, *others = model.features
    frame = analysis.frame.assign(**{feature: analysis.frame[feature] * 3})
    counted, _, _ = count(frame, model)
    assert say.unjudged(counted, model).endswith(f"differ much from those before in {feature}.")
    assert say.placed_shifts(counted).startswith(f"These customers differ much in {feature}: ")
    assert tabulate_shifts(counted.shifts).index.tolist() == [feature, *others]


def test_another_unit_is_said_before_anything_else(analysis, model):
    feature = model.features[0]
    frame = analysis.frame.dropna(subset=model.features)
    cents, _, _ = count(frame.assign(**{feature: frame[feature] * 100}), model)
    assert say.unjudged(cents, model).startswith(f"Another unit? In {feature} nearly all")
    assert "Another unit" not in say.unjudged(count(frame, model)[0], model)
