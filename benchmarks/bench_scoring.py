"""What placing the customers of a large table costs, in scans of it: `--score` without the page.

python benchmarks/bench_scoring.py [--rows 10000000] [--rounds 5]
A scan sums the six columns of the Parquet file; the write alone is that of a list of customers
that is there. Each step of notebooks/scoring.ipynb is timed on its own; every round is a process
of its own, and the medians are printed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.analysis import (
    choose_segments,
    fit_scales,
    gather_evidence,
    judge,
    list_customers,
    place_customers,
    portray,
    recommend_k,
    scan_k,
    take_sample,
)
from segmentation.analysis.later.model import describe_model, load_model, save_model
from segmentation.analysis.later.scoring import match_columns, score_rows
from segmentation.data import check_columns, open_source, write_customers

FEATURES = [f"f{at}" for at in range(6)]
STEPS = ["open", "check", "match", "place", "list", "write"]
BATCH = 1_000_000


def write_table(path: Path, rows: int) -> None:
    """A table of customers in four groups: three amounts to the cent, three whole numbers."""
    draw = np.random.default_rng(1)
    middles = draw.normal(0, 1, (4, 6))
    writer = None
    for start in range(0, rows, BATCH):
        n = min(BATCH, rows - start)
        X = middles[draw.integers(0, 4, n)] + draw.normal(0, 0.3, size=(n, 6))
        columns = [*np.exp(X.T[:3] + 7).round(2), *(100 * X.T[3:] + 500).clip(0).astype(int)]
        table = pa.table(dict(zip(FEATURES, columns, strict=True)))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()


def make_model(folder: Path) -> Path:
    """The model of 20,000 such customers."""
    write_table(folder / "small.parquet", 20_000)
    source = open_source(folder / "small.parquet")
    columns = check_columns(source, features=FEATURES)
    prepared = take_rows(source.table, fit_scales(source.table, FEATURES))
    fit = fit_segments(prepared.X, prepared.weights, 4, 0)
    profiles = describe_segments(assign_segments(prepared, fit)[0], columns)
    names = [f"group {at}" for at in range(1, 5)]
    path = folder / "model.json"
    save_model(build_model(prepared, fit, names, profiles, columns, "not judged", 0), path)
    return path


def measure(rows: int, rounds: int, folder: Path) -> None:
    """Prints what each step costs, in seconds and in scans."""
    path = folder / "customers.parquet"
    write_table(path, rows)
    model = make_model(folder)
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        found = list(pool.map(measure_round, *zip(*[(path, model)] * rounds, strict=True)))
    times = pd.DataFrame(found).drop(columns="memory")
    scans = times.div(times["scan"], axis=0)
    middle = times.median()
    print(f"{rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, {rounds} rounds")
    print(f"one scan: {middle['scan']:.2f} s; the write alone: {middle['alone']:.2f} s")
    print(f"memory: {max(part['memory'] for part in found) / 1e9:.2f} GB")
    for step in STEPS:
        print(f"  {step:<6} {middle[step]:6.2f} s  {scans[step].median():6.1f} scans")
    beside = scans[STEPS].sum(axis=1) - scans["alone"]
    said = ", ".join(f"{each:.1f}" for each in sorted(beside))
    print(f"all, but for the write alone: {beside.median():.1f} scans ({said})")


def measure_round(path: Path, known: Path) -> dict[str, float]:
    """The seconds of a scan, of every step and of the write alone, and the memory at the end."""
    sums = ", ".join(f"sum({name})" for name in FEATURES)
    took: dict[str, float] = {}
    with duckdb.connect() as con:
        took["scan"] = median(
            _time(con.execute, f"SELECT {sums} FROM '{path}'")[0] for _ in "12345"
        )
    model, folder = load_model(known), path.parent
    took["open"], source = _time(open_source, path)
    took["check"], _ = _time(source.check, {*FEATURES}, None, True)
    took["match"], _ = _time(match_columns, model, source)
    took["place"], (scored, _) = _time(score_rows, source.table, model)
    took["list"], listed = _time(list_customers, scored, None, model.names, model.numbers)
    took["write"], _ = _time(write_customers, listed, folder, source.dialect)
    took["memory"] = psutil.Process().memory_info().rss
    again = [folder / f"again{at}.parquet" for at in range(3)]
    took["alone"] = median(_time(pq.write_table, listed, path)[0] for path in again)
    for each in again:
        each.unlink()
    return took


def _time(step: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    found = step(*given)
    return time.perf_counter() - start, found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(given.rows, given.rounds, Path(place))
