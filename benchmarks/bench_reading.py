"""Measures the cost of strict reading: time and memory compared with DuckDB's read_csv.

python benchmarks/bench_reading.py [--mb 1000] [--quotes] [--memory 3GB]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.csv as arrow_csv

from segmentation.data.text.reading import load_text
from segmentation.data.values.typed import type_table

ROWS = 500_000


def write_clean(path: Path, megabytes: int, quotes: bool) -> int:
    """Writes a table of customers of about this size and returns its number of rows."""
    draw, rows = np.random.default_rng(0), 0
    names = np.array(["Ann", "Björn", "Zoë, x" if quotes else "Zoë"])
    with path.open("wb") as file:
        while file.tell() < megabytes * 1_000_000:
            table = pa.table(
                {
                    "customer_id": np.arange(rows, rows + ROWS),
                    "name": names[draw.integers(0, 3, ROWS)],
                    "age": draw.integers(18, 90, ROWS),
                    "spend": draw.normal(100, 30, ROWS).round(2),
                    "visits": draw.poisson(5, ROWS),
                    "share": draw.random(ROWS),
                    "city": np.array(["Berlin", "Paris", "Rome"])[draw.integers(0, 3, ROWS)],
                    "joined": np.array(["2024-01-31", "2023-05-06"])[draw.integers(0, 2, ROWS)],
                }
            )
            style = "needed" if quotes else "none"
            options = arrow_csv.WriteOptions(include_header=rows == 0, quoting_style=style)
            arrow_csv.write_csv(table, file, options)
            rows += ROWS
    return rows


def read_once(way: str, path: Path, folder: Path, memory: str) -> None:
    """Reads the file in one way in this process; prints the seconds to read and to type."""
    config = {"memory_limit": memory, "temp_directory": str(folder / "spill")}
    with duckdb.connect(config=config) as con:
        start = time.perf_counter()
        if way == "duckdb":
            con.execute(f"CREATE TABLE raw AS SELECT * FROM read_csv('{path}')")
        else:
            loaded = load_text(con, path)
        read = time.perf_counter() - start
        if way == "typed":
            type_table(con, loaded).check()
        typed = time.perf_counter() - start - read
    print(read, typed)


def measure(way: str, path: Path, folder: Path, memory: str) -> tuple[float, float, int]:
    """Returns seconds to read, seconds to type and peak bytes, measured in a separate process."""
    command = [sys.executable, __file__, "--way", way, "--path", str(path), "--memory", memory]
    process = psutil.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        try:
            peak = max(peak, process.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.02)
    out, _ = process.communicate()
    read, typed = out.split()
    return float(read), float(typed), peak


def main() -> None:
    """Writes the file, reads it with DuckDB and with this project in turn, prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=1000)
    parser.add_argument("--quotes", action="store_true")
    parser.add_argument("--memory", default="3GB")
    parser.add_argument("--way")
    parser.add_argument("--path", type=Path)
    options = parser.parse_args()
    if options.way:
        read_once(options.way, options.path, options.path.parent, options.memory)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "clean.csv"
        rows = write_clean(path, options.mb, options.quotes)
        print(f"{path.stat().st_size / 1e6:.0f} MB, {rows:,} rows x 8, limit {options.memory}")
        for _ in range(2):
            plain, _, plain_peak = measure("duckdb", path, folder, options.memory)
            ours, _, peak = measure("strict", path, folder, options.memory)
            read, typed, all_peak = measure("typed", path, folder, options.memory)
            print(
                f"DuckDB read_csv {plain:.2f} s, {plain_peak / 1e6:.0f} MB; strict {ours:.2f} s, "
                f"{peak / 1e6:.0f} MB: ratio {ours / plain:.2f}; with types {read + typed:.2f} s, "
                f"{all_peak / 1e6:.0f} MB: ratio {(read + typed) / plain:.2f}"
            )


if __name__ == "__main__":
    main()
