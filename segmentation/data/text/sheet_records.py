"""The rows and columns that a sheet in .xls or .xlsb hides, which calamine does not tell.

Both are streams of records: MS-XLS 2.1.4, in a compound file (MS-CFB 2.2), and MS-XLSB 2.1.4.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import unpack_from
from typing import IO, Any, NamedTuple
from zipfile import ZipFile, is_zipfile

from segmentation.data.text.sheet_xml import SheetXml, find_member
from segmentation.data.text.workbooks import check_count, most_cells

_BLOCK = 1 << 20
_END = 0x0A  # the type of the last record of a sheet in .xls


class _Format(NamedTuple):
    """The types of three records, the code of their numbers, and where hidden is said."""

    sheet: int
    row: int
    columns: int
    number: str
    row_flag: tuple[int, int]  # byte, bit
    columns_flag: tuple[int, int]


_XLS = _Format(0x85, 0x208, 0x7D, "H", (12, 0x20), (8, 1))
_XLSB = _Format(156, 0, 60, "I", (11, 0x10), (16, 1))


def find_hidden(path: Path, index: int, found: SheetXml) -> None:
    """Adds what the sheet at an index hides; nothing for other formats."""
    if not is_zipfile(path):
        _find_in_xls(_read_stream(path.read_bytes()), index, found)
        return
    with ZipFile(path) as archive:
        if "xl/workbook.bin" in archive.namelist():
            _find_in_xlsb(archive, index, 2 * most_cells(path), found)


def _find_in_xls(book: bytes, index: int, found: SheetXml) -> None:
    sheets = [data for kind, data in _split_xls(book, 0) if kind == _XLS.sheet]
    start = unpack_from("<I", sheets[index])[0] if index < len(sheets) else len(book)
    _add_hidden(_split_xls(book, start), _XLS, found)


def _add_hidden(records: Iterable[tuple[int, bytes]], format: _Format, found: SheetXml) -> None:
    """Adds what the records of a sheet hide."""
    (row_byte, row_bit), (columns_byte, columns_bit) = format.row_flag, format.columns_flag
    for kind, data in records:
        if kind == format.row and data[row_byte] & row_bit:
            row = unpack_from(f"<{format.number}", data)[0] + 1
            found.hide_rows(row, row)
        elif kind == format.columns and data[columns_byte] & columns_bit:
            first, last = unpack_from(f"<2{format.number}", data)
            found.hide_columns(first + 1, last + 1)


def _split_xls(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The type and data of each record from a place up to the next end."""
    while at + 4 <= len(book):
        kind, size = unpack_from("<HH", book, at)
        if kind == _END:
            return
        yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size


def _read_stream(file: bytes) -> bytes:
    """The records in a compound file: a chain of sectors, by a table of the next ones."""
    sector = 1 << unpack_from("<H", file, 30)[0]
    numbers, most = sector // 4, len(file) // sector

    def read(number: int) -> bytes:
        return file[(number + 1) * sector : (number + 2) * sector]

    def list_numbers(number: int) -> tuple[int, ...]:
        return unpack_from(f"<{numbers}I", read(number).ljust(sector, b"\xff"))

    parts, more = list(unpack_from("<109I", file, 76)), unpack_from("<I", file, 68)[0]
    while more < most and len(parts) < most:  # a chain may be a circle
        *some, more = list_numbers(more)
        parts += some
    table = [number for part in parts[: most // numbers + 1] for number in list_numbers(part)]

    def follow(number: int) -> Iterator[bytes]:
        for _ in range(most):
            if number >= len(table):
                return
            yield read(number)
            number = table[number]

    entries = b"".join(follow(unpack_from("<I", file, 48)[0]))
    for at in range(0, len(entries), 128):
        name = entries[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0]
        if name in ("Workbook", "Book"):
            start, size = unpack_from("<II", entries, at + 116)
            return b"".join(follow(start))[:size]
    return b""


def _find_in_xlsb(archive: ZipFile, index: int, most: int, found: SheetXml) -> None:
    with archive.open("xl/workbook.bin") as file:
        sheets = [data for kind, data in _split_xlsb(file, most) if kind == _XLSB.sheet]
    (length,) = unpack_from("<I", sheets[index], 8)
    name = find_member(archive, "bin", sheets[index][12 : 12 + 2 * length].decode("utf-16-le"))
    if name is None:
        return
    with archive.open(name) as file:
        _add_hidden(_split_xlsb(file, most), _XLSB, found)


def _split_xlsb(file: Any, most: int) -> Iterator[tuple[int, bytes]]:
    """The type and data of each record; refuses more records than `most`."""
    source, number = io.BufferedReader(file, _BLOCK), 0
    while first := source.read(1):
        check_count(number := number + 1, most)
        kind = _read_number(source, first, 2)
        size = _read_number(source, source.read(1) or b"\0", 4)
        yield kind, source.read(size)


def _read_number(source: IO[bytes], byte: bytes, most: int) -> int:
    """The number in up to `most` bytes of seven bits each, the lowest first; `byte` is read."""
    number = 0
    for i in range(most):
        number |= (byte[0] & 0x7F) << (7 * i)
        if byte[0] < 0x80 or i == most - 1:
            break
        byte = source.read(1) or b"\0"
    return number
