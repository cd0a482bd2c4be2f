"""Numbers, names and lists in words: how every sentence of the page writes them."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Sequence
from datetime import date

import numpy as np

UNITS = {"eur", "usd", "gbp", "chf", "k$", "$", "€", "£", "k€", "pct", "percent", "%"}


def say_feature(name: str) -> str:
    """A column's name as words, its unit dropped: `AnnualIncome_k$` → annual income."""
    words = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", name)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words.replace("_", " ")).strip()
    plain = [w if w.isupper() and len(w) > 1 else w.lower() for w in words.split()]
    while len(plain) > 1 and plain[-1].lower() in UNITS:
        plain.pop()
    return " ".join(plain) or name


def shorten(text: str, most: int) -> str:
    """The text cut in its middle to so many letters, where it is longer."""
    if len(text) <= most:
        return text
    head = (most - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def say_number(value: float) -> str:
    """Three significant digits; thousands are separated from 10,000, so that a year is a year."""
    if not np.isfinite(value):
        return "n/a"
    size = abs(value)
    if size >= 1e15 or 0 < size < 0.001:
        return f"{value:.2e}"
    digits = 0 if size >= 100 or size == 0 else 2 - int(np.floor(np.log10(size)))
    text = f"{value:,.{digits}f}" if size >= 9_999.5 else f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def say_share(share: float) -> str:
    """A share in whole per cent, never 0 % or 100 % for a part."""
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")


def say_count(n: int, thing: str) -> str:
    """`1 customer`, `2,000 customers`."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def say_day(day: date) -> str:
    """`23 November 2026`."""
    return f"{day.day} {month_name[day.month]} {day.year}"


def say_list(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def say_are(n: int) -> str:
    """`is` for one, `are` for others."""
    return "is" if n == 1 else "are"


def say_runs(numbers: Sequence[int]) -> str:
    """Increasing numbers as `1, 2 and 4 to 9`."""
    breaks = np.flatnonzero(np.diff(numbers) > 1) + 1
    runs = [list(run) for run in np.split(np.asarray(numbers), breaks)]
    parts = [[f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run) for run in runs]
    return say_list([part for run in parts for part in run])
