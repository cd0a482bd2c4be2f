"""What kind of values a column of text holds: numbers, dates or text, decided on all of it."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from segmentation.data.errors import InputError
from segmentation.data.reading import ROW

MISSING = ("", "na", "n/a", "nan", "null", "none", "?", "-")
NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
EXACT_TEXT = r"^0\d|^\d{16,}$"  # leading zeros and long numbers are names, not amounts
DATE = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$"


def type_columns(table: ir.Table, file: str) -> ir.Table:
    """The table of text with numbers as float64, ISO dates as timestamps, missing as NULL."""
    names = [name for name in table.columns if name != ROW]
    counted = _count_kinds(table, names)
    return table.select(ROW, **{name: _typed(table, name, counted[name], file) for name in names})


def _count_kinds(table: ir.Table, names: list[str]) -> dict[str, dict[str, int]]:
    wanted: dict[str, ir.Value] = {}
    for at, name in enumerate(names):
        text = table[name].strip()
        said = text.lower().notin(MISSING)
        wanted[f"{at} said"] = said.sum()
        wanted[f"{at} numbers"] = (said & text.re_search(NUMBER)).sum()
        wanted[f"{at} exact"] = text.re_search(EXACT_TEXT).sum()
        wanted[f"{at} dates"] = (said & text.re_search(DATE)).sum()
    row = table.aggregate(**wanted).execute().iloc[0].fillna(0).astype(int)
    kinds = ("said", "numbers", "exact", "dates")
    return {name: {kind: row[f"{at} {kind}"] for kind in kinds} for at, name in enumerate(names)}


def _typed(table: ir.Table, name: str, count: dict[str, int], file: str) -> ir.Value:
    text = table[name].strip()
    missing = text.lower().isin(MISSING)
    if count["said"] and count["exact"] == 0 and count["numbers"] == count["said"]:
        return missing.ifelse(ibis.null("float64"), text.try_cast("float64"))
    if count["said"] and count["dates"] == count["said"]:
        return missing.ifelse(ibis.null("timestamp"), text.try_cast("timestamp"))
    if count["exact"] == 0 and count["numbers"] > 0.9 * count["said"]:
        raise _text_among_numbers(table, name, count, file)
    return (text == "").ifelse(ibis.null("string"), table[name])


def _text_among_numbers(table: ir.Table, name: str, count: dict[str, int], file: str) -> InputError:
    text = table[name].strip()
    odd = table.filter(text.lower().notin(MISSING) & ~text.re_search(NUMBER))
    first: Any = odd.order_by(ROW).limit(1).execute().iloc[0]
    return InputError(
        f"{count['said'] - count['numbers']} of {count['said']} values are not numbers, "
        f"the first is {first[name]!r}",
        "mend them or leave them empty",
        code="text-among-numbers",
        file=file,
        line=int(first[ROW]) + 1,
        column=name,
    )
