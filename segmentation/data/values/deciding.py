"""What each column holds, decided on all of its values, in the engine: number, date or text.

Nothing is guessed: what is ambiguous becomes a fault that names the parameter which settles it
(`decimal`, `dates`, `on_bad_value`). Faults are kept by column: who needs the column refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import duckdb

from segmentation.data.cells import ERRORS, MARKERS
from segmentation.data.errors import InputError, Note, shown, spare_faults
from segmentation.data.sql import ROW, WHITE, columns_of, literal, quoted
from segmentation.data.text.reading import Loaded
from segmentation.data.text.storing import Target
from segmentation.data.values.dates import DATE, ORDERS, Parts, date_sql, decide_order, parts_sql
from segmentation.data.values.numerals import (
    INFINITE,
    LEADING_ZERO,
    NUMBER,
    Shape,
    Style,
    number_sql,
    proof,
    read_shape,
    readings_differ,
    styles_of,
)

_MARKERS = ", ".join(literal(m.lower()) for m in sorted({*MARKERS, *ERRORS} - {""}))
_EDGE = rf"^(?:{WHITE}|\x{{FEFF}})+|(?:{WHITE}|\x{{FEFF}})+$"
_BATCH = 40  # columns looked at in one query
_SAMPLE, _FEW = 100_000, 2_000  # so few different values in the sample: each is looked at once
_MANY_SHAPES = 20_000


@dataclass(frozen=True)
class Decision:
    """What one column was taken for, and why."""

    column: str
    type: Literal["number", "date", "text"]
    missing: int
    markers: tuple[tuple[str, int], ...] = ()  # which texts counted as missing, how often
    decimal: str = "."
    thousands: str = ""
    currency: str = ""
    percent: bool = False
    order: str = ""  # of day, month and year
    note: str = ""


@dataclass(frozen=True)
class Typed:
    """A DuckDB table of typed columns (DOUBLE, DATE, TIMESTAMP, VARCHAR; NULL is missing).

    `stored` is the Parquet file that holds it, with columns c1, c2, …, where it is on disk.
    """

    table: str
    decisions: tuple[Decision, ...]
    notes: tuple[Note, ...]
    faults_by_column: dict[str, tuple[InputError, ...]]
    stored: Path | None = None

    def check(self, needed: Iterable[str] | None = None) -> tuple[Note, ...]:
        """The faults of columns that are not needed, as notes; the first other fault is raised."""
        return spare_faults(self.faults_by_column, needed)


@dataclass(frozen=True)
class _Rules:
    """What the caller has settled."""

    decimal: str | None
    dates: str | None
    missing_bad: bool


@dataclass
class _Column:
    """One column while it is decided."""

    name: str
    plain: str  # its name in the base table
    said: int = 0  # cells that are neither blank nor a marker
    blank: int = 0
    marked: int = 0
    numbers: int = 0  # what DuckDB reads as a finite number
    exact: int = 0  # leading zeros, underscores, 16 and more digits
    like_number: int = 0
    like_date: int = 0
    infinite: int = 0
    foreign: int = 0  # numbers in digits other than 0-9
    iso: int = 0  # dates such as 2024-01-31
    padded: bool = False  # some cells have white space around them
    values: str = ""  # a table of its values (v) and how often each occurs (n), where they are few
    sql: str = ""
    decision: Decision | None = None
    notes: list[Note] = field(default_factory=list)
    faults: list[InputError] = field(default_factory=list)

    @property
    def text(self) -> str:
        if not self.padded:
            return self.plain
        return f"regexp_replace({self.plain}, '{_EDGE}', '', 'g')"

    @property
    def usable(self) -> str:
        """The SQL condition of cells that are neither blank nor a marker."""
        return f"({self.text} <> '' AND lower({self.text}) NOT IN ({_MARKERS}))"

    def say(self, code: str, what: str) -> None:
        self.notes.append(Note(code, what, None, self.name))


def type_table(
    con: duckdb.DuckDBPyConnection,
    loaded: Loaded,
    *,
    decimal: str | None = None,
    dates: str | None = None,
    on_bad_value: str = "refuse",
    needed: Iterable[str] | None = None,
) -> Typed:
    """The table with a type for every column.

    With `needed` the faults of those columns are raised and the others become notes; without it
    all are in `faults_by_column`, and `Typed.check` is for the caller. A column with a fault stays
    text as written.
    """
    _check_parameters(decimal, dates, on_bad_value)
    rules = _Rules(decimal, dates, on_bad_value == "missing")
    columns = [
        _Column(name, plain)
        for name, plain in zip(loaded.columns, columns_of(len(loaded.columns)), strict=True)
    ]
    judge = _Judge(con, loaded, rules)
    try:
        judge.decide(columns)
        typed = judge.build(columns)
    except duckdb.Error as error:
        said = str(error).splitlines()[0][:120]
        raise InputError(
            f"could not be typed ({said})", "report this file", code="unreadable", file=loaded.file
        ) from None
    if needed is None:
        return typed
    notes = typed.check(needed)
    return replace(typed, notes=typed.notes + notes)


def _check_parameters(decimal: str | None, dates: str | None, on_bad_value: str) -> None:
    allowed = {"decimal": (".", ","), "dates": ORDERS, "on_bad_value": ("refuse", "missing")}
    got = {"decimal": decimal, "dates": dates, "on_bad_value": on_bad_value}
    for name, value in got.items():
        if value is not None and value not in allowed[name]:
            raise InputError(
                f"{name}: {shown(value)!r} is not known",
                f"use one of {' '.join(allowed[name])}",
                code="bad-hint",
            )


def _kind_sql(c: _Column) -> str:
    """The SQL of 0 number, 1 number kept as text, 2 blank, 3 marker, 4 padded, 5 ISO date."""
    exact = (
        f"({c.plain} >= '00' AND {c.plain} < '0:') OR ({c.plain} >= '-00' AND {c.plain} < '-0:') "
        f"OR contains({c.plain}, '_') OR (strlen({c.plain}) > 15 "
        f"AND NOT contains({c.plain}, '.') "
        f"AND regexp_full_match({c.plain}, '\\s*[+-]?[0-9]{{16,}}\\s*'))"
    )
    # Strings are compared by bytes: from '00' to below '0:' are a zero and a digit.
    marker = f"strlen({c.plain}) < 40 AND NOT {c.usable}"
    ends = " OR ".join(f"ends_with({c.plain}, chr({code}))" for code in (32, 9, 10, 13))
    maybe = f"({c.plain} < '!' OR strlen({c.plain}) <> length({c.plain}) OR {ends})"
    edge = "" if c.padded else f"WHEN {maybe} AND regexp_matches({c.plain}, '{_EDGE}') THEN 4 "
    date = (
        f"strlen({c.plain}) = 10 AND substr({c.plain}, 5, 1) = '-' "
        f"AND TRY_CAST({c.plain} AS DATE) IS NOT NULL"
    )
    return (
        f"CASE WHEN isfinite(TRY_CAST({c.plain} AS DOUBLE)) THEN CASE WHEN {exact} THEN 1 ELSE 0 "
        f"END WHEN {c.text} = '' THEN 2 WHEN {marker} THEN 3 WHEN {date} THEN 5 "
        f"{edge}ELSE 9 END"
    )


def _batches(columns: list[_Column]) -> Iterator[list[_Column]]:
    """The columns some at a time, those with a table of values each alone."""
    yield from ([c] for c in columns if c.values)
    rest = [c for c in columns if not c.values]
    yield from (rest[at : at + _BATCH] for at in range(0, len(rest), _BATCH))


class _Judge:
    """Looks at all columns of one table, some at a time."""

    def __init__(self, con: duckdb.DuckDBPyConnection, loaded: Loaded, rules: _Rules) -> None:
        self.con, self.loaded, self.rules = con, loaded, rules
        self.base = quoted(f"{loaded.table}_text")

    def one(self, sql: str) -> tuple[Any, ...]:
        """The only row of a query on the base table."""
        row = self.con.execute(f"SELECT {sql} FROM {self.base}").fetchone()
        assert row is not None
        return row

    def decide(self, columns: list[_Column]) -> None:
        """Gives every column a decision or faults."""
        self._gather_values(columns)
        for part in _batches(columns):
            self._count_plain(part)
        odd = [c for c in columns if c.said not in (0, c.iso)]
        rest = [c for c in odd if c.numbers < c.said or c.exact]
        for part in _batches(rest):
            self._count_shapes(part)
        undecided = [column for column in columns if not self._decide_first(column)]
        for column in undecided:
            self._decide_number(column)

    def _count_plain(self, columns: list[_Column]) -> None:
        """Counts plain numbers, blanks and markers, at the least cost for what is plain."""
        kinds = ", ".join(f"{_kind_sql(c)} AS {c.plain}" for c in columns)
        wanted = [f"{c.plain} = {kind}" for c in columns for kind in range(6)]
        row = self._count(columns, wanted, kinds)
        for i, c in enumerate(columns):
            numbers, c.exact, c.blank, c.marked, padded, c.iso = row[6 * i : 6 * i + 6]
            c.numbers = numbers + c.exact
            c.said = self.loaded.rows - c.blank - c.marked
            if padded and not c.padded:
                c.padded = True
                self._count_plain([c])

    def _count_shapes(self, columns: list[_Column]) -> None:
        """Counts what looks like a number or a date, in any style."""
        wanted = []
        for c in columns:
            digits = r"[+\-]?[\p{Nd}.,٫٬ ]+%?"
            wanted += [
                f"regexp_full_match({c.text}, {literal(DATE)})",
                f"regexp_full_match({c.text}, {literal(NUMBER)})",
                f"regexp_full_match(lower({c.text}), {literal(INFINITE)})",
                f"strlen({c.plain}) > length({c.plain}) AND regexp_full_match({c.text}, "
                f"{literal(digits)}) AND regexp_matches({c.text}, '[^\\x00-\\x7f٫٬]')",
            ]
        row = self._count(columns, wanted)
        for i, c in enumerate(columns):
            c.like_date, c.like_number, c.infinite, c.foreign = row[4 * i : 4 * i + 4]

    def _gather_values(self, columns: list[_Column]) -> None:
        """Tables of the values of long columns that repeat a few: what is said of a value once."""
        if self.loaded.rows <= _SAMPLE:
            return
        for part in _batches(columns):
            several = ", ".join(f"count(DISTINCT {c.plain})" for c in part)
            head = f"(SELECT * FROM {self.base} LIMIT {_SAMPLE})"
            counts = self.con.execute(f"SELECT {several} FROM {head}").fetchone()
            assert counts is not None
            for c in (c for c, n in zip(part, counts, strict=True) if n <= _FEW):
                c.values = quoted(f"{self.loaded.table}_values_{c.plain}")
                self.con.execute(
                    f"CREATE OR REPLACE TEMP TABLE {c.values} AS SELECT {c.plain}, count(*) AS n "
                    f"FROM {self.base} GROUP BY {c.plain}"
                )

    def _count(
        self, columns: list[_Column], wanted: list[str], cells: str = "*"
    ) -> tuple[Any, ...]:
        """How many rows fulfil each condition: on all rows, or on the few values of one column."""
        values = columns[0].values
        form = "coalesce(sum(n) FILTER ({}), 0)::BIGINT" if values else "count(*) FILTER ({})"
        counts = ", ".join(form.replace("{}", condition) for condition in wanted)
        more = ", n" if values and cells != "*" else ""
        source = f"(SELECT {cells}{more} FROM {values or self.base})"
        row = self.con.execute(f"SELECT {counts} FROM {source}").fetchone()
        assert row is not None
        return row

    def _decide_first(self, c: _Column) -> bool:
        """Whether the column is decided without looking at how its numbers are written."""
        if not c.said:
            self._as_text(c, "no values" if not c.marked else "only missing markers")
            if not c.marked:
                c.say("no-values", "has no values")
        elif c.numbers == c.said and not c.exact:
            return False
        elif c.iso == c.said:
            c.sql = f"TRY_CAST({c.plain} AS DATE)"
            c.decision = Decision(c.name, "date", c.blank + c.marked, self._markers(c), order="ymd")
        elif c.foreign and c.foreign + c.like_number > 0.9 * c.said:
            where = (
                rf"regexp_matches({c.text}, '\p{{Nd}}') AND NOT regexp_matches({c.text}, '[0-9]')"
            )
            self._fault(
                c,
                "digits",
                f"{c.foreign:,} numbers in digits other than 0-9",
                "write them with 0-9",
                where,
            )
        elif c.like_date > 0.9 * c.said or (self.rules.missing_bad and c.like_date * 2 > c.said):
            self._decide_date(c)
        elif (c.like_number + c.infinite) * 2 > c.said and not c.exact:
            return False
        else:
            self._as_text(c, self._why_text(c))
        return True

    def _why_text(self, c: _Column) -> str:
        if c.exact:
            return "numbers with leading zeros or 16 and more digits are kept as text"
        if c.like_number * 5 > c.said:
            c.say("mostly-numbers", f"is text: {c.like_number:,} of {c.said:,} look like numbers")
        return ""

    def _decide_date(self, c: _Column) -> None:
        like = f"regexp_full_match({c.text}, {literal(DATE)})"
        row = self.con.execute(
            f"SELECT {parts_sql(c.text)} FROM {self.base} WHERE {like}"
        ).fetchone()
        assert row is not None
        parts = Parts((row[0] or 0, row[1] or 0, row[2] or 0), *row[3:])
        order, why = decide_order(parts, self.rules.dates)
        if order is None:
            if "both orders" in why or "and with" in why or "and of" in why:
                self._fault(c, "dates", why, "write all dates as 2024-12-31", like)
            else:
                self._fault(c, "dates", why, "give dates: dmy or dates: mdy", like)
            return
        value = f"CASE WHEN {like} THEN {date_sql(c.text, order, parts)} END"
        bad = f"{c.usable} AND {value} IS NULL"
        markers = self._markers(c)
        if not self._accept_bad(c, "bad-date", "no dates", bad):
            return
        if order != "ymd":
            c.say("number-format", f"dates read as {order} ({why})")
        c.sql = value
        c.decision = Decision(c.name, "date", self._missing(c, bad), markers, order=order, note=why)

    def _decide_number(self, c: _Column) -> None:
        if c.numbers == c.said and not self._all_thousands(c):
            self._as_number(c, Style(".", ""), set(), [])
            return
        shapes = self._shapes(c)
        like = sum(shape.count for shape in shapes) + c.infinite
        enough = 0.9 if not self.rules.missing_bad else 0.5
        if not shapes or like <= enough * c.said:
            self._as_text(c, self._why_text(c))
            return
        style = self._style(c, shapes)
        if style is not None:
            currencies = {s.currency for s in shapes if s.currency}
            self._as_number(c, style, currencies, shapes)

    def _all_thousands(self, c: _Column) -> bool:
        """Whether all numbers look like 1.234, which may be thousands; a sample tells first."""
        pattern = r"\s*[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+\s*"
        odd = f"{c.usable} AND NOT regexp_full_match({c.plain}, '{pattern}')"
        for part in (f"(SELECT * FROM {self.base} LIMIT 2000)", self.base):
            sql = f"SELECT 1 FROM {part} WHERE {odd} LIMIT 1"
            if self.con.execute(sql).fetchone() is not None:
                return False
        return True

    def _shapes(self, c: _Column) -> list[Shape]:
        """The shapes of all cells that are numbers in some style."""
        found = self.con.execute(
            f"""SELECT CASE WHEN regexp_matches({c.text}, {literal(LEADING_ZERO)}) THEN '0' ELSE
            regexp_replace({c.text}, '[0-9]', '9', 'g') END AS shape, count(*), min(rowid)
            FROM {self.base} WHERE {c.usable} AND regexp_full_match({c.text}, {literal(NUMBER)})
            GROUP BY shape ORDER BY 3 LIMIT {_MANY_SHAPES}"""
        ).fetchall()
        shapes = [read_shape(*row) for row in found if row[0] != "0"]
        return [shape for shape in shapes if shape is not None]

    def _style(self, c: _Column, shapes: list[Shape]) -> Style | None:
        """The style that all numbers share, or None after noting the fault."""
        currencies = sorted({s.currency for s in shapes if s.currency})
        percent = sum(s.count for s in shapes if s.percent)
        if len(currencies) > 1:
            self._fault_shape(
                c,
                "currencies",
                f"{len(currencies)} currencies in one column: {' '.join(currencies[:4])}",
                "keep one currency a column",
                next(s for s in shapes if s.currency),
            )
            return None
        if percent and percent < sum(s.count for s in shapes):
            self._fault_shape(
                c,
                "percent",
                f"{percent:,} percentages among plain numbers",
                "write all with % or none",
                next(s for s in shapes if s.percent),
            )
            return None
        asked = self.rules.decimal
        styles = [s for s in styles_of(shapes) if asked is None or s.decimal == asked]
        if not styles:
            what = (
                f"not all numbers have the decimal sign {asked!r}"
                if asked
                else ("decimal commas and decimal dots in one column")
            )
            self._fault_shape(c, "decimal", what, "write all numbers in one way", shapes[0])
            return None
        unproven = styles[0] != Style(".", "") and not asked and self._few(shapes, styles[0])
        if unproven or (asked is None and readings_differ(shapes, styles)):
            example = next(s for s in shapes if "," in s.body or "." in s.body)
            self._fault_shape(
                c,
                "decimal",
                "thousands or decimals? the sign in "
                f"{shown(self._cell(c, example.row), 20)!r} may be either",
                "give decimal: ',' or decimal: '.'",
                example,
            )
            return None
        return styles[0]

    def _few(self, shapes: list[Shape], style: Style) -> bool:
        """Whether less than two cells with a comma or a dot prove the decimal sign."""
        signed = any("," in s.body or "." in s.body for s in shapes)
        return signed and proof(shapes, style) < 2

    def _cell(self, c: _Column, row: int) -> str:
        got = self.con.execute(
            f"SELECT {c.plain} FROM {self.base} WHERE rowid = {int(row)}"
        ).fetchone()
        return "" if got is None else str(got[0])

    def _as_number(
        self, c: _Column, style: Style, currencies: set[str], shapes: list[Shape]
    ) -> None:
        plain = not shapes
        value = (
            f"TRY_CAST({c.plain} AS DOUBLE)"
            if plain
            else (
                f"CASE WHEN regexp_full_match({c.text}, {literal(NUMBER)}) "
                f"AND NOT regexp_matches({c.text}, {literal(LEADING_ZERO)}) "
                f"THEN {number_sql(c.text, style, currencies)} END"
            )
        )
        finite = f"CASE WHEN isfinite({value}) THEN {value} END"
        bad = f"{c.usable} AND ({finite}) IS NULL"
        if not plain and not self._accept_bad(c, *self._kind_of_bad(c, value, bad)):
            return
        c.sql = finite
        currency = next(iter(currencies), "")
        percent = any(s.percent for s in shapes)
        self._say_format(c, style, shapes, currency)
        missing = self._missing(c, bad) if not plain else c.blank + c.marked
        c.decision = Decision(
            c.name,
            "number",
            missing,
            self._markers(c),
            style.decimal,
            style.thousands,
            currency,
            percent,
        )

    def _kind_of_bad(self, c: _Column, value: str, bad: str) -> tuple[str, str, str]:
        """The code and name of what cannot be read, and its condition: infinities come first."""
        infinite = (
            f"{c.usable} AND (regexp_full_match(lower({c.text}), {literal(INFINITE)}) "
            rf"OR isinf({value}) OR (({value}) IS NULL AND regexp_full_match({c.text}, "
            r"'[+\-]?[0-9.]+[eE]\+?[0-9]{3,}')))"
        )
        if self.one(f"count(*) FILTER ({infinite})")[0]:
            return "infinite", "infinite values", infinite if not self.rules.missing_bad else bad
        return "text-among-numbers", "no numbers", bad

    def _accept_bad(self, c: _Column, code: str, what: str, bad: str) -> bool:
        """Whether there are no bad cells or they may count as missing; else the fault is noted."""
        rows = self.con.execute(
            f"SELECT rowid, {c.plain} FROM {self.base} WHERE {bad} ORDER BY rowid LIMIT 5"
        ).fetchall()
        if not rows:
            return True
        count = self.one(f"count(*) FILTER ({bad})")[0]
        places = ", ".join(f"{self.loaded.line(row + 1)}" for row, _ in rows)
        cells = ", ".join(dict.fromkeys(repr(shown(cell, 16)) for _, cell in rows))
        what = f"{count:,} of {c.said:,} values are {what} (lines {places}): {cells}"
        if self.rules.missing_bad:
            c.say(code, f"counted as missing: {what}")
            return True
        c.faults.append(
            InputError(
                what,
                "mend them, or give on_bad_value: missing",
                code=code,
                file=self.loaded.file,
                line=self.loaded.line(rows[0][0] + 1),
                column=c.name,
            )
        )
        return False

    def _missing(self, c: _Column, bad: str) -> int:
        more = self.one(f"count(*) FILTER ({bad})")[0] if self.rules.missing_bad else 0
        return int(c.blank + c.marked + more)

    def _markers(self, c: _Column) -> tuple[tuple[str, int], ...]:
        """The markers of a column that is no text, with a note on them."""
        if not c.marked:
            return ()
        found = self._found_markers(c)
        kind = "excel-errors" if any(said.startswith("#") for said, _ in found) else "missing"
        counts = ", ".join(f"{said} {count:,}" for said, count in found[:6])
        c.say(kind, f"counted as missing: {counts}")
        return tuple(found)

    def _found_markers(self, c: _Column) -> list[tuple[str, int]]:
        return self.con.execute(
            f"SELECT {c.text} AS said, count(*) FROM {self.base} WHERE {c.text} <> '' AND NOT "
            f"{c.usable} GROUP BY said ORDER BY 2 DESC, 1"
        ).fetchall()

    def _say_format(self, c: _Column, style: Style, shapes: list[Shape], currency: str) -> None:
        words = []
        if style.decimal == ",":
            words.append("decimal comma")
        names = {" ": "space", "'": "apostrophe", ",": "comma", ".": "dot"}
        if style.thousands:
            words.append(f"thousands {names[style.thousands]}")
        words += [f"currency {currency}"] if currency else []
        words += ["percent, 12% is 12"] if any(s.percent for s in shapes) else []
        words += ["(1.00) is -1.00"] if any(s.text.startswith("(") for s in shapes) else []
        if words:
            c.say("number-format", f"numbers read with {', '.join(words)}")

    def _say_extremes(self, table: str, columns: list[_Column]) -> None:
        for part in _batches(columns):
            largest = ", ".join(f"max(abs({quoted(c.name)}))" for c in part)
            row = self.con.execute(f"SELECT {largest} FROM {table}").fetchone()
            assert row is not None
            for c, most in zip(part, row, strict=True):
                if most is not None and most > 1e100:
                    c.say("extreme", f"holds numbers up to {most:g}")

    def _as_text(self, c: _Column, note: str) -> None:
        if c.marked:
            kept = ", ".join(f"{said} {count:,}" for said, count in self._found_markers(c)[:6])
            c.say("missing", f"kept as text, not counted as missing: {kept}")
        c.sql = f"CASE WHEN {c.text} <> '' THEN {c.plain} END"
        c.decision = Decision(c.name, "text", c.blank, note=note)

    def _fault(self, c: _Column, code: str, what: str, remedy: str, where: str) -> None:
        row = self.con.execute(f"SELECT min(rowid) FROM {self.base} WHERE {where}").fetchone()
        first = row[0] if row is not None and row[0] is not None else 0
        c.faults.append(
            InputError(
                what,
                remedy,
                code=code,
                file=self.loaded.file,
                line=self.loaded.line(first + 1),
                column=c.name,
            )
        )

    def _fault_shape(self, c: _Column, code: str, what: str, remedy: str, shape: Shape) -> None:
        c.faults.append(
            InputError(
                what,
                remedy,
                code=code,
                file=self.loaded.file,
                line=self.loaded.line(shape.row + 1),
                column=c.name,
            )
        )

    def build(self, columns: list[_Column]) -> Typed:
        """Creates the typed table; a column with a fault is text as written."""
        for c in columns:
            if c.decision is None:
                self._as_text(c, "has faults")
            self._say_mangled(c)
        name = f"{self.loaded.table}_typed"
        target = Target(self.con, name, self.loaded.folder)
        names = [c.name for c in columns]
        stored = target.fill([c.sql for c in columns], names, self.base, ROW)
        numbers = [c for c in columns if c.decision is not None and c.decision.type == "number"]
        self._say_extremes(quoted(name), numbers)
        decisions = tuple(c.decision for c in columns if c.decision is not None)
        notes = tuple(note for c in columns for note in c.notes)
        faults = {c.name: tuple(c.faults) for c in columns if c.faults}
        return Typed(name, decisions, notes, faults, stored)

    def _say_mangled(self, c: _Column) -> None:
        """Turns ids such as 1E+05 back into text, and says so."""
        if c.decision is None or c.decision.type != "number" or not _ID.search(c.name):
            return
        pattern = r"'[0-9](?:\.[0-9]+)?E\+[0-9]+'"
        count = self.one(f"count(*) FILTER (regexp_full_match({c.text}, {pattern}))")[0]
        if count:
            c.notes.clear()
            c.say(
                "mangled-ids",
                f"{count:,} ids look like 1E+05, as spreadsheets write long numbers; kept as text",
            )
            self._as_text(c, "ids turned into numbers by a spreadsheet")


_ID = re.compile(
    r"(?:^|[^a-z])(?:id|key|code|number|no|nr|sku|account|phone)s?(?:$|[^a-z])|Id$|ID$", re.I
)
