"""Order lines make the same customers, to the last bit, wherever they are and in any order."""

from __future__ import annotations

import io

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmentation.data import Reading, open_source
from segmentation.data.orders import build_customers
from tests.data.databases.test_opening import empty_again

ORDERS = {"customer": "who", "date": "day", "quantity": "n", "price": "each"}


def make_lines(n: int = 6_000) -> pd.DataFrame:
    """Lines of 300 customers; every third returns all they bought, in other parcels."""
    rng = np.random.default_rng(3)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, n), "D")
    lines = pd.DataFrame({"who": rng.integers(1_000, 1_300, n), "day": day})
    lines["n"], lines["each"] = rng.integers(1, 12, n), rng.integers(1, 9_999, n) / 100
    back = lines[lines["who"] % 3 == 0]
    back = pd.concat([back.assign(n=-1), back.assign(n=1 - back["n"])])
    return pd.concat([lines, back[back["n"] < 0]], ignore_index=True)


def read_customers(dataset, threads, table=None):
    source = open_source(dataset, Reading(table), copied=True, keys=("who",))
    source.table.get_backend().raw_sql(f"SET threads = {threads}")
    customers = build_customers(source.table, ORDERS)[0].execute()
    return customers.assign(who=customers["who"].astype(float))


def save_everywhere(folder, lines):
    """The lines in a file, a folder and a database, each time in another order."""
    shuffled = [lines.sample(frac=1, random_state=seed) for seed in range(4)]
    shuffled[0].to_csv(folder / "lines.csv", index=False)
    (folder / "lake").mkdir()
    for i, part in enumerate(np.array_split(np.arange(len(lines)), 3)):
        shuffled[1].iloc[part].to_parquet(folder / "lake" / f"{i}.parquet", row_group_size=500)
    with duckdb.connect(folder / "shop.duckdb") as con:
        con.register("shuffled", shuffled[2])
        con.execute("CREATE TABLE lines AS FROM shuffled")
    return folder / "lines.csv", folder / "lake", f"duckdb:///{folder}/shop.duckdb"


@pytest.mark.long
def test_neither_the_place_nor_the_order_nor_threads_change_the_customers(tmp_path):
    lines = make_lines()
    first = read_customers(lines, 1)
    assert len(first) == 200 and not (first["who"] % 3 == 0).any()
    for dataset, threads in zip(save_everywhere(tmp_path, lines), (2, 8, 8), strict=True):
        pd.testing.assert_frame_equal(
            first, read_customers(dataset, threads), check_exact=True, check_dtype=False
        )


@pytest.mark.long
@pytest.mark.server
def test_a_server_gives_the_same_customers(postgres):
    empty_again(postgres)
    lines, text = make_lines(), io.StringIO()
    lines.sample(frac=1, random_state=9).to_csv(text, index=False)
    postgres.run("CREATE TABLE lines (who integer, day date, n integer, each numeric(10, 2))")
    postgres.copy("lines", text.getvalue())
    there = read_customers(postgres.url(), 8, "lines")
    pd.testing.assert_frame_equal(
        read_customers(lines, 1), there, check_exact=True, check_dtype=False
    )
