"""An independent look at a whole text file: is every record regular, and how long is each column.

DuckDB 1.5.6 can lose rows in silence (any CRLF file when `new_line` is given, blank lines in a
single column). So numpy finds every quote, delimiter and line end outside quotes, as simdcsv does
(Langdale and Lemire 2019, VLDB Journal 28), checks each record, and counts the bytes of every
column; `loading` compares them with what DuckDB has read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from segmentation.data.limits import Limits
from segmentation.data.text.encodings import Text
from segmentation.data.text.records import Dialect

_BLOCK = 1 << 18  # what fits the processor's cache is scanned twice as fast
_QUOTE, _LF, _CR = 34, 10, 13
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Irregular(Exception):
    """The file is not regular throughout; it has to be read record by record."""


@dataclass
class Lines:
    """The physical line on which each record begins, kept only where lines are skipped."""

    first: int = 1
    after: list[Ints] = field(default_factory=list)  # records (0-based) that a jump comes before
    jumps: list[Ints] = field(default_factory=list)

    def add(self, records: Ints, jumps: Ints) -> None:
        """Notes records that begin so many lines later than one line a record would say."""
        if len(records):
            self.after.append(records)
            self.jumps.append(jumps)

    def of(self, record: int) -> int:
        """The line of a record (0-based)."""
        extra = sum(
            int(jumps[: np.searchsorted(after, record, "right")].sum())
            for after, jumps in zip(self.after, self.jumps, strict=True)
        )
        return self.first + record + extra

    def without_first(self) -> Lines:
        """The lines when the first record is the header and rows are counted below it."""
        jumps = [after - 1 for after in self.after]
        return Lines(self.first + 1, jumps, self.jumps)

    def all(self, records: int) -> Ints:
        """The lines of the first so many records."""
        steps = np.zeros(records + 1, np.int64)
        for after, jumps in zip(self.after, self.jumps, strict=True):
            np.add.at(steps, np.minimum(after, records), jumps)
        return self.first + np.arange(records) + np.cumsum(steps[:records])


@dataclass
class Regular:
    """A file whose every record has `width` fields, strictly quoted."""

    width: int
    records: int = 0
    bytes: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # of content, by column
    lines: Lines = field(default_factory=Lines)


def scan(text: Text, dialect: Dialect, width: int, limits: Limits) -> Regular:
    """The facts of a regular file; `Irregular` at the first thing that is not."""
    may_be_regular(text, dialect)
    limits.check("max_columns", width)
    found = Regular(width, bytes=np.zeros(width, np.int64))
    mark = ord(dialect.delimiter or "\x1f")
    for chunk in _blocks(text, limits):
        done = _scan_chunk(chunk.data, mark, text, found, limits)
        chunk.keep(done)
    return found


def may_be_regular(text: Text, dialect: Dialect) -> None:
    """Nothing, or `Irregular` for what is not worth a scan."""
    if dialect.spaced or dialect.aligned or dialect.padded or len(dialect.delimiter) > 1:
        raise Irregular("dialect")
    if text.cr and not text.cr == text.lf == text.crlf:
        raise Irregular("line ends")


@dataclass
class _Chunk:
    """Some bytes that begin at a record; what is kept of them is read again with what follows."""

    data: bytes
    rest: bytes = b""

    def keep(self, done: int) -> None:
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


def _scan_chunk(data: bytes, mark: int, text: Text, found: Regular, limits: Limits) -> int:
    """How many bytes were whole records, after adding them to what was found."""
    if b'"' not in data:
        done = data.rfind(b"\n") + 1
        codes = np.frombuffer(data, np.uint8, done)
        if not done or _scan_plain(codes, mark, found, bool(text.cr), limits):
            return done
    codes = np.frombuffer(data, np.uint8)
    signs = (codes == mark) | (codes == _LF)
    if text.quotes:
        signs |= codes == _QUOTE
    at = np.flatnonzero(signs)
    kind = codes[at]
    marks = _Marks(at, kind == _QUOTE, kind == _LF) if text.quotes else None
    outer = at if marks is None else at[marks.outer]
    ends = np.flatnonzero(codes[outer] == _LF)
    if not len(ends):
        return 0
    outer = outer[: ends[-1] + 1]
    done = int(outer[-1]) + 1
    lengths = _field_lengths(codes, outer, found.width, bool(text.cr))
    _check_content(lengths, len(outer) // found.width, found.width, limits)
    if marks is not None:
        lengths -= _check_quotes(codes, marks, len(outer), mark)
        newlines = marks.owner[marks.inside & marks.line_end]
        _note_lines(newlines[newlines < len(outer)] // found.width, found)
    found.bytes += lengths.reshape(-1, found.width).sum(axis=0)
    found.records += len(outer) // found.width
    limits.check("max_cells", found.records * found.width, more=True)
    return done


def _scan_plain(
    codes: npt.NDArray[np.uint8], mark: int, found: Regular, crlf: bool, limits: Limits
) -> bool:
    """Adds records without quotes; False where a line is long enough to hold too long a cell.

    The bytes of a column are the sum of where its fields end less the sum of where they begin.
    """
    ends = np.flatnonzero((codes == mark) | (codes == _LF))
    if len(ends) % found.width:
        raise Irregular("ragged")
    fields = ends.reshape(-1, found.width)
    line_ends = (codes[ends] == _LF).reshape(fields.shape)
    if not line_ends[:, -1].all() or line_ends[:, :-1].any():
        raise Irregular("ragged")
    last = fields[:, -1]
    if crlf and not (codes[last - 1] == _CR).all():
        raise Irregular("line ends")
    lengths = np.diff(last, prepend=-1)  # of lines, with what ends them
    if lengths.max(initial=0) > limits.max_cell:
        return False
    if lengths.min(initial=1 << 62) == found.width + crlf:
        raise Irregular("a blank line")
    sums = np.einsum("ij->j", fields)
    before = np.concatenate([[last[:-1].sum() - 1], sums[:-1]])
    found.bytes += sums - before - len(fields)
    found.bytes[-1] -= crlf * len(fields)
    found.records += len(fields)
    limits.check("max_cells", found.records * found.width, more=True)
    return True


class _Marks:
    """Quotes, delimiters and line ends of a chunk: which are quoted, and in whose field."""

    def __init__(self, at: Ints, quote: Flags, line_end: Flags) -> None:
        self.at, self.quote, self.line_end = at, quote, line_end
        self.inside = np.logical_xor.accumulate(quote) if len(quote) else quote
        self.outer = ~(quote | self.inside)
        self.owner = np.cumsum(self.outer)


def _field_lengths(codes: npt.NDArray[np.uint8], outer: Ints, width: int, crlf: bool) -> Ints:
    """The raw length of each field, after checking that every record has `width` of them."""
    if len(outer) % width:
        raise Irregular("ragged")
    line_ends = (codes[outer] == _LF).reshape(-1, width)
    if not line_ends[:, -1].all() or line_ends[:, :-1].any():
        raise Irregular("ragged")
    lengths = np.diff(outer, prepend=-1) - 1
    if crlf:
        last = outer[width - 1 :: width]
        if not (codes[last - 1] == _CR).all():
            raise Irregular("line ends")
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
    """The quote characters of each field that are not content, after checking where they stand."""
    owner = marks.owner[marks.quote]
    owner = owner[: np.searchsorted(owner, fields)]
    if not len(owner):
        return np.zeros(fields, np.int64)
    quotes = marks.at[marks.quote][: len(owner)]
    opens, closes = quotes[0::2], quotes[1::2]
    again = np.zeros(len(opens), bool)
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


def _note_lines(records: Ints, found: Regular) -> None:
    """Remembers which records come after cells with line ends in them."""
    if len(records):
        owner, jumps = np.unique(records, return_counts=True)
        found.lines.add(found.records + owner + 1, jumps)
