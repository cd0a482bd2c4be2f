"""Polluted copies of clean tables, after the kinds of Pollock (Vitagliano et al., VLDB 2023).

Each copy comes with the tables that are right readings of it; a refusal is always right.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

Table = list[list[str]]


@dataclass(frozen=True)
class Polluted:
    """The bytes of a file, and the tables (names first) that would be right readings of it."""

    name: str
    data: bytes
    right: tuple[Table, ...] = ()
    must_read: bool = False


MIXED: Table = [
    ["id", "joined", "time", "amount", "product", "remark"],
    ["A-0001", "2024-01-31", "08:15", "12.50", "Boots, warm", 'He said "yes"'],
    ["A-0002", "2024-02-01", "09:30", "7.25", "Rod", ""],
    ["A-0003", "2024-02-02", "10:45", "101.00", "Hat", "two\nlines"],
    ["A-0004", "2024-02-03", "11:00", "0.75", "Men's boots", "fine"],
    ["A-0005", "2024-02-04", "12:15", "33.10", "Towel", "good, really"],
    ["A-0006", "2024-02-05", "13:30", "5.00", "Scarf", "ok"],
]
TEXTS: Table = [
    ["name", "city", "likes"],
    ["Ann", "Berlin", "tea"],
    ["Bo", "Paris", "milk, warm"],
    ["Cy", "Rome", "cocoa"],
    ["Di", "Oslo", ""],
    ["Ed", "Bern", "water"],
]
NUMBERS: Table = [
    ["age", "income", "score"],
    ["31", "1200.5", "7"],
    ["45", "2100.0", "3"],
    ["27", "900.25", "9"],
    ["61", "3000.75", "1"],
]
TABLES = {"mixed": MIXED, "texts": TEXTS, "numbers": NUMBERS}


def write(table: Table, delimiter: str = ",", end: str = "\n", quoting: int = 0) -> str:
    lines = []
    for row in table:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter, lineterminator="\r\n", quoting=quoting).writerow(row)
        lines.append(out.getvalue().removesuffix("\r\n") + end)
    return "".join(lines)


def lines_of(table: Table) -> list[str]:
    return [write([row]) for row in table]


def polluted(name: str, table: Table) -> Iterator[Polluted]:
    """Every kind of pollution of one table, at every position."""
    yield from _files(name, table)
    yield from _lines(name, table)
    yield from _cells(name, table)
    yield from _around(name, table)


def _files(name: str, table: Table) -> Iterator[Polluted]:
    right = (table,)
    for mark in (",", ";", "\t", "|"):
        for end in ("\n", "\r\n", "\r"):
            text = write(table, mark, end)
            yield Polluted(f"{name} delimiter {mark!r} {end!r}", text.encode(), right, True)
    for mark in (" ", ":", "^", "~", "#", "&", "*", "!", "/", "\x01", "\x1f", "_", "-", "."):
        yield Polluted(f"{name} delimiter {mark!r}", write(table, mark).encode(), right)
    for mark in ("||", "::", "; ", ", ", "\t\t", ",,", " , ", "<>", " | "):
        text = write(table, "\x02").replace("\x02", mark)
        yield Polluted(f"{name} delimiter {mark!r}", text.encode(), right)
    for end in ("\r\r\n", "\n\n", "\n\r", "\x1e", "\u2028", "\x85", "\x0b", "\x0c"):
        cells = [[cell.replace("\n", end) for cell in row] for row in table]
        text = write(table, ",", "\n").replace("\n", end)
        yield Polluted(f"{name} ends {end!r}", text.encode(), (table, cells))
    for bom, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\0\0", "utf-32-le"),
    ):
        yield Polluted(f"{name} {encoding}", bom + write(table).encode(encoding), right, True)
    for encoding in ("utf-16-le", "utf-16-be", "utf-7", "cp037"):
        yield Polluted(f"{name} {encoding} bare", write(table).encode(encoding), right)
    yield Polluted(f"{name} all quoted", write(table, quoting=1).encode(), right, True)
    yield Polluted(f"{name} no last end", write(table).rstrip("\n").encode(), right, True)
    yield Polluted(f"{name} empty", b"")
    yield Polluted(f"{name} blanks only", b"\n\n  \n")
    yield Polluted(f"{name} header only", lines_of(table)[0].encode())
    yield Polluted(
        f"{name} no header", write(table[1:]).encode(), (table[1:],) if table is TEXTS else ()
    )
    for sign in "'`´~^|*/":
        text = write(table).replace('"', sign)
        yield Polluted(f"{name} quote {sign!r}", text.encode(), right)
        full = "\n".join(",".join(f"{sign}{cell}{sign}" for cell in row) for row in table)
        yield Polluted(f"{name} all quoted {sign!r}", full.encode(), right)
    for escape in ("\\", "", "'"):
        text = write(table).replace('""', escape + '"')
        yield Polluted(f"{name} escape {escape!r}", text.encode(), right)
        text = write(table, quoting=1).replace('""', escape + '"')
        yield Polluted(f"{name} all quoted escape {escape!r}", text.encode(), right)


def _lines(name: str, table: Table) -> Iterator[Polluted]:
    lines = lines_of(table)
    for at in range(len(lines)):
        rest = table[:at] + table[at + 1 :]
        for mark in (";", "\t", " ", "|", ""):
            changed = write([table[at]], "\x02").replace("\x02", mark)
            yield _join(f"{name} row {at} delimiter {mark!r}", lines, at, changed)
        yield _join(f"{name} row {at} blank before", lines, at, "\n" + lines[at], (table,))
        blank = "," * (len(table[0]) - 1) + "\n"
        yield _join(f"{name} row {at} commas before", lines, at, blank + lines[at], (table,))
        yield _join(f"{name} row {at} short blank", lines, at, ",\n" + lines[at], (table,))
        twice = table[: at + 1] + table[at:] if at else table
        yield _join(f"{name} row {at} twice", lines, at, lines[at] * 2, (twice,))
        if at:
            yield _join(f"{name} row {at} header again", lines, at, lines[0] + lines[at])
            yield _join(f"{name} row {at} shouted header", lines, at, lines[0].upper() + lines[at])
            yield _join(f"{name} row {at} comment", lines, at, "# a remark\n" + lines[at])
            yield _join(f"{name} row {at} lost its end", lines, at, lines[at].rstrip("\n") + ",")
            yield _join(f"{name} row {at} gone", lines, at, "", (rest,))
        yield _join(
            f"{name} row {at} joined",
            lines,
            at,
            lines[at].rstrip("\n"),
            (table,) if at + 1 == len(lines) else (),
        )
        yield _join(f"{name} row {at} CR end", lines, at, lines[at].rstrip("\n") + "\r", (table,))
        yield _join(f"{name} row {at} NUL", lines, at, "\0" + lines[at])


def _cells(name: str, table: Table) -> Iterator[Polluted]:
    lines = lines_of(table)
    for at, row in enumerate(table):
        for i, cell in enumerate(row):
            less = write([row[:i] + row[i + 1 :]])
            yield _join(f"{name} cell {at},{i} gone", lines, at, less)
            more = write([[*row[:i], "", *row[i:]]])
            yield _join(f"{name} cell {at},{i} extra", lines, at, more)
            raw = [write([[c]]).rstrip("\n") if c else "" for c in row]
            for what, changed in (
                ("opened", '"' + raw[i]),
                ("closed", raw[i] + '"'),
                ("torn", raw[i][:1] + '"' + raw[i][1:]),
                ("unquoted", raw[i].strip('"')),
                ("half", raw[i].removeprefix('"')),
                ("unclosed", raw[i].removesuffix('"')),
            ):
                if changed == raw[i]:
                    continue
                text = ",".join([*raw[:i], changed, *raw[i + 1 :]]) + "\n"
                kept = [*row[:i], _literal(changed), *row[i + 1 :]]
                literal = [*table[:at], kept, *table[at + 1 :]]
                right = (table, literal) if _literal(changed) != changed.strip('"') + "?" else ()
                yield _join(f"{name} cell {at},{i} {what}", lines, at, text, right)
            spaced = ",".join([*raw[:i], " " + raw[i], *raw[i + 1 :]]) + "\n"
            kept = [*table[:at], [*row[:i], " " + cell, *row[i + 1 :]], *table[at + 1 :]]
            yield _join(f"{name} cell {at},{i} spaced", lines, at, spaced, (table, kept))


def _literal(cell: str) -> str:
    """What an unquoted cell with quotes in it says, taken as written."""
    if cell.startswith('"') and cell.endswith('"') and len(cell) > 1:
        return cell[1:-1].replace('""', '"')
    return cell


def _around(name: str, table: Table) -> Iterator[Polluted]:
    text, width = write(table), len(table[0])
    pad = "," * (width - 1)
    for title in ("Report", "Customers of 2024", "Report, all regions", "# made by x", "a;b"):
        for gap in ("", "\n", pad + "\n", "\n\n"):
            quoted = f'"{title}"' if "," in title else title
            yield Polluted(
                f"{name} title {title!r} {gap!r}", f"{title}\n{gap}{text}".encode(), (table,)
            )
            padded = f"{quoted}{pad}\n{gap}{text}".encode()
            yield Polluted(f"{name} padded title {title!r} {gap!r}", padded, (table,))
    for foot in ("Total", "Grand Total", "Source: the shop", "TOTAL:", "Summe", "(end of report)"):
        for gap in ("", "\n", pad + "\n"):
            yield Polluted(f"{name} foot {foot!r} {gap!r}", f"{text}{gap}{foot}\n".encode())
            yield Polluted(
                f"{name} padded foot {foot!r} {gap!r}", f"{text}{gap}{foot}{pad}\n".encode()
            )
            sums = ",".join([foot, *(["99"] * (width - 1))])
            if foot[0] in "S(" and foot != "Summe":
                continue  # a row like any other
            yield Polluted(f"{name} sums {foot!r} {gap!r}", f"{text}{gap}{sums}\n".encode())
    second = [name.upper() + "2" for name in table[0]]
    for gap in ("\n", pad + "\n", "\n\n"):
        again = write([second, *table[1:]])
        yield Polluted(f"{name} second table {gap!r}", f"{text}{gap}{again}".encode())
        wide = write([[*second, "more"], *[[*row, "1"] for row in table[1:]]])
        yield Polluted(f"{name} wider table {gap!r}", f"{text}{gap}{wide}".encode())
        slim = write([row[:-1] for row in [second, *table[1:]]])
        yield Polluted(f"{name} slimmer table {gap!r}", f"{text}{gap}{slim}".encode())
    lines = lines_of(table)
    for extra in (1, 2):
        yield Polluted(
            f"{name} {extra} header rows more", "".join([lines[0]] * extra + lines).encode()
        )
    units = ["unit"] * width
    # In a table of texts a row of units cannot be told from a customer.
    right = () if table is not TEXTS else ([table[0], units, *table[1:]],)
    text_units = "".join([lines[0], write([units]), *lines[1:]])
    yield Polluted(f"{name} units", text_units.encode(), right)
    groups = ["group"] + [""] * (width - 1)
    yield Polluted(f"{name} groups", "".join([write([groups]), *lines]).encode(), (table,))
    double = [*table[0][:-1], table[0][0]]
    yield Polluted(f"{name} double name", "".join([write([double]), *lines[1:]]).encode())
    trailing = "".join(
        line.rstrip("\n") + ",\n"
        for line in lines_of([[c.replace("\n", " ") for c in row] for row in table])
    )
    flat = [
        [c.replace("\n", " ") for c in row] + [f"column_{width + 1}" if i == 0 else ""]
        for i, row in enumerate(table)
    ]
    yield Polluted(f"{name} trailing delimiters", trailing.encode(), (flat,))
    rows = [lines[0], *(line.rstrip("\n") + ",\n" for line in lines[1:])]
    yield Polluted(f"{name} trailing delimiters below", "".join(rows).encode())


def _join(
    name: str, lines: list[str], at: int, changed: str, right: tuple[Table, ...] = ()
) -> Polluted:
    return Polluted(name, "".join([*lines[:at], changed, *lines[at + 1 :]]).encode(), right)
