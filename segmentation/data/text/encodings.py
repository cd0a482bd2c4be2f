"""Text as UTF-8: which encoding a file is in, decided on all of it, and a UTF-8 copy if needed."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from charset_normalizer import from_bytes

from segmentation.data.errors import InputError, Note, shown
from segmentation.data.limits import Limits
from segmentation.data.text.containers import BLOCK

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_EVIDENCE = 1 << 18
# Signs that Western text puts between two letters: ' ’ ‘ – — · soft hyphen, no-break space.
_JOINING = "’‘`´–—·­\xa0"


@dataclass(frozen=True)
class Text:
    """A UTF-8 file and what its bytes are made of."""

    path: Path
    encoding: str
    bom: int = 0  # bytes of the byte order mark at the start of `path`
    cr: int = 0
    lf: int = 0
    crlf: int = 0
    quotes: int = 0
    controls: int = 0
    notes: tuple[Note, ...] = ()


def open_text(path: Path, folder: Path, encoding: str | None, limits: Limits) -> Text:
    """The file as UTF-8, itself where it already is, else a copy in `folder`."""
    with path.open("rb") as file:
        head = file.read(4096)
    marked = next(((bom, name) for bom, name in _BOMS if head.startswith(bom)), None)
    if encoding is not None:
        return _hinted(path, folder, encoding, marked, limits)
    if marked and marked[1] != "utf-8":
        return _transcoded(path, folder, marked[1], len(marked[0]), limits)
    found = survey(path, limits)
    if found is not None:
        return replace(found, encoding="utf-8", bom=len(codecs.BOM_UTF8) if marked else 0)
    name, note = _single_byte(path)
    text = _transcoded(path, folder, name, 0, limits)
    return replace(text, notes=(note,))


def _hinted(
    path: Path, folder: Path, encoding: str, marked: tuple[bytes, str] | None, limits: Limits
) -> Text:
    try:
        codec = codecs.lookup(encoding)
        if not codec._is_text_encoding:
            raise LookupError
        codec.incrementaldecoder("strict").decode(b"")
    except (LookupError, TypeError, ValueError, AttributeError):
        raise InputError(
            f"encoding {encoding!r} is not known",
            "use a name such as utf-8, cp1252, cp1250, utf-16-le or shift_jis",
            code="bad-hint",
        ) from None
    family = codec.name.removesuffix("-le").removesuffix("-be").removesuffix("-sig")
    if marked and marked[1].startswith(family):
        name, skip = marked[1], len(marked[0])
    else:
        name, skip = codec.name.removesuffix("-sig"), 0
    if name == "utf-8" and (found := survey(path, limits)):
        return replace(found, encoding="utf-8", bom=skip)
    return _transcoded(path, folder, name, skip, limits)


def survey(path: Path, limits: Limits) -> Text | None:
    """The counts of a UTF-8 file; None where it is not UTF-8; NULs and long lines are refused."""
    cr = lf = crlf = quotes = line = low = tabs = 0
    before = rest = b""
    valid = True
    with path.open("rb") as file:
        while block := file.read(BLOCK >> 2):
            if (at := block.find(b"\0")) >= 0:
                raise _nul(path, block, at, lf + block.count(b"\n", 0, at), cr)
            codes = np.frombuffer(block, np.uint8)  # numpy counts frequent bytes faster
            returns, ends, marks, stops, controls = (
                int(np.count_nonzero(found))
                for found in (codes == 13, codes == 10, codes == 34, codes == 9, codes < 32)
            )
            cr, lf, quotes, tabs = cr + returns, lf + ends, quotes + marks, tabs + stops
            low += controls
            if returns or before == b"\r":
                crlf += block.count(b"\r\n") + (before == b"\r" and block[:1] == b"\n")
            line = _line_length(block, line, limits)
            before = block[-1:]
            if valid and not (block.isascii() and not rest):
                valid, rest = _valid_start(rest + block)
    if not valid or rest:
        return None
    return Text(
        path, "utf-8", cr=cr, lf=lf, crlf=crlf, quotes=quotes, controls=low - cr - lf - tabs
    )


def _line_length(block: bytes, line: int, limits: Limits) -> int:
    """Bytes since the last line end, after refusing a line that is longer than whole blocks."""
    last = max(block.rfind(b"\n"), block.rfind(b"\r"))
    first = min(block.find(b"\n") % (BLOCK + 1), block.find(b"\r") % (BLOCK + 1), len(block))
    limits.check("max_line", line + first, more=True)
    return line + len(block) if last < 0 else len(block) - last - 1


def _valid_start(data: bytes) -> tuple[bool, bytes]:
    """Whether the data is UTF-8, and the begun character at its end that is not judged yet."""
    cut = len(data)
    for back in range(1, min(4, len(data)) + 1):
        if data[-back] >= 0xC0:
            need = 2 if data[-back] < 0xE0 else 3 if data[-back] < 0xF0 else 4
            cut -= back if back < need else 0
            break
        if data[-back] < 0x80:
            break
    offsets = pa.array([0, cut], pa.int32()).buffers()[1]
    text = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(data))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False, b""
    return True, data[cut:]


def _nul(path: Path, block: bytes, at: int, lf: int, cr: int) -> InputError:
    around = block[max(0, at - 200) : at + 200]
    nuls = around.count(0)
    if len(_CONTROL.findall(around)) > len(around) // 20:
        return _binary()
    if nuls > len(around) // 3:
        odd = sum(1 for i in range(0, len(block[:400]) - 1, 2) if block[i + 1] == 0)
        name = "utf-16-le" if odd > 50 or at % 2 else "utf-16-be"
        return InputError(
            "has a NUL in every second byte: UTF-16 without a byte order mark",
            f"give encoding: {name}",
            code="nul-byte",
            line=1,
        )
    line = (lf or cr + block.count(b"\r", 0, at)) + 1
    return InputError(
        "a NUL character, which no table of text holds",
        "export the file again, or name its encoding if it is UTF-16",
        code="nul-byte",
        line=line,
    )


def _binary() -> InputError:
    return InputError("is binary data, not text", "export the table as CSV", code="binary")


def _single_byte(path: Path) -> tuple[str, Note]:
    """cp1252 (or latin-1) with the note that says so; refused where it may be something else."""
    line, valid, sample, controls, size = _evidence(path)
    if controls > size // 100 + 2:
        raise _binary()
    if valid:
        raise InputError(
            "is not valid UTF-8, though other lines are: mixed encodings",
            "save it again as UTF-8, or name one, such as encoding: cp1252",
            code="encoding",
            line=line,
        )
    name = "cp1252"
    if set(sample) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} or not _western(sample):
        raise _undecided(sample, line)
    example = next(w for w in re.split(rb"[\s,;|\t\"]+", sample) if re.search(rb"[\x80-\xff]", w))
    word = shown(example.decode(name, "replace"), 30)
    return name, Note("encoding", f"read as {name} (not UTF-8), as in {word!r}", line)


def _evidence(path: Path) -> tuple[int, int, bytes, int, int]:
    """First line that is not UTF-8, lines that are (and not ASCII), some of those that are not,
    control characters, bytes: from the whole file."""
    first = lines = valid = controls = size = 0
    sample: list[bytes] = []
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            block += file.readline(BLOCK)
            size += len(block)
            controls += len(_CONTROL.findall(block))
            if not block.isascii():
                first = first or lines + _first_bad_line(block)
                high = [line for line in re.split(rb"[\r\n]+", block) if not line.isascii()]
                bad = [line for line in high if not _is_utf8(line)]
                valid += len(high) - len(bad)
                sample += bad if sum(map(len, sample)) < _EVIDENCE else []
            lines += _line_ends(block)
    return first, valid, b"\n".join(sample)[:_EVIDENCE], controls, size


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _first_bad_line(block: bytes) -> int:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        return _line_ends(block[: error.start]) + 1
    return 0


def _line_ends(block: bytes) -> int:
    return block.count(b"\n") or block.count(b"\r")


def _western(sample: bytes) -> bool:
    """Whether the bytes read as cp1252 look like Western words: by runs, neighbours and letters."""
    high = re.findall(rb"[\x80-\xff]+", sample)
    total = sum(map(len, high))
    in_runs = sum(len(run) for run in high if len(run) >= 4)
    text = sample.decode("cp1252", "replace")
    odd = sum(
        1
        for before, sign, after in re.findall(r"(?=(\w)([^\x00-\x7f\w])(\w))", text)
        if before.isalpha() and after.isalpha() and sign not in _JOINING
    )
    return in_runs * 5 <= total and odd * 10 <= total and not _other_language(sample)


def _other_language(sample: bytes) -> str | None:
    """The encoding that charset-normalizer is clearly surer of than of cp1252, or None."""
    try:
        matches = list(from_bytes(sample))
    except Exception:  # a guess must never be the reason of a crash
        return None
    ours = sample.decode("cp1252", "replace")
    if not matches or any(str(match) == ours for match in matches[:1]):
        return None
    sure = max((m.coherence for m in matches if str(m) == ours), default=0.0)
    return str(matches[0].encoding) if matches[0].coherence > sure + 0.25 else None


def _undecided(sample: bytes, line: int) -> InputError:
    guess = _other_language(sample)
    if guess is None:
        best = from_bytes(sample).best()
        guess = best.encoding if best else None
    hint = f"it may be {guess}" if guess else "it is neither UTF-8 nor cp1252"
    return InputError(
        f"the encoding cannot be decided: {hint}",
        f"name it, such as encoding: {guess or 'cp1250'}, or save the file as UTF-8",
        code="encoding",
        line=line,
    )


def _transcoded(path: Path, folder: Path, name: str, skip: int, limits: Limits) -> Text:
    """A UTF-8 copy of the file, decoded strictly from `name`."""
    target = folder / "utf8"
    decoder = codecs.getincrementaldecoder(name)("strict")
    lines = 0
    with path.open("rb") as file, target.open("wb") as sink:
        file.seek(skip)
        more = True
        while more:
            block = file.read(BLOCK)
            more = bool(block)
            try:
                text = decoder.decode(block, not more)
                data = text.encode("utf-8")
            except (UnicodeError, ValueError) as error:
                raise _undecodable(name, block, error, lines) from None
            limits.check("max_bytes", sink.tell() + len(data), more=True)
            lines += _line_ends(data)
            sink.write(data)
    found = survey(target, limits)
    if found is None or target.stat().st_size == 0:
        raise InputError("has no text in it", "export the table again", code="empty-file")
    return replace(found, encoding=name)


def _undecodable(name: str, block: bytes, error: Exception, lines: int) -> InputError:
    start = error.start if isinstance(error, UnicodeError) and hasattr(error, "start") else 0
    width = 4 if "32" in name else 2 if "16" in name else 1
    if start < len(block) and width == 1:
        lines += _line_ends(block[:start])
    return InputError(
        f"bytes that are not {name} text",
        "name the right encoding, or save the file as UTF-8",
        code="encoding",
        line=lines + 1,
    )
