"""Which delimiter a text file uses, decided by consistency; what cannot be decided is refused."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass

from segmentation.data.cells import kind_of
from segmentation.data.errors import InputError, shown
from segmentation.data.limits import Limits
from segmentation.data.text.encodings import Text
from segmentation.data.text.records import Dialect, Record, split_records

_USUAL = (",", ";", "\t", "|")
_SAMPLE = 1 << 18
_SETTLE = "name it, such as delimiter: ';' (or delimiter: '' for a single column)"


@dataclass(frozen=True)
class Sample:
    """The first lines of a file, whether they are all of it, and lines already taken as a hint."""

    text: str
    whole: bool
    hint: str | None = None  # from a first line such as sep=;


@dataclass(frozen=True)
class Trial:
    """What the sample looks like under one dialect."""

    dialect: Dialect
    records: tuple[Record, ...]
    width: int  # fields in most records
    before: int  # records above the first of that width
    broken: bool  # a quote or a width that does not fit
    fault: InputError | None = None  # the quote that ended the trial


def take_sample(text: Text, limits: Limits) -> Sample:
    """The first quarter megabyte, cut at a line end; more where the first line is longer."""
    size = _SAMPLE
    with text.path.open("rb") as file:
        file.seek(text.bom)
        data = file.read(size)
        while len(data) == size and not re.search(rb"[\r\n].*[\r\n]", data, re.S):
            data += file.read(size)
            size *= 2
        whole = not file.read(1)
    if not whole:
        data = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1] or data
    said = data.decode("utf-8", "ignore")
    hint = re.match(r'"?sep=(.)"?(?:\r\n|\r|\n)', said, re.I)
    return Sample(said, whole, hint.group(1) if hint else None)


def try_dialect(sample: Sample, dialect: Dialect, limits: Limits) -> Trial:
    """The sample read with one dialect, as far as it goes."""
    records: list[Record] = []
    fault: InputError | None = None
    try:
        for record in split_records(io.StringIO(sample.text, newline=""), dialect, limits):
            records.append(record)
    except InputError as error:
        if error.code not in ("quote", "max-cell"):
            raise
        if sample.whole or error.code == "max-cell" or "never closed" not in error.what:
            fault = error
    if sample.hint is not None:
        records = records[1:]
    kept = [r for r in records if any(cell.strip() for cell in r.cells)]
    width, before, fits = _shape([len(r.cells) for r in kept])
    broken = fault is not None or not fits
    return Trial(dialect, tuple(records), width, before, broken, fault)


def _shape(widths: list[int]) -> tuple[int, int, bool]:
    """Fields in most records, records above the first such, whether all from there on have them."""
    if not widths:
        return 0, 0, False
    width, often = Counter(widths).most_common(1)[0]
    if often * 5 < len(widths) * 3:
        width = widths[0]
    before = widths.index(width)
    return width, before, all(w == width for w in widths[before:])


def decide_dialect(sample: Sample, delimiter: str | None, limits: Limits) -> Trial:
    """The sample under the dialect it is written in; refused where two fit or none does."""
    asked = delimiter if delimiter is not None else sample.hint
    if asked is not None:
        return _asked(sample, asked, limits)
    trials = [try_dialect(sample, Dialect(mark), limits) for mark in _USUAL]
    fitting = [t for t in trials if t.width > 1 and not t.broken and t.before <= 30]
    if fitting:
        return _check_doubled(_spaced(sample, _choose(fitting), limits))
    spaces = _try_spaces(sample, limits)
    if spaces is not None:
        return spaces
    meant = [t for t in trials if t.width > 1]
    if meant:
        return _spaced(sample, max(meant, key=_likeness), limits)
    return _one_column(sample, trials, limits)


def _asked(sample: Sample, delimiter: str, limits: Limits) -> Trial:
    if len(delimiter) > 1 or (delimiter and delimiter in '"\r\n\0\x1f') or not delimiter.isascii():
        raise InputError(
            f"delimiter {shown(delimiter)!r} cannot be used",
            "give one character that is no letter, such as , ; | or a tab",
            code="bad-hint",
        )
    trial = try_dialect(sample, Dialect(delimiter), limits)
    if delimiter == " " and trial.broken:
        aligned = try_dialect(sample, Dialect(" ", aligned=True), limits)
        return aligned if not aligned.broken and aligned.width > 1 else trial
    return _spaced(sample, trial, limits)


def _likeness(trial: Trial) -> float:
    """How much a dialect that does not fit throughout still looks like the one that was meant."""
    widths = [len(r.cells) for r in trial.records if r.cells]
    return sum(w == trial.width for w in widths) / len(widths) + trial.width / 1000


def _choose(fitting: list[Trial]) -> Trial:
    """The one dialect that fits; a tab beats the others, and so does what needs no preamble."""
    direct = [t for t in fitting if t.before == 0] or fitting
    tab = [t for t in direct if t.dialect.delimiter == "\t"]
    if tab:
        return tab[0]
    prose = [t for t in direct if not _is_prose(t)] or direct
    if len(prose) == 1:
        return prose[0]
    names = " or ".join(f"{t.dialect.name!r} ({t.width} columns)" for t in prose)
    raise InputError(f"the delimiter may be {names}", _SETTLE, code="delimiter", line=1)


def _is_prose(trial: Trial) -> bool:
    """Whether each delimiter is followed by a space, as commas are in sentences."""
    rest = [cell for r in trial.records for cell in r.cells[1:]]
    return bool(rest) and all(cell.startswith(" ") for cell in rest)


def _spaced(sample: Sample, trial: Trial, limits: Limits) -> Trial:
    """The dialect that drops the space after each delimiter, where there always is one."""
    mark = trial.dialect.delimiter
    quoted = mark not in ("", " ") and re.search(rf'{re.escape(mark)} +"', sample.text)
    if not quoted and not (trial.width > 1 and _is_prose(trial)):
        return trial
    spaced = try_dialect(sample, Dialect(mark, spaced=True), limits)
    header = next(iter(trial.records[trial.before :]), None)
    if header is None or header.raw.count(f"{mark} ") < len(header.cells) - 1:
        return trial  # a space inside quotes belongs to the name
    if len(header.cells) < 2 or not all(cell.startswith(" ") for cell in header.cells[1:]):
        return trial
    inner = [cell for r in spaced.records for cell in r.cells[:-1]]
    if spaced.width > 1 and inner and all(cell.endswith(" ") for cell in inner):
        return try_dialect(sample, Dialect(mark, spaced=True, padded=True), limits)
    return spaced


def _check_doubled(trial: Trial) -> Trial:
    """The trial, unless every second column is empty, name and all: the delimiter is doubled."""
    rows = [r.cells for r in trial.records if r.cells]
    if trial.width > 2 and not any(cell for cells in rows for cell in cells[1::2]):
        mark = trial.dialect.name
        raise _undecidable(f"the delimiter seems to be {mark!r} twice", "save it with a single one")
    return trial


def _try_spaces(sample: Sample, limits: Limits) -> Trial | None:
    """Columns aligned by spaces, when every line has the same number and a number proves it."""
    for dialect in (Dialect(" ", aligned=True), Dialect(" ")):
        trial = try_dialect(sample, dialect, limits)
        if trial.broken or trial.width < 2 or trial.before or len(trial.records) < 2:
            continue
        if dialect.aligned and '"' in sample.text:
            continue
        body = [r.cells for r in trial.records[1:] if r.cells]
        columns = list(zip(*body, strict=False))
        if any(all(kind_of(cell) for cell in column) for column in columns):
            return trial
    return None


def _one_column(sample: Sample, trials: list[Trial], limits: Limits) -> Trial:
    """A single column; refused where any sign occurs as regularly as a delimiter would."""
    trial = try_dialect(sample, Dialect(""), limits)
    lines = [r.raw.rstrip("\r\n") for r in trial.records if r.raw.strip()]
    if not lines and trial.fault is not None:
        raise trial.fault
    if not lines:
        raise InputError("has no rows", "export the table again", code="empty-file")
    unquoted = [re.sub(r'^"(?:[^"]|"")*"$', "", line) for line in lines]
    for sign in sorted({c for c in unquoted[0] if not c.isalnum() and c.isascii() and c != '"'}):
        if _may_be_delimiter(sample, sign, limits) or (sign == " " and unquoted[0].count(" ") > 1):
            raise _undecidable(f"{sign!r} may be the delimiter, or there is one column")
    if any(sign in line for line in unquoted for sign in _USUAL):
        raise _undecidable("no delimiter fits all lines")
    return trial


def _may_be_delimiter(sample: Sample, sign: str, limits: Limits) -> bool:
    """Whether a sign would cut every line into as many fields; _ - . ' also need a number."""
    trial = try_dialect(sample, Dialect(sign), limits)
    if trial.width < 2 or trial.broken or trial.before:
        return False
    body = [r.cells for r in trial.records[1:] if r.cells]
    columns = zip(*body, strict=False)
    return sign not in "_-.'" or any(all(kind_of(c) for c in column) for column in columns)


def _undecidable(what: str, remedy: str = _SETTLE) -> InputError:
    return InputError(what, remedy, code="delimiter", line=1)
