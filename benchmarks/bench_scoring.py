"""Measures the cost of `--score` on a large table, without the page, in scans of the table.

python -m benchmarks.bench_scoring [--rows 10000000] [--rounds 5]

One scan sums the six columns of the Parquet file. *The write alone* writes a finished list of
customers. Each step of notebooks/scoring.ipynb is timed separately, every round runs in its own
process, and the medians are printed.
"""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import psutil
import pyarrow.parquet as pq

from benchmarks.scale_measuring import FEATURES, time_step
from benchmarks.scale_tables import write_table
from segmentation.analysis import fit_scales, place_customers, take_sample
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.later import (
    describe_model,
    load_model,
    match_columns,
    save_model,
    score_rows,
)
from segmentation.analysis.portraits.profiles import describe_segments
from segmentation.analysis.results import list_scored
from segmentation.data import check_columns, open_source, write_customers

STEPS = ["open", "check", "match", "place", "list", "write"]


def make_model(folder: Path) -> Path:
    """Makes the model of 20,000 such customers."""
    write_table(folder / "small.parquet", 20_000)
    source = open_source(folder / "small.parquet")
    columns = check_columns(source, features=FEATURES)
    sample = take_sample(source.table, fit_scales(source.table, FEATURES), seed=0)
    segmentation = place_customers(sample, fit_segments(sample.X, sample.weights, 4, 0))
    names = pd.Series([f"group {number}" for number in range(1, 5)], segmentation.numbers)
    profiles = describe_segments(segmentation, columns)
    portraits: Any = SimpleNamespace(profiles=profiles, names=names)  # all that a model needs
    path = folder / "model.json"
    save_model(describe_model(segmentation, portraits, columns, "not judged"), path)
    return path


def measure(rows: int, rounds: int, folder: Path) -> None:
    """Prints the cost of each step in seconds and in scans."""
    path = folder / "customers.parquet"
    write_table(path, rows)
    model = make_model(folder)
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        records = list(pool.map(measure_round, *zip(*[(path, model)] * rounds, strict=True)))
    times = pd.DataFrame(records).drop(columns="memory")
    scans = times.div(times["scan"], axis=0)
    middle = times.median()
    print(f"{rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, {rounds} rounds")
    print(f"one scan: {middle['scan']:.2f} s; the write alone: {middle['alone']:.2f} s")
    print(f"memory: {max(part['memory'] for part in records) / 1e9:.2f} GB")
    for step in STEPS:
        print(f"  {step:<6} {middle[step]:6.2f} s  {scans[step].median():6.1f} scans")
    beside = scans[STEPS].sum(axis=1) - scans["alone"]
    rounded = ", ".join(f"{each:.1f}" for each in sorted(beside))
    print(f"all steps minus the write alone: {beside.median():.1f} scans ({rounded})")


def measure_round(path: Path, known: Path) -> dict[str, float]:
    """Returns the seconds of a scan, of every step and of the write alone, and the memory used."""
    sums = ", ".join(f"sum({name})" for name in FEATURES)
    took: dict[str, float] = {}
    with duckdb.connect() as con:
        took["scan"] = median(
            time_step(con.execute, f"SELECT {sums} FROM '{path}'")[0] for _ in "12345"
        )
    model, folder = load_model(known), path.parent
    took["open"], source = time_step(open_source, path)
    took["check"], _ = time_step(source.check, {*FEATURES}, None, True)
    took["match"], _ = time_step(match_columns, model, source)
    took["place"], (scored, _) = time_step(score_rows, source.table, model)
    took["list"], listed = time_step(list_scored, scored, None, model)
    took["write"], _ = time_step(write_customers, listed, folder, source.dialect)
    took["memory"] = psutil.Process().memory_info().rss
    again = [folder / f"again{number}.parquet" for number in range(3)]
    took["alone"] = median(time_step(pq.write_table, listed, path)[0] for path in again)
    for each in again:
        each.unlink()
    return took


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(given.rows, given.rounds, Path(place))
