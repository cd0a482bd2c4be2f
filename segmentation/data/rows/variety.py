"""Whether customers differ in enough ways for a number of segments."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir

from segmentation.data.errors import InputError

_HEAD = 1_000  # rows: different ones are nearly always among the first


def check_distinct(k: int, table: ir.Table, features: Sequence[str], filled: bool) -> None:
    """Raises `InputError` if the customers differ in fewer than k ways in the features.

    Rows without a value count only if they are `filled`, by medians.
    """
    rows = table.select(*features)
    if filled:
        rows = rows.mutate(
            **{n: rows[n].cast("float64").fill_null(rows[n].median()) for n in features}
        )
    else:
        rows = rows.drop_null(how="any")
    if int(rows.limit(_HEAD).distinct().count().execute()) >= k:
        return
    ways = int(rows.distinct().count().execute())
    if ways < k:
        raise InputError(
            f"k is {k}, and there are only {ways} different customers in these features",
            f"choose k up to {ways}",
            code="k-too-large",
        )
