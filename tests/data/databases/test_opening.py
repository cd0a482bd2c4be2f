"""Databases as datasets: the same rows from each kind, read only, or one clear line."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import sys
import tracemalloc

import duckdb
import pandas as pd
import pytest

from segmentation.data import ROW, InputError, Reading, check_columns, open_source

pytestmark = pytest.mark.long

CREATE = """CREATE TABLE customers (id integer, spend double precision, visits integer,
    price numeric(10, 2), city varchar(20), since date, seen timestamp, vip boolean)"""
ROWS = [
    (3, 30.5, 2, 9.99, "Ulm", "2024-03-01", "2024-03-01 10:00:00", True),
    (1, 10.25, 7, 1.5, "Kiel", "2024-01-31", "2024-01-31 00:00:01", False),
    (2, None, 1, 2.25, 'O"Hare', "2023-12-31", "2023-12-31 23:59:59.5", True),
]
END = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()"""
QUERY = "SELECT id, spend * 2 AS double_spend FROM customers WHERE id < 3"
WRITES = [
    "INSERT INTO customers (id) VALUES (9)",
    "DELETE FROM customers",
    "DROP TABLE customers",
    "SELECT 1; DELETE FROM customers",
    "SELECT 1 AS one) AS q; DELETE FROM customers; --",
    "WITH gone AS (DELETE FROM customers RETURNING *) SELECT * FROM gone",
    "WITH x AS (SELECT 1) INSERT INTO customers (id) SELECT 9",
    "SELECT * INTO copied FROM customers",
    "COPY customers TO '/tmp/segmentation-copied'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "EXPLAIN ANALYZE DELETE FROM customers",
    "PRAGMA writable_schema = 1",
    "ATTACH 'other.db' AS other",
]


def literal(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "true", False: "false"}[value]
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


INSERT = "INSERT INTO customers VALUES " + ", ".join(
    f"({', '.join(map(literal, row))})" for row in ROWS
)


class Database:
    """A database of one kind: its URL, and a way to write to it."""

    def __init__(self, kind, path, server=None):
        self.kind, self.path, self.server = kind, path, server
        self.url = server.url() if server else f"{kind}:///{path}"

    def run(self, *statements):
        if self.server:
            return self.server.run(*statements)
        connect = sqlite3.connect if self.kind == "sqlite" else duckdb.connect
        con = connect(str(self.path))
        try:
            for statement in statements:
                rows = con.execute(statement).fetchall()
            if self.kind == "sqlite":
                con.commit()
            return rows
        finally:
            con.close()


def empty_again(server):
    """Drops the tables and connections of an earlier test, which may have failed."""
    server.run(
        END,
        "DROP SCHEMA IF EXISTS crm CASCADE",
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
    )


@pytest.fixture(params=["sqlite", "duckdb", pytest.param("postgres", marks=pytest.mark.server)])
def empty(request, tmp_path):
    if request.param != "postgres":
        return Database(request.param, tmp_path / f"shop.{request.param}")
    server = request.getfixturevalue("postgres")
    empty_again(server)
    return Database("postgres", None, server)


@pytest.fixture
def database(empty):
    empty.run(CREATE, INSERT)
    return empty


def fetch(database, table=None, **reading):
    source = open_source(database.url, Reading(table, **reading))
    source.check()
    return source.table.order_by(ROW).execute()


def refusal(url, table=None, **reading):
    with pytest.raises(InputError) as refused:
        open_source(url, Reading(table, **reading)).check()
    message = str(refused.value)
    assert "\n" not in message and len(message) <= 300
    return refused.value.code, message


def test_every_database_gives_the_same_rows_in_the_order_of_the_id(database):
    found = fetch(database)
    assert found[ROW].tolist() == [1, 2, 3] and found["id"].tolist() == [1, 2, 3]
    assert found["spend"].tolist()[::2] == [10.25, 30.5] and pd.isna(found["spend"][1])
    assert found["visits"].tolist() == [7, 1, 2]
    assert found["price"].astype(float).tolist() == [1.5, 2.25, 9.99]
    assert found["city"].tolist() == ["Kiel", 'O"Hare', "Ulm"]
    assert pd.to_datetime(found["since"]).dt.day.tolist() == [31, 31, 1]
    assert pd.to_datetime(found["seen"])[1] == pd.Timestamp("2023-12-31 23:59:59.5")
    assert found["vip"].astype(bool).tolist() == [False, True, True]
    assert open_source(database.url).name == "shop.customers"


def test_columns_get_their_roles(database):
    kinds = check_columns(open_source(database.url), features=["spend"]).frame()
    types = dict(zip(kinds["column"], kinds["type"], strict=True))
    assert types["price"] == types["visits"] == "number"
    assert types["since"] == types["seen"] == "date" and types["city"] == "text"


def test_the_order_does_not_depend_on_physical_order(database):
    before = open_source(database.url).fingerprint()
    assert open_source(database.url).fingerprint() == before
    database.run("CREATE TABLE other AS SELECT * FROM customers ORDER BY id DESC")
    database.run("DELETE FROM customers")
    database.run("INSERT INTO customers SELECT * FROM other", "DROP TABLE other")
    assert open_source(database.url).fingerprint() == before
    database.run("UPDATE customers SET visits = 8 WHERE id = 1")
    assert open_source(database.url).fingerprint() != before


def test_the_fingerprint_separates_missing_from_empty_and_adjacent_values(empty):
    seen = set()
    for row in ("('ab', 'c')", "('a', 'bc')", "('a', NULL)", "('a', '')", "(NULL, 'a')"):
        empty.run("CREATE TABLE t (a varchar(9), b varchar(9))")
        empty.run(f"INSERT INTO t VALUES {row}, ('x', 'y')")
        seen.add(open_source(empty.url).fingerprint())
        empty.run("DROP TABLE t")
    assert len(seen) == 5


def test_rows_can_be_ordered_by_another_id(database):
    assert fetch(database, id="visits")["visits"].tolist() == [1, 2, 7]
    without = "SELECT city, visits FROM customers"
    assert fetch(database, without)["city"].tolist() == ["Kiel", 'O"Hare', "Ulm"]


def test_a_query_is_read_like_a_table(database):
    for query in (QUERY, f"  {QUERY} ;  -- the end; really", f"/* all */ {QUERY}"[10:]):
        found = fetch(database, query)
        assert found["id"].tolist() == [1, 2] and found["double_spend"][0] == 20.5
    with_cte = "WITH few AS (SELECT * FROM customers) SELECT visits, 'a;b' AS odd FROM few"
    assert fetch(database, with_cte)["odd"].tolist() == ["a;b"] * 3
    assert open_source(database.url, Reading(QUERY)).name == "shop.query"


@pytest.mark.parametrize("query", WRITES)
def test_writing_queries_are_refused_and_change_nothing(query, database):
    code, _ = refusal(database.url, query)
    assert code in ("writing-query", "bad-query")
    assert database.run("SELECT count(*) FROM customers")[0][0] == 3


@pytest.mark.parametrize("query", WRITES)
def test_the_connection_itself_cannot_write(query, database, monkeypatch):
    """Holds even if a query passes the check."""
    monkeypatch.setattr(
        "segmentation.data.databases.queries.check_query", lambda query, dialect: query
    )
    hollow = type("Any", (), {"match": staticmethod(lambda _: True)})
    monkeypatch.setattr("segmentation.data.databases.queries._READS", hollow)
    with pytest.raises(InputError):
        open_source(database.url, Reading(query))
    assert database.run("SELECT count(*) FROM customers")[0][0] == 3


def test_a_session_cannot_be_made_to_write(postgres):
    database = Database("postgres", None, postgres)
    empty_again(postgres)
    database.run(CREATE, INSERT)
    database.run(
        "CREATE SEQUENCE counter",
        """CREATE FUNCTION erase() RETURNS integer LANGUAGE sql
        AS 'DELETE FROM customers RETURNING id'""",
    )
    off = "set_config('transaction_read_only', 'off', false)"
    for call in (f"{off} AS a, erase()", "erase()", "nextval('counter')"):
        code, _ = refusal(database.url, f"SELECT {call} AS x FROM customers")
        assert code in ("writing-query", "bad-query")
    assert database.run("SELECT count(*) FROM customers") == [(3,)]


def test_a_table_of_any_name_is_read_and_never_run_as_sql(empty):
    names = ['a"b', "a; DROP TABLE x; --", "Select me", "order", "a.b", "ümläut '", "x y"]
    for at, name in enumerate(names):
        name = name.replace('"', '""')
        empty.run(f'CREATE TABLE "{name}" (n integer, "odd ""%s"" name" integer)')
        empty.run(f'INSERT INTO "{name}" VALUES ({at}, 1), ({at + 1}, 2)')
    for at, name in enumerate(names):
        found = fetch(empty, name)
        assert found["n"].tolist() == [at, at + 1] and found['odd "%s" name'].tolist() == [1, 2]


def test_a_schema_may_stand_before_the_table(database):
    home = "public" if database.kind == "postgres" else "main"
    assert len(fetch(database, f"{home}.customers")) == 3
    if database.kind != "sqlite":
        database.run("CREATE SCHEMA crm", "CREATE TABLE crm.customers AS SELECT 1 AS a, 2 AS b")
        assert open_source(database.url, Reading("crm.customers")).table.columns[1:] == ("a", "b")
        assert len(fetch(database, "customers")) == 3
        database.run("DROP TABLE crm.customers", "DROP SCHEMA crm")


def test_tables_are_listed_if_one_must_be_chosen(database):
    assert refusal(database.url, "custmers") == (
        "no-table",
        refusal(database.url, "custmers")[1],
    )
    assert "did you mean customers?" in refusal(database.url, "custmers")[1]
    database.run("CREATE TABLE orders AS SELECT * FROM customers")
    code, message = refusal(database.url)
    assert code == "which-table" and "customers, orders" in message


def test_views_count_as_tables(database):
    database.run("CREATE VIEW few AS SELECT * FROM customers WHERE id < 3")
    assert len(fetch(database, "few")) == 2


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT nope FROM customers", "bad-query"),
        ("SELECT ((", "bad-query"),
        ("SELECT id AS __row__ FROM customers", "reserved-header"),
        ("SELECT id FROM customers WHERE id > 3", "no-rows"),
        ("SELECT id FROM customers WHERE id = 3", "one-row"),
        ("SELECT 1 AS one FROM customers", "identical-rows"),
        ("SELECT 7 AS customer_id, visits FROM customers", "duplicate-ids"),
        ("SELECT nullif(id, 2) AS id, visits FROM customers", "missing-ids"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(statement, code, database):
    assert refusal(database.url, statement)[0] == code


def test_an_empty_database_is_refused(empty):
    empty.run("CREATE TABLE t (a integer)", "DROP TABLE t")
    assert refusal(empty.url)[0] == "no-table"


def test_text_that_looks_like_numbers_is_refused_except_in_identifiers(empty):
    empty.run("CREATE TABLE t (id varchar(9), plz varchar(9), sku varchar(9), spend varchar(9))")
    empty.run(
        "INSERT INTO t VALUES "
        + ", ".join(f"('{n}', '{70000 + n}', '00{n}', '{n}.5')" for n in range(20))
    )
    code, message = refusal(empty.url)
    assert code == "mostly-numbers" and "column spend" in message
    source = open_source(empty.url)
    assert source.faults.keys() == {"spend"}
    assert [note.column for note in source.check({"id"})] == ["spend"]
    assert source.table["spend"].execute()[0] == "0.5"


def test_bytes_lists_and_records_are_faults_of_their_columns(postgres, tmp_path):
    empty_again(postgres)
    postgres.run("""CREATE TYPE size AS ENUM ('s', 'm')""")
    odd = "'x'::bytea AS raw, ARRAY[1] AS many, ROW(1, 2) AS pair, ARRAY['s'::size] AS e"
    kept = "'{}'::jsonb AS j, 's'::size AS s, '10:00'::time AS t, 12.5::money AS m"
    query = f"SELECT {odd}, {kept}, n FROM generate_series(1, 2) AS n"
    source = open_source(postgres.url(), Reading(query))
    assert source.faults.keys() == {"raw", "many", "pair", "e"}
    row = source.table.execute().iloc[0]
    assert (row["j"], row["s"], row["t"], row["m"]) == ("{}", "s", "10:00:00", 12.5)
    with pytest.raises(InputError, match="column raw: holds bytes"):
        source.check()
    file = Database("duckdb", tmp_path / "shop.duckdb")
    file.run(
        "CREATE TABLE t AS SELECT 'x'::blob AS raw, [1] AS many, {'a': 1} AS pair, "
        "uuid() AS u, 17014118346046923173168730371588410572 AS big"
    )
    source = open_source(file.url)
    assert source.faults.keys() == {"raw", "many", "pair"}
    assert source.table["big"].execute()[0] == pytest.approx(1.7e37, rel=0.01)


def test_nan_is_missing_and_exact_numbers_stay_exact(postgres):
    empty_again(postgres)
    postgres.run("""CREATE TABLE t (id numeric(20, 0), a float8, b numeric)""")
    postgres.run("INSERT INTO t VALUES (12345678901234567890, 'NaN', 'NaN'), (7, 1.5, 2.5)")
    found = open_source(postgres.url()).table.order_by(ROW).execute()
    assert [str(value) for value in found["id"]] == ["7", "12345678901234567890"]
    assert found["a"].isna().tolist() == found["b"].isna().tolist() == [False, True]


def test_sqlite_text_among_numbers_is_refused_by_column_and_row(tmp_path):
    database = Database("sqlite", tmp_path / "shop.db")
    database.run("CREATE TABLE t (id INTEGER, age INTEGER, spend REAL)")
    rows = ", ".join(f"({n}, {20 + n}, {n / 7})" for n in range(1, 9))
    database.run(f"INSERT INTO t VALUES {rows}, (9, 'old', ''), (10, 'NA', 'n/a')")
    code, message = refusal(database.url)
    assert code == "text-among-numbers"
    assert message.startswith("shop.t, column age: 1 of 10 values are no numbers (rows 9): 'old'")
    source = open_source(database.url, Reading(on_bad_value="missing"))
    assert {(note.code, note.column) for note in source.check()} == {
        ("missing", "age"),
        ("missing", "spend"),
        ("text-among-numbers", "age"),
    }
    found = source.table.order_by(ROW).execute()
    assert found["age"].isna().sum() == found["spend"].isna().sum() == 2
    assert found["spend"][0] == 1 / 7


def test_sqlite_dates_are_text_and_read_as_dates(tmp_path):
    database = Database("sqlite", tmp_path / "shop.db")
    database.run("CREATE TABLE t (day, moment, almost)")
    database.run("INSERT INTO t VALUES ('2024-01-31', '2024-01-31T10:00', '2024-02-30')")
    schema = open_source(database.url).table.schema()
    assert schema["day"].is_date() and schema["moment"].is_timestamp()
    assert schema["almost"].is_string()


def test_sqlite_mostly_text_is_text_and_bytes_are_a_fault(tmp_path):
    database = Database("sqlite", tmp_path / "shop.db")
    database.run("CREATE TABLE t (a INTEGER, b)")
    database.run("INSERT INTO t VALUES ('x', x'00ff'), ('y', 1), (3, 2)")
    source = open_source(database.url)
    assert [note.code for note in source.notes] == ["mostly-numbers"]
    assert source.table.order_by(ROW)["a"].execute().tolist() == ["3", "x", "y"]
    assert source.faults.keys() == {"b"}


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("sqlite:///none.db", "no-file", "sqlite:///none.db: there is no such file"),
        ("sqlite:///shp.db", "no-file", "did you mean shop.db?"),
        ("sqlite:///.", "not-a-file", "is a directory"),
        ("sqlite:///text.db", "not-a-database", "is no SQLite database"),
        ("duckdb:///shop.db", "not-a-database", "it is one of sqlite:///"),
        ("sqlite:///torn.db", "not-a-database", "sqlite:///torn.db: "),
        ("sqlite://shop.db", "bad-url", "write sqlite:///file.db"),
        ("sqlite:///shop.db?mode=rw", "bad-url", "write sqlite:///file.db"),
        ("sqlite:///:memory:", "bad-url", "write sqlite:///file.db"),
        ("sqlit:///shop.db", "bad-url", "did you mean sqlite?"),
        ("mongodb://u:s3cret@h/db", "bad-url", "use sqlite:///file, duckdb:///file, postgresql:"),
        ("mysq://u:s3cret@h/db", "bad-url", "did you mean mysql?"),
        ("trino://u:***@h/db", "bad-url", "write env:NAME"),
        ("spark://local[2]", "bad-url", "write spark://local[2]/default"),
        ("spark://local[2]/a-b", "bad-url", "is no URL of Spark"),
        ("gopher://u:s3cret@h/x.csv", "bad-url", "'gopher' databases are not read"),
        ("postgresql://u:s3cret@h", "bad-url", "%40 is @"),
        ("postgresql://u:s3cret@h:port/db", "bad-url", "is no URL"),
        ("postgresql://u:s3cret/x@h/db", "bad-url", "is no URL"),
        ("postgresql://u:%zzs3cret@h/db", "bad-url", "is no URL"),
        ("postgresql://u:s3cret", "bad-url", "is no URL"),
        ("postgresql://u:***@h/db", "bad-url", "write env:NAME"),
        ("postgresql://u:s3cret@127.0.0.1:1/db", "no-server", "no server answers"),
        ("env:SHOP_DBX", "no-variable", "did you mean env:SHOP_DB?"),
        ("env:", "no-variable", "is not set"),
        ("env:SHOP_RELATIVE", "bad-url", "write it in full"),
        ("env:SHOP_WORD", "bad-url", "holds no URL"),
        ("env:SHOP_BAD", "bad-url", "env:SHOP_BAD: "),
    ],
)
def test_a_bad_address_is_one_line_without_a_password(url, code, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Database("sqlite", tmp_path / "shop.db").run("CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
    (tmp_path / "text.db").write_text("a,b\n1,2\n")
    (tmp_path / "torn.db").write_bytes((tmp_path / "shop.db").read_bytes()[:100] + b"x" * 5000)
    monkeypatch.setenv("SHOP_DB", "sqlite:////shop.db")
    monkeypatch.setenv("SHOP_RELATIVE", "sqlite:///shop.db")
    monkeypatch.setenv("SHOP_WORD", "s3cret")
    monkeypatch.setenv("SHOP_BAD", "postgresql://u:s3cret@h:port/db")
    got, message = refusal(url)
    assert got == code and said in message and "s3cret" not in message
    assert message.startswith("env:") == url.startswith("env:")


@pytest.mark.parametrize(
    ("url", "module", "said"),
    [
        ("mysql://u:s3cret@h/db?x=1", "MySQLdb", "'ibis-framework[mysql]=="),
        ("snowflake://u:s3cret@acc/db/s", "snowflake", "'ibis-framework[snowflake]=="),
        ("bigquery://project/data?token=s3cret", "google.cloud", "'ibis-framework[bigquery]=="),
        ("spark://local[2]/default", "pyspark", "pip install -r requirements-spark.txt"),
    ],
)
def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    url, module, said, monkeypatch
):
    monkeypatch.setitem(sys.modules, module, None)
    code, message = refusal(url)
    assert code == "no-driver" and said in message and "s3cret" not in message


def test_the_environment_variable_is_read_when_the_database_is_opened(database, monkeypatch):
    monkeypatch.setenv("SHOP_DB", database.url)
    assert open_source("env:SHOP_DB").name == "shop.customers"
    assert open_source("env:SHOP_DB").fingerprint() == open_source(database.url).fingerprint()
    code, message = refusal("env:SHOP_DB", "nope")
    assert code == "no-table" and message.startswith("env:SHOP_DB: ")


def test_a_wrong_login_or_database_is_refused_without_the_password(postgres):
    code, message = refusal(postgres.url(password="wr0ng&pass"))
    assert code == "login" and "wr0ng" not in message
    assert message.startswith(f"postgresql://***@127.0.0.1:{postgres.port}/shop: ")
    assert refusal(postgres.url("nowhere"))[0] == "no-database"
    assert refusal(postgres.url(), "SELECT pg_read_file('/nope') AS x")[0] == "bad-query"
    with pytest.raises(InputError) as refused:
        open_source(postgres.url(), Reading("SELECT nope"))
    shown = [str(refused.value), repr(refused.value), repr(refused.value.__cause__)]
    assert all(postgres.password not in text for text in shown)


def test_a_connection_that_breaks_off_while_reading_is_refused(postgres, monkeypatch):
    monkeypatch.setattr("segmentation.data.databases.engine.BATCH_CELLS", 4000)
    late = 20_000  # by then ten batches have arrived
    kill = f"CASE WHEN n > {late} THEN pg_terminate_backend(pg_backend_pid()) END AS killed"
    query = f"SELECT n, {kill} FROM generate_series(1, {late * 2}) AS n"
    code, message = refusal(postgres.url(), query)
    assert code == "connection-lost" and "run it again" in message


def test_a_value_that_cannot_be_computed_is_refused(postgres):
    code, _ = refusal(postgres.url(), "SELECT 1 / (n - 2) AS day FROM generate_series(1, 3) AS n")
    assert code == "unreadable"


def test_two_columns_with_the_same_name_are_refused(postgres):
    assert refusal(postgres.url(), 'SELECT 1 AS id, 2 AS "ID"')[0] == "duplicate-header"


def test_a_table_without_read_permission_is_not_listed(postgres):
    empty_again(postgres)
    database = Database("postgres", None, postgres)
    database.run(CREATE, INSERT)
    user = "DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN PASSWORD 'guest-pass-1'"
    database.run(
        *user,
        "CREATE TABLE open AS SELECT 1 AS a",
        "GRANT SELECT ON open TO guest",
        "GRANT USAGE ON SCHEMA public TO guest",
    )
    url = f"postgresql://guest:guest-pass-1@127.0.0.1:{database.server.port}/shop"
    assert open_source(url).name == "shop.open"
    assert refusal(url, "customers")[0] == "no-table"
    assert refusal(url, "SELECT * FROM customers")[0] == "no-permission"
    database.run("DROP OWNED BY guest", "DROP ROLE guest")


def test_rows_arrive_in_bounded_memory(postgres, tmp_path, monkeypatch):
    monkeypatch.setattr("segmentation.data.databases.engine.BATCH_CELLS", 4000)
    # Totals are looked for in all rows at once.
    monkeypatch.setattr("segmentation.data.databases.opening.check_totals", lambda *_: None)
    Database("sqlite", tmp_path / "one.db").run("CREATE TABLE t AS SELECT 1 AS a")
    series = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows}) "
    query = series + "SELECT n, 'a text of some length that is always the same' AS t FROM c"
    for url in (postgres.url(), f"sqlite:///{tmp_path / 'one.db'}"):
        peaks = [peak_of(url, query.format(rows=rows)) for rows in (5_000, 5_000, 50_000)]
        assert peaks[2] < 1.5 * peaks[1]


def peak_of(url, query):
    """The peak memory of Python, in bytes, while a query is read."""
    gc.collect()
    tracemalloc.start()
    try:
        open_source(url, Reading(query))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_table_wider_than_one_query_counts(tmp_path):
    database = Database("sqlite", tmp_path / "shop.db")
    names = [f"c{n}" for n in range(450)]
    database.run(f"CREATE TABLE wide ({', '.join(names)})")
    for row in (range(450), range(1, 451)):
        database.run(f"INSERT INTO wide VALUES ({', '.join(map(str, row))})")
    found = fetch(database)
    assert found["c449"].tolist() == [449, 450] and found.shape == (2, 451)


def test_a_file_named_as_a_table_names_its_url(tmp_path):
    Database("sqlite", tmp_path / "shop.db").run("CREATE TABLE t (a)")
    with pytest.raises(InputError, match="name it as sqlite:///file"):
        open_source(tmp_path / "shop.db")


def test_nothing_is_left_beside_a_sqlite_file_in_wal_mode(tmp_path):
    path = tmp_path / "crm.db"
    con = sqlite3.connect(path)
    con.execute("PRAGMA journal_mode = wal")
    con.execute("CREATE TABLE t (id TEXT, n REAL)")
    con.execute("INSERT INTO t VALUES ('a', 1.5), ('b', 2)")
    con.commit()
    assert open_source(f"sqlite:///{path}").table.count().execute() == 2  # they are in its log
    (tmp_path / "left").mkdir()  # as by a program that was killed
    for name in ("crm.db", "crm.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / "left")
    assert open_source(f"sqlite:///{tmp_path}/left/crm.db").table.count().execute() == 2
    assert len(list((tmp_path / "left").iterdir())) == 2
    shutil.rmtree(tmp_path / "left")
    con.close()
    before = path.read_bytes()
    assert open_source(f"sqlite:///{path}").table.count().execute() == 2
    assert [file.name for file in tmp_path.iterdir()] == ["crm.db"]
    assert path.read_bytes() == before


def test_text_that_is_no_utf_8_is_the_fault_of_its_column(tmp_path):
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, spend REAL, name TEXT)")
        names = [b"M\xfcller" if row == 7 else b"Ann" for row in range(30)]
        rows = [(row, row * 7.5 % 11, name) for row, name in enumerate(names)]
        con.executemany("INSERT INTO t VALUES (?, ?, CAST(? AS TEXT))", rows)
    con.close()
    source = open_source(f"sqlite:///{path}")
    with pytest.raises(InputError, match="column name: holds text that is no UTF-8"):
        source.check()
    notes = [note.what for note in source.check(["id", "spend"])]
    assert "not used: holds text that is no UTF-8" in notes
    assert source.table.count().execute() == 30
