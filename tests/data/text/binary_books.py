"""Small workbooks in the binary formats, .xls and .xlsb, from records."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path
from struct import pack

Cells = Sequence[Sequence[str | float]]
SECTOR, END, FREE = 512, 0xFFFFFFFE, 0xFFFFFFFF
RELATIONS = (
    '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.bin"/></Relationships>'
)


def save_xls(
    folder: Path, cells: Cells, rows: Collection[int] = (), columns: Collection[int] = ()
) -> Path:
    """Saves cells as .xls, the rows and columns of these numbers (from 0) hidden."""
    parts = [_record(0x7D, pack("<HHHHHH", c, c, 2000, 0, 1, 0)) for c in columns]
    parts += [
        _record(0x208, pack("<HHHHIHH", r, 0, 256, 255, 0, 0x20 * (r in rows), 0))
        for r in range(len(cells))
    ]
    parts += [
        _record(0x203, pack("<HHHd", r, c, 0, cell))
        if isinstance(cell, float)
        else _record(0x204, pack("<HHHHB", r, c, 0, len(cell), 0) + cell.encode())
        for r, line in enumerate(cells)
        for c, cell in enumerate(line)
    ]
    (folder / "t.xls").write_bytes(compound(stream(b"".join(parts))))
    return folder / "t.xls"


def shared(text: str, rows: int) -> bytes:
    """The records of a workbook with a long text, stored once, in so many rows of a column."""
    strings = _record(0xFC, pack("<IIHB", rows, 1, len(text), 0) + text.encode())
    cells = (_record(0xFD, pack("<HHHI", r, 0, 0, 0)) for r in range(rows))
    return stream(b"".join(cells), strings)


def stream(sheet: bytes, strings: bytes = b"") -> bytes:
    """The records of a workbook with one sheet."""
    book, table = (_record(0x809, pack("<HHQI", 0x600, kind, 0, 0)) for kind in (5, 0x10))
    rest = strings + _record(0x0A)
    start = len(book) + 18 + len(rest)
    name = _record(0x85, pack("<IHBB", start, 0, 6, 0) + b"Sheet1")
    return book + name + rest + table + sheet + _record(0x0A)


def compound(records: bytes) -> bytes:
    """A compound file with one stream of up to 6 MB."""
    records = records.ljust(4096, b"\0")
    count = -(-len(records) // SECTOR)
    tables = -(-(count + 2) // 127)
    chain = [FREE - 2] * tables + [END] + list(range(tables + 2, tables + 1 + count)) + [END]
    chain += [FREE] * (128 * tables - len(chain))
    root = _entry("Root Entry", 5, 1, END, 0)
    folder = root + _entry("Workbook", 2, FREE, tables + 1, len(records))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += pack("<HHHHHHIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, tables)
    head += pack("<IIIIIII", tables, 0, 4096, END, 0, END, 0)
    head += pack("<109I", *range(tables), *[FREE] * (109 - tables))
    body = pack(f"<{len(chain)}I", *chain) + folder.ljust(SECTOR, b"\0")
    return head + body + records.ljust(count * SECTOR, b"\0")


def save_xlsb(
    folder: Path, cells: Cells, rows: Collection[int] = (), columns: Collection[int] = ()
) -> Path:
    """Saves cells as .xlsb, the rows and columns of these numbers (from 0) hidden."""
    parts = [_record_b(148, pack("<IIII", 0, len(cells) - 1, 0, len(cells[0]) - 1))]
    parts += [_record_b(60, pack("<IIIIH", c, c, 2000, 0, 1)) for c in columns]
    parts += [_record_b(145)]
    for r, line in enumerate(cells):
        parts += [_record_b(0, pack("<IIHBB", r, 0, 300, 0, 0x10 * (r in rows)) + bytes(5))]
        for c, cell in enumerate(line):
            number = isinstance(cell, float)
            value = pack("<d", cell) if isinstance(cell, float) else _wide(cell)
            parts += [_record_b(5 if number else 6, pack("<II", c, 0) + value)]
    parts += [_record_b(146)]
    sheet = _record_b(156, pack("<II", 0, 1) + _wide("rId1") + _wide("Sheet1"))
    with zipfile.ZipFile(folder / "t.xlsb", "w") as archive:
        archive.writestr("xl/workbook.bin", sheet + _record_b(144) + _record_b(157))
        archive.writestr("xl/_rels/workbook.bin.rels", RELATIONS)
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(parts))
    return folder / "t.xlsb"


def _record(kind: int, data: bytes = b"") -> bytes:
    return pack("<HH", kind, len(data)) + data


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = f"{name}\0".encode("utf-16-le")
    links = pack("<HBBIII", len(written), kind, 1, FREE, FREE, child)
    return written.ljust(64, b"\0") + links + bytes(36) + pack("<IQ", start, size)


def _record_b(kind: int, data: bytes = b"") -> bytes:
    low = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return low + bytes([len(data)]) + data


def _wide(text: str) -> bytes:
    return pack("<I", len(text)) + text.encode("utf-16-le")
