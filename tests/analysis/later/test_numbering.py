import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from segmentation.analysis import (
    Chance,
    Kept,
    Movement,
    Prepared,
    Segments,
    assign_segments,
    describe_changes,
    fit_scales,
    fit_segments,
    keep_names,
    keep_numbers,
    measure_chance,
    measure_shifts,
    plot_flow,
    read_earlier,
    save_model,
    say_flow,
    say_kept,
    say_moved,
    say_outgrown,
    say_shifted,
    tabulate_flow,
    tabulate_segments,
    tabulate_shifted,
    take_rows,
)
from segmentation.analysis.later.numbering import NOBODY
from segmentation.analysis.trust import chance
from segmentation.data import (
    ROW,
    InputError,
    Report,
    list_past,
    open_report,
    open_source,
    write_csv,
)
from segmentation.data.rows.fingerprints import file_sha256
from tests.analysis.conftest import analyse, record_model

STILL = Chance(0.0, 0.0)
CENTRES = {"young": (20, 100), "old": (60, 100), "rich": (20, 400)}


def make_customers(sizes: dict[str, int], seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (
            f"{kind}{at}",
            *(np.array({**CENTRES, "new": (60, 400)}[kind]) + rng.normal(size=2) * [2, 9]),
        )
        for kind, n in sizes.items()
        for at in range(n)
    ]
    return pd.DataFrame(rows, columns=["id", "age", "spend"])


@pytest.fixture
def then(tmp_path):
    """A published report of three groups: young 60, old 50, rich 40."""
    return publish(make_customers({"young": 60, "old": 50, "rich": 40}, 1), 3, tmp_path / "then")


def publish(frame, k, folder, **more) -> Report:
    a = analyse(frame, k)
    folder.mkdir()
    save_model(record_model(a), folder / "model.json")
    listed = a.assigned.execute().set_index("id")["__segment__"].rename("segment").reset_index()
    write_csv(listed.assign(segment_name="x"), folder / "segmented_customers.csv")
    table = tabulate_segments(a.profiles, a.passports).reset_index().to_dict("records")
    result = {"id": "id", "segments": table, "names": a.names} | more
    (folder / "result.json").write_text(json.dumps(result, default=str))
    sums = {path.name: file_sha256(path) for path in folder.iterdir()}
    record = {"run": folder.name, "finished": "2026-03-31T08:00:00+00:00", "files": sums}
    (folder / "run.json").write_text(json.dumps(record))
    return open_report(folder)


@dataclass(frozen=True)
class Made:
    """A table segmented like an earlier report."""

    assigned: pd.DataFrame
    segments: Segments
    kept: Kept
    movement: Movement | None
    prepared: Prepared

    def chance(self) -> Chance:
        return measure_chance(self.prepared.X, self.prepared.weights, self.segments, 0)


def keep(frame, k, report, features=("age", "spend"), id="id") -> Made:
    source = open_source(frame)
    prepared = take_rows(source.table, fit_scales(source.table, features))
    fit = fit_segments(prepared.X, prepared.weights, k, 0)
    placed, _ = assign_segments(prepared, fit, id=id)
    rows, *made = keep_numbers(placed, fit, read_earlier(report, source), id)
    return Made(rows.customers.order_by(ROW).execute(), *made, prepared)


def test_numbers_follow_the_customers_and_not_the_sizes(then):
    now = make_customers({"young": 30, "old": 50, "rich": 70}, 2)
    made = keep(now, 3, then)
    kept, frame = made.kept, made.assigned
    assert kept.new == [] and kept.retired == {} and set(kept.overlaps) == {1, 2, 3}
    number = frame.assign(kind=frame["id"].str.strip("0123456789")).groupby("kind")["__segment__"]
    assert number.unique().map(list).to_dict() == {"young": [1], "old": [2], "rich": [3]}
    ages = made.prepared.scales[0].invert(made.segments.centres[:, 0])
    assert np.round(ages, -1).tolist() == [20, 60, 20]
    assert made.segments.numbers == (1, 2, 3)


def test_a_planted_segment_is_new_and_a_lost_number_is_not_used_again(then, tmp_path):
    now = make_customers({"young": 60, "old": 50, "new": 45}, 3)
    made = keep(now, 3, then)
    segments, kept, frame = made.segments, made.kept, made.assigned
    assert segments.numbers == (1, 2, 4) and kept.new == [4] and list(kept.retired) == [3]
    assert set(frame.loc[frame["id"].str.startswith("new"), "__segment__"]) == {4}
    assert set(segments.numbered) == {1, 2, 4} and kept.highest == 4
    said = say_kept(kept, then, STILL)
    assert "Segments 1 and 2 are as in then of 2026-03-31" in said
    assert "Segment 4 is new. No longer found: 3 (" in said


def test_numbers_that_were_retired_before_are_not_given_again(then, tmp_path):
    home = tmp_path / ".history" / "month"
    home.mkdir(parents=True)
    three, changes = (
        make_customers({"young": 60, "old": 50, "rich": 40}, 1),
        {"past": {"7": "gone"}},
    )
    first = publish(three, 3, home / "1", changes=changes)
    last = publish(make_customers({"young": 60, "old": 50}, 1), 2, tmp_path / "month")
    assert list_past(last)[7] == "gone" and set(list_past(last)) == {1, 2, 3, 7}
    made = keep(make_customers({"young": 60, "old": 50, "new": 45}, 3), 3, last)
    assert made.segments.numbers == (1, 2, 8) and made.kept.past == {
        3: first.result["names"][2],
        7: "gone",
    }
    assert set(list_past(open_report(first.folder))) == {1, 2, 3, 7}  # from the history too


def test_names_are_kept_and_nobody_gets_one_that_was_used():
    kept = Kept((1, 2), {1: 1.0, 2: 1.0}, {1: "a", 2: "b"}, {}, {})
    assert keep_names(["c", "d"], kept, None) == ["a", "b"]
    grown = Kept((2, 10), {2: 1.0}, {2: "b"}, {}, {9: "old"})
    assert keep_names(["c", "b"], grown, None) == ["b", "b (10)"]
    assert keep_names(["c", "old"], grown, None) == ["b", "old (10)"]
    assert keep_names(["c", "d"], grown, ["c", "d"]) == ["c", "d"]
    assert "segment 2 (b) would be called “c”" in say_outgrown(grown, ["c", "d"], False)
    assert say_outgrown(grown, ["c", "d"], True) == "" == say_outgrown(grown, ["b", "d"], False)


def test_names_that_were_given_are_not_said_to_be_kept(then):
    kept = Kept((1, 2), {1: 1.0, 2: 0.8}, {1: "a", 2: "b"}, {}, {})
    assert "with their numbers and names: of the" in say_kept(kept, then, STILL)
    assert "with their numbers: of" in say_kept(kept, then, STILL, named=True)


def test_numbers_stay_where_all_customers_changed_alike(then):
    now = make_customers({"young": 60, "old": 50, "rich": 40}, 1)
    now["age"] += 35  # beyond every earlier border
    made = keep(now, 3, then)
    assert made.kept.new == [] and made.movement.moved == 0
    strangers = keep(now.assign(id=[f"other{at}" for at in range(150)]), 3, then)
    assert strangers.kept.new


def test_the_flow_is_what_pandas_counts(then):
    now = make_customers({"young": 60, "old": 50, "rich": 40}, 1).iloc[10:].copy()
    now.iloc[:7, 1:] = [60.0, 100.0]  # seven of the young grew old
    now = pd.concat([now, make_customers({"new": 9}, 4).assign(age=20.0, spend=100.0)])
    made = keep(now, 3, then)
    kept, movement = made.kept, made.movement
    old = pd.read_csv(then.folder / "segmented_customers.csv").set_index("id")["segment"]
    new = made.assigned.set_index("id")["__segment__"]
    both = pd.concat([old.rename("then"), new.rename("now")], axis=1, join="inner")
    crossed = pd.crosstab(both["then"], both["now"])
    inside = movement.flow.drop(index=NOBODY, columns=NOBODY)
    assert inside.loc[[1, 2, 3], [1, 2, 3]].to_numpy().tolist() == crossed.to_numpy().tolist()
    assert (movement.followed, movement.joined, movement.left) == (len(both), 9, 10)
    assert movement.moved == movement.changed == (both["then"] != both["now"]).sum() == 7
    chance = made.chance()
    said = say_moved(movement, chance, then, "id")
    assert "All of them moved because their own values changed" in said
    assert "7 (5 %) moved to another one." in said and "9 joined and 10 left" in said
    assert "7 from segment 1 to segment 2" in say_flow(movement)
    table = tabulate_flow(movement)
    assert table.loc["segment 1", "segment 2"] == 7 and list(table.index)[-1] == "not in the list"
    ax = plot_flow(movement, Figure().add_subplot())
    assert {text.get_text() for text in ax.texts} >= {"1", "2", "3", "joined", "left"}
    record = describe_changes(kept, then, movement, chance, {})
    assert record["moved"] == 7 and {"then": 1, "now": 2, "customers": 7} in record["flow"]
    json.dumps(record, allow_nan=False)


def test_the_same_table_again_changes_nothing(then):
    now = make_customers({"young": 60, "old": 50, "rich": 40}, 1)
    made, source = keep(now, 3, then), open_source(now)
    movement = made.movement
    assert movement.moved == movement.joined == movement.left == movement.lost == 0
    assert set(made.kept.overlaps.values()) == {1.0}
    shifts = measure_shifts(source.table, read_earlier(then, source).model.bins)
    assert [shift.index for shift in shifts.values()] == [0.0, 0.0]
    assert "Nobody moved" in say_moved(movement, STILL, then, "id")
    assert "either version of one, all are in both" in say_kept(made.kept, then, STILL)
    assert say_flow(movement).endswith("Nobody moved.")


def draw_cloud(rng) -> pd.DataFrame:
    return pd.DataFrame(rng.normal(50, 10, (600, 2)), columns=["age", "spend"])


def draw_skewed(rng) -> pd.DataFrame:
    return pd.DataFrame(rng.lognormal(3, 1.2, (400, 2)), columns=["age", "spend"])


@pytest.mark.long
@pytest.mark.parametrize(("draw", "k"), [(draw_cloud, 3), (draw_cloud, 5), (draw_skewed, 4)])
def test_two_bootstraps_of_one_table_differ_by_noise(draw, k, tmp_path):
    """In 19 of 20 pairs: of 12 fewer than 9 would be in one of 450 such tests."""
    rng, noise = np.random.default_rng(6), 0
    for at in range(12):
        whole = draw(rng)
        whole.insert(0, "id", [f"c{row}" for row in range(len(whole))])
        n = len(whole)
        one, other = (whole.iloc[np.unique(rng.integers(0, n, n))] for _ in range(2))
        report = publish(one, k, tmp_path / str(at))
        made = keep(other, k, report)
        assert made.movement.changed == 0
        said = say_moved(made.movement, made.chance(), report, "id")
        noise += "That is noise" in said or "only because" in said or "Nobody moved" in said
        if made.kept.new:
            assert made.chance().renumbered > 0.05
            assert "need not mean that customers changed" in say_kept(
                made.kept, report, made.chance()
            )
        if made.movement.bordered:  # its twin is caught
            assert "more than by chance" in say_moved(made.movement, STILL, report, "id")
    assert noise >= 9


@pytest.mark.parametrize("algorithm", ["gmm", "ward", "hdbscan"])
def test_chance_is_measured_for_every_method(grouped, algorithm):
    X = grouped.prepared.X[:200]
    found = analyse(grouped.frame.iloc[:200], None, algorithm).segments
    chance = measure_chance(X, np.ones(200), found, 0)
    assert 0 <= chance.moved <= 0.5 and 0 <= chance.renumbered <= 1


def test_chance_shrinks_with_the_root_of_the_rows(monkeypatch):
    X = np.random.default_rng(3).normal(size=(2_000, 2))
    ones = np.ones(2_000)
    segments = fit_segments(X, ones, 3, 0)
    monkeypatch.setattr(chance, "MOST_ROWS", 500)
    drawn = X[chance.draw_by_weight(ones, 500, 0)]
    small = measure_chance(drawn, np.ones(500), segments, 0).moved
    assert small > 0
    assert measure_chance(X, ones, segments, 0).moved == pytest.approx(small / 2)
    uneven = measure_chance(drawn, np.ones(500), segments, 0, then=50)
    assert uneven.moved == pytest.approx(small * np.sqrt(5.5))


def test_typical_customers_are_compared_in_their_own_unit(then):
    now = make_customers({"young": 60, "old": 50, "rich": 40}, 1)
    now.loc[now["id"].str.startswith("rich"), "spend"] += 60
    a = analyse(now, 3)
    kept = Kept((1, 2, 3), {1: 1.0, 2: 1.0, 3: 1.0}, {1: "a", 2: "b", 3: "c"}, {}, {})
    table = tabulate_shifted(then, kept, a.profiles, {1: "a", 2: "b", 3: "c"})
    before, after = table.loc["3 · c", "spend"].split(" → ")
    assert float(after) - float(before) == pytest.approx(60, abs=1)
    assert "changed most in segment 3" in say_shifted(then, kept, a.profiles)


def test_customers_are_followed_by_the_same_column_only(then):
    now = make_customers({"young": 60, "old": 50, "rich": 40}, 1)
    assert keep(now, 3, then, id=None).movement is None
    assert "No column names the customers" in say_moved(None, STILL, then, None)
    other = now.assign(card=np.arange(150))
    assert keep(other, 3, then, id="card").movement is None
    said = say_moved(None, STILL, then, "card")
    assert "named by card here, and the earlier report named its customers by id" in said
    then.result["id"] = None
    assert "had no column that named them" in say_moved(None, STILL, then, "card")


def test_a_handful_is_not_counted_out_and_who_has_no_segment_any_more_is_told(then):
    now = make_customers({"young": 60, "old": 50, "rich": 40}, 1).iloc[2:].copy()
    now.iloc[:3, 1:] = [60.0, 100.0]
    now.loc[now.index[-6:], "age"] = None
    made = keep(now, 3, then)
    assert made.movement.lost == 6
    said = say_moved(made.movement, STILL, then, "id")
    assert "0 joined and fewer than 5 left" in said
    assert "6 had a segment and have none now." in said
    assert "Fewer than 5 moved to another one." in said and "(" not in said


def test_ids_that_look_like_formulas_and_whole_floats_are_the_same_people(tmp_path):
    frame = make_customers({"young": 60, "old": 50, "rich": 40}, 1)
    odd = frame.assign(id=["=" + name for name in frame["id"]])
    earlier = publish(odd, 3, tmp_path / "odd")
    assert (tmp_path / "odd" / "segmented_customers.csv").read_text().count("'=young") == 60
    assert keep(odd, 3, earlier).movement.followed == 150
    numbered = frame.assign(id=np.arange(150.0))
    earlier = publish(numbered, 3, tmp_path / "numbered")
    assert keep(numbered, 3, earlier).movement.followed == 150


def test_an_earlier_report_whose_columns_are_gone_is_refused(then):
    source = open_source(make_customers({"young": 5, "old": 5}, 1).drop(columns="spend"))
    with pytest.raises(InputError, match="spend"):
        read_earlier(then, source)
    with pytest.raises(InputError, match="no report"):
        open_report(then.folder / "nowhere")
