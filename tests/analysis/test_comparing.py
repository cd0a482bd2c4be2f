import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis import (
    compare_reports,
    describe_compared,
    list_axes,
    list_compared,
    plot_both,
    plot_maps,
    say_both,
    say_compared,
    say_incomparable,
    say_maps,
    say_nearest,
    say_preferred,
    tabulate_both,
    tabulate_differences,
    tabulate_nearest,
)
from segmentation.data import Report


def make_report(folder, name, labels, kind="natural", least=0.9, sha="a", first=0, **result):
    """A published report of customers c0, c1 …; label 0 is nobody's segment."""
    place = folder / name
    place.mkdir()
    listed = pd.DataFrame({"id": [f"c{first + at}" for at in range(len(labels))]})
    listed["segment"] = [at or None for at in labels]
    listed["segment"] = listed["segment"].astype("Int64")
    listed.assign(segment_name="x").to_csv(place / "segmented_customers.csv", index=False)
    ks = sorted(set(labels) - {0})
    segments = [
        {"segment": at, "customers": labels.count(at), "median age": 10.0 * at, "median spend": 5.0}
        for at in ks
    ]
    verdict = {"kind": kind, "in_words": kind, "segments": {"least_jaccard": least}}
    known = {"id": "id", "k": len(ks), "recommended_k": len(ks), "features": ["age", "spend"]}
    known |= {"segments": segments, "verdict": verdict, **result}
    record = {"run": name, "sha256": sha, "dataset": f"{name}.csv", "parameters": {"k": len(ks)}}
    return Report(place, record, known)


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
    assert tabulate_both(pair).loc["segment 1", "segment 3"] == "under 5"
    assert "93 % of segment 1 in segment 1" in say_both(pair)
    assert "50 customers have a segment in both. 96 % are where" in say_compared(pair)
    assert list_compared(pair)[2][:2] == ("In both", "50")
    assert len(plot_both(pair, Figure().add_subplot()).texts) == 5


def test_what_differs_is_listed_and_nothing_else(pair):
    table = tabulate_differences(pair)
    assert list(table.columns) == ["one", "other"]
    assert table.loc["number of segments"].tolist() == ["2", "3"]
    assert table.loc["weakest segment (Jaccard)"].tolist() == ["0.9", "0.8"]
    assert "fingerprint of the data" not in table.index and "features" not in table.index


def test_one_is_preferred_by_verdict_then_by_how_well_it_holds(tmp_path, pair):
    assert "Prefer one: its weakest segment comes back" in say_preferred(pair)
    labels = [1] * 30 + [2] * 20
    halves = [1, 2] * 25

    def prefer(name, **given):
        first = make_report(tmp_path, f"{name}-1", labels)
        return say_preferred(compare_reports(first, make_report(tmp_path, f"{name}-2", **given)))

    assert "Prefer v-1: its verdict is" in prefer("v", labels=halves, kind="constructive")
    assert "Either will do" in prefer("same", labels=labels)
    assert "Prefer k-1: its number of segments" in prefer("k", labels=halves, recommended_k=5)
    assert "nothing in the data speaks for either" in prefer("none", labels=halves)
    assert "too few customers" in prefer("few", labels=labels, kind="too few to tell")
    apart = prefer("apart", labels=labels, first=99, sha="b", features=["age"])
    assert "answer different questions" in apart


def test_other_customers_are_compared_by_profiles(tmp_path):
    one = make_report(tmp_path, "one", [1] * 30 + [2] * 20)
    other = make_report(tmp_path, "other", [2] * 40 + [1] * 20, sha="b", first=500)
    compared = compare_reports(one, other)
    assert compared.shared == 0 and np.isnan(compared.agreement)
    assert "No customer can be found in both" in say_compared(compared)
    assert "segment 1 is most like segment 1" in say_nearest(compared)
    assert tabulate_nearest(compared)["standard deviations away"].tolist() == [0.0, 0.0]
    assert "different tables" in say_incomparable(compared)
    record = describe_compared(compared, "a headline")
    assert record["agreement"] is None and record["customers_in_both"] == 0


def test_the_maps_have_a_circle_a_segment(pair):
    axes = list_axes(pair)
    assert axes == ["age", "spend"]
    axs = Figure().subplots(1, 2)
    plot_maps(pair, axes, axs)
    assert [len(ax.texts) for ax in axs] == [2, 3]
    assert "2 in one, 3 in other" in say_maps(pair, axes)


def test_rows_are_followed_where_one_table_has_no_ids(tmp_path):
    one = make_report(tmp_path, "one", [1] * 30 + [2] * 20, id=None)
    other = make_report(tmp_path, "other", [1] * 30 + [2] * 20, id=None)
    assert compare_reports(one, other).shared == 50
    apart = make_report(tmp_path, "apart", [1] * 30 + [2] * 20, id=None, sha="b")
    assert compare_reports(one, apart).shared == 0
