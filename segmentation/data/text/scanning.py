"""A second reading of a whole text file: is every record regular, and how long is each column?

DuckDB 1.5.6 can lose rows without an error (any CRLF file if `new_line` is given, blank lines in a
single column). So NumPy finds every quote, and every delimiter and line end outside quotes, as
simdcsv does (Langdale and Lemire 2019, VLDB Journal 28), checks each record and counts the bytes
of every column; `loading` compares them with what DuckDB has read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from segmentation.data.limits import Limits
from segmentation.data.text.encodings import Text
from segmentation.data.text.records import Dialect

_BLOCK = 1 << 18  # fits the processor's cache, which makes the scan twice as fast
_QUOTE, _LF, _CR = 34, 10, 13
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Irregular(Exception):
    """The file has to be read record by record, as some of it is not regular."""


@dataclass
class Lines:
    """The line on which each record begins; only the jumps are kept, as most records have one."""

    first: int = 1
    after: list[Ints] = field(default_factory=list)  # records (from 0) with a jump before them
    jumps: list[Ints] = field(default_factory=list)

    def add(self, records: Ints, jumps: Ints) -> None:
        """Adds jumps: how many lines later than the next one each of these records begins."""
        if len(records):
            self.after.append(records)
            self.jumps.append(jumps)

    def of(self, record: int) -> int:
        """The line of a record, counted from 0."""
        extra = sum(
            int(jumps[: np.searchsorted(after, record, "right")].sum())
            for after, jumps in zip(self.after, self.jumps, strict=True)
        )
        return self.first + record + extra

    def without_first(self) -> Lines:
        """The lines of the rows, if the first record is the header."""
        jumps = [after - 1 for after in self.after]
        return Lines(self.first + 1, jumps, self.jumps)

    def all(self, records: int) -> Ints:
        """The lines of the first `records` records."""
        steps = np.zeros(records + 1, np.int64)
        for after, jumps in zip(self.after, self.jumps, strict=True):
            np.add.at(steps, np.minimum(after, records), jumps)
        return self.first + np.arange(records) + np.cumsum(steps[:records])


@dataclass
class Regular:
    """A file of records that all have `width` fields and are strictly quoted."""

    width: int
    records: int = 0
    bytes: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # of content, by column
    lines: Lines = field(default_factory=Lines)


def scan(text: Text, dialect: Dialect, width: int, limits: Limits) -> Regular:
    """The counts of a regular file; raises `Irregular` at the first record that is not."""
    check_dialect(text, dialect)
    limits.check("max_columns", width)
    regular = Regular(width, bytes=np.zeros(width, np.int64))
    mark = ord(dialect.delimiter or "\x1f")
    for chunk in _blocks(text, limits):
        done = _scan_chunk(chunk.data, mark, text, regular, limits)
        chunk.keep(done)
    return regular


def check_dialect(text: Text, dialect: Dialect) -> None:
    """Raises `Irregular` if the dialect or the line ends are not those of regular files."""
    if dialect.spaced or dialect.aligned or dialect.padded or len(dialect.delimiter) > 1:
        raise Irregular("dialect")
    if text.cr and not text.cr == text.lf == text.crlf:
        raise Irregular("line ends")


@dataclass
class _Chunk:
    """Bytes that begin at a record; those of its last, cut record go into the next chunk."""

    data: bytes
    rest: bytes = b""

    def keep(self, done: int) -> None:
        """Keeps what follows the bytes that are done."""
        self.rest = self.data[done:]


def _blocks(text: Text, limits: Limits) -> Iterator[_Chunk]:
    end = b"\r\n" if text.cr else b"\n"
    with text.path.open("rb") as file:
        file.seek(text.bom)
        rest = b""
        while block := file.read(_BLOCK):
            chunk = _Chunk(rest + block)
            yield chunk
            rest = chunk.rest
            if len(rest) > limits.max_line:
                raise Irregular("a record longer than max_line")
    if rest:
        chunk = _Chunk(rest + end)
        yield chunk
        if chunk.rest:
            raise Irregular("an unclosed quote")


def _scan_chunk(data: bytes, mark: int, text: Text, regular: Regular, limits: Limits) -> int:
    """Adds the whole records of a chunk to the counts; returns the bytes that they take."""
    if b'"' not in data:
        done = data.rfind(b"\n") + 1
        codes = np.frombuffer(data, np.uint8, done)
        if not done or _scan_plain(codes, mark, regular, bool(text.cr), limits):
            return done
    codes = np.frombuffer(data, np.uint8)
    signs = (codes == mark) | (codes == _LF)
    if text.quotes:
        signs |= codes == _QUOTE
    places = np.flatnonzero(signs)
    kind = codes[places]
    marks = _Marks(places, kind == _QUOTE, kind == _LF) if text.quotes else None
    outer = places if marks is None else places[marks.outer]
    ends = np.flatnonzero(codes[outer] == _LF)
    if not len(ends):
        return 0
    outer = outer[: ends[-1] + 1]
    done = int(outer[-1]) + 1
    lengths = _field_lengths(codes, outer, regular.width, bool(text.cr))
    _check_content(lengths, len(outer) // regular.width, regular.width, limits)
    if marks is not None:
        lengths -= _check_quotes(codes, marks, len(outer), mark)
        newlines = marks.owner[marks.inside & marks.line_end]
        _add_jumps(newlines[newlines < len(outer)] // regular.width, regular)
    regular.bytes += lengths.reshape(-1, regular.width).sum(axis=0)
    regular.records += len(outer) // regular.width
    limits.check("max_cells", regular.records * regular.width, more=True)
    return done


def _scan_plain(
    codes: npt.NDArray[np.uint8], mark: int, regular: Regular, crlf: bool, limits: Limits
) -> bool:
    """Adds records without quotes; False, and nothing added, if a cell may be too long.

    The bytes of a column are the sum of where its fields end less the sum of where they begin.
    """
    ends = np.flatnonzero((codes == mark) | (codes == _LF))
    last = _find_record_ends(codes, ends, regular.width, crlf)
    fields = ends.reshape(-1, regular.width)
    lengths = np.diff(last, prepend=-1)  # of lines, with what ends them
    if lengths.max(initial=0) > limits.max_cell:
        return False
    if lengths.min(initial=1 << 62) == regular.width + crlf:
        raise Irregular("a blank line")
    sums = np.einsum("ij->j", fields)
    before = np.concatenate([[last[:-1].sum() - 1], sums[:-1]])
    regular.bytes += sums - before - len(fields)
    regular.bytes[-1] -= crlf * len(fields)
    regular.records += len(fields)
    limits.check("max_cells", regular.records * regular.width, more=True)
    return True


class _Marks:
    """Quotes, delimiters and line ends of a chunk: where, of which kind, and inside quotes or not.

    `owner` is the number of the field that each stands in.
    """

    def __init__(self, places: Ints, quote: Flags, line_end: Flags) -> None:
        self.places, self.quote, self.line_end = places, quote, line_end
        self.inside = np.logical_xor.accumulate(quote) if len(quote) else quote
        self.outer = ~(quote | self.inside)
        self.owner = np.cumsum(self.outer)


def _find_record_ends(codes: npt.NDArray[np.uint8], ends: Ints, width: int, crlf: bool) -> Ints:
    """Returns where records end, from where fields do; each record must have `width` fields."""
    if len(ends) % width:
        raise Irregular("ragged")
    line_ends = (codes[ends] == _LF).reshape(-1, width)
    if not line_ends[:, -1].all() or line_ends[:, :-1].any():
        raise Irregular("ragged")
    last = ends[width - 1 :: width]
    if crlf and not (codes[last - 1] == _CR).all():
        raise Irregular("line ends")
    return last


def _field_lengths(codes: npt.NDArray[np.uint8], outer: Ints, width: int, crlf: bool) -> Ints:
    """The raw length of each field; raises `Irregular` unless each record has `width` of them."""
    _find_record_ends(codes, outer, width, crlf)
    lengths = np.diff(outer, prepend=-1) - 1
    if crlf:
        lengths[width - 1 :: width] -= 1
    return lengths


def _check_content(lengths: Ints, records: int, width: int, limits: Limits) -> None:
    if lengths.max(initial=0) > limits.max_cell:
        raise Irregular("a cell longer than max_cell")
    if width == 1 and not lengths.all():
        raise Irregular("a blank line")
    if width > 1 and not lengths.reshape(records, width).any(axis=1).all():
        raise Irregular("a blank row")


def _check_quotes(codes: npt.NDArray[np.uint8], marks: _Marks, fields: int, mark: int) -> Ints:
    """The number of quotes in each field that are not content; `Irregular` if one is misplaced."""
    owner = marks.owner[marks.quote]
    owner = owner[: np.searchsorted(owner, fields)]
    if not len(owner):
        return np.zeros(fields, np.int64)
    quotes = marks.places[marks.quote][: len(owner)]
    opens, closes = quotes[0::2], quotes[1::2]
    again = np.zeros(len(opens), bool)  # the second of two doubled quotes
    again[1:] = opens[1:] == closes[: len(opens) - 1] + 1
    before = codes[np.maximum(opens - 1, 0)]
    if not (again | (opens == 0) | (before == mark) | (before == _LF)).all():
        raise Irregular("a quote inside an unquoted cell")
    after = codes[closes + 1]
    ended = (after == mark) | (after == _LF)
    ended |= (after == _CR) & (codes[np.minimum(closes + 2, len(codes) - 1)] == _LF)
    ended[:-1] |= again[1:]
    if not ended.all():
        raise Irregular("text after a closing quote")
    quoted = np.bincount(owner[0::2][~again], minlength=fields)
    if (quoted > 1).any():
        raise Irregular("two quoted parts in one cell")
    return quoted + np.bincount(owner, minlength=fields) // 2


def _add_jumps(records: Ints, regular: Regular) -> None:
    """Adds a jump after each record whose cells have line ends in them."""
    if len(records):
        owner, jumps = np.unique(records, return_counts=True)
        regular.lines.add(regular.records + owner + 1, jumps)
