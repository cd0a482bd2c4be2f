"""Further spellings of amounts and dates are read, or refused with a remedy that works."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from segmentation.data import Source, open_source

ROWS = 12
Spell = Callable[[int], str]
AMOUNTS: dict[str, Spell] = {  # of 1234.5 + n, negative for n = 3
    "code behind, no-break space": lambda n: f"{'-' * (n == 3)}1.{234 + n},50\u00a0EUR",
    "thin space": lambda n: f"{'-' * (n == 3)}1\u2009{234 + n},50",
    "narrow no-break space and symbol": lambda n: f"{'-' * (n == 3)}1\u202f{234 + n},50\u202f€",
    "parentheses with a symbol": lambda n: (
        f"({'$'}1,{234 + n}.50)" if n == 3 else f"$1,{234 + n}.50"
    ),
    "minus behind": lambda n: f"1.{234 + n},50{'-' * (n == 3)}",
    "minus after the symbol": lambda n: f"US$ {'-' * (n == 3)}1,{234 + n}.50",
    "typographic apostrophe": lambda n: f"CHF {'−' * (n == 3)}1’{234 + n}.50",
    "unit": lambda n: f"{'-' * (n == 3)}{1234 + n}.50 kg",
    "percent and no-break space": lambda n: f"{'-' * (n == 3)}{1234 + n},50\u00a0%",
    "real": lambda n: f"R$ {'-' * (n == 3)}1.{234 + n},50",
}
DATES: dict[str, Spell] = {  # of the day n + 15 of March 2024
    "clock of twelve hours": lambda n: f"03/{n + 15}/2024 5:{n + 10} PM",
    "p.m. without a space": lambda n: f"2024-03-{n + 15} 5:{n + 10}pm",
    "Portuguese": lambda n: f"{n + 15} de março de 2024",
    "French": lambda n: f"{n + 15} mars 2024",
    "German": lambda n: f"{n + 15}. März 2024",
    "Danish": lambda n: f"{n + 15}. marts 2024",
    "offset": lambda n: f"2024-03-{n + 15}T17:34:12+05:30",
    "offset without a colon": lambda n: f"2024-03-{n + 15} 17:34:12 +0200",
    "nanoseconds": lambda n: f"2024-03-{n + 15}T17:34:12.123456789Z",
    "JavaScript": lambda n: f"Fri Mar {n + 15} 2024 17:34:12 GMT+0100 (Central European Time)",
}
REFUSED: dict[str, tuple[Spell, str, str]] = {
    "rupees only": (lambda n: f"Rs. {23001 + n}/-", "units", "write them as 1234.50"),
    "debit and credit": (lambda n: f"{n}.50 {'CR' if n % 2 else 'DR'}", "units", "in one unit"),
    "per mille": (lambda n: f"{n}.50‰", "units", "write them as 1234.50"),
    "thousands": (lambda n: f"{n}.5k", "units", "write all numbers in full"),
    "digits of Arabic": (
        lambda n: f"{n}".translate(dict(zip(range(48, 58), "٠١٢٣٤٥٦٧٨٩", strict=True))),
        "digits",
        "write them with 0-9",
    ),
    "longer than 50 bytes": (lambda n: f"€{' ' * 50}{n}.50", "units", "write them as 1234.50"),
    "ISO durations": (lambda n: f"PT{n}H30M", "durations", "write them as seconds"),
    "days and hours": (lambda n: f"{n}d {n}h", "durations", "write them as seconds"),
    "Polish": (lambda n: f"{n + 10} września 2024", "bad-date", "write them as 2024-12-31"),
    "Russian": (lambda n: f"{n + 10} сентября 2024", "bad-date", "write them as 2024-12-31"),
    "Japanese": (lambda n: f"令和6年3月{n + 10}日", "bad-date", "write them as 2024-12-31"),
    "Korean": (lambda n: f"2024. 3. {n + 10}.", "bad-date", "write them as 2024-12-31"),
    "underscores": (lambda n: f"2024_03_{n + 10}", "bad-date", "write them as 2024-12-31"),
    "named zone": (lambda n: f"2024-03-{n + 10} 17:34 CET", "bad-date", "write them as 2024-12-31"),
    "without signs": (lambda n: f"0{n % 9 + 1}032024", "bad-date", "write them as 2024-12-31"),
    ".NET": (lambda n: f"/Date(170000000{n + 10}000)/", "bad-date", "write them as 2024-12-31"),
    "a French clock": (lambda n: f"{n + 10}/03/2024 09h05", "bad-date", "write them as 2024-12-31"),
}


def open_spelled(folder: Path, spellings: Mapping[str, Spell]) -> Source:
    """A table with a column for each spelling."""
    with (folder / "t.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["customer", *spellings])
        writer.writerows(
            [f"C{n}x", *(spell(n) for spell in spellings.values())] for n in range(ROWS)
        )
    return open_source(folder / "t.csv")


def test_amounts_are_read(tmp_path: Path) -> None:
    source = open_spelled(tmp_path, AMOUNTS)
    rows = source.table.order_by("__row__").execute()
    expected = [-1237.5 if n == 3 else 1234.5 + n for n in range(ROWS)]
    assert source.faults == {}
    assert {name: rows[name].tolist() for name in AMOUNTS} == dict.fromkeys(AMOUNTS, expected)


def test_dates_are_read(tmp_path: Path) -> None:
    source = open_spelled(tmp_path, DATES)
    rows = source.table.order_by("__row__").execute()
    assert source.faults == {}
    days = {name: [datetime.fromisoformat(str(d)).day for d in rows[name]] for name in DATES}
    assert days == {name: list(range(15, 15 + ROWS)) for name in DATES}


def test_others_are_refused_with_a_remedy(tmp_path: Path) -> None:
    source = open_spelled(tmp_path, {name: spell for name, (spell, *_) in REFUSED.items()})
    assert source.faults.keys() == REFUSED.keys()
    for name, (_, code, remedy) in REFUSED.items():
        fault = source.faults[name][0]
        assert (name, fault.code) == (name, code) and remedy in fault.remedy


@pytest.mark.parametrize("cell", ["Store {n}", "A-{n}", "{n} Main Street", "v1.{n}.2", "{n}@x.org"])
def test_names_with_numbers_are_no_amounts(tmp_path: Path, cell: str) -> None:
    source = open_spelled(tmp_path, {"name": lambda n: cell.format(n=n + 100)})
    assert source.faults == {}
