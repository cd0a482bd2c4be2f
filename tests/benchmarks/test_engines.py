"""The same report from a file and from PostgreSQL, by the benchmark's own code."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.bench_engines import (
    Made,
    compare,
    in_postgresql,
    make_customers,
    make_report,
)


def test_other_segments_are_seen():
    one = pd.Series([1, 1, 2, 2], index=[7, 8, 9, 10])
    assert compare(Made(one, 1.0), Made(one.sample(frac=1, random_state=0), 1.0)) == (1.0, 0.0)
    agreement, worst = compare(Made(one, 1.0), Made(one.replace({2: 1}), 1.0))
    assert (agreement, worst) == (0.0, 1.0)
    with pytest.raises(ValueError, match="3 customers"):
        compare(Made(one, 1.0), Made(one[:3], 1.0))


def test_a_table_left_in_postgresql_gives_the_segments_of_the_same_file(postgres, tmp_path):
    del postgres  # skipped where there is none
    frame = make_customers(101_000)
    frame.to_parquet(tmp_path / "customers.parquet")
    few = "k_max=4"  # others than K change nothing that is compared
    known = make_report(str(tmp_path / "customers.parquet"), tmp_path / "file", few)
    with in_postgresql(frame) as url:
        made = make_report(url, tmp_path / "postgresql", few)
    record = next((tmp_path / "postgresql").glob("*/run.json")).read_text()
    assert "copied" not in record and len(made.segments) == 101_000
    agreement, worst = compare(known, made)
    assert agreement >= 0.98 and worst <= 0.01
