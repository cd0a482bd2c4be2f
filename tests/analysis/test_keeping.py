import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from segmentation.analysis import (
    assign_segments,
    describe_changes,
    fit_scales,
    fit_segments,
    follow_customers,
    keep_names,
    keep_numbers,
    load_model,
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
from segmentation.analysis.keeping import NOBODY, Kept
from segmentation.data import InputError, Report, open_report, open_source, write_csv
from segmentation.data.fingerprints import file_sha256
from tests.analysis.conftest import analyse, record_model

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


def publish(frame, k, folder, names=None) -> Report:
    a = analyse(frame, k)
    folder.mkdir()
    save_model(record_model(a), folder / "model.json")
    listed = a.assigned.execute().set_index("id")["__segment__"].rename("segment").reset_index()
    write_csv(listed.assign(segment_name="x"), folder / "segmented_customers.csv")
    table = tabulate_segments(a.profiles, a.passports).reset_index().to_dict("records")
    result = {"id": "id", "segments": table, "names_given": names is not None}
    (folder / "result.json").write_text(json.dumps(result, default=str))
    sums = {path.name: file_sha256(path) for path in folder.iterdir()}
    record = {"run": folder.name, "finished": "2026-03-31T08:00:00+00:00", "files": sums}
    (folder / "run.json").write_text(json.dumps(record))
    return open_report(folder)


def keep(frame, k, earlier):
    source = open_source(frame)
    prepared = take_rows(source.table, fit_scales(source.table, ["age", "spend"]))
    fit = fit_segments(prepared.X, prepared.weights, k, 0)
    placed = assign_segments(source.table, prepared, fit).cache()
    model = read_earlier(earlier, source)
    return (*keep_numbers(placed, fit, model), prepared, model)


def test_numbers_follow_the_customers_and_not_the_sizes(then):
    now = make_customers({"young": 30, "old": 50, "rich": 70}, 2)
    assigned, segments, kept, _, model = keep(now, 3, then)
    assert kept.new == [] and kept.retired == {} and set(kept.overlaps) == {1, 2, 3}
    frame = assigned.execute()
    number = frame.assign(kind=frame["id"].str.strip("0123456789")).groupby("kind")["__segment__"]
    assert number.unique().map(list).to_dict() == {"young": [1], "old": [2], "rich": [3]}
    centres = [scale.invert(segments.centres[:, at]) for at, scale in enumerate(model.scales)]
    assert np.round(centres[0], -1).tolist() == [20, 60, 20]
    assert segments.numbers == (1, 2, 3)


def test_a_planted_segment_is_new_and_a_lost_number_is_not_used_again(then, tmp_path):
    now = make_customers({"young": 60, "old": 50, "new": 45}, 3)
    assigned, segments, kept, _, _ = keep(now, 3, then)
    assert segments.numbers == (1, 2, 4) and kept.new == [4] and list(kept.retired) == [3]
    frame = assigned.execute()
    assert set(frame.loc[frame["id"].str.startswith("new"), "__segment__"]) == {4}
    assert set(segments.numbered) == {1, 2, 4} and kept.highest == 3
    said = say_kept(kept, then)
    assert "Segments 1 and 2 are as in then of 2026-03-31" in said
    assert "Segment 4 is new. No longer found: 3 (" in said


def test_a_number_that_was_retired_before_is_not_given_again(then):
    model = load_model(then.folder / "model.json")
    kept = Kept((1, 2), {1: 1.0, 2: 1.0}, {1: "a", 2: "b"}, {}, 9)
    record = json.loads((then.folder / "model.json").read_text())
    assert record["highest"] == 3 == model.highest
    assert keep_names(["c", "d"], kept, None) == ["a", "b"]
    grown = Kept((2, 10), {2: 1.0}, {2: "b"}, {}, 9)
    assert keep_names(["c", "b"], grown, None) == ["b", "b (10)"]
    assert keep_names(["c", "d"], grown, ["c", "d"]) == ["c", "d"]
    assert "segment 2 (b) would be called “c”" in say_outgrown(grown, ["c", "d"], False)
    assert say_outgrown(grown, ["c", "d"], True) == "" == say_outgrown(grown, ["b", "d"], False)


def test_the_flow_is_what_pandas_counts(then):
    now = make_customers({"young": 60, "old": 50, "rich": 40}, 1).iloc[10:].copy()
    now.iloc[:7, 1:] = [60.0, 100.0]  # seven of the young grew old
    now = pd.concat([now, make_customers({"new": 9}, 4).assign(age=20.0, spend=100.0)])
    assigned, segments, kept, prepared, _ = keep(now, 3, then)
    movement = follow_customers(assigned, "id", then)
    old = pd.read_csv(then.folder / "segmented_customers.csv").set_index("id")["segment"]
    new = assigned.execute().set_index("id")["__segment__"]
    both = pd.concat([old.rename("then"), new.rename("now")], axis=1, join="inner")
    crossed = pd.crosstab(both["then"], both["now"])
    inside = movement.flow.drop(index=NOBODY, columns=NOBODY)
    assert inside.loc[[1, 2, 3], [1, 2, 3]].to_numpy().tolist() == crossed.to_numpy().tolist()
    assert (movement.followed, movement.joined, movement.left) == (len(both), 9, 10)
    assert movement.moved == movement.changed == (both["then"] != both["now"]).sum() == 7
    chance = measure_chance(prepared.X, prepared.weights, segments, 0)
    said = say_moved(movement, chance)
    assert "7 moved because they changed themselves" in said and "9 joined and 10 left" in said
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
    assigned, _, kept, _, model = keep(now, 3, then)
    movement = follow_customers(assigned, "id", then)
    assert movement.moved == movement.joined == movement.left == 0
    assert set(kept.overlaps.values()) == {1.0}
    shifts = measure_shifts(assigned, model.bins)
    assert [shift.index for shift in shifts.values()] == [0.0, 0.0]
    assert "Nobody moved" in say_moved(movement, 0.0)
    assert "share all of the customers" in say_kept(kept, then)


def test_two_bootstraps_of_one_cloud_differ_by_noise(tmp_path):
    rng = np.random.default_rng(6)
    whole = pd.DataFrame(rng.normal(50, 10, (600, 2)), columns=["age", "spend"])
    whole.insert(0, "id", [f"c{at}" for at in range(600)])
    one, other = (whole.iloc[np.unique(rng.integers(0, 600, 600))] for _ in range(2))
    assigned, segments, kept, prepared, _ = keep(other, 3, publish(one, 3, tmp_path / "one"))
    movement = follow_customers(assigned, "id", open_report(tmp_path / "one"))
    assert movement.moved > 0 and movement.changed == 0 and not kept.new
    chance = measure_chance(prepared.X, prepared.weights, segments, 0)
    assert "That is noise: when customers are drawn anew" in say_moved(movement, chance)
    assert "more than by chance" in say_moved(movement, 0.0)  # its twin is caught


@pytest.mark.parametrize("algorithm", ["gmm", "ward", "hdbscan"])
def test_chance_is_measured_for_every_method(grouped, algorithm):
    X = grouped.prepared.X[:200]
    found = analyse(grouped.frame.iloc[:200], None, algorithm).segments
    assert 0 <= measure_chance(X, np.ones(200), found, 0) <= 0.5


def test_typical_customers_are_compared_in_their_own_unit(then):
    now = make_customers({"young": 60, "old": 50, "rich": 40}, 1)
    now.loc[now["id"].str.startswith("rich"), "spend"] += 60
    a = analyse(now, 3)
    kept = Kept((1, 2, 3), {1: 1.0, 2: 1.0, 3: 1.0}, {1: "a", 2: "b", 3: "c"}, {}, 3)
    table = tabulate_shifted(then, kept, a.profiles, {1: "a", 2: "b", 3: "c"})
    before, after = table.loc["3 · c", "spend"].split(" → ")
    assert float(after) - float(before) == pytest.approx(60, abs=1)
    assert "changed most in segment 3" in say_shifted(then, kept, a.profiles)


def test_customers_without_ids_are_not_followed(then):
    assigned, *_ = keep(make_customers({"young": 60, "old": 50, "rich": 40}, 1), 3, then)
    assert follow_customers(assigned, None, then) is None
    assert "nobody can be followed" in say_moved(None, 0.1)


def test_ids_that_look_like_formulas_and_whole_floats_are_the_same_people(tmp_path):
    frame = make_customers({"young": 60, "old": 50, "rich": 40}, 1)
    odd = frame.assign(id=["=" + name for name in frame["id"]])
    earlier = publish(odd, 3, tmp_path / "odd")
    assert (tmp_path / "odd" / "segmented_customers.csv").read_text().count("'=young") == 60
    assigned, *_ = keep(odd, 3, earlier)
    assert follow_customers(assigned, "id", earlier).followed == 150
    numbered = frame.assign(id=np.arange(150.0))
    earlier = publish(numbered, 3, tmp_path / "numbered")
    assigned, *_ = keep(numbered, 3, earlier)
    assert follow_customers(assigned, "id", earlier).followed == 150


def test_an_earlier_report_whose_columns_are_gone_is_refused(then):
    source = open_source(make_customers({"young": 5, "old": 5}, 1).drop(columns="spend"))
    with pytest.raises(InputError, match="spend"):
        read_earlier(then, source)
    with pytest.raises(InputError, match="no report"):
        open_report(then.folder / "nowhere")
