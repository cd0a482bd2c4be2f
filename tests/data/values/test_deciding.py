"""Types are decided on all of a column, each ambiguity by a parameter, each fault by its lines."""

from __future__ import annotations

import datetime
import sys
from functools import partial
from pathlib import Path

import duckdb
import pytest

from segmentation.data.errors import InputError
from segmentation.data.text.reading import Hints, load_text
from segmentation.data.text.storing import LARGE, Store
from segmentation.data.values.deciding import Decision
from segmentation.data.values.typed import Typed, type_table


@pytest.fixture(autouse=True, params=[LARGE, 0], ids=["memory", "disk"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keeps the rows of every text in memory, and once more on disk."""
    reading = partial(load_text, store=Store(tmp_path, request.param))
    monkeypatch.setattr(sys.modules[__name__], "load_text", reading)


def type_column(
    con: duckdb.DuckDBPyConnection, folder: Path, cells: list[str], **settle: str
) -> tuple[list[object], Decision, Typed]:
    """The values, the decision and everything of a column `x` between an id and a name."""
    rows = [f'c{i:03}|"{cell}"|Ann' for i, cell in enumerate(cells)]
    path = folder / "t.csv"
    path.write_text("\n".join(["id|x|name", *rows]) + "\n", encoding="utf-8")
    typed = type_table(con, load_text(con, path, Hints(header=1, delimiter="|")), **settle)
    values = con.execute(f"SELECT x FROM {typed.table} ORDER BY __row__").fetchall()
    return [value for (value,) in values], typed.decisions[1], typed


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "2.5", "-3e2", "+4", ".5"], [1, 2.5, -300, 4, 0.5]),
        (["1,5", "2,25", "-3,0"], [1.5, 2.25, -3]),
        (["1.234,56", "7,10", "1.000.000,00"], [1234.56, 7.1, 1e6]),
        (["1,234.56", "7.10", "1,000,000.00"], [1234.56, 7.1, 1e6]),
        (["1 234,56", "7,10"], [1234.56, 7.1]),
        (["1\u202f234,56", "7,10"], [1234.56, 7.1]),
        (["1\u00a0234.56", "7.10"], [1234.56, 7.1]),
        (["1'234.56", "7.10"], [1234.56, 7.1]),
        (["1’234.56", "7.10"], [1234.56, 7.1]),
        (["12,34,567.5", "1.5"], [1234567.5, 1.5]),
        (["$1,234.50", "$7.25", "-$3.00"], [1234.5, 7.25, -3]),
        (["1.234,50 €", "7,25 €", "-3,00 €"], [1234.5, 7.25, -3]),
        (["EUR 12.50", "EUR 7.25"], [12.5, 7.25]),
        (["(12.00)", "3.00", "4.50"], [-12, 3, 4.5]),
        (["12.00-", "3.00", "4.50"], [-12, 3, 4.5]),
        (["−12.5", "3.5"], [-12.5, 3.5]),
        (["12%", "7.5%", "8.5%"], [12, 7.5, 8.5]),
        (["1", "NA", "", "n/a", "-", "#REF!", "2"], [1, None, None, None, None, None, 2]),
        ([" 1 ", "2", "\u00a03"], [1, 2, 3]),
        (["1e308", "5"], [1e308, 5]),
        (["1.234,56\u00a0€", "7,10\u202f€"], [1234.56, 7.1]),
        (["Rs. 2,93,310.00", "Rs. 50.5"], [293310, 50.5]),
        (["1.234,56 Euro", "7,10 Euro"], [1234.56, 7.1]),
        (["1.234,- €", "12,- €", "-5,50 €"], [1234, 12, -5.5]),
        (["CHF\u00a01’234.50", "CHF 9.50"], [1234.5, 9.5]),
        (["12.5 %", "7 %"], [12.5, 7]),
        (["500 pts", "20 pts"], [500, 20]),
        (["12 days", "1 day"], [12, 1]),
        (["'-75.63", "5.5"], [-75.63, 5.5]),
        (['=""12""', '=""-7.5""'], [12, -7.5]),
        (["1.234,56- €", "7,10 €"], [-1234.56, 7.1]),
        (["–75.63", "5.5"], [-75.63, 5.5]),
        (["0,196", "0,25", "1,234"], [0.196, 0.25, 1.234]),
    ],
)
def test_numbers_are_read_as_they_are_written(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, cells: list[str], values: list[object]
) -> None:
    got, decision, typed = type_column(con, tmp_path, cells)
    assert not typed.faults_by_column
    assert decision.type == "number" and got == pytest.approx(values)
    assert decision.missing == values.count(None)


@pytest.mark.parametrize(
    ("cells", "code", "settle", "values"),
    [
        (["1,234", "5,678"], "decimal", {"decimal": ","}, [1.234, 5.678]),
        (["1,234", "5,678"], "decimal", {"decimal": "."}, [1234, 5678]),
        (["1.234", "5.678"], "decimal", {"decimal": ","}, [1234, 5678]),
        (["1.234", "5.678"], "decimal", {"decimal": "."}, [1.234, 5.678]),
        (["1,7", "3"], "decimal", {"decimal": ","}, [1.7, 3]),
        (
            ["01/02/2024", "03/04/2024"],
            "dates",
            {"dates": "dmy"},
            [datetime.date(2024, 2, 1), datetime.date(2024, 4, 3)],
        ),
        (
            ["01/02/2024", "03/04/2024"],
            "dates",
            {"dates": "mdy"},
            [datetime.date(2024, 1, 2), datetime.date(2024, 3, 4)],
        ),
        (
            ["01-02-03", "03-04-05"],
            "dates",
            {"dates": "ymd"},
            [datetime.date(2001, 2, 3), datetime.date(2003, 4, 5)],
        ),
        (
            ["1"] * 11 + ["tall"],
            "text-among-numbers",
            {"on_bad_value": "missing"},
            [1] * 11 + [None],
        ),
        (["1", "inf", "2"], "infinite", {"on_bad_value": "missing"}, [1, None, 2]),
        (["1", "1e400", "2"], "infinite", {"on_bad_value": "missing"}, [1, None, 2]),
        (
            ["31/01/2024", "31/02/2024"],
            "bad-date",
            {"on_bad_value": "missing"},
            [datetime.date(2024, 1, 31), None],
        ),
    ],
)
def test_what_is_ambiguous_is_refused_until_its_parameter_settles_it(
    con: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    cells: list[str],
    code: str,
    settle: dict[str, str],
    values: list[object],
) -> None:
    _, _, refused = type_column(con, tmp_path, cells)
    (fault,) = refused.faults_by_column["x"]
    assert (fault.code, fault.column, fault.file) == (code, "x", "t.csv")
    assert next(iter(settle)) in fault.remedy and fault.line is not None and fault.line >= 2
    got, _, typed = type_column(con, tmp_path, cells, **settle)
    assert not typed.faults_by_column and got == values


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["€1.50", "$2.50"], "currencies"),
        (["12%", "0.12"], "percent"),
        (["1.5", "2,5", "3.25", "4,75"], "decimal"),
        (["123.4K", "98.7K"], "units"),
        (["3 days", "2 weeks"], "units"),
        (["3.5 kg", "2.5"], "units"),
        (["~3.5", "~2.5"], "units"),
        (["00:03:25", "00:12:05"], "durations"),
        (["31/01/2024", "01/31/2024"], "dates"),
        (["2024-01-31", "31/01/2024"], "dates"),
        (["٣٤", "٣٥"], "digits"),
        (["１２", "１３"], "digits"),
    ],
)
def test_columns_that_contradict_themselves_are_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, cells: list[str], code: str
) -> None:
    _, _, typed = type_column(con, tmp_path, cells)
    assert [fault.code for fault in typed.faults_by_column["x"]] == [code]


@pytest.mark.parametrize(
    "cells",
    [
        ["00001", "00002"],
        ["9007199254740993", "9007199254740994"],
        ["12345678901234567890", "1"],
        ["NA", "DE", "FR"],
        ["192.168.1.1", "10.0.0.1"],
        ["030 123 456", "030 123 457"],
        ["08:15", "09:30"],
        ["A1", "A2"],
        ["1_000", "2_000"],
        ["a", "7", "b", "c"],
        ["[a, b]", "[]"],
    ],
)
def test_text_stays_exactly_as_written(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, cells: list[str]
) -> None:
    got, decision, typed = type_column(con, tmp_path, cells)
    assert decision.type == "text" and got == cells and not typed.faults_by_column


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2024-01-31", "2024-02-01"], datetime.date(2024, 1, 31)),
        (["31/01/2024", "1/2/2024"], datetime.date(2024, 1, 31)),
        (["1/31/2024", "2/1/2024"], datetime.date(2024, 1, 31)),
        (["31.01.2024", "01.02.2024"], datetime.date(2024, 1, 31)),
        (["2024/01/31", "2024/02/01"], datetime.date(2024, 1, 31)),
        (["2024-01-31 08:15", "2024-02-01 09:30:10"], datetime.datetime(2024, 1, 31, 8, 15)),
        (["2024-01-31T08:15:00Z", "2024-02-01"], datetime.datetime(2024, 1, 31, 8, 15)),
        (["31/01/2024 08:15", "01/02/2024 09:30"], datetime.datetime(2024, 1, 31, 8, 15)),
        (["07/24/2020 05:34 PM", "08/02/2020 12:10 AM"], datetime.datetime(2020, 7, 24, 17, 34)),
        (["24-Jul-20", "02-Aug-20"], datetime.date(2020, 7, 24)),
        (["24. Juli 2020", "2. März 2020"], datetime.date(2020, 7, 24)),
        (["05.November.2021", "24.July.2020"], datetime.date(2021, 11, 5)),
        (["2020 Jul 24", "2020 Aug 2"], datetime.date(2020, 7, 24)),
        (["Jul 24, 2020, 5:34 PM", "Aug 2, 2020"], datetime.datetime(2020, 7, 24, 17, 34)),
        (["Fri, 24 Jul 2020 17:34:12 +0200"] * 2, datetime.datetime(2020, 7, 24, 17, 34, 12)),
        (["Fri Jul 24 17:34:12 2020"] * 2, datetime.datetime(2020, 7, 24, 17, 34, 12)),
        (["24.07.2020, 17:34 Uhr", "02.08.2020, 9:10 Uhr"], datetime.datetime(2020, 7, 24, 17, 34)),
        (["2020-07-24 17:34:00 UTC"] * 2, datetime.datetime(2020, 7, 24, 17, 34)),
        (["2/24/03", "3/2/03"], datetime.date(2003, 2, 24)),
    ],
)
def test_dates_are_read_in_the_order_that_their_values_prove(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, cells: list[str], first: object
) -> None:
    got, decision, typed = type_column(con, tmp_path, cells)
    assert not typed.faults_by_column
    assert decision.type == "date" and got[0] == first and None not in got


@pytest.mark.parametrize("settle", [{}, {"on_bad_value": "missing"}])
@pytest.mark.parametrize("refund", ["[12.50]", "minus 12.50", "−− 12.50", "[-3]"])
def test_refunds_never_count_as_missing(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, refund: str, settle: dict[str, str]
) -> None:
    _, _, typed = type_column(con, tmp_path, ["7.5"] * 19 + [refund], **settle)
    assert [fault.code for fault in typed.faults_by_column["x"]] == ["negatives"]


@pytest.mark.parametrize(
    "cells",
    [
        ["3/5", "4/5"],
        ["10-20", "20-30"],
        ["08:15", "09:30"],
        ["ca. 79224", "ca. 512"],
        ["approx 79224", "about 512"],
        ["#93043", "#512"],
        ["~7", ">7", "<7", "±7", "*7", "ca. 7"],
        ["64_316", "512"],
        ["0512", "79224"],
        ["1704230707124071466", "1704230807124071466"],
    ],
)
def test_text_that_holds_numbers_is_noted(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, cells: list[str]
) -> None:
    got, _, typed = type_column(con, tmp_path, cells)
    (note,) = typed.notes
    assert got == cells and (note.code, note.column) == ("mostly-numbers", "x")
    assert repr(cells[0]) in note.what


@pytest.mark.parametrize(
    "cells",
    [["A1", "A2"], ["A-17", "B-17"], ["Corporate L3", "Corporate L2"], ["u1@x.org", "u2@x.org"]],
)
def test_codes_and_addresses_need_no_note(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, cells: list[str]
) -> None:
    _, _, typed = type_column(con, tmp_path, cells)
    assert not typed.notes and not typed.faults_by_column


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2024-03-30T18:00:00+01:00", "2024-04-01T18:00:00+02:00"], 18),
        (["2024-03-30T18:00:00-08:00", "2024-04-01T18:00:00+02:00"], 26),
    ],
)
def test_times_of_several_places_are_moved_to_utc(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, cells: list[str], first: int
) -> None:
    got, _, typed = type_column(con, tmp_path, cells)
    assert got[0] == datetime.datetime(2024, 3, 30) + datetime.timedelta(hours=first)
    assert any("offset" in note.what for note in typed.notes)


@pytest.mark.parametrize("cell", ["2020-07-24 17:34:12 CET", "17:34 24.07.2020", "20200724T173412"])
def test_dates_that_cannot_be_read_are_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, cell: str
) -> None:
    _, _, typed = type_column(con, tmp_path, [cell, cell])
    assert [fault.code for fault in typed.faults_by_column["x"]] == ["bad-date"]


def test_a_fault_names_its_first_lines_and_the_count(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    cells = [str(i) for i in range(80)] + [f"bad{i}" for i in range(6)]
    _, _, typed = type_column(con, tmp_path, cells)
    (fault,) = typed.faults_by_column["x"]
    assert "6 of 86" in fault.what and "82, 83, 84, 85, 86" in fault.what and fault.line == 82


def test_faults_of_columns_that_are_not_needed_are_notes(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _, _, typed = type_column(con, tmp_path, ["1,234", "5,678"])
    with pytest.raises(InputError, match="decimal"):
        typed.check()
    with pytest.raises(InputError, match="decimal"):
        typed.check({"x"})
    assert [note.column for note in typed.check({"id"})] == ["x"]


def test_mostly_numbers_is_never_silently_text(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _, _, typed = type_column(con, tmp_path, ["1", "2", "3", "x"])
    assert "mostly-numbers" in {note.code for note in typed.notes}


@pytest.mark.parametrize("name", ["decimal", "dates", "on_bad_value"])
def test_unknown_parameters_are_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError, match=name):
        type_column(con, tmp_path, ["1", "2"], **{name: "maybe"})
