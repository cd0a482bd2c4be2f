"""The type of one text column, decided on all of its cells: number, date or text.

Nothing is guessed: an ambiguous column gets a fault that names the parameter which settles it
(`decimal`, `dates`, `on_bad_value`). A column with a fault stays text as written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.rows.names import names_an_identifier
from segmentation.data.sql import literal
from segmentation.data.values.answers import MOST_SPELLINGS, SAID, answer_sql, find_answers
from segmentation.data.values.case import MOST, Case, Settled, list_markers
from segmentation.data.values.counting import TextColumn, TextTable
from segmentation.data.values.dates import DATE, date_sql, decide_order, parts_sql, read_parts
from segmentation.data.values.numerals import (
    INFINITE,
    LEADING_ZERO,
    Doubt,
    Shape,
    Style,
    decide_style,
    find_unit,
    number_sql,
    read_shape,
)
from segmentation.data.values.unread import explain_text, refuse_odd_dates

_MANY_SHAPES = 20_000
_THOUSANDS = r"\s*[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+\s*"
_SIGNS = {" ": "space", "'": "apostrophe", ",": "comma", ".": "dot"}
_AS_NUMBERS = "make numbers of them in Excel: mark the column, Data, Text to Columns, Finish"
_SCIENTIFIC = r"[0-9](?:\.[0-9]+)?E\+?[0-9]+"


@dataclass(frozen=True)
class Decision:
    """The type of a column and how its cells are read."""

    column: str
    type: Literal["number", "date", "text"]
    missing: int
    markers: tuple[tuple[str, int], ...] = ()  # texts that count as missing, and how often
    decimal: str = "."
    thousands: str = ""
    currency: str = ""
    percent: bool = False
    unit: str = ""
    order: str = ""  # of day, month and year
    note: str = ""


@dataclass(frozen=True)
class Decided:
    """A decision, the SQL of the typed cells, and what has to be reported about the column."""

    decision: Decision
    sql: str
    notes: tuple[Note, ...] = ()
    faults: tuple[InputError, ...] = ()


def decide_column(table: TextTable, column: TextColumn, settled: Settled) -> Decided:
    """The type of a counted column; text, with a fault, if it is ambiguous or contradictory."""
    case = Case(table, column, settled)
    try:
        return _keep_mangled_ids(case, _decide(case))
    except InputError as fault:
        return replace(_as_text(case, "has faults"), faults=(fault,))


def _decide(case: Case) -> Decided:
    """The decision by what most cells look like."""
    counts = case.column.counts
    if not counts.present:
        return _without_values(case)
    if counts.numbers == counts.present and not counts.exact:
        return _number(case)
    if counts.iso_dates == counts.present:
        return _iso_date(case)
    if counts.foreign and counts.foreign + counts.numbers_like > MOST * counts.present:
        raise _foreign_digits(case)
    if counts.dates_like > case.enough() * counts.present:
        return _date(case)
    if (counts.numbers_like + counts.infinite) * 2 > counts.present and not counts.exact:
        return _number(case)
    return _text(case)


def _as_text(case: Case, reason: str = "", notes: tuple[Note, ...] = ()) -> Decided:
    """The column as text, with a note on markers, which are values in a text."""
    c = case.column
    if c.counts.markers:
        texts = list_markers(case.find_markers())
        what = f"kept as text, not counted as missing: {texts}"
        notes = (*notes, case.note("missing", what))
    decision = Decision(c.name, "text", c.counts.blank, note=reason)
    return Decided(decision, f"CASE WHEN {c.text} <> '' THEN {c.plain} END", notes)


def _keep_mangled_ids(case: Case, decided: Decided) -> Decided:
    """The column as text if a spreadsheet has turned its ids into numbers such as 1E+05."""
    if decided.decision.type != "number" or not names_an_identifier(case.column.name):
        return decided
    count = case.table.count(case.column.matches(_SCIENTIFIC))
    if not count:
        return decided
    what = f"{count:,} ids look like 1E+05, as spreadsheets write long numbers; kept as text"
    note = case.note("mangled-ids", what)
    return _as_text(case, "ids turned into numbers by a spreadsheet", (note,))


def _without_values(case: Case) -> Decided:
    if case.column.counts.markers:
        return _as_text(case, "only missing markers")
    return _as_text(case, "no values", (case.note("no-values", "has no values"),))


def _text(case: Case) -> Decided:
    c, counts = case.column, case.column.counts
    some = case.table.rows(f"DISTINCT {c.text}", c.usable, f"LIMIT {MOST_SPELLINGS + 1}")
    answers = find_answers(str(text) for (text,) in some)
    if answers:
        markers, notes = case.count_markers([text for text, n in answers.items() if n is None])
        missing = counts.blank + sum(count for _, count in markers)
        decision = Decision(c.name, "number", missing, markers)
        notes = (case.note("yes-no", SAID), *notes)
        return Decided(decision, answer_sql(c.text, answers), notes)
    refuse_odd_dates(case)
    kept = "numbers with leading zeros or 16 and more digits are kept as text"
    return _as_text(case, kept if counts.exact else "", explain_text(case))


def _iso_date(case: Case) -> Decided:
    markers, notes = case.count_markers()
    decision = Decision(case.column.name, "date", case.count_missing(), markers, order="ymd")
    return Decided(decision, f"TRY_CAST({case.column.plain} AS DATE)", notes)


def _date(case: Case) -> Decided:
    c = case.column
    like = c.matches(DATE)
    row = case.table.con.execute(parts_sql(c.text, case.table.sql, like)).fetchone()
    assert row is not None
    parts = read_parts(row)
    order = decide_order(parts, case.settled.dates)
    if order.name is None:
        remedy = "write all as 2024-12-31" if order.mixed else "give dates: dmy or dates: mdy"
        raise case.refuse_where("dates", order.reason, remedy, like)
    value = f"CASE WHEN {like} THEN {date_sql(c.text, order.name, parts)} END"
    bad = f"{c.usable} AND {value} IS NULL"
    markers, notes = case.count_markers()
    notes += case.accept_bad("bad-date", "not dates", bad)
    if order.name != "ymd":
        what = f"dates read as {order.name} ({order.reason})"
        notes += (case.note("number-format", what),)
    if parts.zones and (parts.least or parts.most):
        how = "as written" if parts.one_place else "moved to UTC"
        what = f"{parts.zones:,} times have an offset such as +02:00: {how}"
        notes += (case.note("number-format", what),)
    decision = Decision(
        c.name, "date", case.count_missing(bad), markers, order=order.name, note=order.reason
    )
    return Decided(decision, value, notes)


def _number(case: Case) -> Decided:
    counts = case.column.counts
    if counts.numbers == counts.present and not _may_be_thousands(case):
        return _plain_number(case)
    shapes = _read_shapes(case)
    like = sum(shape.count for shape in shapes) + counts.infinite
    if not shapes or like <= case.enough() * counts.present:
        return _text(case)
    units = find_unit(shapes)
    if units is None or (units and names_an_identifier(case.column.name)):
        return _text(case)
    style = units if isinstance(units, Doubt) else decide_style(shapes, case.settled.decimal)
    if isinstance(style, Doubt):
        raise _doubt(case, style)
    return _styled_number(case, style, shapes)


def _plain_number(case: Case) -> Decided:
    markers, notes = case.count_markers()
    decision = Decision(case.column.name, "number", case.count_missing(), markers)
    return Decided(decision, _finite(f"TRY_CAST({case.column.plain} AS DOUBLE)"), notes)


def _styled_number(case: Case, style: Style, shapes: list[Shape]) -> Decided:
    c = case.column
    currencies = {s.currency for s in shapes if s.currency}
    value = (
        f"CASE WHEN {c.is_amount} "
        f"AND contains({c.text}, '(') = contains({c.text}, ')') "
        f"AND NOT regexp_matches({c.text}, {literal(LEADING_ZERO)}) "
        f"THEN {number_sql(c.text, style, currencies)} END"
    )
    bad = f"{c.usable} AND ({_finite(value)}) IS NULL"
    notes = _accept_infinite(case, value, bad) or case.accept_bad(
        "text-among-numbers", "not numbers", bad
    )
    currency = next(iter(currencies), "")
    notes += _note_style(case, style, shapes, currency)
    markers, more = case.count_markers()
    percent = any(s.percent for s in shapes)
    decision = Decision(
        c.name,
        "number",
        case.count_missing(bad),
        markers,
        style.decimal,
        style.thousands,
        currency,
        percent,
        next((s.unit for s in shapes if s.unit), ""),
    )
    return Decided(decision, _finite(value), notes + more)


def _may_be_thousands(case: Case) -> bool:
    """Whether every number looks like 1.234, which may be 1234."""
    pattern = literal(_THOUSANDS)
    other = f"{case.column.usable} AND NOT regexp_full_match({case.column.plain}, {pattern})"
    # Nearly every column has an exception in its first rows.
    if case.table.one("1", f"rowid < 2000 AND {other}"):
        return False
    return not case.table.one("1", other)


def _read_shapes(case: Case) -> list[Shape]:
    """The shapes of all cells that are numbers in some style, in order of appearance."""
    c = case.column
    nines = f"translate({c.text}, '012345678', '999999999')"
    rows = case.table.rows(
        f"CASE WHEN regexp_matches({c.text}, {literal(LEADING_ZERO)}) THEN '0' "
        f"WHEN regexp_matches({c.text}, '^[^0-9]*0') THEN regexp_replace({nines}, '9', '0') "
        f"ELSE {nines} END AS shape, count(*), min(rowid)",
        f"{c.usable} AND {c.is_amount}",
        f"GROUP BY shape ORDER BY 3 LIMIT {_MANY_SHAPES}",
    )
    shapes = [read_shape(*row) for row in rows if row[0] != "0"]
    return [shape for shape in shapes if shape is not None]


def _accept_infinite(case: Case, value: str, bad: str) -> tuple[Note, ...]:
    """The note on infinite cells that count as missing, empty if there are none."""
    c = case.column
    infinite = (
        f"regexp_matches({c.text}, '(?i)inf|∞|[0-9.]e') AND {c.usable} "  # seldom true
        f"AND (regexp_full_match(lower({c.text}), {literal(INFINITE)}) "
        rf"OR isinf({value}) OR (({value}) IS NULL AND regexp_full_match({c.text}, "
        r"'[+\-]?[0-9.]+[eE]\+?[0-9]{3,}')))"
    )
    if not case.table.count(infinite):
        return ()
    return case.accept_bad("infinite", "infinite", bad if case.settled.missing_bad else infinite)


def _note_style(case: Case, style: Style, shapes: list[Shape], currency: str) -> tuple[Note, ...]:
    words = ["decimal comma"] if style.decimal == "," else []
    words += [f"thousands {_SIGNS[style.thousands]}"] if style.thousands else []
    words += [f"currency {currency}"] if currency else []
    words += ["percent, 12% is 12"] if any(s.percent for s in shapes) else []
    units = {s.unit: None for s in shapes if s.unit}
    words += [f"unit {'/'.join(units)}"] if units else []
    words += [f"{minus} is -1.00" for minus in {s.minus: None for s in shapes if s.minus}]
    words += ["1,- is 1.00"] if any(s.rounded for s in shapes) else []
    words += ['\'1 and ="1" as 1'] if any(s.guarded for s in shapes) else []
    what = f"numbers read with {', '.join(words)}"
    return (case.note("number-format", what),) if words else ()


def _foreign_digits(case: Case) -> InputError:
    text = case.column.text
    where = rf"regexp_matches({text}, '\p{{Nd}}') AND NOT regexp_matches({text}, '[0-9]')"
    what = f"{case.column.counts.foreign:,} numbers in digits other than 0-9"
    return case.refuse_where("digits", what, "write them with 0-9", where)


def _doubt(case: Case, doubt: Doubt) -> InputError:
    """The fault for numbers of undecided style, with a cell to show it."""
    row = doubt.example.row
    (cell,) = case.table.one(case.column.plain, f"rowid = {row}")
    what = f"{doubt.what}, as in {shown(cell, 20)!r}"
    if doubt.code == "percent" and case.table.loaded.is_workbook:
        what += ": text, however alike Excel shows them"
        return case.refuse(doubt.code, what, _AS_NUMBERS, row)
    return case.refuse(doubt.code, what, doubt.remedy, row)


def _finite(value: str) -> str:
    """The SQL of a number, NULL if it is infinite."""
    return f"CASE WHEN isfinite({value}) THEN {value} END"
