"""Text as UTF-8: the encoding of a file, by all of its bytes, and a UTF-8 copy if needed."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from segmentation.data.errors import InputError, Note
from segmentation.data.limits import Limits
from segmentation.data.text.containers import BLOCK
from segmentation.data.text.single_byte import (
    CONTROL,
    binary_data,
    count_line_ends,
    guess_encoding,
)

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


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
    """The file as UTF-8: itself if it is, else a copy in `folder`."""
    with path.open("rb") as file:
        head = file.read(4096)
    marked = next(((bom, name) for bom, name in _BOMS if head.startswith(bom)), None)
    if encoding is not None:
        return _read_named(path, folder, encoding, marked, limits)
    if marked and marked[1] != "utf-8":
        return _transcode(path, folder, marked[1], len(marked[0]), limits)
    text = survey(path, limits)
    if text is not None:
        return replace(text, bom=len(codecs.BOM_UTF8) if marked else 0)
    name, note = guess_encoding(path)
    text = _transcode(path, folder, name, 0, limits)
    return replace(text, notes=(note,))


def _read_named(
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
    if name == "utf-8" and (text := survey(path, limits)):
        return replace(text, bom=skip)
    return _transcode(path, folder, name, skip, limits)


def survey(path: Path, limits: Limits) -> Text | None:
    """The counts of a UTF-8 file, None if it is not UTF-8; refuses NULs and overlong lines."""
    cr = lf = crlf = quotes = line = low = tabs = 0
    before = rest = b""
    valid = True
    with path.open("rb") as file:
        while block := file.read(BLOCK >> 2):
            if (place := block.find(b"\0")) >= 0:
                raise _refuse_nul(block, place, lf + block.count(b"\n", 0, place), cr)
            codes = np.frombuffer(block, np.uint8)  # NumPy counts frequent bytes faster
            returns, ends, marks, stops, controls = (
                int(np.count_nonzero(flags))
                for flags in (codes == 13, codes == 10, codes == 34, codes == 9, codes < 32)
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
    """The bytes since the last line end; refuses an overlong line."""
    last = max(block.rfind(b"\n"), block.rfind(b"\r"))
    first = min(block.find(b"\n") % (BLOCK + 1), block.find(b"\r") % (BLOCK + 1), len(block))
    limits.check("max_line", line + first, more=True)
    return line + len(block) if last < 0 else len(block) - last - 1


def _valid_start(data: bytes) -> tuple[bool, bytes]:
    """Whether the data is UTF-8, and the cut character at its end, to be read with what follows."""
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


def _refuse_nul(block: bytes, place: int, lf: int, cr: int) -> InputError:
    """The refusal of a NUL, and what it probably means: binary data, UTF-16 or damage."""
    around = block[max(0, place - 200) : place + 200]
    nuls = around.count(0)
    if len(CONTROL.findall(around)) > len(around) // 20:
        return binary_data()
    if nuls > len(around) // 3:
        odd = sum(1 for i in range(0, len(block[:400]) - 1, 2) if block[i + 1] == 0)
        name = "utf-16-le" if odd > 50 or place % 2 else "utf-16-be"
        return InputError(
            "every second byte is NUL: UTF-16 without a byte order mark",
            f"give encoding: {name}",
            code="nul-byte",
            line=1,
        )
    line = (lf or cr + block.count(b"\r", 0, place)) + 1
    return InputError(
        "contains a NUL character, so it is not plain text",
        "export the file again, or name its encoding if it is UTF-16",
        code="nul-byte",
        line=line,
    )


def _transcode(path: Path, folder: Path, name: str, skip: int, limits: Limits) -> Text:
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
                raise _refuse_bytes(name, block, error, lines) from None
            limits.check("max_bytes", sink.tell() + len(data), more=True)
            lines += count_line_ends(data)
            sink.write(data)
    text_file = survey(target, limits)
    if text_file is None or target.stat().st_size == 0:
        raise InputError("has no text in it", "export the table again", code="empty-file")
    return replace(text_file, encoding=name)


def _refuse_bytes(name: str, block: bytes, error: Exception, lines: int) -> InputError:
    start = error.start if isinstance(error, UnicodeError) and hasattr(error, "start") else 0
    width = 4 if "32" in name else 2 if "16" in name else 1
    if start < len(block) and width == 1:
        lines += count_line_ends(block[:start])
    return InputError(
        f"contains bytes that are not {name} text",
        "name the right encoding, or save the file as UTF-8",
        code="encoding",
        line=lines + 1,
    )
