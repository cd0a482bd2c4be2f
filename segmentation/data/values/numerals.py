"""How the numbers of one column are written: decimal and thousands signs, currency, percent.

Cells are reduced to shapes ($1,234.50 becomes $9,999.99). A column has few of them, so every cell
counts in the decision, however long the column is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

from segmentation.data.sql import literal

SPACES = " \u00a0\u2007\u2009\u202f"
APOSTROPHES = "'’"
MOST_UNITS = 5  # different ones in a column; with more, the words are text
_SYMBOL = "$€£¥￥₹₽₺₩₴₫₪฿₱₦৳₵₡₲₸₼₾"
_CODES = "EUR|USD|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|RUB|BRL|MXN|AUD|CAD|NZD|ZAR|SGD|HKD|KRW|ILS|AED|SAR|THB|PHP|IDR|MYR|VND|TWD|UAH|BGN|ISK|EGP|NGN|KES|GHS|MAD|PKR|BDT|LKR|NPR|QAR|KWD|BHD|OMR|JOD|ARS|CLP|COP|PEN|UYU|KZT|GEL|RSD"  # noqa: E501
_WORDS = (
    r"Euros?|euros?|EURO|S?Fr\.|Rs\.?|Rp\.?|RM|K[Ss]hs?\.?|Tk\.?|kr\.?|zł|Kč|Ft|lei|руб\.?|円|元"
)
CURRENCY = rf"(?:[A-Z]{{0,3}}[{_SYMBOL}]|{_CODES}|{_WORDS})"
# Explicit ranges: not every engine knows classes such as \p{L}.
_LETTER = "A-Za-zªµºÀ-ÖØ-öø-ʯΆ-ώЀ-ӿぁ-ヿ一-鿿가-힣"
_UNIT = rf"(?:[{_LETTER}°][{_LETTER}²³./]*)"
_GAP = rf"[\s{SPACES}]*"
_BODY = rf"(?:[0-9][0-9.,{APOSTROPHES}{SPACES}]*[0-9.,]|[0-9]|[.,][0-9]+)"
_EXPONENT = r"(?:[eE][+\-]?[0-9]+)?"
_MINUS = r"\-−–—"
_SIGN = rf"[+{_MINUS}]"
_HEAD = rf"\(?{_GAP}(?:{_SIGN}?{_GAP}{CURRENCY}?|{CURRENCY}{_GAP}{_SIGN}){_GAP}"
_ROUND = rf"[.,][{_MINUS}]{{1,2}}"  # 12,- is 12.00
_FIGURE = rf"{_HEAD}{_BODY}(?:{_EXPONENT}|{_ROUND})"
_TAIL = rf"{_GAP}\)?[{_MINUS}]?"


def _guarded(inside: str) -> str:
    """The pattern of a cell, also as ="12" or '-12: so no spreadsheet takes it for a formula."""
    return rf"(?:['’]?(?:{inside})|=?\"(?:{inside})\")"


# What may be a number, for every engine and for Python; its shape decides whether it is one.
NUMBER = _guarded(rf"{_FIGURE}(?:{_GAP}[{_MINUS}]?{_GAP}{CURRENCY}|{_GAP}%)?{_TAIL}")
# The same, or with a unit such as pts or K behind it, if LONG_WORD is not found.
AMOUNT = _guarded(rf"{_FIGURE}(?:{_GAP}[{_MINUS}]?{_GAP}{CURRENCY}|{_GAP}(?:%|{_UNIT}))?{_TAIL}")
# No unit. (To count in AMOUNT, an engine would take ten times as long to prepare it.)
LONG_WORD = r"[^\s0-9]{13}"
# 030 123 456 is a phone number or a code, not an amount.
LEADING_ZERO = rf"^[^0-9.,]*0[{APOSTROPHES}{SPACES}]?[0-9]"
# Must stay text: leading zeros, underscores, 16 and more digits.
EXACT = rf"{LEADING_ZERO}|^[+-]?\d{{16,}}$|_"
INFINITE = rf"{_SIGN}?\s*(?:inf|infinity|∞)"
# A negative amount, in ways that are read and in ways that are not.
NEGATIVE = (
    rf"^[^0-9{_LETTER}]*[(\[{_MINUS}][^0-9{_LETTER}]*(?:{CURRENCY})?[^0-9{_LETTER}]*[0-9][^{_MINUS}:]*$"
    rf"|^[^{_MINUS}:]*[0-9]{_GAP}[{_MINUS}]{_GAP}(?:{CURRENCY})?$"
    r"|^(?:.*[^A-Za-z])?(?:minus|neg|moins|meno|menos|[Rr]efund|[Ss]torno|[Cc]redit)[^A-Za-z].*[0-9]"
    r"|[0-9] ?(?:CR|Cr|cr|Haben|H)\.?$"
)

_PARTS = re.compile(
    rf"(?P<guard>=?\"|'|’)?(?P<open>\()?{_GAP}(?P<sign>{_SIGN})?{_GAP}(?P<before>{CURRENCY})?{_GAP}"
    rf"(?P<inner>{_SIGN})?{_GAP}(?P<body>{_BODY}){_EXPONENT}(?P<round>(?<=[.,])[{_MINUS}]{{1,2}})?"
    rf"(?:{_GAP}(?P<tail>[{_MINUS}])?{_GAP}(?P<after>{CURRENCY})(?![{_LETTER}])"
    rf"|{_GAP}(?P<percent>%)|{_GAP}(?P<unit>{_UNIT}))?"
    rf"{_GAP}(?P<close>\))?(?P<last>[{_MINUS}])?(?P<end>\")?"
)
# Words that multiply or turn the sign, and units in which one number may be many of another.
_FACTORS = re.compile(
    r"[kmbt]|[bm]n|mio|mrd|mill|tsd|tys|тыс|млн|thousand|[mb]illion|lakh|lac|crore|cr|dr", re.I
)
_SCALES = re.compile(
    rf"(?:{_FACTORS.pattern})s?|s(?:ec)?s?|min(?:ute)?s?|h(?:ou)?(?:rs?)?|d(?:ays?)?|tage?|w(?:ee)?ks?"
    r"|wochen?|mo(?:nth|nat)?e?s?|mths?|y(?:ea)?(?:rs?)?|jahre?|[kmgt]b|[km]?g|lbs?|oz|[cmk]?m|ft|in"
    r"|mi|[cm]?l|pts?|p|pct|cts?|c",
    re.I,
)
_PLURAL = re.compile(r"(?:e?s|e?n|e|er|с)?\.?", re.I)
_GROUPINGS = {
    "": r"[0-9]+",
    ",": r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}|[0-9]+)",
    ".": r"(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)",
    " ": rf"(?:[1-9][0-9]{{0,2}}(?:[{SPACES}][0-9]{{3}})+|[0-9]+)",
    "'": rf"(?:[1-9][0-9]{{0,2}}(?:[{APOSTROPHES}][0-9]{{3}})+|[0-9]+)",
}


@dataclass(frozen=True)
class Style:
    """A decimal sign and a thousands sign ("": none, " ": any kind of space)."""

    decimal: str
    thousands: str

    def reads(self, body: str) -> bool:
        """Whether a number is written in this style."""
        return re.fullmatch(self.pattern, body) is not None

    @property
    def pattern(self) -> str:
        """The regular expression of its numbers, without exponents."""
        whole = _GROUPINGS[self.thousands]
        mark = re.escape(self.decimal)
        return rf"(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)"


STYLES = tuple(
    Style(decimal, thousands)
    for thousands, decimal in product(_GROUPINGS, ".,")
    if decimal != thousands
)


@dataclass(frozen=True)
class Shape:
    """One shape of number in a column (its first digit 0 or 9, the others 9), and its parts."""

    text: str
    count: int  # cells of this shape
    row: int  # the first of them, from 0
    body: str  # without sign, currency, percent and unit
    currency: str
    percent: bool
    unit: str = ""
    minus: str = ""  # the way in which it is negative: ( or -, or - behind it
    guarded: bool = False  # written '1 or ="1", so that a spreadsheet takes no formula for it
    rounded: bool = False  # written 12,-


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
    if ('"' in (match["guard"] or "")) != bool(match["end"]):
        return None
    signs = [part for part in ("open", "sign", "inner", "tail", "last") if match[part]]
    if len(signs) > 1 or (match["before"] and match["after"]):
        return None
    body = match["body"]
    if not any(style.reads(body) for style in STYLES):
        return None
    minus = {"open": "(1.00)", "tail": "1.00-", "last": "1.00-"}.get("".join(signs), "")
    return Shape(
        text,
        count,
        row,
        body,
        currency=match["before"] or match["after"] or "",
        percent=bool(match["percent"]),
        unit=match["unit"] or "",
        minus=minus,
        guarded=bool(match["guard"]),
        rounded=bool(match["round"]),
    )


def find_unit(shapes: list[Shape]) -> tuple[str, ...] | Doubt | None:
    """The unit of all shapes, in its spellings (day, days); () if they have none.

    None if so many different words follow the numbers that they are text; a doubt if some numbers
    may be thousands of others.
    """
    units = sorted({s.unit for s in shapes if s.unit}, key=len)
    if not units:
        return ()
    stem = units[0].rstrip(".").casefold()
    rests = [u.casefold().removeprefix(stem) for u in units]
    one = all(u.casefold().startswith(stem) for u in units) and (
        len({u.casefold().rstrip(".") for u in units}) == 1
        or (len(stem) > 1 and all(_PLURAL.fullmatch(rest) for rest in rests))
    )
    bare = sum(s.count for s in shapes if not s.unit)
    if one and not bare and not _FACTORS.fullmatch(stem):
        return tuple(units)
    example = next(s for s in shapes if s.unit)
    if len(units) > MOST_UNITS or not (one or all(_is_scale(unit) for unit in units)):
        return None
    words = " ".join(units[:4])
    what = f"numbers in {words}"
    what = f"several units in one column ({words})" if len(units) > 1 else what
    what = f"{bare:,} numbers without a unit among those with {words}" if bare else what
    return Doubt("units", what, "write all numbers in full, in one unit", example)


def _is_scale(unit: str) -> bool:
    return _SCALES.fullmatch(unit.rstrip(".")) is not None


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


def number_sql(text: str, style: Style, affixes: set[str]) -> str:
    """The SQL of the number in a trimmed text; NULL if it is not one in this style.

    `affixes` are the currencies that may stand before it.
    """
    body = text
    for affix in sorted(affixes, key=len, reverse=True):
        body = f"replace({body}, {literal(affix)}, '')"
    body = f"regexp_extract({body}, {literal(_BODY + _EXPONENT)})"
    fits = f"regexp_full_match({body}, {literal(style.pattern + _EXPONENT)})"
    others = "".join(sign for sign in f"{SPACES}{APOSTROPHES},." if sign != style.decimal)
    plain = f"translate({body}, {literal(style.decimal + others)}, '.')"
    value = f"CASE WHEN {fits} THEN TRY_CAST({plain} AS DOUBLE) END"
    before, behind = rf"^[^0-9]*[({_MINUS}]", rf"[0-9][\s{SPACES}]*[{_MINUS}][^0-9]*$"
    negative = f"regexp_matches({text}, {literal(f'{before}|{behind}')})"
    return f"CASE WHEN {negative} THEN -({value}) ELSE {value} END"
