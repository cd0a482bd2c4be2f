"""The role of every column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentation.data import InputError, Why, check_columns, check_k, open_source, open_table
from segmentation.data.related import find_twins, take_numbers
from segmentation.data.rows.variety import check_distinct


def roles(frame: pd.DataFrame, **asked) -> dict[str, str]:
    table = check_columns(open_source(frame), **asked).frame()
    return dict(zip(table["column"], table["role"], strict=True))


def test_an_id_is_found_and_never_a_feature(customers):
    found = roles(customers)
    assert found["customer_id"] == "id"
    assert [name for name, role in found.items() if role == "feature"] == ["spend", "visits"]


def test_counting_up_is_an_id_even_without_a_name():
    frame = pd.DataFrame({"n": range(1, 41), "x": np.arange(40.0) ** 2, "y": np.sin(range(40))})
    assert roles(frame)["n"] == "id"


def test_sorted_whole_measures_without_repeats_are_no_ids():
    income = [15, 16, 17, 18, 20, 22, 25, 28, 30, 33, 60, 62, 65, 68, 70, 72, 75, 78, 80, 85]
    score = [18, 20, 22, 25, 28, 30, 35, 40, 42, 45, 55, 58, 60, 62, 65, 66, 68, 70, 72, 75]
    frame = pd.DataFrame({"CustomerID": range(1, 21), "Income": income, "Score": score})
    assert roles(frame) == {"CustomerID": "id", "Income": "feature", "Score": "feature"}


def test_an_id_is_a_feature_only_by_name(customers):
    frame = customers.assign(number=range(1, 61))
    assert roles(frame, features=["number", "spend"])["number"] == "feature"


def test_useless_columns_are_left_out_with_the_reason(customers):
    frame = customers.assign(one=3, none=None, some=[*range(20), *[None] * 40], zone=[1, 2] * 30)
    table = check_columns(open_source(frame)).frame().set_index("column")
    assert table.loc[["one", "none", "some"], "role"].eq("left out").all()
    assert "one value" in table.loc["one", "reason"]
    assert "40 of 60" in table.loc["some", "reason"]
    assert table.loc["zone", "role"] == "descriptor"
    whys = {part.fact.name: part.why for part in check_columns(open_source(frame)).parts}
    assert (whys["one"], whys["none"], whys["some"], whys["zone"]) == (
        Why.CONSTANT,
        Why.EMPTY,
        Why.MOSTLY_MISSING,
        Why.SCALE,
    )
    assert len(table) == len(frame.columns)


def test_of_two_collinear_columns_the_first_stays():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 100))
    table = open_table(pd.DataFrame({"a": a, "b": b, "a2": a * 3 + rng.normal(size=100) / 50}))
    r = take_numbers(table, ["a", "b", "a2"], 100).corr()
    assert list(find_twins(r)) == ["a2"]
    assert find_twins(r.loc[["a", "a2"], ["a", "a2"]]) == {}


def test_at_most_eight_features_are_taken():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(50, 11)), columns=[f"c{n}" for n in range(11)])
    table = check_columns(open_source(frame))
    assert table.features == [f"c{n}" for n in range(8)]
    assert "name it" in table.frame().set_index("column").loc["c10", "reason"]


def test_scales_are_used_if_there_are_no_measures():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.integers(1, 6, size=(80, 4)), columns=list("abcd"))
    assert set(roles(frame).values()) == {"feature"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"features": ["spnd"]}, "did you mean spend"),
        ({"features": ["city"]}, "not numbers"),
        ({"id": "city"}, "repeats"),
        ({"value": "spend", "features": ["spend"]}, "named twice"),
        ({"features": ["spend", "spend"]}, "named twice"),
    ],
)
def test_unusable_columns_are_refused(asked, said, customers):
    with pytest.raises(InputError, match=said):
        check_columns(open_source(customers), **asked)


def test_an_infinite_number_is_refused():
    frame = pd.DataFrame({"a": [1.0, 2.0, np.inf], "b": [1.0, 2.0, 5.0]})
    with pytest.raises(InputError, match="infinite"):
        check_columns(open_source(frame))


@pytest.mark.parametrize("name", ["__z0", "__segment__", "__weight__"])
def test_a_reserved_name_is_refused(name, customers):
    with pytest.raises(InputError, match="is a name used inside; rename"):
        check_columns(open_source(customers.rename(columns={"spend": name})))


def test_a_number_that_cannot_be_squared_is_refused():
    frame = pd.DataFrame({"a": [1e308, -1e308, 3.0], "b": [1.0, 2.0, 5.0]})
    with pytest.raises(InputError, match=r"column a: it holds 1e\+308, too large"):
        check_columns(open_source(frame))


def test_nothing_to_segment_on_is_refused():
    with pytest.raises(InputError, match="no column to segment on"):
        check_columns(open_source(pd.DataFrame({"city": ["Ulm", "Bonn"], "land": ["D", "A"]})))


@pytest.mark.parametrize("k", [1, 200, 400])
def test_k_outside_the_table_is_refused(k):
    with pytest.raises(InputError, match=f"between 2 and 199.*got {k}"):
        check_k(k, 200)
    check_k(199, 200)


def test_different_customers_are_counted_as_a_run_takes_them():
    a = [*[0.0, 1.5, 3.0] * 18, *[np.nan] * 6]
    table = open_table(pd.DataFrame({"a": a, "b": np.arange(60) // 3 % 3 * 2.0}))
    for filled in (False, True):
        check_distinct(9, table, ["a", "b"], filled)
        with pytest.raises(InputError, match="only 9 different"):
            check_distinct(10, table, ["a", "b"], filled)


def test_a_measure_that_would_cost_many_rows_is_not_chosen_by_rule():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(100, 3)), columns=["a", "b", "sparse"])
    frame.loc[:11, "sparse"] = np.nan
    table = check_columns(open_source(frame)).frame().set_index("column")
    assert table["role"].to_dict() == {"a": "feature", "b": "feature", "sparse": "descriptor"}
    assert "missing in 12% of rows" in table.loc["sparse", "reason"]
    assert check_columns(open_source(frame), features=["a", "sparse"]).features == ["a", "sparse"]


def test_one_customer_or_equal_ones_are_accepted_for_scoring():
    one = open_source(pd.DataFrame({"customer_id": ["a"], "spend": [1.5]}))
    assert one.check(any_rows=True) == ()
    with pytest.raises(InputError, match="has 1 row"):
        one.check()
    equal = open_source(pd.DataFrame({"visits": [3, 3], "spend": [1.5, 1.5]}))
    assert equal.check(any_rows=True) == ()
    with pytest.raises(InputError, match="all 2 rows are the same"):
        equal.check()
    twice = open_source(pd.DataFrame({"customer_id": ["a", "a"], "spend": [1.5, 2.5]}))
    with pytest.raises(InputError, match="1 id occurs more than once"):
        twice.check(any_rows=True)


def amounts(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"spend": rng.lognormal(4, 1, n).round(2), "visits": rng.poisson(6, n)})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ZIP Code", lambda rng: rng.choice(rng.integers(10_000, 99_999, 300), 1_000)),
        ("store_id", lambda rng: rng.integers(1, 13, 1_000)),
        ("Latitude", lambda rng: rng.normal(52, 1, 1_000)),
        ("lon", lambda rng: rng.normal(-3, 1, 1_000)),
        ("matrikel", lambda rng: np.sort(rng.choice(10**5, 1_000, False)) + 4_500_000),
        ("msisdn", lambda rng: rng.choice(10**9, 1_000, False) + 3 * 10**9),
    ],
)
def test_numbers_that_name_something_describe_and_say_so(name, values):
    frame = amounts(1_000).assign(**{name: values(np.random.default_rng(1))})
    part = check_columns(open_source(frame)).parts[2]
    assert (part.role, part.why) == ("descriptor", Why.NAMES_SOMETHING)
    assert "name it in features" in part.reason
    assert roles(frame, features=[name, "spend"])[name] == "feature"


@pytest.mark.parametrize(
    "values",
    [
        lambda rng: rng.normal(50_000, 9_000, 1_000).round().astype(int),
        lambda rng: rng.lognormal(12, 1, 1_000).round().astype(int),
        lambda rng: rng.integers(1_940, 2_004, 1_000),
    ],
)
def test_whole_measures_stay_features(values):
    frame = amounts(1_000).assign(amount=values(np.random.default_rng(1)))
    assert roles(frame)["amount"] == "feature"


@pytest.mark.parametrize("name", ["CLIENTNUM", "account_no", "KUNNR"])
def test_a_customers_number_is_the_id_not_the_row_number_beside_it(name):
    numbers = np.random.default_rng(1).choice(9 * 10**6, 200, False) + 10**6
    frame = amounts(200).assign(**{"Unnamed: 0": range(200), name: numbers})
    assert roles(frame) | {"spend": "", "visits": ""} == {
        "spend": "",
        "visits": "",
        "Unnamed: 0": "left out",
        name: "id",
    }


@pytest.mark.parametrize("name", ["customer_key", "email", "Record ID", "Kundennummer", "card_no"])
def test_repeats_of_a_customers_key_are_refused_wherever_it_stands(name):
    frame = amounts(200)
    frame.insert(0, "n", range(200))
    frame[name] = [f"a{i % 195}" for i in range(200)]
    with pytest.raises(InputError, match=f"column {name}: 5 ids occur more than once"):
        open_source(frame).check()
    assert open_source(frame).check(id="n") == ()
    unique = frame.assign(customer_id=[f"c{i}" for i in range(200)])
    assert open_source(unique).check() == ()


def test_a_key_of_customers_with_gaps_says_so():
    frame = amounts(200).assign(email=[f"a{i}@ex.org" if i > 1 else None for i in range(200)])
    part = check_columns(open_source(frame)).parts[-1]
    assert part.role == "left out" and part.reason.startswith(
        "names customers, but is missing in 2"
    )


def test_repeats_of_a_store_or_household_are_no_fault():
    rng = np.random.default_rng(0)
    frame = amounts(400).assign(store_id=rng.integers(1, 90, 400), zip=rng.integers(1, 250, 400))
    assert open_source(frame).check() == ()


def test_a_total_is_left_out_beside_its_parts_whether_a_sum_or_a_product():
    rng = np.random.default_rng(3)
    tenure, monthly = rng.integers(1, 72, 400), rng.normal(60, 15, 400).clip(20).round(2)
    frame = pd.DataFrame({"tenure": tenure, "monthly": monthly, "age": rng.integers(18, 80, 400)})
    product = frame.assign(total=(tenure * monthly).round(2))
    product.insert(0, "paid_in_all", product.pop("total"))
    part = check_columns(open_source(product)).parts[0]
    assert (part.role, part.why) == ("descriptor", Why.TOTAL)
    assert part.reason.startswith("is made of tenure and monthly")
    online = frame.assign(online=rng.lognormal(3, 1, 400), shop=rng.lognormal(3, 1, 400))
    summed = online.assign(all=online["online"] + online["shop"])
    assert roles(summed)["all"] == "descriptor" and roles(online)["online"] == "feature"


def test_twins_are_judged_on_the_scale_that_is_used():
    rng = np.random.default_rng(4)
    base = rng.normal(size=(400, 3))
    frame = pd.DataFrame({"a": np.exp(3 + base[:, 0]), "c": base[:, 1]})
    hidden = frame.assign(b=np.exp(3 + base[:, 0] + 0.3 * base[:, 2]))
    assert abs(hidden["a"].corr(hidden["b"])) < 0.95 and roles(hidden)["b"] == "descriptor"
    whale = frame.assign(b=np.exp(3 + base[:, 2]))
    whale.loc[0, ["a", "b"]] = 5_000.0
    assert whale["a"].corr(whale["b"]) > 0.9 and roles(whale)["b"] == "feature"


@pytest.mark.long
def test_more_columns_than_rows_can_tell_apart_are_no_sums_of_one_another(tmp_path):
    noise = np.random.default_rng(0).normal(50, 10, (60, 210))
    pd.DataFrame(noise).add_prefix("v").to_csv(tmp_path / "t.csv", index=False)
    columns = check_columns(open_source(tmp_path / "t.csv"))
    assert Why.TOTAL not in {part.why for part in columns.parts}
    assert columns.features == [f"v{i}" for i in range(8)]
    assert columns.parts[200].reason.startswith("200 measures come before it")
