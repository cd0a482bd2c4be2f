"""Order lines as they are taken from a table, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import mul

import ibis
import ibis.expr.types as ir
import numpy as np

from segmentation.data.currencies import find_currencies
from segmentation.data.errors import InputError, Note, shown
from segmentation.data.source import own_columns
from segmentation.data.sql import ROW

COLUMNS = ("customer", "date", "amount", "quantity", "price", "order")
TOLD_APART = ("customer", "order")  # columns whose values are only told apart
GUEST_SHARE, GUEST_TIMES = 0.05, 5  # of all lines, and of the next or the median customer's
NOBODY = r"^(0+(\.0+)?|-1(\.0+)?|n/?a|null|none|nan|unknown|gast"
NOBODY += r"|guest.*|anonym.*|walk.?in.*|laufkund.*)$"
SHARED_DAYS = 0.5  # of lines; above, a customer's lines of one day are one order
REPEATED, FEWEST_ORDERS = 0.95, 20  # share of the orders with several lines, and such orders
DIFFERENT = 0.2  # amounts by order; below, lines have the same amount because it is common
MOST_STATES = 12
UNDONE = r"(?<!not )\b(?:cancell?ed|refunded|returned|voided|failed|declined|storniert"
UNDONE += r"|erstattet|retourniert"
UNDONE += r"|annulée?|rembours[ée]e?|cancelad[oa]|anulad[oa]|devuelt[oa]|reembolsad[oa])\b"


def take_lines(lines: ir.Table, orders: Mapping[str, str]) -> tuple[ir.Table, str]:
    """Returns customer, day, amount, order, and whether the order's number marks a cancellation.

    Also returns what makes an order if no column does: moment, day, or line. `further` lines have
    an order of which another line has an amount.
    """
    made_of = "order" if "order" in orders else _find_moment(lines, orders)
    order = _name_order(lines, orders, made_of)
    customer = lines[orders["customer"]]
    if customer.type().is_string():
        customer = (customer.strip() == "").ifelse(None, customer)
    number = order.cast("string").upper()
    taken = lines.select(
        ROW,
        customer=customer,
        day=_day(lines, orders),
        amount=_value(lines, orders),
        order=order,
        cancelled=number.re_search(r"^C\d+$").fill_null(False),
        plain=number.re_search(r"^\d+$").fill_null(False),
    )
    if made_of != "order":
        return taken.mutate(further=ibis.literal(False)), made_of
    any_amount = taken["amount"].notnull().any().over(ibis.window(group_by=taken["order"]))
    return taken.mutate(further=any_amount & taken["order"].notnull()), made_of


def _find_moment(lines: ir.Table, orders: Mapping[str, str]) -> str:
    """What makes an order: the moment if dates have times, the day if most lines share theirs."""
    column, customer = lines[orders["date"]], lines[orders["customer"]]
    if column.type().is_timestamp() and bool((column != column.truncate("D")).any().execute()):
        return "moment"
    known = lines.filter(column.notnull(), customer.notnull())
    days = known.group_by([orders["customer"], orders["date"]]).aggregate(n=known.count())
    shared = days.aggregate(shared=days["n"].sum(where=days["n"] > 1), all=days["n"].sum())
    row = shared.execute().iloc[0].fillna(0)
    return "day" if row["shared"] > SHARED_DAYS * row["all"] else "line"


def _name_order(lines: ir.Table, orders: Mapping[str, str], made_of: str) -> ir.Value:
    """What tells the orders of one customer apart."""
    names = {"order": orders.get("order"), "line": ROW}
    return lines[names.get(made_of) or orders["date"]]


def _value(lines: ir.Table, orders: Mapping[str, str]) -> ir.FloatingValue:
    parts = [key for key in ("amount", "quantity", "price") if key in orders]
    return reduce(mul, [_number(lines, orders, key) for key in parts])


def _number(lines: ir.Table, orders: Mapping[str, str], key: str) -> ir.FloatingValue:
    column = lines[orders[key]]
    if not column.type().is_numeric():
        raise _wrong(orders, key, "holds no numbers", f"name a column of numbers: {key}")
    return column.cast("float64")


def _day(lines: ir.Table, orders: Mapping[str, str]) -> ir.DateValue:
    """The date of every line; whole numbers such as 19970131 are read as dates if all can be."""
    column = lines[orders["date"]]
    if column.type().is_temporal() and not column.type().is_time():
        return column.cast("date")
    if column.type().is_numeric():
        text = column.cast("int64").cast("string")
        parts = [text.substr(0, 4), text.substr(4, 2), text.substr(6, 2)]
        day = (parts[0] + "-" + parts[1] + "-" + parts[2]).try_cast("date")
        counts = lines.aggregate(
            present=column.count(), dates=day.count(), whole=(column % 1 == 0).all()
        )
        row = counts.execute().iloc[0]
        if row["present"] == row["dates"] and row["whole"]:
            return day
    raise _wrong(
        orders, "date", "holds no dates", "write them as 2024-12-31, or name another column"
    )


def count_totals_once(taken: ir.Table) -> tuple[ir.Table, tuple[Note, ...]]:
    """Returns the lines with the total of each order on its first line, if all of them repeat it.

    That is so if nearly all orders of several lines have one amount, which differs by order.
    """
    known = taken.filter(taken["amount"].notnull() & taken["order"].notnull())
    orders = known.group_by(["customer", "order"]).aggregate(
        lines=known.count(), ways=known["amount"].nunique(), amount=known["amount"].min()
    )
    several = orders.filter(orders["lines"] > 1)
    found = several.aggregate(
        orders=several.count(), same=(several["ways"] == 1).sum(), ways=several["amount"].nunique()
    )
    n = found.execute().iloc[0].fillna(0)
    repeated = n["same"] >= REPEATED * n["orders"] and n["ways"] >= DIFFERENT * n["orders"]
    if n["orders"] < FEWEST_ORDERS or not repeated:
        return taken, ()
    order = ibis.window(group_by=[taken["customer"], taken["order"]], order_by=taken[ROW])
    first = (ibis.row_number().over(order) == 0) | taken["order"].isnull()
    what = (
        "the amount is the same on all lines of an order: taken as the order's total and counted "
        "once; if it is each line's own, leave order out of orders"
    )
    once = taken.mutate(amount=first.ifelse(taken["amount"], None), further=~first)
    return once, (Note("doubtful-orders", what),)


def leave_out_guests(taken: ir.Table) -> tuple[ir.Table, tuple[Note, ...]]:
    """Returns the lines without the names of guests' accounts, such as 0 or *guest*, and notes.

    Such a name is on more lines than any other customer's, and on many times the median.
    """
    counts = _count_lines(taken)
    name = counts["customer"].cast("string").strip().lower()
    frame = counts.mutate(nobody=name.re_search(NOBODY)).execute()
    others = frame.loc[~frame["nobody"], "n"]
    least = max(others.max(), GUEST_TIMES * others.median()) if len(others) else np.inf
    guests = frame[frame["nobody"] & (frame["n"] >= least)]
    if guests.empty:
        return taken, ()
    notes = [
        f"{_say_lines(_say_guest(guest), n, frame['n'].sum())}: guests without an account, left out"
        for guest, n in zip(guests["customer"], guests["n"], strict=True)
    ]
    unknown = taken["customer"].isin(guests["customer"].tolist())
    known = taken.mutate(customer=unknown.ifelse(None, taken["customer"]))
    return known, tuple(Note("doubtful-orders", note) for note in notes)


def find_doubts(
    lines: ir.Table, orders: Mapping[str, str], taken: ir.Table, made_of: str
) -> tuple[Note, ...]:
    """Returns what readers should know of the lines: how orders were made, and what is doubtful."""
    remedy = "name the column of order numbers (orders: order) if there is one"
    made = {
        "moment": f"the lines of one customer at one moment are one order; {remedy}",
        "day": f"the lines of one customer on one day are one order; {remedy}",
        "line": f"every line counts as an order; {remedy}",
    }
    notes = [Note("orders", made[made_of])] if made_of in made else []
    doubts = [
        *_find_largest(taken),
        *_find_currencies(lines, orders),
        *_find_undone(lines, orders),
    ]
    return (*notes, *(Note("doubtful-orders", doubt) for doubt in doubts))


def _find_largest(taken: ir.Table) -> Iterator[str]:
    """A customer with many times the lines of any other may be all those without an account."""
    counts = _count_lines(taken)
    top = counts.order_by(ibis.desc("n"), "customer").limit(2).execute()
    every = int(counts["n"].sum().execute() or 0)
    if len(top) == 2 and top["n"][0] >= max(GUEST_SHARE * every, GUEST_TIMES * top["n"][1]):
        lines = _say_lines("one customer", top["n"][0], every)  # no id: the note is published
        yield f"{lines}: guests without an account? If so, leave these lines out"


def _count_lines(taken: ir.Table) -> ir.Table:
    known = taken.filter(taken["customer"].notnull())
    return known.group_by("customer").aggregate(n=known.count())


def _say_guest(account: object) -> str:
    if isinstance(account, float) and account.is_integer():
        account = int(account)
    return f"customer {shown(account, 30)}"


def _say_lines(who: str, n: int, every: int) -> str:
    return f"{who} has {n:,} of {every:,} lines ({round(100 * n / every)} %)"


def _find_currencies(lines: ir.Table, orders: Mapping[str, str]) -> Iterator[str]:
    """Columns of several currencies beside the amount: their amounts are added up as one."""
    for found in find_currencies(lines, _list_others(lines, orders)):
        yield (
            f"{found}, and their amounts are added up as one: convert them, or make a report of "
            f"each"
        )


def _find_undone(lines: ir.Table, orders: Mapping[str, str]) -> Iterator[str]:
    """Columns such as a status that calls lines cancelled whose amounts count all the same."""
    counted = lines.filter(lines[orders["customer"]].notnull(), _value(lines, orders) > 0)
    for name in _list_others(lines, orders):
        if not lines[name].type().is_string():
            continue
        states = counted.select(state=counted[name])
        frame = (
            states.group_by("state").aggregate(n=states.count()).limit(MOST_STATES + 1).execute()
        )
        undone = frame[frame["state"].str.contains(UNDONE, case=False, na=False)]
        if len(frame) <= MOST_STATES and len(undone):
            words = ", ".join(shown(word, 20) for word in undone["state"].sort_values())
            yield (
                f"{name} is {words} on {undone['n'].sum():,} lines with an amount above 0, which "
                f"count as bought: if they were not, leave them out"
            )


def _list_others(lines: ir.Table, orders: Mapping[str, str]) -> list[str]:
    return [name for name in own_columns(lines) if name not in orders.values()]


def _wrong(orders: Mapping[str, str], key: str, what: str, remedy: str) -> InputError:
    return InputError(f"orders: the {key} {what}", remedy, code="orders", column=orders[key])
