"""Makes the same report from a Parquet file, from PostgreSQL and from Spark.

python -m benchmarks.bench_engines [--rows 200000]

Each report is made by the command (k = 4, depth quick) and compared with that of the file: adjusted
Rand index, largest difference of a segment's size, ratio of seconds. PostgreSQL and Spark
(requirements-spark.txt and Java 17) are skipped if they are not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from tests.data.servers import find_binaries, running_server

ROOT = Path(__file__).parents[1]
K = 4
CREATE = """CREATE TABLE customers (id bigint PRIMARY KEY, spend float8, visits int, tenure float8,
    town text)"""


@dataclass(frozen=True)
class Made:
    """A report: the segment of every customer by id, and the seconds it took."""

    segments: pd.Series
    seconds: float


def make_customers(rows: int) -> pd.DataFrame:
    """Draws customers in four groups, with ids in random order."""
    rng = np.random.default_rng(3)
    group = rng.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])
    middles = np.array([[3, 2, 10], [5, 12, 14], [7, 6, 60], [9, 30, 40]])[group]
    frame = pd.DataFrame({"id": rng.permutation(rows) * 3 + 7})
    frame["spend"] = np.exp(middles[:, 0] + rng.normal(0, 0.4, rows)).round(2)
    frame["visits"] = rng.poisson(middles[:, 1])
    frame["tenure"] = (middles[:, 2] + rng.normal(0, 3, rows)).round(1)
    frame["town"] = rng.choice(["Ulm", "Bonn", "Kiel"], rows)
    return frame


def make_report(dataset: str, folder: Path, *more: str) -> Made:
    """Makes the report of a dataset by the command; a URL is passed in an environment variable."""
    command = [sys.executable, str(ROOT / "run_reports.py"), "--dataset", "env:BENCH_DATASET"]
    if "://" not in dataset:
        command[-1] = dataset
    options = ["--k", str(K), "--features", "spend", "visits", "tenure", "--pdf", "never"]
    for value in ("depth=quick", "id=id", *more):
        options += ["--set", value]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, *options, "--reports", str(folder), "--force"],
        env=os.environ | {"BENCH_DATASET": dataset},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    seconds = time.perf_counter() - start
    (listed,) = folder.glob("*/segmented_customers.*")
    read = pd.read_csv if listed.suffix == ".csv" else pd.read_parquet
    return Made(read(listed).set_index("id")["segment"], seconds)


def compare(one: Made, other: Made) -> tuple[float, float]:
    """Returns the adjusted Rand index, and the largest relative difference of a segment's size."""
    both = pd.concat([one.segments, other.segments], axis=1, join="inner").dropna()
    if len(both) != len(one.segments) or len(both) != len(other.segments):
        raise ValueError(f"{len(both)} customers of {len(one.segments)} are in both")
    sizes = both.apply(pd.Series.value_counts).fillna(0).to_numpy().T
    worst = float((abs(sizes[0] - sizes[1]) / np.maximum(sizes[0], 1)).max())
    return float(adjusted_rand_score(*both.T.to_numpy())), worst


@contextmanager
def in_postgresql(frame: pd.DataFrame) -> Iterator[str]:
    """Yields the URL of a PostgreSQL database that holds the customers."""
    binaries = find_binaries()
    assert binaries is not None
    with running_server(binaries) as server:
        server.run(CREATE)
        server.copy("customers", frame.to_csv(index=False))
        yield server.url()


def measure(rows: int, folder: Path) -> None:
    """Prints a line for each engine."""
    frame = make_customers(rows)
    path = folder / "customers.parquet"
    frame.to_parquet(path)
    known = make_report(str(path), folder / "file")
    print(f"{rows:,} customers: compared with the report from a Parquet file")
    if find_binaries() is None:
        print("PostgreSQL is not installed")
    else:
        with in_postgresql(frame) as url:
            _say("PostgreSQL", known, make_report(url, folder / "postgresql"))
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        print("Spark is not installed")
    else:
        query = f"table=SELECT * FROM parquet.`{path}`"
        _say("Spark", known, make_report("spark://local[2]/default", folder / "spark", query))


def _say(engine: str, known: Made, made: Made) -> None:
    agreement, worst = compare(known, made)
    print(
        f"{engine}: adjusted Rand index {agreement:.4f}, sizes within {worst:.2%}, "
        f"{made.seconds / known.seconds:.1f} times as long"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    with tempfile.TemporaryDirectory() as place:
        measure(parser.parse_args().rows, Path(place))
