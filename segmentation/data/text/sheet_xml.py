"""What calamine does not tell of a sheet in .xlsx or .ods: errors, unstored formulas, what hides.

What follows the cells of a sheet is not looked at.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO
from xml.sax.saxutils import quoteattr

from segmentation.data.errors import InputError
from segmentation.data.limits import Limits
from segmentation.data.text.workbooks import check_count, most_cells

# Rows, columns, tables; of cells, those with a formula or an error. What a tag or two hold is all
# that is searched again, so that the time grows with the length of the sheet alone.
_TAG = re.compile(
    rb"<(?:\w+:)?(?:(row|col|table|table-row|table-column)(?=[\s/>])([^<>]*)>"
    rb"|(c)(?=[\s>])([^<>]*)>(?=\s*<f)|(c)(?=\s)([^<>]*\bt=\"e\"[^<>]*)>)"
    rb"|</(?:\w+:)?(sheetData|table)\s*>"
)
_ERROR = re.compile(rb"<v>(#[^<]*)</v>")
_PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_LINES, _MOST_RANGES = 2**20, 2**14  # lines of a sheet, and as many ranges as it has columns


@dataclass
class SheetXml:
    """Cells with errors such as #REF!, and the rows and columns (from 1) that are not shown."""

    errors: list[tuple[int, int, str]] = field(default_factory=list)  # line, column, text
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[range] = field(default_factory=list)

    def hide_rows(self, first: int, last: int) -> None:
        """Adds rows of a sheet; others are none."""
        self.hidden_rows.update(range(first, min(last, _LINES) + 1))

    def hide_columns(self, first: int, last: int) -> None:
        """Adds columns, unless more ranges of them come before than there are columns."""
        if len(self.hidden_columns) < _MOST_RANGES:
            self.hidden_columns.append(range(first, last + 1))


def read_sheet_xml(path: Path, index: int, name: str, limits: Limits) -> SheetXml:
    """What is found in the XML of a sheet, by its index and name; nothing in other formats.

    Raises `InputError` for a formula without a stored value.
    """
    found = SheetXml()
    if not zipfile.is_zipfile(path):
        return found
    most = most_cells(path)
    with zipfile.ZipFile(path) as archive:
        if (member := _find_sheet(archive, index)) is not None:
            with archive.open(member) as file:
                _read_xlsx(_tags(file, most, limits), found)
        elif "content.xml" in archive.namelist():
            with archive.open("content.xml") as file:
                _read_ods(_tags(file, most, limits), name, found)
    return found


def _tags(file: IO[bytes], most: int, limits: Limits) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The name and attributes of each tag, and what follows up to the next; at most so many."""
    data, count = b"", 0
    while block := file.read(1 << 20):
        data += block
        matches = list(_TAG.finditer(data))
        check_count(count := count + len(matches), most)
        for tag, after in pairwise(matches):
            yield *_parts(tag), data[tag.end() : after.start()]
            if after[7] == b"sheetData":
                return
        data = data[matches[-1].start() if matches else data.rfind(b"<") :]
        limits.check("max_line", len(data), more=True)


def _parts(tag: re.Match[bytes]) -> tuple[bytes, bytes]:
    return tag[1] or tag[3] or tag[5] or b"", tag[2] or tag[4] or tag[6] or b""


def _read_xlsx(tags: Iterator[tuple[bytes, bytes, bytes]], found: SheetXml) -> None:
    line = 0
    for name, tag, inner in tags:
        if name == b"c":
            _read_cell(tag, inner, found)
        elif name == b"row":
            line = _number(tag, b"r", line + 1)
            if _is_hidden(tag):
                found.hide_rows(line, line)
        elif name == b"col" and _is_hidden(tag):
            first = _number(tag, b"min", 1)
            found.hide_columns(first, _number(tag, b"max", first))


def _read_cell(tag: bytes, inner: bytes, found: SheetXml) -> None:
    inner = inner.partition(b"</c>")[0]
    unstored = b"<f" in inner and b"<v>" not in inner and b"<is>" not in inner
    error = _ERROR.search(inner) if b't="e"' in tag else None
    if not (unstored or error) or (place := _PLACE.search(tag)) is None:
        return
    letters, line = place[1].decode(), int(place[2])
    if unstored:
        raise InputError(
            f"the formula in {letters}{line} has no stored value",
            "open the workbook in Excel, save it, and try again",
            code="formulas",
            line=line,
        )
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    found.errors.append((line, column, error[1].decode() if error else ""))


def _read_ods(tags: Iterator[tuple[bytes, bytes, bytes]], sheet: str, found: SheetXml) -> None:
    """Hidden rows and columns of the table with the sheet's name."""
    wanted = b"table:name=" + quoteattr(sheet).encode()
    inside, line, column = False, 0, 0
    for name, tag, _ in tags:
        hidden = b'visibility="collapse"' in tag or b'visibility="filter"' in tag
        if name == b"table":
            inside, line, column = wanted in tag, 0, 0
        elif inside and name == b"table-row":
            count = _number(tag, b"number-rows-repeated", 1)
            if hidden:
                found.hide_rows(line + 1, line + count)
            line += count
        elif inside and name == b"table-column":
            count = _number(tag, b"number-columns-repeated", 1)
            if hidden:
                found.hide_columns(column + 1, column + count)
            column += count


def _is_hidden(tag: bytes) -> bool:
    return b'hidden="1"' in tag or b'hidden="true"' in tag


def _number(tag: bytes, name: bytes, otherwise: int) -> int:
    """The value of an attribute that is a whole number."""
    match = re.search(rb"\b" + name + rb'="([0-9]{1,10})"', tag)
    return int(match[1]) if match else otherwise


def _find_sheet(archive: zipfile.ZipFile, index: int) -> str | None:
    """The archive's member with the sheet at an index."""
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    except KeyError:
        return None
    sheets = re.findall(r"<(?:\w+:)?sheet\b[^>]*?\br:id=\"([^\"]+)\"", book)
    return find_member(archive, "xml", sheets[index]) if index < len(sheets) else None


def find_member(archive: zipfile.ZipFile, ending: str, id: str) -> str | None:
    """Returns the member of this id, by the relations of a workbook in .xml or .bin."""
    try:
        relations = archive.read(f"xl/_rels/workbook.{ending}.rels").decode("utf-8", "replace")
    except KeyError:
        return None
    for tag in re.findall(r"<Relationship\b[^>]*>", relations):
        if f'Id="{id}"' in tag and (target := re.search(r'Target="([^"]+)"', tag)):
            name = target.group(1).lstrip("/")
            name = name if name.startswith("xl/") else f"xl/{name}"
            return name if name in archive.namelist() else None
    return None
