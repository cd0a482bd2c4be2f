"""Whether the rows of a table can be customers: each id occurs once, and rows differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ibis.expr.types as ir

from segmentation.data.errors import InputError, Note
from segmentation.data.rows.keys import cut_blanks, number_key
from segmentation.data.rows.lines import check_copies, check_lines, find_lines
from segmentation.data.rows.names import find_id, names_customers
from segmentation.data.rows.order_columns import offer_orders
from segmentation.data.rows.table import Rows, count_rows, find_ends, query
from segmentation.data.sql import ROW

_HEAD = 1_000  # rows: different ones are nearly always among the first
_SHOWN = 5  # places of a repeated id
MOST_CATEGORIES = 20  # different values, above which a column is no category


def check_customers(rows: Rows, id: str | None = None, any_rows: bool = False) -> tuple[Note, ...]:
    """Refuses duplicate and missing ids; returns notes on lines of orders and constant columns.

    `any_rows` accepts a single row and rows that are all equal, and then returns no notes.
    """
    in_place = rows.numbered_by is not None
    lines: tuple[Note, ...] = ()
    if not any_rows and not in_place:  # rows that each have an id of their own always differ
        _check_variety(rows)
    for column in _find_ids(rows, id):
        _check_ids(rows, column)
    if not in_place and id is None:
        for column in _find_repeated(rows):
            _refuse_repeats(rows, column)
        if not any_rows:
            check_lines(rows)
            check_copies(rows)
            lines = find_lines(rows)
    return () if any_rows else (*lines, *_find_constants(rows))


def _find_ids(rows: Rows, id: str | None) -> list[str]:
    """The id columns to check: the one that numbers the rows, and the named or recognised one."""
    names = [name for name in rows.typed.columns if name != ROW]
    known = rows.numbered_by or find_id(names)
    wanted = dict.fromkeys((rows.numbered_by, id if id is not None else known))
    return [name for name in wanted if name is not None and name in names]


def _find_repeated(rows: Rows) -> list[str]:
    """The keys of customers that occur more than once, unless one of them is unique.

    With a unique one beside it, a repeated one is right: a couple may share an email.
    """
    keys = [name for name in rows.typed.columns if name != ROW and names_customers(name)]
    counts = query(rows.written, **_count_keys(rows, keys)) if keys else {}
    repeated = []
    for i, name in enumerate(keys):
        distinct, present = int(counts[f"{i} distinct"]), int(counts[f"{i} present"])
        if distinct == present > 0:
            return []
        if distinct > MOST_CATEGORIES:
            repeated.append(name)
    return repeated


def _count_keys(rows: Rows, keys: Sequence[str]) -> dict[str, ir.Value]:
    wanted: dict[str, ir.Value] = {}
    for i, name in enumerate(keys):
        cell = rows.written[name]
        filled = (_text(cell) != "").fill_null(False) if _is_text(rows, name) else cell.notnull()
        wanted[f"{i} distinct"] = _key(rows, name).nunique(where=filled)
        wanted[f"{i} present"] = filled.sum()
    return wanted


def _check_variety(rows: Rows) -> None:
    count = rows.count
    if count < 2 and rows.numbered_by is None:
        raise rows.refuse(
            f"has {count} row, and a segmentation needs at least 2",
            "export more rows",
            "one-row",
            count or None,
        )
    if _all_equal(rows.written.limit(_HEAD)) and _all_equal(rows.written):
        first = None if rows.numbered_by else 1
        raise rows.refuse(
            f"all {count:,} rows are the same", "export the table again", "identical-rows", first
        )


def _all_equal(table: ir.Table) -> bool:
    return count_rows(table.drop(ROW).distinct().limit(2)) < 2


def _check_ids(rows: Rows, column: str) -> None:
    table, cell = rows.written, rows.written[column]
    missing = _text(cell).fill_null("") == "" if _is_text(rows, column) else cell.isnull()
    counts = query(
        table, missing=missing.sum(), rows=table.count(), ids=_key(rows, column).nunique()
    )
    if missed := int(counts["missing"]):
        raise rows.refuse(
            f"{'1 row has' if missed == 1 else f'{missed:,} rows have'} no id",
            "fill it in, or name another column: id: COLUMN",
            "missing-ids",
            None if rows.numbered_by else int(table[ROW].min(where=missing).execute()),
            column,
        )
    if counts["ids"] < counts["rows"]:
        _refuse_repeats(rows, column)


def _key(rows: Rows, column: str) -> ir.Value:
    """A number for every id, quick to compare: rows differ in it only if they differ in the id."""
    if column == rows.numbered_by:
        return rows.written[ROW]
    cell = _text(rows.written[column]) if _is_text(rows, column) else rows.written[column]
    return cell.hash() if rows.numbered_by is None else number_key(cell)


def _refuse_repeats(rows: Rows, column: str) -> None:
    """Refuses ids that occur twice; returns if only their hashes are the same."""
    if rows.numbered_by is not None:
        _check_variety(rows)
    table = rows.written.select(ROW, id=_text(rows.written[column]))
    table = table.filter(table["id"].notnull(), table["id"] != "")
    ids = table.group_by("id").aggregate(times=table.count(), first=table[ROW].min())
    twice = ids.filter(ids["times"] > 1)
    many = count_rows(twice)
    if many:
        order = "id" if rows.numbered_by else "first"  # numbers made of ids have no order
        raise _refuse_first(rows, column, many, twice.order_by(order).limit(1).execute().iloc[0])
    if rows.numbered_by is not None:
        what, remedy = "two ids get the same number here", "name another column: id: COLUMN"
        raise rows.refuse(what, remedy, "duplicate-ids", column=column)


def _refuse_first(rows: Rows, column: str, many: int, repeated: Any) -> InputError:
    occur = f"{many:,} ids occur" if many > 1 else "1 id occurs"
    in_place = rows.numbered_by is not None
    # The refusal is published: it names places, which a table in a database lacks, and no id.
    first = "" if in_place else f", first{_list_places(rows, column, repeated['id'])}"
    orders = offer_orders(rows.typed, column)
    remedy = "remove the copies, or name another column: id: COLUMN"
    if _are_copies(rows, column):
        remedy = "give copies: drop to keep one of each, or another column: id: COLUMN"
    elif orders:
        remedy = "remove the copies, give id: COLUMN for another column, or, for order lines, "
        remedy += orders
    return rows.refuse(
        f"{occur} more than once{first}",
        remedy,
        "duplicate-ids",
        None if in_place else int(repeated["first"]),
        column,
    )


def _are_copies(rows: Rows, column: str) -> bool:
    """Whether rows with the same id are equal throughout."""
    names = rows.compared
    ids = rows.typed.select(column).distinct()
    return column in names and count_rows(rows.typed.select(names).distinct()) == count_rows(ids)


def _list_places(rows: Rows, column: str, id: str) -> str:
    """The lines of an id, or its rows if they have no lines."""
    same = rows.written.filter(_text(rows.written[column]) == id)
    numbers = same.select(ROW).order_by(ROW).limit(_SHOWN).execute()[ROW].tolist()
    if rows.line is None:
        return " in rows " + ", ".join(f"{row:,}" for row in numbers)
    return " at lines " + ", ".join(f"{rows.line(row)}" for row in numbers)


def _find_constants(rows: Rows) -> Iterator[Note]:
    kinds = rows.typed.schema()
    names = [name for name, kind in kinds.items() if kind.is_numeric() and name != ROW]
    for name, low, high in find_ends(rows, names):
        if low == high:
            yield Note("constant", f"is {float(low):g} in every row", None, name)


def _is_text(rows: Rows, column: str) -> bool:
    return bool(rows.written.schema()[column].is_string())


def _text(cell: ir.Value) -> ir.StringColumn:
    """The id as text, without the blanks around it."""
    return cut_blanks(cell.cast("string"))
