"""Any database of Ibis, represented by DuckDB: copied, or left in its place."""

from __future__ import annotations

import gc
import shutil

import duckdb
import pytest

from segmentation.data import ROW, InputError, Reading, check_columns, open_source
from segmentation.data.databases.address import DATABASES, is_database, secret_forms, shown_url
from segmentation.data.databases.opening import ENGINES
from segmentation.data.databases.warehouse import Warehouse
from segmentation.data.facts import describe_columns

# Ibis 12 lists the tables of DuckDB 1.5 by a method of before.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
CREATE = """CREATE TABLE customers AS SELECT n AS id, 'C' || n AS code, CASE WHEN n % 9 = 0 THEN
    NULL WHEN n % 10 = 0 THEN 'NaN'::float ELSE n * 1.25 END::float AS spend, (n * 3 % 17)::int AS
    visits, -0.0::double * n AS zero, (n + 12345678901234567000)::decimal(20, 0) AS long,
    (n / 8)::double AS price, ['Ulm', 'Kiel', NULL][n % 3 + 1] AS city, n % 3 = 0 AS vip, 7 AS same,
    date '2024-01-31' + n::int AS since, n || '.5' AS texts, '00' || n AS sku, [n] AS many,
    timestamptz '2024-01-31 23:30:00.5+02' + to_days(n::int) AS seen, 'x'::blob AS raw
    FROM range(1, 41) AS t(n)"""


@pytest.fixture
def urls(tmp_path, monkeypatch):
    """DuckDB files, opened through `ibis.connect`, with more rows than are copied.

    A file for each time: DuckDB may wait for ever where one is opened again while it is closed.
    """
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(CREATE)
    monkeypatch.setitem(ENGINES, "duckdb", Warehouse)
    monkeypatch.setattr("segmentation.data.databases.in_place.MOST_COPIED", 30)
    for at in range(9):
        (tmp_path / str(at)).mkdir()
        shutil.copy(tmp_path / "shop.duckdb", tmp_path / str(at))
    return (f"duckdb:///{tmp_path}/{at}/shop.duckdb" for at in range(9))


@pytest.fixture
def copied(urls, monkeypatch):
    """The same tables, read as DuckDB files."""
    from segmentation.data.databases.duckdb import DuckDB

    with monkeypatch.context() as patch:
        patch.setitem(ENGINES, "duckdb", DuckDB)
        return open_source(next(urls))


@pytest.mark.long
def test_values_facts_columns_and_faults_equal_those_of_a_copy(urls, copied):
    there = open_source(next(urls))
    assert there.in_place and not copied.in_place and there.name == "shop.customers"
    one, other = (s.table.drop(ROW).to_pyarrow().sort_by("id") for s in (there, copied))
    assert len(one) == 40 and one.column_names == other.column_names
    for name in one.column_names:
        assert one[name].cast("string").to_pylist() == other[name].cast("string").to_pylist(), name
    assert describe_columns(there.table) == describe_columns(copied.table)
    assert there.faults.keys() == copied.faults.keys() == {"many", "raw", "texts"}
    assert set(there.check({"id"})) == set(copied.check({"id"}))
    assert check_columns(there).frame().equals(check_columns(copied).frame())
    assert open_source(next(urls)).fingerprint() == there.fingerprint()


def test_few_rows_are_copied_the_same_way(urls):
    source = open_source(next(urls), Reading("SELECT * FROM customers WHERE id <= 30"))
    assert not source.in_place and source.table.count().execute() == 30
    assert source.faults.keys() == {"many", "raw", "texts"}


def test_errors_are_one_line_and_the_connection_ends(urls):
    for table, code in (
        ("SELECT nope FROM customers", "bad-query"),
        ("custmers", "no-table"),
        ("DELETE FROM customers", "writing-query"),
    ):
        with pytest.raises(InputError) as refused:
            open_source(next(urls), Reading(table))
        assert refused.value.code == code and "\n" not in str(refused.value)
    source = open_source(next(urls))
    with pytest.raises(InputError, match="the query fails"):
        source.table["code"].cast("int64").sum().execute()
    con = source.table.get_backend().con
    del source
    gc.collect()
    with pytest.raises(duckdb.ConnectionException):
        con.execute("SELECT 1")


def test_a_connection_that_fails_is_refused_without_the_password(monkeypatch):
    def fail(url):
        raise ValueError(f"cannot reach {url}\nand more")

    monkeypatch.setattr("ibis.connect", fail)
    with pytest.raises(InputError) as refused:
        open_source("trino://user:s3cret-1@host:8080/hive/sales")
    assert refused.value.code == "no-server" and "s3cret-1" not in str(refused.value)


def test_databases_are_recognised_by_scheme_and_shown_without_secrets():
    assert all(is_database(f"{scheme}://x") for scheme in DATABASES)
    assert set(ENGINES) | {"postgres", "postgresql"} == set(DATABASES)
    url = "databricks://token:s3cret-1@host/path?access_token=s3cret-2"
    assert shown_url(url) == "databricks://***@host/path"
    assert {"s3cret-1", "s3cret-2"} <= secret_forms(url)
