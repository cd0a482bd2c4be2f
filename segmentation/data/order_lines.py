"""Order lines as they are taken from a table, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import mul

import ibis
import ibis.expr.types as ir

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.source import own_columns
from segmentation.data.sql import ROW

COLUMNS = ("customer", "date", "amount", "quantity", "price", "order")
TOLD_APART = ("customer", "order")  # columns whose values are only told apart
GUEST_SHARE, GUEST_TIMES = 0.05, 5  # of all lines, and of the next customer's
SHARED_DAYS = 0.5  # of lines; above, a customer's lines of one day are one order
CURRENCIES = (
    "EUR USD GBP JPY CHF CAD AUD NZD CNY INR SEK NOK DKK PLN CZK HUF RON BGN TRY RUB UAH BRL"
)
CURRENCIES += " MXN ARS CLP COP PEN ZAR KRW SGD HKD TWD THB IDR MYR PHP VND AED SAR ILS EGP NGN KES"
SIGNS = "€ $ £ ¥ ₹ ₽ ₺ ₩ zł kr"
MOST_CURRENCIES = 12


def take_lines(lines: ir.Table, orders: Mapping[str, str]) -> tuple[ir.Table, str]:
    """Returns customer, day, amount, order, and whether the order's number marks a cancellation.

    Also returns what makes an order if no column does: moment, day, or line. `further` lines have
    an order of which another line has an amount.
    """
    parts = [key for key in ("amount", "quantity", "price") if key in orders]
    value = reduce(mul, [_number(lines, orders, key) for key in parts])
    made_of = "order" if "order" in orders else _find_moment(lines, orders)
    order = _name_order(lines, orders, made_of)
    customer = lines[orders["customer"]]
    if customer.type().is_string():
        customer = (customer.strip() == "").ifelse(None, customer)
    number = order.cast("string").upper()
    taken = lines.select(
        customer=customer,
        day=_day(lines, orders),
        amount=value,
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


def find_doubts(
    lines: ir.Table, orders: Mapping[str, str], taken: ir.Table, made_of: str
) -> tuple[Note, ...]:
    """Returns what readers should know of the lines: how orders were made, guests, currencies."""
    remedy = "name the column of order numbers (orders: order) if there is one"
    made = {
        "moment": f"the lines of one customer at one moment are one order; {remedy}",
        "day": f"the lines of one customer on one day are one order; {remedy}",
        "line": f"every line counts as an order; {remedy}",
    }
    doubts = [made[made_of]] if made_of in made else []
    doubts += [*_find_guests(taken), *_find_currencies(lines, orders)]
    return tuple(Note("orders", doubt) for doubt in doubts)


def _find_guests(taken: ir.Table) -> Iterator[str]:
    """A customer with many times the lines of any other may be all those without an account."""
    known = taken.filter(taken["customer"].notnull())
    counts = known.group_by("customer").aggregate(n=known.count())
    top = counts.order_by(ibis.desc("n"), "customer").limit(2).execute()
    every = int(known.count().execute())
    if len(top) == 2 and top["n"][0] >= max(GUEST_SHARE * every, GUEST_TIMES * top["n"][1]):
        share, guest = top["n"][0] / every, top["customer"][0]
        guest = int(guest) if isinstance(guest, float) and guest.is_integer() else guest
        yield (
            f"customer {shown(guest, 30)} has {top['n'][0]:,} of {every:,} lines "
            f"({share:.0%}): guests without an account? If so, leave these lines out"
        )


def _find_currencies(lines: ir.Table, orders: Mapping[str, str]) -> Iterator[str]:
    """Columns of several currencies beside the amount: their amounts are added up as one."""
    texts = [name for name in own_columns(lines) if lines[name].type().is_string()]
    known = set(f"{CURRENCIES} {SIGNS.upper()}".split())
    for name in [name for name in texts if name not in orders.values()]:
        cell = lines[name].strip()
        some = lines.select(cell=cell).filter(cell.notnull(), cell != "").distinct()
        values = some.limit(MOST_CURRENCIES + 1).execute()["cell"].tolist()
        if 1 < len(values) <= MOST_CURRENCIES and {value.upper() for value in values} <= known:
            yield (
                f"{name} holds {len(values)} currencies ({', '.join(sorted(values))}), and their "
                f"amounts are added up as one: convert them, or make a report of each"
            )


def _wrong(orders: Mapping[str, str], key: str, what: str, remedy: str) -> InputError:
    return InputError(f"orders: the {key} {what}", remedy, code="orders", column=orders[key])
