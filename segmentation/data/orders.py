"""One row per customer made of order lines: recency, frequency, monetary value and more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from segmentation.data.errors import InputError, Note, list_some, offer_name, spare_faults
from segmentation.data.machine import blame_fairly
from segmentation.data.order_lines import (
    COLUMNS,
    TOLD_APART,
    count_totals_once,
    find_doubts,
    leave_out_guests,
    take_lines,
)
from segmentation.data.reading import Reading
from segmentation.data.source import Source, open_source, own_columns
from segmentation.data.sql import ROW

KEYS = (*COLUMNS, "as_of")
USUAL = ("recency_days", "frequency", "monetary")
MADE = (*USUAL, "tenure_days", "average_order", "days_between_orders", "first_order", "last_order")
LARGEST, MOST_PLACES = 1e100, 22
DIGITS = 14  # of the largest amount are exact in a float, also after a product


@dataclass(frozen=True)
class Count:
    """How many lines there are, and how many were left out or netted and why."""

    lines: int
    no_customer: int
    no_date: int
    no_amount: int
    further: int  # no amount either, but another line of the order has it
    late: int
    odd: int  # cancelled, but with an amount that is not negative
    returned: int
    free: int
    as_of: date
    places: int  # decimal places to which amounts are exact


@blame_fairly()
def open_customers(
    source: str | Path | pd.DataFrame,
    reading: Reading | None = None,
    orders: Mapping[str, str] | None = None,
) -> Source:
    """Opens a table of customers; with `orders`, makes them of the table's order lines.

    `orders` maps customer, date, and amount or quantity and price to columns. Optional are order (a
    column: the lines of one order count once) and as_of (the day from which recency is counted,
    YYYY-MM-DD; by default the last date). Raises `InputError`, also for columns that do not fit.
    """
    if orders is None:
        return open_source(source, reading)
    keys = tuple(orders[key] for key in TOLD_APART if key in orders)
    opened = open_source(source, reading, copied=True, keys=keys)
    _check_keys(orders, own_columns(opened.table))
    used = [name for key, name in orders.items() if key != "as_of"]
    faults = {name: some for name, some in opened.faults.items() if name not in keys}
    notes = opened.notes + spare_faults(faults, used)
    table, more = build_customers(opened.table, orders)
    return replace(
        opened,
        table=table,
        notes=notes + more,
        faults={},
        rows_check=lambda *_: (),
        id=orders["customer"],
        usual=USUAL,
    )


def build_customers(
    lines: ir.Table, orders: Mapping[str, str]
) -> tuple[ir.Table, tuple[Note, ...]]:
    """Returns one row per customer, in the order of ids, with notes on lines left out or netted.

    Columns: the customer, then `MADE`: recency and tenure in days at as_of, orders, net value,
    value per order, mean days between orders (NULL for a single order), and both dates. Returns
    reduce the value and are no orders. Customers with no positive net value are left out.
    """
    taken, made_of = take_lines(lines, orders)
    taken, guests = leave_out_guests(taken)
    taken, once = count_totals_once(taken) if made_of == "order" else (taken, ())
    count = _count(taken, _read_day(orders))
    whole = taken.filter(
        taken["customer"].notnull(), taken["day"].notnull(), taken["amount"].notnull()
    )
    used = whole.filter(whole["day"] <= ibis.literal(count.as_of), ~_is_odd(whole))
    unit = 10.0**count.places
    bought = used["amount"] >= 0
    customers = (
        used.group_by("customer")
        .aggregate(
            frequency=used["order"].nunique(where=bought),
            # Whole units: the order in which threads add floats would decide what nets to 0.
            monetary=(used["amount"] * unit).round().cast("decimal(38, 0)").sum(),
            first_order=used["day"].min(where=bought),
            last_order=used["day"].max(where=bought),
        )
        .mutate(monetary=lambda t: t["monetary"].cast("float64") / unit)
        .cache()
    )  # cached: counted below without reading the lines again
    worth = customers.filter(customers["frequency"] > 0, customers["monetary"] > 0)
    made = _describe(worth, count.as_of).rename({orders["customer"]: "customer"})
    table = lines.get_backend().create_table("customers_of_orders", made, overwrite=True)
    kept = int(table.count().execute())
    if kept == 0:
        raise InputError(
            "no customer has an order of any value", "check the columns: orders", code="orders"
        )
    lost = int(customers.count().execute()) - kept
    notes = _note(count, kept, lost)
    return table, notes + guests + once + find_doubts(lines, orders, taken, made_of)


def _count(taken: ir.Table, given: date | None) -> Count:
    """Counts the lines by what becomes of them; each is left out for one reason only."""
    known = taken["customer"].notnull()
    dated = known & taken["day"].notnull()
    whole = dated & taken["amount"].notnull()
    last = taken["day"].max(where=whole)
    row = (
        taken.aggregate(
            lines=taken.count(),
            last=last,
            largest=taken["amount"].abs().max(where=whole),
            no_customer=(~known).sum(),
            no_date=(known & taken["day"].isnull()).sum(),
            no_amount=(dated & taken["amount"].isnull() & ~taken["further"]).sum(),
            further=(dated & taken["amount"].isnull() & taken["further"]).sum(),
        )
        .execute()
        .iloc[0]
    )
    if pd.isna(row["last"]):
        raise InputError(
            "no line has a customer, a date and an amount",
            "check the columns: orders",
            code="orders",
        )
    places = _find_places(float(row["largest"]))
    as_of = given or pd.Timestamp(row["last"]).date()
    early = whole & (taken["day"] <= ibis.literal(as_of))
    odd = _is_odd(taken)
    more = (
        taken.aggregate(
            late=(whole & (taken["day"] > ibis.literal(as_of))).sum(),
            odd=(early & odd).sum(),
            returned=(early & (taken["amount"] < 0)).sum(),
            free=(early & ~odd & (taken["amount"] == 0)).sum(),
        )
        .execute()
        .iloc[0]
    )
    counts = {**row.drop(["last", "largest"]), **more}
    return Count(as_of=as_of, places=places, **{name: int(n) for name, n in counts.items()})


def _find_places(largest: float) -> int:
    """The decimal places to which amounts up to this one are exact."""
    if not largest <= LARGEST:
        raise InputError(
            f"orders: an amount is {largest:.0e}, too large to add up",
            "mend the column of amounts",
            code="orders",
        )
    return min(DIGITS - math.ceil(math.log10(largest)), MOST_PLACES) if largest > 0 else 0


def _is_odd(taken: ir.Table) -> ir.BooleanValue:
    """Whether a line is a cancellation (C536379 among numbers) without a negative amount."""
    numbered = taken["plain"].any().as_scalar()
    return taken["cancelled"] & numbered & (taken["amount"] >= 0)


def _describe(customers: ir.Table, as_of: date) -> ir.Table:
    days = ibis.literal(as_of)
    span = customers["last_order"].delta(customers["first_order"], unit="day")
    several = customers["frequency"] > 1
    made = {
        "recency_days": days.delta(customers["last_order"], unit="day"),
        "tenure_days": days.delta(customers["first_order"], unit="day"),
        "average_order": customers["monetary"] / customers["frequency"],
        "days_between_orders": several.ifelse(span / (customers["frequency"] - 1).nullif(0), None),
    }
    row = ibis.row_number().over(ibis.window(order_by=customers["customer"])) + 1
    return customers.mutate(**made, **{ROW: row}).select(ROW, "customer", *MADE).order_by(ROW)


def _note(count: Count, kept: int, lost: int) -> tuple[Note, ...]:
    made = f"{count.lines:,} order lines made into {kept:,} customers as of {count.as_of}"
    counts = {
        "lines left out: no customer": count.no_customer,
        "lines left out: no date": count.no_date,
        "lines left out: no amount": count.no_amount,
        "lines without an amount: another line of their order has it": count.further,
        f"lines left out: after {count.as_of}": count.late,
        "lines left out: cancelled, but with an amount that is not negative": count.odd,
        "lines returned or cancelled: taken off their customers' value": count.returned,
        "lines with an amount of 0: counted as orders": count.free,
        "customers left out: their orders come to nothing after returns": lost,
    }
    one = {
        what: what.replace("lines ", "line ").replace("customers ", "customer ") for what in counts
    }
    notes = [f"{n:,} {what if n > 1 else one[what]}" for what, n in counts.items() if n]
    return tuple(Note("orders", what) for what in (made, *notes))


def _check_keys(orders: Mapping[str, str], columns: list[str]) -> None:
    """Raises `InputError` if `orders` names an unknown part or column, or lacks one."""
    for key, name in orders.items():
        if key not in KEYS:
            remedy = offer_name(key, KEYS, f"there are {', '.join(KEYS)}")
            raise InputError(f"orders has no {key!r}", remedy, code="orders")
        if key != "as_of" and name not in columns:
            remedy = offer_name(name, columns, f"it has {list_some(columns)}")
            raise InputError(f"orders: {key} names no column ({name!r})", remedy, code="orders")
    value = {"amount", "quantity", "price"} & orders.keys()
    if not {"customer", "date"} <= orders.keys() or value not in (
        {"amount"},
        {"quantity", "price"},
    ):
        remedy = "orders: {customer: …, date: …, amount: …}, or quantity and price for the amount"
        raise InputError(f"orders names {', '.join(orders) or 'nothing'}", remedy, code="orders")
    named = [name for key, name in orders.items() if key in COLUMNS]
    if orders["customer"] in MADE or len(set(named)) < len(named):
        raise InputError(
            "orders names one column twice, or a customer column that is made here",
            f"rename it: {', '.join(MADE)} are made",
            code="orders",
        )


def _read_day(orders: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(orders["as_of"])) if "as_of" in orders else None
    except ValueError:
        raise InputError(
            f"orders: as_of is {orders['as_of']!r}", "write a day as YYYY-MM-DD", code="orders"
        ) from None
