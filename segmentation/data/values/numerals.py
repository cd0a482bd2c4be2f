"""How the numbers of one column are written: decimal and thousands signs, currency, percent.

Cells are reduced to shapes ($1,234.50 becomes $9,999.99). A column has few of them, so every cell
counts in the decision, however long the column is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

SPACES = " \u00a0\u2009\u202f"
APOSTROPHES = "'’"
_SYMBOL = "$€£¥₹₽₺₩₴₫₪฿₱₦"
_CODES = "EUR|USD|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|RUB|BRL|MXN|AUD|CAD|NZD|ZAR|SGD|HKD|KRW|ILS|AED|SAR|THB|PHP|IDR|MYR"  # noqa: E501
CURRENCY = rf"(?:[A-Z]{{0,3}}[{_SYMBOL}]|{_CODES}|kr\.?|zł|Kč|Ft|lei|Fr\.)"
_BODY = rf"(?:[0-9][0-9.,{APOSTROPHES}{SPACES}]*[0-9.,]|[0-9]|[.,][0-9]+)"
_EXPONENT = r"(?:[eE][+\-]?[0-9]+)?"
_SIGN = r"[+\-−]"

# What may be a number, for RE2 and for Python; its shape decides whether it is one.
NUMBER = (
    rf"\(?\s*{_SIGN}?\s*{CURRENCY}?\s*{_SIGN}?\s*{_BODY}{_EXPONENT}"
    rf"\s*(?:%|{CURRENCY})?\s*\)?-?"
)
# 030 123 456 is a phone number or a code, not an amount.
LEADING_ZERO = rf"^[^0-9.,]*0[{APOSTROPHES}{SPACES}]?[0-9]"
INFINITE = r"[+\-−]?\s*(?:inf|infinity|∞)"

_PARTS = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>{_SIGN})?\s*(?P<before>{CURRENCY})?\s*(?P<inner>{_SIGN})?\s*"
    rf"(?P<body>{_BODY}){_EXPONENT}\s*(?P<percent>%)?(?P<after>{CURRENCY})?\s*"
    r"(?P<close>\))?(?P<tail>-)?"
)
_GROUPINGS = {
    "": r"[0-9]+",
    ",": r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}|[0-9]+)",
    ".": r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)",
    " ": rf"(?:[0-9]{{1,3}}(?:[{SPACES}][0-9]{{3}})+|[0-9]+)",
    "'": rf"(?:[0-9]{{1,3}}(?:[{APOSTROPHES}][0-9]{{3}})+|[0-9]+)",
}


@dataclass(frozen=True)
class Style:
    """A decimal sign and a thousands sign ("": none, " ": any kind of space)."""

    decimal: str
    thousands: str

    def reads(self, body: str) -> bool:
        """Whether a number is written in this style."""
        whole = _GROUPINGS[self.thousands]
        mark = re.escape(self.decimal)
        return re.fullmatch(rf"(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)", body) is not None


STYLES = tuple(
    Style(decimal, thousands)
    for thousands, decimal in product(_GROUPINGS, ".,")
    if decimal != thousands
)


@dataclass(frozen=True)
class Shape:
    """One shape of number in a column, and its parts."""

    text: str
    count: int  # cells of this shape
    row: int  # the first of them, from 0
    body: str  # without sign, currency and percent
    currency: str
    percent: bool


@dataclass(frozen=True)
class Doubt:
    """Why the style of a column's numbers is undecided; the cells of `example` show it."""

    code: str
    what: str
    remedy: str
    example: Shape


def read_shape(text: str, count: int, row: int) -> Shape | None:
    """The parts of a shape, or None if it is not a number in any style."""
    match = _PARTS.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    signs = [part for part in ("open", "sign", "inner", "tail") if match[part]]
    if len(signs) > 1 or (match["before"] and match["after"]):
        return None
    body = match["body"]
    if not any(style.reads(body) for style in STYLES):
        return None
    currency = (match["before"] or match["after"] or "").strip()
    return Shape(text, count, row, body, currency, bool(match["percent"]))


def decide_style(shapes: list[Shape], decimal: str | None) -> Style | Doubt:
    """The style in which all shapes are written; `decimal`, if given, is its decimal sign."""
    mixed = _find_mixture(shapes)
    if mixed is not None:
        return mixed
    styles = [style for style in _list_styles(shapes) if decimal in (None, style.decimal)]
    if not styles:
        what = (
            f"not all numbers have the decimal sign {decimal!r}"
            if decimal
            else "decimal commas and decimal dots in one column"
        )
        return Doubt("decimal", what, "write all numbers in one way", shapes[0])
    if decimal is None and (_is_unproven(shapes, styles[0]) or _readings_differ(shapes, styles)):
        return Doubt(
            "decimal",
            "the sign may mean decimals or thousands",
            "give decimal: ',' or decimal: '.'",
            next(s for s in shapes if "," in s.body or "." in s.body),
        )
    return styles[0]


def _find_mixture(shapes: list[Shape]) -> Doubt | None:
    """The doubt about several currencies, or percentages among other numbers; None if neither."""
    currencies = sorted({s.currency for s in shapes if s.currency})
    if len(currencies) > 1:
        return Doubt(
            "currencies",
            f"{len(currencies)} currencies in one column ({' '.join(currencies[:4])})",
            "keep one currency per column",
            next(s for s in shapes if s.currency),
        )
    percent = sum(s.count for s in shapes if s.percent)
    if percent and percent < sum(s.count for s in shapes):
        return Doubt(
            "percent",
            f"{percent:,} percentages among plain numbers",
            "write all with % or none",
            next(s for s in shapes if s.percent),
        )
    return None


def _list_styles(shapes: list[Shape]) -> list[Style]:
    """The styles that read every shape, the plainest first."""
    return [style for style in STYLES if all(style.reads(shape.body) for shape in shapes)]


def _is_unproven(shapes: list[Shape], style: Style) -> bool:
    """Whether fewer than two cells prove a style that is not the plain one."""
    signed = any("," in s.body or "." in s.body for s in shapes)
    return style != Style(".", "") and signed and _count_proofs(shapes, style) < 2


def _readings_differ(shapes: list[Shape], styles: list[Style]) -> bool:
    """Whether two of these styles give different numbers."""
    return len({tuple(_value(s.body, style) for s in shapes) for style in styles}) > 1


def _value(body: str, style: Style) -> str:
    for sign in SPACES + APOSTROPHES + ".,":
        if sign != style.decimal:
            body = body.replace(sign, "")
    whole, _, part = body.replace(style.decimal, ".").partition(".")
    return f"{whole}.{part.rstrip('.')}" if part else whole


def _count_proofs(shapes: list[Shape], style: Style) -> int:
    """The number of cells that this decimal sign reads and the other one does not."""
    other = [s for s in STYLES if s.decimal != style.decimal]
    return sum(s.count for s in shapes if not any(o.reads(s.body) for o in other))


def number_sql(text: str, style: Style, currencies: set[str]) -> str:
    """The SQL of the number in a trimmed text; NULL if it is not one."""
    body = f"replace({text}, '−', '-')"
    for currency in sorted(currencies, key=len, reverse=True):
        body = f"replace({body}, '{currency}', '')"
    if style.decimal == ",":
        body = f"translate({body}, ',.', '.')"
    elif "," in style.thousands:
        body = f"replace({body}, ',', '')"
    digits = rf"regexp_replace({body}, '[^0-9.eE+\-]', '', 'g')"
    value = f"TRY_CAST(rtrim({digits}, '-') AS DOUBLE)"
    negative = f"(starts_with({text}, '(') OR ends_with({text}, '-'))"
    return f"CASE WHEN {negative} THEN -{value} ELSE {value} END"
