"""The delimiter of a text file: the one that splits all lines alike, or a refusal."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from dataclasses import dataclass
from typing import IO

from segmentation.data.cells import kind_of
from segmentation.data.errors import InputError, shown
from segmentation.data.limits import Limits
from segmentation.data.text.encodings import Text
from segmentation.data.text.records import Dialect, Record, UnclosedQuote, split_records

_USUAL = (",", ";", "\t", "|")
_SAMPLE = 1 << 18
# Lines without anything, or of delimiters only; \r ends them if \n never does.
_BLANK = re.compile(rb"[\s,;|]*\n|[\s,;|]*\r")
_SETTLE = "name it, such as delimiter: ';' (or delimiter: '' for a single column)"


@dataclass(frozen=True)
class Sample:
    """The first lines of a file."""

    text: str
    whole: bool  # nothing follows them
    above: int  # blank lines above them
    hint: str | None = None  # the delimiter that a first line such as sep=; names


@dataclass(frozen=True)
class Candidate:
    """A dialect that the file may be written in, and the sample as it reads."""

    dialect: Dialect
    records: tuple[Record, ...]
    width: int  # fields in most records
    before: int  # records above the first of that width
    broken: bool  # a quote or a width does not fit
    fault: InputError | None = None  # the quote at which reading ended


def take_sample(text: Text) -> Sample:
    """The first quarter megabyte, cut at a line end; more if the first line is longer.

    It begins further down if blank lines would fill half of it.
    """
    size = _SAMPLE
    with text.path.open("rb") as file:
        file.seek(text.bom)
        above = _pass_blanks(file)
        data = file.read(size)
        while len(data) == size and not re.search(rb"[\r\n].*[\r\n]", data, re.S):
            data += file.read(size)
            size *= 2
        whole = not file.read(1)
    if not whole:
        data = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1] or data
    decoded = data.decode("utf-8", "ignore")
    hint = re.match(r'"?sep=(.)"?(?:\r\n|\r|\n)', decoded, re.I)
    return Sample(decoded, whole, above, hint.group(1) if hint else None)


def _pass_blanks(file: IO[bytes]) -> int:
    """Moves a file past blank lines that would fill half of a sample; returns how many."""
    lines = 0
    while True:
        block = file.read(_SAMPLE)
        blank = _BLANK.match(block)
        if blank is None or blank.end() < _SAMPLE // 2:
            file.seek(-len(block), os.SEEK_CUR)
            return lines
        file.seek(blank.end() - len(block), os.SEEK_CUR)
        lines += len(blank[0].splitlines())


def try_dialect(sample: Sample, dialect: Dialect, limits: Limits) -> Candidate:
    """The sample read with one dialect, as far as it goes."""
    records: list[Record] = []
    fault: InputError | None = None
    lines = io.StringIO(sample.text, newline="")
    try:
        for record in split_records(lines, dialect, limits, sample.above):
            records.append(record)
    except InputError as error:
        if error.code not in ("quote", "max-cell"):
            raise
        if sample.whole or not isinstance(error, UnclosedQuote):
            fault = error
    if sample.hint is not None:
        records = records[1:]
    filled = [r for r in records if any(cell.strip() for cell in r.cells)]
    width, before, fits = _measure([len(r.cells) for r in filled])
    broken = fault is not None or not fits
    return Candidate(dialect, tuple(records), width, before, broken, fault)


def _measure(widths: list[int]) -> tuple[int, int, bool]:
    """The usual width, the records before the first of it, and whether all others have it."""
    if not widths:
        return 0, 0, False
    width, count = Counter(widths).most_common(1)[0]
    if count * 5 < len(widths) * 3:
        width = widths[0]
    before = widths.index(width)
    return width, before, all(w == width for w in widths[before:])


def decide_dialect(sample: Sample, delimiter: str | None, limits: Limits) -> Candidate:
    """The one dialect that the sample fits; refused if several or none do."""
    named = delimiter if delimiter is not None else sample.hint
    if named is not None:
        return _read_named(sample, named, limits)
    candidates = [try_dialect(sample, Dialect(mark), limits) for mark in _USUAL]
    fitting = [c for c in candidates if c.width > 1 and not c.broken and c.before <= 30]
    if fitting:
        return _check_doubled(_spaced(sample, _choose(fitting), limits))
    spaces = _try_spaces(sample, limits)
    if spaces is not None:
        return spaces
    meant = [c for c in candidates if c.width > 1]
    if meant:
        return _spaced(sample, max(meant, key=_likeness), limits)
    return _one_column(sample, candidates, limits)


def _read_named(sample: Sample, delimiter: str, limits: Limits) -> Candidate:
    if len(delimiter) > 1 or (delimiter and delimiter in '"\r\n\0\x1f') or not delimiter.isascii():
        raise InputError(
            f"delimiter {shown(delimiter)!r} cannot be used",
            "give one character that is not a letter, such as , ; | or a tab",
            code="bad-hint",
        )
    candidate = try_dialect(sample, Dialect(delimiter), limits)
    if delimiter == " " and candidate.broken:
        aligned = try_dialect(sample, Dialect(" ", aligned=True), limits)
        return aligned if not aligned.broken and aligned.width > 1 else candidate
    return _spaced(sample, candidate, limits)


def _likeness(candidate: Candidate) -> float:
    """The share of lines that fit, to find the dialect that was meant; of equals, the wider."""
    widths = [len(r.cells) for r in candidate.records if r.cells]
    return sum(w == candidate.width for w in widths) / len(widths) + candidate.width / 1000


def _choose(fitting: list[Candidate]) -> Candidate:
    """The one that fits best: without lines above the header, then by tabs, then not prose."""
    direct = [c for c in fitting if c.before == 0] or fitting
    tab = [c for c in direct if c.dialect.delimiter == "\t"]
    if tab:
        return tab[0]
    prose = [c for c in direct if not _is_prose(c)] or direct
    if len(prose) == 1:
        return prose[0]
    names = " or ".join(f"{c.dialect.name!r} ({c.width} columns)" for c in prose)
    raise InputError(f"the delimiter may be {names}", _SETTLE, code="delimiter", line=1)


def _is_prose(candidate: Candidate) -> bool:
    """Whether each delimiter is followed by a space, as commas are in sentences."""
    rest = [cell for r in candidate.records for cell in r.cells[1:]]
    return bool(rest) and all(cell.startswith(" ") for cell in rest)


def _spaced(sample: Sample, candidate: Candidate, limits: Limits) -> Candidate:
    """The dialect that drops the space after each delimiter, if there always is one."""
    mark = candidate.dialect.delimiter
    quoted = mark not in ("", " ") and re.search(rf'{re.escape(mark)} +"', sample.text)
    if not quoted and not (candidate.width > 1 and _is_prose(candidate)):
        return candidate
    spaced = try_dialect(sample, Dialect(mark, spaced=True), limits)
    header = next(iter(candidate.records[candidate.before :]), None)
    if header is None or header.raw.count(f"{mark} ") < len(header.cells) - 1:
        return candidate  # a space inside quotes belongs to the name
    if len(header.cells) < 2 or not all(cell.startswith(" ") for cell in header.cells[1:]):
        return candidate
    inner = [cell for r in spaced.records for cell in r.cells[:-1]]
    if spaced.width > 1 and inner and all(cell.endswith(" ") for cell in inner):
        return try_dialect(sample, Dialect(mark, spaced=True, padded=True), limits)
    return spaced


def _check_doubled(candidate: Candidate) -> Candidate:
    """The candidate; refused if every second column is empty: its delimiter is doubled."""
    rows = [r.cells for r in candidate.records if r.cells]
    if candidate.width > 2 and not any(cell for cells in rows for cell in cells[1::2]):
        mark = candidate.dialect.name
        raise _undecidable(f"the delimiter seems to be {mark!r} twice", "save it with a single one")
    return candidate


def _try_spaces(sample: Sample, limits: Limits) -> Candidate | None:
    """Columns separated by spaces, if all lines have as many and one is all numbers or dates."""
    for dialect in (Dialect(" ", aligned=True), Dialect(" ")):
        candidate = try_dialect(sample, dialect, limits)
        if (
            candidate.broken
            or candidate.width < 2
            or candidate.before
            or len(candidate.records) < 2
        ):
            continue
        if dialect.aligned and '"' in sample.text:
            continue
        body = [r.cells for r in candidate.records[1:] if r.cells]
        columns = list(zip(*body, strict=False))
        if any(all(kind_of(cell) for cell in column) for column in columns):
            return candidate
    return None


def _one_column(sample: Sample, candidates: list[Candidate], limits: Limits) -> Candidate:
    """A single column; refused if some sign occurs as regularly as a delimiter would."""
    candidate = try_dialect(sample, Dialect(""), limits)
    lines = [r.raw.rstrip("\r\n") for r in candidate.records if r.raw.strip()]
    if not lines and candidate.fault is not None:
        raise candidate.fault
    if not lines:
        raise InputError("has no rows", "export the table again", code="empty-file")
    unquoted = [re.sub(r'^"(?:[^"]|"")*"$', "", line) for line in lines]
    for sign in sorted({c for c in unquoted[0] if not c.isalnum() and c.isascii() and c != '"'}):
        if _may_be_delimiter(sample, sign, limits) or (sign == " " and unquoted[0].count(" ") > 1):
            raise _undecidable(f"{sign!r} may be the delimiter, or there is one column")
    if any(sign in line for line in unquoted for sign in _USUAL):
        raise _undecidable("no delimiter fits all lines")
    return candidate


def _may_be_delimiter(sample: Sample, sign: str, limits: Limits) -> bool:
    """Whether a sign splits every line alike; _ - . ' also need a column of numbers or dates."""
    candidate = try_dialect(sample, Dialect(sign), limits)
    if candidate.width < 2 or candidate.broken or candidate.before:
        return False
    body = [r.cells for r in candidate.records[1:] if r.cells]
    columns = zip(*body, strict=False)
    return sign not in "_-.'" or any(all(kind_of(c) for c in column) for column in columns)


def _undecidable(what: str, remedy: str = _SETTLE) -> InputError:
    return InputError(what, remedy, code="delimiter", line=1)
