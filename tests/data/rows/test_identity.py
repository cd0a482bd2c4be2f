"""Rows that can be customers: at least two that differ, whatever they differ in."""

from __future__ import annotations

import duckdb
import ibis
import pytest

from segmentation.data.errors import InputError
from segmentation.data.rows.identity import Rows, check_customers


def check(con: duckdb.DuckDBPyConnection, rows: str) -> None:
    con.execute(f"CREATE TABLE t AS SELECT row_number() OVER () AS __row__, * FROM ({rows})")
    table = ibis.duckdb.from_connection(con).table("t")
    check_customers(Rows(table, "t", table))


@pytest.mark.parametrize(
    "rows",
    [
        "SELECT 1.5 AS a, 'x' AS b FROM range(5000)",
        "SELECT NULL::DOUBLE AS a, 'x' AS b FROM range(2)",
        "SELECT NULL::DOUBLE AS a, NULL::VARCHAR AS b FROM range(2)",
        "SELECT 'nan'::DOUBLE AS a, '' AS b FROM range(2)",
    ],
)
def test_rows_that_are_all_the_same_are_refused(rows, con):
    with pytest.raises(InputError) as refused:
        check(con, rows)
    assert refused.value.code == "identical-rows"


@pytest.mark.parametrize(
    "other", ["2.5, 'x'", "1.5, 'y'", "NULL, 'x'", "1.5, NULL", "1.5, ''", "'nan', 'x'"]
)
def test_one_row_that_differs_in_anything_is_enough(other, con):
    check(con, f"SELECT 1.5 AS a, 'x' AS b FROM range(5000) UNION ALL VALUES ({other})")


def test_a_value_and_a_gap_differ_whichever_comes_first(con):
    check(con, "SELECT NULL::DOUBLE AS a UNION ALL VALUES (1.5)")
