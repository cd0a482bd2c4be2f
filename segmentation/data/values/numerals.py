"""How the numbers of one column are written: decimal and thousands signs, currency, percent.

A column's cells are reduced to shapes ($1,234.50 is $9,999.99), so that all of a column is judged
however long it is.
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

# What may be a number, in RE2 and in Python; whether it is one is decided on its shape.
NUMBER = (
    rf"\(?\s*{_SIGN}?\s*{CURRENCY}?\s*{_SIGN}?\s*{_BODY}{_EXPONENT}"
    rf"\s*(?:%|{CURRENCY})?\s*\)?-?"
)
# 030 123 456 is no number: what begins with 0 and goes on with digits is a name.
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
    """A decimal sign and a thousands sign ("" for none; a space stands for all kinds of it)."""

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
    """One shape of number: how often, the first row, and the parts of it."""

    text: str
    count: int
    row: int
    body: str
    currency: str
    percent: bool


def read_shape(text: str, count: int, row: int) -> Shape | None:
    """The parts of a shape, or None where it is no number in any style."""
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


def styles_of(shapes: list[Shape]) -> list[Style]:
    """The styles in which every shape can be read, the plainest first."""
    return [style for style in STYLES if all(style.reads(shape.body) for shape in shapes)]


def readings_differ(shapes: list[Shape], styles: list[Style]) -> bool:
    """Whether two styles that both fit give different numbers."""
    return len({tuple(_value(s.body, style) for s in shapes) for style in styles}) > 1


def _value(body: str, style: Style) -> str:
    for sign in SPACES + APOSTROPHES + ".,":
        if sign != style.decimal:
            body = body.replace(sign, "")
    whole, _, part = body.replace(style.decimal, ".").partition(".")
    return f"{whole}.{part.rstrip('.')}" if part else whole


def proof(shapes: list[Shape], style: Style) -> int:
    """How many cells can be read with this decimal sign and not with the other one."""
    other = [s for s in STYLES if s.decimal != style.decimal]
    return sum(s.count for s in shapes if not any(o.reads(s.body) for o in other))


def number_sql(text: str, style: Style, currencies: set[str]) -> str:
    """The SQL of the number in a trimmed text; NULL where it is none."""
    said = f"replace({text}, '−', '-')"
    for currency in sorted(currencies, key=len, reverse=True):
        said = f"replace({said}, '{currency}', '')"
    if style.decimal == ",":
        said = f"translate({said}, ',.', '.')"
    elif "," in style.thousands:
        said = f"replace({said}, ',', '')"
    digits = rf"regexp_replace({said}, '[^0-9.eE+\-]', '', 'g')"
    value = f"TRY_CAST(rtrim({digits}, '-') AS DOUBLE)"
    negative = f"(starts_with({text}, '(') OR ends_with({text}, '-'))"
    return f"CASE WHEN {negative} THEN -{value} ELSE {value} END"
