"""Numbers, names and lists in words: how every sentence and table of the page writes them."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Sequence
from datetime import date

import numpy as np

MISSING = "–"  # in a table
UNITS = {"eur", "usd", "gbp", "chf", "k$", "$", "€", "£", "k€", "pct", "percent", "%"}


def say_feature(name: str) -> str:
    """Returns a column's name as words, without its unit: `AnnualIncome_k$` → annual income."""
    words = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", name)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words.replace("_", " ")).strip()
    plain = [w if w.isupper() and len(w) > 1 else w.lower() for w in words.split()]
    while len(plain) > 1 and plain[-1].lower() in UNITS:
        plain.pop()
    return " ".join(plain) or name


def shorten(text: str, most: int) -> str:
    """Returns the text, cut in the middle if it has more than `most` letters."""
    if len(text) <= most:
        return text
    head = (most - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def say_segments(numbers: Sequence[int]) -> str:
    """Returns `segment 2`, `segments 1 and 3`."""
    return f"segment{'' if len(numbers) == 1 else 's'} {say_list([str(n) for n in numbers])}"


def say_number(value: float) -> str:
    """Returns three significant digits; thousands are separated from 10,000, which spares years."""
    if not np.isfinite(value):
        return "n/a"
    size = abs(value)
    if size >= 1e15 or 0 < size < 0.001:
        return f"{value:.2e}"
    digits = 0 if size >= 100 or size == 0 else 2 - int(np.floor(np.log10(size)))
    text = f"{value:,.{digits}f}" if size >= 9_999.5 else f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def say_share(share: float) -> str:
    """Returns whole per cent, never 0 % or 100 % for a part; `–` for NaN."""
    if np.isnan(share):
        return MISSING
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")


def say_of_100(share: float) -> int:
    """Returns how many of 100 that is; 100 only if it is all."""
    return min(round(100 * share), 99) if share < 1 else 100


def say_score(score: float) -> str:
    """Returns a score between 0 and 1 with two digits; `–` for NaN."""
    return MISSING if np.isnan(score) else f"{score:.2f}"


def say_index(index: float) -> str:
    """Returns a divergence with three digits, never 0 unless it is exactly 0."""
    return "0" if index == 0 else "under 0.001" if index < 0.001 else f"{index:.3f}"


def say_value(value: object) -> str:
    """Returns the cell of a table: numbers as `say_number`, separated counts, `–` for NaN."""
    if isinstance(value, float):
        return MISSING if np.isnan(value) else say_number(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def say_few(n: int, fewest: int) -> str:
    """Returns a count, or `fewer than 5` for 1 to 4 if the `fewest` to name is 5."""
    return f"fewer than {fewest}" if 0 < n < fewest else f"{n:,}"


def say_count(n: int, thing: str) -> str:
    """Returns `1 customer`, `2,000 customers`."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def say_day(day: date) -> str:
    """Returns `23 November 2026`."""
    return f"{day.day} {month_name[day.month]} {day.year}"


def say_list(parts: Sequence[str]) -> str:
    """Returns `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def say_are(n: int) -> str:
    """Returns `is` for one, `are` for others."""
    return "is" if n == 1 else "are"


def say_runs(numbers: Sequence[int]) -> str:
    """Returns increasing numbers as `1, 2 and 4 to 9`."""
    breaks = np.flatnonzero(np.diff(numbers) > 1) + 1
    runs = [list(run) for run in np.split(np.asarray(numbers), breaks)]
    parts = [[f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run) for run in runs]
    return say_list([part for run in parts for part in run])
