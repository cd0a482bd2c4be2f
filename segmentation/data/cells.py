"""What a single cell looks like, in samples: number, date, time …, or a missing marker."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"[(+\-−]?\s*[$€£¥₹₽₺₩]?\s*[+\-−]?(?:\d[\d.,'’ \xa0\u2009\u202f]*|[.,]\d+)(?:[eE][+-]?\d+)?"
    r"\s*(?:[%$€£¥₹₽₺₩]|[A-Z]{3})?\)?"
)
_SHAPES = (
    ("date", re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[ T]\d{1,2}:\d{2}.*)?")),
    ("time", re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?")),
    ("number", _NUMBER),
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("url", re.compile(r"https?://\S+")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
)
MARKERS = frozenset(("", "na", "n/a", "nan", "null", "none", "nil", "?", "-", "--", "–", "—"))
ERRORS = ("#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")


def kind_of(cell: str) -> str:
    """number, date, time, email, url, uuid, or "" for anything else."""
    text = cell.strip()
    if len(text) > 60:
        return ""
    return next((kind for kind, shape in _SHAPES if shape.fullmatch(text)), "")


def is_missing(cell: str) -> bool:
    """Whether a cell is blank or one of the usual markers of a missing value."""
    return cell.strip().lower() in MARKERS or cell.strip() in ERRORS


def shape_of(cell: str) -> str:
    """Letters as A, digits as 9: MG-8769 is AA-9999."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", cell.strip()))


def column_kind(cells: list[str]) -> str:
    """The kind of at least four fifths of the cells that are not missing, or ""."""
    kinds = [kind_of(cell) for cell in cells if not is_missing(cell)]
    for kind in sorted(set(kinds) - {""}):
        if kinds.count(kind) * 5 >= len(kinds) * 4:
            return kind
    return ""
