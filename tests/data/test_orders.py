"""Customers made of order lines: compared with pandas; all that is left out is counted."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from segmentation.data import (
    ROW,
    InputError,
    Reading,
    check_columns,
    open_customers,
    open_source,
)
from segmentation.data.orders import build_customers
from tests.conftest import find_sample

NAMES = {"customer": "who", "date": "day", "amount": "paid", "order": "bill"}


def lines(*rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["who", "bill", "day", "paid"])
    return frame.assign(day=pd.to_datetime(frame["day"]))


SHOP = lines(
    ("007", "1", "2024-01-01", 10.0),
    ("007", "1", "2024-01-01", 5.0),  # a second line of one order
    ("007", "2", "2024-01-31", 20.0),
    ("007", "C9", "2024-03-01", -5.0),  # a return: no order, but less value
    ("b", "3", "2024-02-10", 8.0),
    ("b", "4", "2024-02-20", 0.0),  # free, still an order
    ("lost", "5", "2024-01-05", 9.0),
    ("lost", "C5", "2024-01-06", -9.0),
    (None, "6", "2024-01-07", 1.0),
    (" ", "6", "2024-01-07", 1.0),
    ("b", "7", None, 1.0),
    ("b", "8", "2024-02-01", None),
    ("b", "C8", "2024-02-01", 3.0),  # cancelled, but not negative
)


def test_lines_become_customers_by_the_stated_rules():
    source = open_customers(SHOP, orders=NAMES)
    table = source.table.order_by(ROW).execute()
    assert table["who"].tolist() == ["007", "b"] and table[ROW].tolist() == [1, 2]
    first, second = table.to_dict("records")
    assert (first["frequency"], first["monetary"], first["average_order"]) == (2, 30.0, 15.0)
    assert (first["recency_days"], first["tenure_days"]) == (30, 60)  # counted at 1 March
    assert first["days_between_orders"] == 30
    assert pd.Timestamp(first["last_order"]).date() == dt.date(2024, 1, 31)
    assert (second["frequency"], second["monetary"], second["days_between_orders"]) == (2, 8.0, 10)
    assert [note.what for note in source.notes] == [
        "13 order lines made into 2 customers as of 2024-03-01",
        "2 lines left out: no customer",
        "1 line left out: no date",
        "1 line left out: no amount",
        "1 line left out: cancelled, but with an amount that is not negative",
        "2 lines returned or cancelled: taken off their customers' value",
        "1 line with an amount of 0: counted as orders",
        "1 customer left out: their orders come to nothing after returns",
    ]


def test_recency_is_counted_from_the_given_day():
    source = open_customers(SHOP, orders=NAMES | {"as_of": "2024-02-15"})
    table = source.table.execute().set_index("who")
    assert table["recency_days"].to_dict() == {"007": 15, "b": 5}
    assert table.loc["b", "frequency"] == 1 and np.isnan(table.loc["b", "days_between_orders"])
    assert "2 lines left out: after 2024-02-15" in [note.what for note in source.notes]


def test_an_order_number_with_c_cancels_only_among_plain_numbers():
    frame = SHOP.assign(bill="C" + SHOP["bill"].str.strip("C"))
    table = open_customers(frame, orders=NAMES).table.execute().set_index("who")
    assert table.loc["b", "monetary"] == 11.0


def test_quantity_times_price_and_no_order_number():
    frame = SHOP.assign(n=2, each=SHOP["paid"] / 2)
    orders = {"customer": "who", "date": "day", "quantity": "n", "price": "each"}
    table = open_customers(frame, orders=orders).table.execute().set_index("who")
    assert table.loc["007", "frequency"] == 3 and table.loc["007", "monetary"] == 30.0


def test_the_usual_features_are_recency_frequency_and_monetary_value():
    columns = check_columns(open_customers(SHOP, orders=NAMES))
    assert columns.features == ["recency_days", "monetary"]  # both have two orders
    assert columns.id == "who" and "average_order" in columns.descriptors
    asked = check_columns(open_customers(SHOP, orders=NAMES), features=["tenure_days"])
    assert asked.features == ["tenure_days"]


@pytest.mark.parametrize("seed", range(3))
def test_random_lines_give_the_same_customers_as_pandas(seed):
    rng, n = np.random.default_rng(seed), 2_000
    frame = pd.DataFrame(
        {
            "who": rng.integers(100, 300, n),
            "bill": rng.integers(0, 900, n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, n), "D"),
            "paid": rng.normal(20, 15, n).round(2),
        }
    )
    ours = open_customers(frame, orders=NAMES).table.execute().set_index("who")
    bought, end = frame[frame["paid"] >= 0], frame["day"].max()
    theirs = bought.groupby("who").agg(f=("bill", "nunique"), a=("day", "min"), z=("day", "max"))
    theirs["m"] = frame.groupby("who")["paid"].sum()
    theirs = theirs[theirs["m"] > 0]
    assert ours.index.tolist() == theirs.index.tolist()
    np.testing.assert_array_equal(ours["frequency"], theirs["f"])
    np.testing.assert_allclose(ours["monetary"], theirs["m"])
    np.testing.assert_array_equal(ours["recency_days"], (end - theirs["z"]).dt.days)
    np.testing.assert_array_equal(ours["tenure_days"], (end - theirs["a"]).dt.days)
    between = (theirs["z"] - theirs["a"]).dt.days / (theirs["f"] - 1).replace(0, np.nan)
    np.testing.assert_allclose(ours["days_between_orders"].astype(float), between)


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        (
            {"customr": "who", "date": "day", "amount": "paid"},
            "no 'customr'; did you mean customer",
        ),
        ({"customer": "whom", "date": "day", "amount": "paid"}, "'whom'.*did you mean who"),
        ({"customer": "who", "amount": "paid"}, "orders names customer, amount; orders:"),
        ({"customer": "who", "date": "day"}, "quantity and price for the amount"),
        ({"customer": "who", "date": "day", "quantity": "paid"}, "quantity and price"),
        ({"customer": "who", "date": "paid", "amount": "paid"}, "one column twice"),
        ({"customer": "who", "date": "bill", "amount": "paid"}, "column bill: orders: the date"),
        ({"customer": "bill", "date": "day", "amount": "who"}, "column who: .* holds no numbers"),
        (NAMES | {"as_of": "yesterday"}, "as_of is 'yesterday'; write a day as YYYY-MM-DD"),
        (NAMES | {"as_of": "1999-01-01"}, "no customer has an order of any value"),
        ({}, "orders names nothing"),
    ],
)
def test_columns_that_do_not_fit_are_refused_in_one_line(orders, said):
    with pytest.raises(InputError, match=said):
        open_customers(SHOP, orders=orders)


@pytest.mark.long
def test_whole_numbers_are_dates_only_if_all_of_them_are():
    frame = SHOP.dropna(subset=["day"])
    numbered = frame.assign(day=frame["day"].dt.strftime("%Y%m%d").astype(int))
    ours = open_customers(numbered, orders=NAMES).table.execute()
    dated = open_customers(frame, orders=NAMES).table.execute()
    pd.testing.assert_frame_equal(ours, dated)
    with pytest.raises(InputError, match="column day: orders: the date holds no dates"):
        open_customers(numbered.assign(day=numbered["day"] + 90), orders=NAMES)


def test_a_file_of_orders_may_repeat_its_customers(tmp_path):
    path = tmp_path / "orders.csv"
    SHOP.dropna().iloc[:6].to_csv(path, index=False)
    assert open_customers(path, Reading(), NAMES).check() != ()
    with pytest.raises(InputError, match=r"for order lines, orders: \{customer"):
        open_customers(path, Reading(id="who")).check(id="who")


def test_a_fault_counts_only_in_a_column_that_is_used(tmp_path):
    path = tmp_path / "orders.csv"
    rows = pd.concat([SHOP.dropna()] * 3)
    rows.assign(note=["x", *map(str, range(1, len(rows)))]).to_csv(path, index=False)
    assert any("not used" in note.what for note in open_customers(path, orders=NAMES).notes)
    with pytest.raises(InputError, match="column note"):
        open_customers(path, orders=NAMES | {"amount": "note"})


def test_the_music_shop_gives_the_same_customers_as_pandas(samples):
    path = find_sample(samples, " 00001 19970101")
    orders = {"customer": "customer_id", "date": "date", "amount": "dollar_value"}
    ours = open_customers(path, orders=orders).table.execute()
    frame = pd.read_csv(path, sep=r"\s+", dtype={"customer_id": str, "date": str})
    frame["date"] = pd.to_datetime(frame["date"], format="%Y%m%d")
    theirs = frame.groupby("customer_id").agg(
        last=("date", "max"), n=("date", "size"), value=("dollar_value", "sum")
    )
    theirs = theirs[theirs["value"] > 0]
    assert ours["customer_id"].tolist() == theirs.index.tolist()
    assert ours["customer_id"].iloc[0] == "00001"
    np.testing.assert_array_equal(ours["frequency"], theirs["n"])
    np.testing.assert_allclose(ours["monetary"], theirs["value"])
    recency = (frame["date"].max() - theirs["last"]).dt.days
    np.testing.assert_array_equal(ours["recency_days"], recency)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_neither_threads_nor_the_order_of_lines_change_the_money(seed, tmp_path):
    rng, n = np.random.default_rng(seed), 200_000
    frame = pd.DataFrame(
        {
            "who": rng.integers(0, 4_000, n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, n), "D"),
            "n": rng.integers(1, 12, n),
            "each": rng.integers(1, 9_999, n) / 100,
        }
    )
    back = frame[frame["who"] % 4 == 0]  # who return everything, in other parcels
    back = pd.concat([back.assign(n=-1), back.assign(n=1 - back["n"])])
    frame = pd.concat([frame, back[back["n"] < 0]], ignore_index=True)
    orders = {"customer": "who", "date": "day", "quantity": "n", "price": "each"}
    results = []
    for threads in (1, 2, 8):
        path = tmp_path / f"{threads}.parquet"
        frame.sample(frac=1, random_state=threads).to_parquet(path, row_group_size=20_000)
        opened = open_source(path)
        opened.table.get_backend().raw_sql(f"SET threads = {threads}")
        results.append(build_customers(opened.table, orders)[0].execute())
    assert not (results[0]["who"] % 4 == 0).any() and len(results[0]) > 2_900
    pd.testing.assert_frame_equal(results[0], results[1], check_exact=True)
    pd.testing.assert_frame_equal(results[0], results[2], check_exact=True)


def shop_lines(n: int = 600, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "InvoiceNo": 536_000 + np.arange(n) // 4,
            "StockCode": rng.integers(10, 99, n),
            "Quantity": rng.integers(1, 9, n),
            "InvoiceDate": pd.Timestamp("2024-01-01 08:26")
            + pd.to_timedelta(np.arange(n) // 4 * 307, "min"),
            "UnitPrice": rng.integers(50, 999, n) / 100,
            "Customer ID": 12_000 + (np.arange(n) // 4) % 40,
        }
    )
    back = frame["InvoiceNo"].between(536_020, 536_022)
    numbers = frame["InvoiceNo"].astype(str).where(~back, "C" + frame["InvoiceNo"].astype(str))
    return frame.assign(InvoiceNo=numbers, Quantity=frame["Quantity"].where(~back, -1))


SHOP_ORDERS = {
    "customer": "Customer ID",
    "date": "InvoiceDate",
    "quantity": "Quantity",
    "price": "UnitPrice",
    "order": "InvoiceNo",
}


@pytest.mark.parametrize("bad", ["refuse", "missing"])
def test_order_numbers_with_letters_among_them_are_read_as_they_are(bad, tmp_path):
    path = tmp_path / "lines.csv"
    shop_lines().to_csv(path, index=False)
    source = open_customers(path, Reading(on_bad_value=bad), SHOP_ORDERS)
    notes = [note.what for note in source.notes]
    assert "12 lines returned or cancelled: taken off their customers' value" in notes
    assert not any("not used" in note for note in notes)
    assert source.table.execute()["frequency"].sum() == 147


def test_the_lines_of_one_customer_and_moment_are_one_order_without_a_number():
    orders = {key: name for key, name in SHOP_ORDERS.items() if key != "order"}
    source = open_customers(shop_lines(), orders=orders)
    assert source.table.execute()["frequency"].sum() == 147
    assert any("at one moment are one order" in note.what for note in source.notes)
    days = shop_lines().assign(InvoiceDate=lambda t: t["InvoiceDate"].dt.normalize())
    source = open_customers(days, orders=orders)
    assert source.table.execute()["frequency"].sum() == 147
    assert any("on one day are one order" in note.what for note in source.notes)


def test_lines_that_rarely_share_a_day_are_orders_and_that_is_said():
    orders = {key: name for key, name in SHOP_ORDERS.items() if key != "order"}
    days = shop_lines().iloc[::4].assign(InvoiceDate=lambda t: t["InvoiceDate"].dt.normalize())
    source = open_customers(days, orders=orders)
    assert any("every line counts as an order" in note.what for note in source.notes)


def tell(frame: pd.DataFrame, **orders: str) -> list[str]:
    return [note.what for note in open_customers(frame, orders=SHOP_ORDERS | orders).notes]


def test_a_third_of_lines_of_one_customer_may_be_guests():
    frame = shop_lines()
    assert not any("guests" in note for note in tell(frame))
    frame.loc[frame.index % 12 < 4, "Customer ID"] = 12_345
    (note,) = [note for note in tell(frame) if "guests" in note]
    assert note.startswith("one customer has 200 of 600 lines (33 %)") and "? If so" in note


@pytest.mark.parametrize("guest", [0, -1, 0.0, "guest", "Guest Checkout", "N/A", "Gast"])
def test_an_account_of_guests_is_no_customer(guest):
    frame = shop_lines().astype({"Customer ID": object if isinstance(guest, str) else "float"})
    frame.loc[frame.index % 12 < 4, "Customer ID"] = guest
    if isinstance(guest, str):
        frame["Customer ID"] = frame["Customer ID"].map(str)
    source = open_customers(frame, orders=SHOP_ORDERS)
    assert len(source.table.execute()) == 40
    notes = [note.what for note in source.notes if note.code == "doubtful-orders"]
    assert len(notes) == 1 and notes[0].endswith("(33 %): guests without an account, left out")


def test_a_customer_numbered_0_who_buys_as_others_do_stays():
    frame = shop_lines().assign(**{"Customer ID": lambda t: t["Customer ID"] - 12_000})
    assert open_customers(frame, orders=SHOP_ORDERS).table.execute()["Customer ID"].min() == 0


@pytest.mark.long
def test_lines_that_a_status_calls_cancelled_are_said_if_they_count():
    frame = shop_lines().assign(status="completed", kind=["new", "returning"] * 300)
    assert not any("status" in note or "kind" in note for note in tell(frame))
    frame.loc[frame.index % 6 == 0, "status"] = "Refunded"
    assert any(note.startswith("status is Refunded on 98 lines") for note in tell(frame))


@pytest.mark.long
@pytest.mark.parametrize("values", [("EUR", "USD", "JPY"), ("€", "$", "£"), ("eur", "usd", "XYZ")])
def test_amounts_of_several_currencies_are_said(values):
    frame = shop_lines().assign(currency=[values[i % 3] for i in range(600)], size="M")
    notes = [note.what for note in open_customers(frame, orders=SHOP_ORDERS).notes]
    assert any(note.startswith("currency holds 3 currencies") for note in notes)
    frame["currency"] = values[0]
    assert not any("currencies" in n.what for n in open_customers(frame, orders=SHOP_ORDERS).notes)


def test_a_total_on_the_first_line_of_an_order_counts_once():
    frame = shop_lines().assign(total=lambda t: t["Quantity"] * t["UnitPrice"])
    first = frame.assign(total=frame["total"].where(frame.index % 4 == 0))
    orders = {"customer": "Customer ID", "date": "InvoiceDate", "amount": "total"}
    notes = [n.what for n in open_customers(first, orders=orders | {"order": "InvoiceNo"}).notes]
    assert "450 lines without an amount: another line of their order has it" in notes
    assert not any("left out: no amount" in note for note in notes)


@pytest.mark.long
def test_a_total_repeated_on_all_lines_of_an_order_counts_once():
    frame = shop_lines().assign(each=lambda t: t["Quantity"] * t["UnitPrice"])
    frame["total"] = frame.groupby("InvoiceNo")["each"].transform("sum").round(2)
    orders = {"customer": "Customer ID", "date": "InvoiceDate", "order": "InvoiceNo"}
    once = open_customers(frame, orders=orders | {"amount": "total"})
    assert any("counted once" in note.what for note in once.notes)
    each = open_customers(frame, orders=orders | {"amount": "each"}).table.execute()
    np.testing.assert_allclose(once.table.execute()["monetary"], each["monetary"])
    flat = open_customers(frame.assign(fee=9.99), orders=orders | {"amount": "fee"})
    assert not any("counted once" in note.what for note in flat.notes)


def test_order_lines_read_as_customers_get_the_whole_remedy():
    with pytest.raises(InputError, match="Customer ID: 40 ids occur more than once") as caught:
        open_source(shop_lines()).check()
    given = ", ".join(f"{key}: {name}" for key, name in SHOP_ORDERS.items())
    assert caught.value.remedy.endswith(f"or, for order lines, orders: {{{given}}}")


def test_the_remedy_names_the_date_of_the_order_or_is_not_offered():
    lines = shop_lines().assign(birthday=pd.Timestamp("1980-02-03"), paid_at=pd.NaT)
    lines["paid_at"] = lines["InvoiceDate"].where(lines.index % 3 > 0)
    front = ["birthday", "paid_at", *shop_lines().columns]
    with pytest.raises(InputError) as caught:
        open_source(lines[front]).check()
    assert "date: InvoiceDate" in caught.value.remedy
    with pytest.raises(InputError) as caught:
        open_source(shop_lines().drop(columns="InvoiceDate")).check()
    assert caught.value.remedy == "remove the copies, or name another column: id: COLUMN"


def test_order_lines_without_a_known_customer_are_no_customers():
    who = shop_lines().rename(columns={"Customer ID": "who"})
    with pytest.raises(InputError, match="no column names customers, and rows look") as caught:
        open_source(who).check()
    assert "orders: {customer: COLUMN, date: InvoiceDate, quantity: Quantity" in str(caught.value)
    assert open_source(who.assign(n=range(600))).check(id="n") == ()
    last = {"InvoiceNo": "Last Order ID", "InvoiceDate": "Last Order Date"}
    assert open_source(who.rename(columns=last)).check() == ()
