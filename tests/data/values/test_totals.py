"""Totals are known by their numbers, in any language; customers are never taken for them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmentation.data.errors import InputError
from segmentation.data.source import open_source

Row = tuple[str, int, float]
RNG = np.random.default_rng(0)
AMOUNTS = zip(RNG.integers(1, 9, 40), RNG.uniform(5, 900, 40).round(2), strict=True)
ROWS: list[Row] = [(f"C-{i}", int(n), float(x)) for i, (n, x) in enumerate(AMOUNTS)]


def total(name: str, rows: list[Row]) -> Row:
    return (name, sum(row[1] for row in rows), round(sum(row[2] for row in rows), 2))


def save(folder: Path, rows: list[Row], rate: str = "") -> Path:
    """The rows as a file; with a `rate`, a third column that is no sum."""
    lines = [f"customer,orders,revenue{rate and ',share'}"]
    lines += [f"{name},{n},{x:.2f}{rate and f',{i % 7}.5'}" for i, (name, n, x) in enumerate(rows)]
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    return folder / "t.csv"


@pytest.mark.parametrize("name", ["Gesamtergebnis", "Eindtotaal", "Totalsumma", "Genel Toplam", ""])
@pytest.mark.parametrize("rate", ["", "share"])
def test_a_last_or_first_row_that_is_the_sum_of_the_others_is_refused(tmp_path, name, rate):
    for rows, line in (([*ROWS, total(name, ROWS)], 42), ([total(name, ROWS), *ROWS], 2)):
        with pytest.raises(InputError, match="not a customer") as caught:
            open_source(save(tmp_path, rows, rate))
        assert (caught.value.code, caught.value.line) == ("footer", line)


def test_subtotals_in_the_middle_are_refused_with_all_their_lines(tmp_path):
    parts = [ROWS[:12], ROWS[12:30], ROWS[30:]]
    rows = [row for part in parts for row in (*part, total("Nord", part))]
    with pytest.raises(InputError, match="as lines 33, 44 are") as caught:
        open_source(save(tmp_path, rows))
    assert caught.value.line == 14


@pytest.mark.parametrize("rate", ["", "share"])
def test_a_single_subtotal_in_the_middle_is_refused(tmp_path, rate):
    rows = [*ROWS[:12], total("Region Nord", ROWS[:12]), *ROWS[12:]]
    with pytest.raises(InputError, match="'Region Nord' is the sum of other rows") as caught:
        open_source(save(tmp_path, rows, rate))
    assert caught.value.line == 14


@pytest.mark.parametrize("kind", ["parquet", "frame", "duckdb", "sqlite"])
@pytest.mark.parametrize("place", [0, 20, 40])
def test_totals_are_refused_in_any_kind_of_table(tmp_path, kind, place):
    rows = [*ROWS[:place], total("Alle", ROWS), *ROWS[place:]]
    frame = pd.DataFrame(rows, columns=["customer", "orders", "revenue"])
    source = frame if kind == "frame" else f"{kind}:///{tmp_path}/t.db"
    if kind == "parquet":
        source = tmp_path / "t.parquet"
        frame.to_parquet(source)
    elif kind == "duckdb":
        with duckdb.connect(tmp_path / "t.db") as con:
            con.execute("CREATE TABLE t AS SELECT * FROM frame")
    elif kind == "sqlite":
        with closing(sqlite3.connect(tmp_path / "t.db")) as con:
            frame.to_sql("t", con, index=False)
    remedy = "leave it out in a query" if kind in ("duckdb", "sqlite") else "delete it"
    with pytest.raises(InputError, match=rf"'Alle' is the sum of other rows: a total; {remedy}"):
        open_source(source)


@pytest.mark.parametrize("name", ["Total", " summe ", "Grand total:"])
def test_a_row_called_a_total_is_refused_whatever_its_sums(tmp_path, name):
    rows = [*ROWS[:20], (name, 7, 3.5), *ROWS[20:]]
    frame = pd.DataFrame(rows, columns=["customer", "orders", "revenue"])
    frame.to_parquet(tmp_path / "t.parquet")
    for source in (frame, tmp_path / "t.parquet", save(tmp_path, rows)):
        with pytest.raises(InputError, match="looks like a total") as caught:
            open_source(source)
        assert caught.value.code == "footer" and ("row 21, " in str(caught.value)) == (
            caught.value.line is None
        )
    open_source(frame.replace(name, "Total Energies"))


def test_customers_are_no_totals(tmp_path):
    open_source(save(tmp_path, ROWS))
    open_source(save(tmp_path, [*ROWS, ("C-99", total("", ROWS)[1] + 1, total("", ROWS)[2] + 1)]))
    flags = [(f"C-{i}", int(i in (3, 9)), float(i in (1, 9))) for i in range(10)]
    open_source(save(tmp_path, flags))  # the last is as much as all others
    few = [(f"C-{i}", n, float(n)) for i, n in enumerate([1, 1, 1, 3, 2, 1, 2])]
    open_source(save(tmp_path, few))  # the fourth is as much as those above, by chance


@pytest.mark.parametrize("n", [20_000, 200_000])
def test_customers_near_the_mean_of_centred_columns_are_no_totals(n):
    values = np.random.default_rng(0).normal(size=(n, 3))
    open_source(pd.DataFrame(values - values.mean(axis=0), columns=["a", "b", "c"]))
