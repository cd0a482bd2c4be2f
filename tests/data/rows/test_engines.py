"""Embedded engines print nothing into a notebook."""

from __future__ import annotations

import duckdb
import ibis
import pandas as pd

from segmentation.data import Reading, compute, open_source
from segmentation.data.rows.engines import open_engine


def shows_progress(engine) -> bool:
    return engine.raw_sql("SELECT current_setting('enable_progress_bar')").fetchone()[0]


def test_no_engine_shows_its_progress(tmp_path):
    frame = pd.DataFrame({"spend": [1.5, 2.5, 3.0], "visits": [1, 2, 5]})
    (tmp_path / "shop.csv").write_text(frame.to_csv(index=False))
    with duckdb.connect(tmp_path / "shop.duckdb") as con:
        con.execute(
            "CREATE TABLE customers AS SELECT range AS id, range % 7 AS visits FROM range(9)"
        )
    opened = [
        open_source(frame),
        open_source(tmp_path / "shop.csv"),
        open_source(f"duckdb:///{tmp_path}/shop.duckdb", Reading("customers")),
    ]
    engines = [open_engine(), *(source.table.get_backend() for source in opened)]
    for engine in engines:
        engine.raw_sql("SELECT 1")
        assert not shows_progress(engine)
    engines[0].raw_sql("SET enable_progress_bar = true")
    assert shows_progress(engines[0])


def test_memory_tables_are_computed_in_an_engine_of_their_own():
    table = ibis.memtable({"spend": [1.0, 2.0]})
    assert compute(table.aggregate(total=table["spend"].sum()))["total"].tolist() == [3.0]
