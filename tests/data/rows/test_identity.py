"""Rows that can be customers: at least two different ones."""

from __future__ import annotations

import duckdb
import ibis
import pytest

from segmentation.data.errors import InputError
from segmentation.data.rows.identity import check_customers
from segmentation.data.rows.table import Rows


def check(con: duckdb.DuckDBPyConnection, rows: str) -> None:
    con.execute(f"CREATE TEMP TABLE t AS SELECT row_number() OVER () AS __row__, * FROM ({rows})")
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
def test_equal_rows_are_refused(rows, con):
    with pytest.raises(InputError) as refused:
        check(con, rows)
    assert refused.value.code == "identical-rows"


@pytest.mark.parametrize(
    "other", ["2.5, 'x'", "1.5, 'y'", "NULL, 'x'", "1.5, NULL", "1.5, ''", "'nan', 'x'"]
)
def test_one_different_row_is_enough(other, con):
    check(con, f"SELECT 1.5 AS a, 'x' AS b FROM range(5000) UNION ALL VALUES ({other})")


def test_a_value_and_a_missing_one_differ_in_either_order(con):
    check(con, "SELECT NULL::DOUBLE AS a UNION ALL VALUES (1.5)")
