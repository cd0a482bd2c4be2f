"""Tables in Spark: facts, values and numbers of a copy; a session without output."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from segmentation.data import ROW, InputError, Reading, check_columns, open_source
from segmentation.data.databases.spark import split_master
from segmentation.data.facts import describe_columns
from segmentation.data.rows.keys import number_key

pytestmark = [
    pytest.mark.server,
    # pyspark leaves the sockets to the garbage that its results came through.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    ),
]
URL = "spark://local[2]/default"
CREATE = """COPY (SELECT n AS id, 'C' || n AS code, CASE WHEN n % 9 = 0 THEN NULL WHEN n % 10 = 0
    THEN 'NaN'::double ELSE n * 1.25 END AS spend, (n * 3 % 17)::tinyint AS visits, -0.0::double *
    n AS zero, (n / 8)::decimal(9, 2) AS price, (n + 12345678901234567000)::decimal(20, 0) AS long,
    ['Ulm', 'Kiel', 'O"Hare', NULL][n % 4 + 1] AS city, n % 3 = 0 AS vip,
    date '2024-01-31' + n::int AS since, n || '.5' AS texts, '00' || n AS sku, 7 AS same,
    timestamptz '2024-01-31 23:30:00.5+02' + to_days(n::int) AS seen, [n] AS many, 'x'::blob AS raw
    FROM range(1, 41) AS t(n)) TO '{}'"""


@pytest.fixture(scope="module", autouse=True)
def session():
    """The only session of the process; tests are skipped if Spark is not installed."""
    pytest.importorskip("pyspark", reason="pyspark is optional: requirements-spark.txt")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17, and there is none")
    yield
    from pyspark.sql import SparkSession

    at_work = SparkSession.getActiveSession()
    if at_work is not None:
        at_work.stop()


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A query of a Parquet file of 40 rows, which is more than are copied."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("segmentation.data.databases.in_place.MOST_COPIED", 30)
    duckdb.execute(CREATE.format(tmp_path / "shop.parquet"))
    return f"SELECT * FROM parquet.`{tmp_path}/shop.parquet`"


def open_both(table, **reading):
    both = [open_source(URL, Reading(table, **reading), copied) for copied in (False, True)]
    assert [source.in_place for source in both] == [True, False]
    return both


def test_values_facts_columns_and_faults_equal_those_of_a_copy(shop):
    there, here = open_both(shop)
    one, other = (s.table.drop(ROW).to_pyarrow().sort_by("id") for s in (there, here))
    assert one.equals(other) and len(one) == 40
    assert describe_columns(there.table) == describe_columns(here.table)
    assert there.faults.keys() == here.faults.keys() == {"many", "raw", "texts"}
    assert set(there.check({"id"})) == set(here.check({"id"}))
    assert check_columns(there).frame().equals(check_columns(here).frame())
    row = one.slice(0, 1).to_pylist()[0]
    assert str(row["seen"]) == "2024-02-01 21:30:00.500000" and row["price"] == 0.13


def test_the_numbers_of_rows_are_those_of_the_embedded_engine(shop):
    for id in ("id", "code", "long"):
        there, here = open_both(shop, id=id)
        expected = here.table.mutate(key=number_key(here.table[id])).order_by(id)["key"].execute()
        assert there.table.order_by(id)[ROW].execute().tolist() == expected.tolist()
        assert len(set(expected)) == 40


def test_the_fingerprint_ignores_the_order(shop):
    before = open_source(URL, Reading(shop)).fingerprint()
    assert open_source(URL, Reading(f"{shop} ORDER BY id DESC")).fingerprint() == before
    assert open_source(URL, Reading(f"{shop} WHERE id < 40")).fingerprint() != before


def test_rows_come_in_batches(shop):
    rows = open_source(URL, Reading(shop)).table.select(ROW, "spend")
    assert [batch.num_rows for batch in rows.to_pyarrow_batches(chunk_size=15)] == [15, 15, 10]


def test_errors_are_one_line_without_output_or_leftovers(shop, tmp_path, capfd):
    for table, code in (
        ("SELECT nope FROM range(9)", "bad-query"),
        ("nope", "no-table"),
        ("DROP TABLE x", "writing-query"),
        ("SELECT * FROM parquet.`/nope`", "bad-query"),
        ("SELECT id % 2 AS id, id AS n FROM range(99)", "duplicate-ids"),
        ("SELECT raise_error('no') AS id, 1 AS n FROM range(99)", "unreadable"),
    ):
        with pytest.raises(InputError) as refused:
            open_source(URL, Reading(table)).check()
        assert refused.value.code == code and "\n" not in str(refused.value)
    with pytest.raises(InputError, match=r"at work on local\[2\] already"):
        open_source("spark://local[1]/default")
    said = capfd.readouterr()
    assert said.out == said.err == ""
    assert [path.name for path in tmp_path.iterdir()] == ["shop.parquet"]


def test_few_rows_are_copied(shop):
    source = open_source(URL, Reading(f"{shop} WHERE id <= 30"))
    assert not source.in_place and source.table.count().execute() == 30


@pytest.mark.parametrize(
    ("url", "master"),
    [
        ("spark://local[*]/default", "local[*]"),
        ("spark://host:7077/crm", "spark://host:7077"),
        ("spark://yarn/crm", "yarn"),
    ],
)
def test_a_master_is_named_in_the_url(url, master):
    assert split_master(url) == (master, url.rpartition("/")[2])
