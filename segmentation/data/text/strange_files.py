"""Files of kinds that are never read as a table, refused by their first bytes."""

from __future__ import annotations

import pickletools
import re
import warnings
from pathlib import Path

from segmentation.data.errors import InputError

_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"ARROW1", "an Arrow file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF\r\n", "an HDF5 file"),
    (b"$FL2", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"\x09\x08\x08\x00\x00\x05", "a workbook of Excel 5 or 95"),
    (b"\x09\x04\x06\x00", "a workbook of Excel 4"),
    (b"ID;PWXL;", "a SYLK file"),
)
_PLAIN = (b"%PDF-", b"{\\rtf", b"ID;PWXL;")  # kinds of text; others are a header such as ORC
_TAGS = "html|head|body|table|div|style|meta|link|title|span|font|center|form|tr|p|br"
_PAGE = re.compile(rf"<(?:!doctype|\?|!--|(?:{_TAGS})[\s/>])|MIME-Version:", re.IGNORECASE)
_SAVE = "open it in Excel and save it as .xlsx"


def is_plain(head: bytes) -> bool:
    """Whether the first bytes are text without control characters."""
    return re.search(rb"[\x00-\x08\x0e-\x1a]", head) is None and head.isascii()


def refuse_by_magic(head: bytes, for_excel: bool = False) -> None:
    """Refuses a kind that is never read as a table; `for_excel`: its name is a workbook's."""
    what = next((what for magic, what in _REFUSED if head.startswith(magic)), None)
    if what is not None and is_plain(head) and not head.startswith(_PLAIN):
        what = None  # a header such as ORC or BZh
    if head[8:12] == b"DUCK":
        what = "a DuckDB database"
    if what is not None:
        kind = {"an SQLite database": "sqlite", "a DuckDB database": "duckdb"}.get(what)
        remedy = _SAVE if for_excel else "export the table as CSV"
        remedy = f"name it as {kind}:///file" if kind else remedy
        raise InputError(f"is {what}, not a table", remedy, code="binary")
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise InputError(
            "is a Python pickle, which is never loaded", "save the table as CSV", code="pickle"
        )
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "ignore")
    if _PAGE.match(text.removeprefix("\xef\xbb\xbf").lstrip()):
        raise InputError(
            "is an HTML or XML page, not a table" + ("" if for_excel else " (a login page?)"),
            _SAVE if for_excel else "download the file itself",
            code="html",
        )


def refuse_pickle(path: Path, head: bytes) -> None:
    """Refuses a pickle in the old text protocol by its opcodes, without loading it."""
    if head[:1] not in b"c(]}ldIFSVN" or path.stat().st_size > len(head):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in files that are not pickles
            opcodes = [(op.name, place) for op, _, place in pickletools.genops(head)]
    except Exception:  # whatever it is, it is not a pickle
        return
    if opcodes[-1] == ("STOP", len(head.rstrip()) - 1):
        refuse_by_magic(b"\x80\x04")
