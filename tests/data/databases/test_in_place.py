"""Large tables stay in their database, with the facts, faults and values of a copy."""

from __future__ import annotations

import gc
import hashlib
import re

import duckdb
import ibis
import psycopg
import pytest

from segmentation.data import ROW, InputError, Reading, check_columns, find_twins, open_source
from segmentation.data.databases.postgres import Server
from segmentation.data.facts import describe_columns
from segmentation.data.related import take_numbers
from segmentation.data.rows.keys import number_key
from tests.data.databases.test_opening import END, empty_again, refusal

CREATE = """
    CREATE TYPE size AS ENUM ('s', 'm');
    CREATE TABLE customers AS SELECT n AS id, 'C' || n AS code,
      CASE WHEN n % 9 = 0 THEN NULL WHEN n % 10 = 0 THEN 'NaN' ELSE n * 1.25 END::float8 AS spend,
      (CASE WHEN n = 4 THEN 'NaN' ELSE (n * 7 % 13)::text END)::numeric AS price,
      (n % 5)::float4 / 4 AS share, -(n % 2)::float8 * 0 AS zero, (n * 3 % 17)::smallint AS visits,
      (n * 1.5)::numeric::money AS fee, (12345678901234567000 + n)::numeric(20, 0) AS long,
      (ARRAY['Ulm', 'Kiel', 'O"Hare %s', NULL])[n % 4 + 1] AS city, n % 3 = 0 AS vip,
      date '2024-01-31' + n AS since, timestamptz '2024-01-31 23:30:00.5+02' + n * interval '1 day'
      AS seen, 7 AS same, (ARRAY['s', 'm'])[n % 2 + 1]::size AS size, time '10:00' AS at,
      md5(n::text)::uuid AS token, '{}'::jsonb AS j, '00' || n AS sku, n || '.5' AS texts,
      'x'::bytea AS raw, ARRAY[n] AS many, (ARRAY['Yes', 'no', NULL])[n % 3 + 1] AS agreed,
      CASE n WHEN 3 THEN 'infinity' WHEN 5 THEN '0044-03-15 BC' ELSE date '2024-01-31' + n END
      AS until, CASE WHEN n = 3 THEN '-infinity' ELSE timestamp '2024-01-31' END AS edited,
      CASE WHEN n = 6 THEN ('1' || repeat('0', 400))::numeric ELSE n END AS huge
    FROM generate_series(1, 40) AS n"""
QUERY = "SELECT id + 100 AS id, spend, visits, city FROM customers -- all of them"


@pytest.fixture
def shop(postgres, monkeypatch):
    empty_again(postgres)
    postgres.run("DROP TYPE IF EXISTS size", *CREATE.split(";"))
    monkeypatch.setattr("segmentation.data.databases.in_place.MOST_COPIED", 30)
    return postgres


def open_both(shop, table=None, **reading):
    """The table in its place, and copied."""
    both = [open_source(shop.url(), Reading(table, **reading), copied) for copied in (False, True)]
    assert [source.in_place for source in both] == [True, False]
    return both


def values(source, id):
    """The rows by their id, without their numbers."""
    return source.table.drop(ROW).to_pyarrow().sort_by(id)


@pytest.mark.parametrize(
    "table", [None, QUERY, "WITH a AS (SELECT * FROM customers) SELECT * FROM a"]
)
@pytest.mark.parametrize("id", [None, "code", "long"])
def test_values_in_place_equal_those_of_a_copy(shop, table, id):
    if table == QUERY and id:
        id = None
    there, here = open_both(shop, table, id=id)
    assert there.table.schema() == here.table.schema() and there.name == here.name
    one, other = values(there, id or "id"), values(here, id or "id")
    assert one.equals(other) and len(one) == 40
    one, other = (source.table.drop(ROW).order_by(id or "id").execute() for source in (there, here))
    assert one.equals(other)


def test_facts_columns_notes_and_faults_equal_those_of_a_copy(shop):
    there, here = open_both(shop)
    assert describe_columns(there.table) == describe_columns(here.table)
    assert there.faults.keys() == here.faults.keys() == {"raw", "many", "texts"}
    assert [[str(f) for f in each] for each in there.faults.values()] == [
        [str(f) for f in here.faults[name]] for name in there.faults
    ]
    assert set(there.check({"id"}, "id")) == set(here.check({"id"}, "id"))
    said = {note.column: note.what for note in there.check({"id"}, "id")}
    assert said["same"] == "is 7 in every row" and said["agreed"] == "yes and no read as 1 and 0"
    assert said["until"].startswith("counted as missing: 2 dates outside the years 1 to 9999")
    assert said["edited"].startswith("counted as missing: 1 date outside")
    one, other = check_columns(there).frame(), check_columns(here).frame()
    assert one.equals(other) and "feature" in set(one["role"])
    names = ["spend", "visits", "price", "fee"]
    one, other = (
        find_twins(take_numbers(source.table, names, 40).corr()) for source in (there, here)
    )
    assert one.keys() == other.keys() == {"fee"} and one["fee"] == pytest.approx(other["fee"])


def test_rows_are_numbered_by_their_id_alone(shop):
    rows = open_source(shop.url()).table.execute()
    assert (rows[ROW] == rows["id"]).all()
    for id in ("code", "long", "token"):
        rows = open_source(shop.url(), Reading(id=id)).table.execute()
        made = [int(hashlib.md5(str(x).encode()).hexdigest()[:15], 16) for x in rows[id]]
        assert rows[ROW].tolist() == made and len(set(made)) == 40


def test_a_key_is_the_same_on_every_engine(shop):
    there = open_source(shop.url(), Reading("SELECT id, code, city FROM customers", id="code"))
    here = ibis.duckdb.connect().create_table("t", there.table.to_pyarrow())
    found = here.mutate(again=number_key(here["code"]), whole=number_key(here["id"])).execute()
    assert (found["again"] == found[ROW]).all() and (found["whole"] == found["id"]).all()


def test_small_tables_and_tables_without_an_id_are_copied(shop, monkeypatch):
    some = open_source(shop.url(), Reading("SELECT * FROM customers WHERE id <= 30"))
    assert not some.in_place and "copied" not in {note.code for note in some.notes}
    for query, why in (
        ("SELECT city, id FROM customers", "name it (id)"),
        ("SELECT spend AS id, visits FROM customers", "id holds neither whole numbers nor text"),
    ):
        source = open_source(shop.url(), Reading(query))
        (note,) = [note for note in source.notes if note.code == "copied"]
        assert not source.in_place and why in note.what
        assert note.what.startswith("more than 30 rows were copied out of the database")
    assert open_source(shop.url(), Reading("SELECT city, id FROM customers", id="id")).in_place


@pytest.mark.parametrize(
    ("query", "id", "code", "said"),
    [
        ("SELECT id / 2 AS id, visits FROM customers", None, "duplicate-ids", "19 ids occur"),
        ("SELECT nullif(id, 2) AS id, visits FROM customers", None, "missing-ids", "1 row has"),
        ("SELECT city, visits FROM customers", "city", "missing-ids", "10 rows have no id"),
        (
            "SELECT ' k' || greatest(id, 2) AS a, id FROM customers",
            "a",
            "duplicate-ids",
            "1 id occurs",
        ),
        ("SELECT 1 AS id, 2 AS b FROM customers", None, "identical-rows", "all 40 rows"),
    ],
)
def test_ids_with_gaps_or_repeats_are_refused_as_in_a_copy(shop, query, id, code, said):
    source = open_source(shop.url(), Reading(query, id=id))
    assert source.in_place
    with pytest.raises(InputError, match=said) as refused:
        source.check(None, id)
    assert refused.value.code == code and str(refused.value).startswith("shop.query")
    copied = open_source(shop.url(), Reading(query, id=id), copied=True)
    with pytest.raises(InputError) as before:
        copied.check(None, id)
    assert str(refused.value) in (
        str(before.value),
        re.sub(r", first in rows [\d, ]+", "", str(before.value)),
    )


def test_two_ids_with_one_number_are_refused(shop, monkeypatch):
    monkeypatch.setattr("segmentation.data.rows.keys.KEY_DIGITS", 1)
    with pytest.raises(InputError, match="two ids get the same number here"):
        open_source(shop.url(), Reading(id="code")).check({"id"}, "code")


def test_the_fingerprint_depends_on_the_rows_and_not_on_their_order(shop):
    table = Reading("SELECT id, code, spend, city, vip, since, long FROM customers")
    before = open_source(shop.url(), table).fingerprint()
    shop.run(
        "CREATE TABLE other AS SELECT * FROM customers ORDER BY id DESC",
        "TRUNCATE customers",
        "INSERT INTO customers SELECT * FROM other",
    )
    assert open_source(shop.url(), table).fingerprint() == before and len(before) == 64
    seen = {before}
    for change in (
        "city = '' WHERE id = 3",
        "city = '-' WHERE id = 3",
        "spend = 0 WHERE id = 1",
        "id = 99 WHERE id = 1",
        "code = city, city = code WHERE id = 2",
    ):
        shop.run(f"UPDATE customers SET {change}")
        seen.add(open_source(shop.url(), table).fingerprint())
    assert len(seen) == 6


def test_one_state_of_the_database_is_seen_until_the_end(shop):
    source = open_source(shop.url())
    before = source.fingerprint()
    shop.run("DELETE FROM customers WHERE id > 5")
    assert source.fingerprint() == before and source.table.count().execute() == 40
    assert sum(batch.num_rows for batch in source.table.to_pyarrow_batches(chunk_size=7)) == 40
    assert open_source(shop.url()).table.count().execute() == 5


def test_only_queries_are_run_and_the_connection_ends_with_the_table(shop, monkeypatch):
    asked, run = [], Server.compile
    monkeypatch.setattr(Server, "compile", lambda *a, **o: asked.append(run(*a, **o)) or asked[-1])
    source = open_source(shop.url(), Reading(id="code"))
    source.check({"id"}, "code")
    check_columns(source)
    source.fingerprint()
    batches = source.table.select(ROW, "spend").to_pyarrow_batches(chunk_size=10)
    next(batches)
    assert len(asked) > 5 and all(re.match("(WITH|SELECT) ", sql) for sql in asked)
    others = """SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        AND datname = 'shop' AND backend_type = 'client backend'"""
    left = """SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname ~ '^pg_temp'"""
    assert shop.run(others) == [(1,)] and shop.run(left) == []
    con = source.table.get_backend().con
    assert con.read_only and con.info.transaction_status.name == "INTRANS"
    del source, batches
    gc.collect()
    assert con.closed and shop.run(left) == []


def test_numbers_are_counted_as_on_the_embedded_engine(shop):
    there, here = open_both(shop)
    found = []
    for table in (there.table, here.table):
        id, long, none = table["id"], table["long"], table["spend"].nullif(table["spend"])
        wanted = {
            "sum": id.sum(),
            "mean": id.mean(),
            "exact": long.max(),
            "none": none.max(),
            "day": table["since"].max(),
            "any": (table["vip"] == 1).any(),
        }
        found.append(table.aggregate(**wanted).to_pyarrow())
    assert found[0].cast(found[1].schema).equals(found[1])


def test_nothing_can_be_written_through_the_table(shop):
    backend = open_source(shop.url()).table.get_backend()
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        backend.raw_sql("DELETE FROM customers")
    assert shop.run("SELECT count(*) FROM customers") == [(40,)]


def test_later_errors_are_one_line_without_the_password(shop):
    source = open_source(shop.url())
    with pytest.raises(InputError) as failed:
        (1 / (source.table["same"] - 7)).sum().execute()
    assert failed.value.code == "unreadable" and shop.password not in str(failed.value)
    assert source.table.count().execute() == 40  # the transaction goes on
    batches = source.table.to_pyarrow_batches(chunk_size=5)
    next(batches)
    shop.run(END)
    for work in (lambda: list(batches), source.fingerprint, lambda: check_columns(source)):
        with pytest.raises(InputError) as lost:
            work()
        assert lost.value.code == "connection-lost" and lost.value.__cause__ is None
        assert str(lost.value).startswith(f"postgresql://***@127.0.0.1:{shop.port}/shop: ")


def test_order_lines_are_always_copied(shop):
    from segmentation.data import open_customers

    orders = {"customer": "city", "date": "since", "amount": "fee"}
    reading = Reading("SELECT id, city, since, fee FROM customers")
    made = open_customers(shop.url(), reading, orders)
    assert not made.in_place and made.table.count().execute() == 3


def test_a_table_below_the_limit_is_copied(shop, monkeypatch):
    monkeypatch.setattr("segmentation.data.databases.in_place.MOST_COPIED", 40)
    assert not open_source(shop.url()).in_place
    assert refusal(shop.url(), "SELECT 7 AS id, id AS n FROM customers")[0] == "duplicate-ids"
    assert isinstance(open_source(shop.url()).table.get_backend().con, duckdb.DuckDBPyConnection)


@pytest.mark.parametrize("id", ["code", "id"])
@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("SELECT 'all', 99, sum(fee), sum(visits), 0 FROM a", "whose fee is 1230 is the sum of"),
        ("SELECT ' Summe ', 99, 5::money, 5, 0", "'Summe' looks like a total"),
    ],
)
def test_totals_are_refused_in_place_as_in_a_copy(shop, id, row, said):
    query = f"""WITH a AS (SELECT code, id, fee, visits, id % 7 - 3 AS change FROM customers)
        SELECT * FROM (SELECT * FROM a UNION ALL {row}) AS b"""
    for copied in (False, True):
        with pytest.raises(InputError, match="leave it out in a query") as refused:
            open_source(shop.url(), Reading(query, id=id), copied)
        assert refused.value.code == "footer" and (copied or said in refused.value.what)
    assert open_source(shop.url(), Reading(f"{query} WHERE id < 99", id=id)).in_place


def test_unknown_beside_yes_and_no_is_missing_as_in_a_copy(shop):
    query = "SELECT id, (ARRAY['Yes', 'no', 'K. A.', 'n/a'])[id % 4 + 1] AS said FROM customers"
    there, here = open_both(shop, query)
    assert values(there, "id").equals(values(here, "id"))
    assert (
        [note.what for note in there.notes]
        == [note.what for note in here.notes]
        == [
            "yes and no read as 1 and 0",
            "counted as missing: K. A. 10, n/a 10",
        ]
    )
