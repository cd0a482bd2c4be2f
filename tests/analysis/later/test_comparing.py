import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis import say, show
from segmentation.analysis.later import (
    compare_reports,
    list_axes,
    tabulate_both,
    tabulate_differences,
    tabulate_nearest,
)
from segmentation.analysis.results import describe_compared
from segmentation.analysis.show.compared import PALE
from segmentation.analysis.show.style import segment_colour
from segmentation.data import Report
from segmentation.data.rows.file_hashes import file_sha256


def make_report(
    folder, name, labels, kind="natural", least=0.9, sha="a", first=0, parameters=None, **result
):
    """A published report of customers c0, c1 …; label 0 is nobody's segment."""
    place = folder / name
    place.mkdir()
    listed = pd.DataFrame({"id": [f"c{first + at}" for at in range(len(labels))]})
    listed["segment"] = [at or None for at in labels]
    listed["segment"] = listed["segment"].astype("Int64")
    path = place / "segmented_customers.csv"
    listed.assign(segment_name="x").to_csv(path, index=False)
    ks = sorted(set(labels) - {0})
    segments = [
        {"segment": at, "customers": labels.count(at), "median age": 10.0 * at, "median spend": 5.0}
        for at in ks
    ]
    verdict = {"kind": kind, "in_words": kind, "segments": {"least_jaccard": least}}
    known = {"id": "id", "k": len(ks), "recommended_k": len(ks), "features": ["age", "spend"]}
    known |= {"segments": segments, "verdict": verdict, "deviations": {"age": 5.0, "spend": 2.0}}
    record = {"run": name, "sha256": sha, "dataset": f"{name}.csv"}
    record["parameters"] = {"k": len(ks), **(parameters or {})}
    record["files"] = {path.name: file_sha256(path)}
    return Report(place, record, known | result)


@pytest.fixture
def pair(tmp_path):
    one = make_report(tmp_path, "one", [1] * 30 + [2] * 20 + [0])
    other = make_report(tmp_path, "other", [1] * 28 + [3] * 2 + [2] * 20 + [1], least=0.8)
    return compare_reports(one, other)


def test_customers_of_both_are_counted_as_pandas_and_scikit_learn_count(pair):
    assert pair.shared == 50
    assert pair.flow.loc[1].tolist() == [28, 0, 2] and pair.flow.loc[2].tolist() == [0, 20, 0]
    one, other = [1] * 30 + [2] * 20, [1] * 28 + [3] * 2 + [2] * 20
    assert pair.agreement == pytest.approx(adjusted_rand_score(one, other))
    assert tabulate_both(pair).loc["Segment 1", "Segment 3"] == "under 5"
    assert "93 % of segment 1 in segment 1" in say.compared_flow(pair)
    said = "96 of 100 stay together from one to other, 100 of 100 from other to one"
    assert f"50 customers have a segment in both. {said}" in say.together(pair)
    assert f"index: {pair.agreement:.2f}," in say.agreement(pair)
    assert [tile[1] for tile in say.compared_tiles(pair)] == ["2", "3", "50", "96 of 100"]
    assert len(show.plot_both(pair, Figure().add_subplot()).texts) == 5


def test_what_differs_is_listed_and_nothing_else(pair):
    table = tabulate_differences(pair)
    assert list(table.columns) == ["one", "other"]
    assert table.loc["number of segments"].tolist() == ["2", "3"]
    assert table.loc["weakest segment (Jaccard)"].tolist() == ["0.9", "0.8"]
    assert "fingerprint of the data" not in table.index and "features" not in table.index


LABELS, HALVES = [1] * 30 + [2] * 20, [1, 2] * 25


@pytest.fixture
def prefer(tmp_path):
    """What is said of a natural report on LABELS and another one."""

    def words(labels=HALVES, own=None, **given):
        count = len(list(tmp_path.iterdir()))
        first = make_report(tmp_path, f"r{count}", LABELS, **(own or {}))
        other = make_report(tmp_path, f"r{count + 1}", labels, **given)
        sentence = say.preferred(compare_reports(first, other))
        return sentence.replace(first.name, "A").replace(other.name, "B")

    return words


def test_one_is_preferred_by_verdict_then_by_how_well_it_holds(prefer):
    assert "Prefer A: when customers change, its weakest" in prefer(least=0.8)
    assert "back 90 % the same, that of B 80 %" in prefer(least=0.8)
    assert "Prefer A: its verdict is" in prefer(kind="constructive")
    assert "Either will do" in prefer(LABELS)
    assert "hold alike. Prefer A: its number of segments" in prefer(recommended_k=5)
    assert "nothing in the data speaks for either" in prefer()
    assert "too few customers in B" in prefer(kind="too few to tell")


@pytest.mark.parametrize(
    ("leasts", "said"),
    [
        ((0.3, 0.7), "In neither do all segments come back"),
        ((None, 0.7), "is not known of both"),
        ((0.9, None), "is not known of both"),
        ((0.9, 0.87), "hold alike"),
    ],
)
def test_segments_hold_alike_only_where_both_are_known_to_hold(prefer, leasts, said):
    words = prefer(own={"least": leasts[0]}, least=leasts[1])
    assert said in words and ("alike" in words) == ("alike" in said)


def test_a_verdict_on_other_customers_or_features_is_no_reason(prefer):
    for given in ({"sha": "b", "first": 5}, {"features": ["age"]}):
        words = prefer(kind="constructive", **given)
        assert "on A is “natural”, that on B “constructive”" in words and "Prefer" not in words
        assert "Choose by" in words


def test_other_customers_are_compared_by_profiles(tmp_path):
    one = make_report(tmp_path, "one", [1] * 30 + [2] * 20)
    other = make_report(tmp_path, "other", [2] * 40 + [1] * 20, sha="b", first=500)
    compared = compare_reports(one, other)
    assert compared.shared == 0 and np.isnan(compared.agreement)
    assert "they have no customer in common" in say.together(compared)
    assert say.compared_tiles(compared)[2][1] == "0" and say.agreement(compared) == ""
    assert "segment 1 is most like segment 1" in say.nearest(compared)
    assert tabulate_nearest(compared).iloc[:, 1].tolist() == [0.0, 0.0]
    assert "different tables" in say.incomparable(compared)
    record = describe_compared(compared, "a headline", "neither")
    assert record["agreement"] is None and record["customers_in_both"] == 0


def test_the_maps_have_a_circle_a_segment(pair):
    axes = list_axes(pair)
    assert axes == ["age", "spend"]
    axs = Figure().subplots(1, 2)
    show.plot_maps(pair, axes, axs)
    assert [len(ax.texts) for ax in axs] == [2, 3]
    assert "2 in one, 3 in other" in say.compared_maps(pair, axes)


def test_rows_of_one_table_are_followed_whatever_names_them(tmp_path):
    one = make_report(tmp_path, "one", LABELS, id=None)
    other = make_report(tmp_path, "other", LABELS, id="card", first=900)
    assert compare_reports(one, other).agreement == 1
    apart = make_report(tmp_path, "apart", LABELS, id=None, sha="b")
    compared = compare_reports(one, apart)
    assert "cannot be followed: no column of one and apart names them" in say.together(compared)


def test_one_file_read_in_two_ways_is_two_tables(tmp_path):
    one = make_report(tmp_path, "one", LABELS, id=None, parameters={"table": "jan"})
    other = make_report(tmp_path, "other", LABELS, id=None, parameters={"table": "feb"})
    assert compare_reports(one, other).shared == 0
    assert "different tables" in say.incomparable(compare_reports(one, other))
    orders = {"orders": {"customer": "id"}}
    lines = [make_report(tmp_path, f"o{n}", LABELS, first=n, parameters=orders) for n in (0, 5)]
    assert compare_reports(*lines).shared == 45  # customers, not rows, are what is followed


def test_ids_of_another_name_name_other_customers(tmp_path):
    one = make_report(tmp_path, "one", LABELS)
    other = make_report(tmp_path, "other", LABELS, sha="b", id="card")
    compared = compare_reports(one, other)
    assert compared.shared == 0
    assert "one names them by id, other by card. So the segments" in say.together(compared)


def test_profiles_are_compared_in_deviations_of_customers(tmp_path):
    def make(name, spends, **more):
        segments = [
            {"segment": at, "customers": 25, "median age": age, "median spend": spend}
            for at, age, spend in zip((1, 2), (10.0, 50.0), spends, strict=True)
        ]
        return make_report(tmp_path, name, LABELS, segments=segments, **more)

    one = make("one", (0.0, 0.0), deviations={"age": 20.0, "spend": 6000.0})
    compared = compare_reports(one, make("other", (3000.0, 0.0), sha="b", first=500))
    assert compared.apart.loc[1].tolist() == [0.25, 1.0]  # (0 + 3000 / 6000) / 2, (40 / 20) / 2
    assert compared.matched == {1: 1, 2: 2}
    flat = make("flat", (0.0, 0.0), deviations={"age": 20.0, "spend": 0.0})
    assert compare_reports(flat, compared.other).apart.loc[1].tolist() == [0.0, 2.0]
    unknown = compare_reports(make("unknown", (0.0, 0.0), deviations={}), compared.other)
    assert "no feature in common" in say.nearest(unknown) and unknown.matched == {}
    assert len(tabulate_nearest(unknown)) == 0


def test_a_segment_has_the_colour_of_the_one_that_it_is_taken_for(tmp_path):
    one = make_report(tmp_path, "one", [1] * 30 + [2] * 20)
    other = make_report(tmp_path, "other", [2] * 28 + [3] * 2 + [1] * 20)
    compared = compare_reports(one, other)
    assert compared.matched == {2: 1, 1: 2}
    ax = show.plot_both(compared, Figure().add_subplot())
    colours = [to_hex(bar.get_facecolor()) for bar in ax.patches if hasattr(bar, "get_height")]
    blue, orange = segment_colour(1), segment_colour(2)
    assert colours[-5:] == [blue, orange, orange, blue, PALE]
    axs = Figure().subplots(1, 2)
    show.plot_maps(compared, ["age", "spend"], axs)
    shown = [to_hex(c) for c in axs[1].collections[0].get_facecolors()]
    assert shown == [orange, blue, PALE]
