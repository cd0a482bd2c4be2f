"""Tables for the benchmark of scale, written in batches: one like a shop's, three hard ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.scale_measuring import FEATURES, K

SHARES = (0.90, 0.07, 0.02, 0.01)
FAR = 0.01  # share of the rows
BATCH = 1_000_000

Random = np.random.Generator


def make_table(folder: Path, rows: int) -> Path:
    """Returns a Parquet file of customers in four groups, written unless it exists."""
    path = folder / f"customers{rows}.parquet"
    if not path.exists():
        write_table(path, rows)
    return path


def write_table(path: Path, rows: int) -> None:
    """Writes customers in four groups: three amounts to the cent, three whole numbers."""
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


def copy_as_csv(path: Path) -> Path:
    """Returns the same table as a CSV file beside it, written unless it exists."""
    copy = path.with_suffix(".csv")
    if not copy.exists():
        with duckdb.connect() as con:
            con.execute(f"COPY (FROM '{path}') TO '{copy}' (HEADER)")
    return copy


def draw_skewed(rng: Random, middles: np.ndarray, n: int) -> np.ndarray:
    """Draws log-normal groups of similar size: amounts with long tails."""
    return np.exp(middles[rng.integers(0, K, n)] + rng.normal(0, 0.5, (n, len(FEATURES))))


def draw_far(rng: Random, middles: np.ndarray, n: int) -> np.ndarray:
    """Draws round groups of similar size, with 1 % of the rows thirty times as far out."""
    spread = np.where(rng.random(n) < FAR, 15.0, 0.5)[:, None]
    return middles[rng.integers(0, K, n)] + spread * rng.normal(size=(n, len(FEATURES)))


def draw_unbalanced(rng: Random, middles: np.ndarray, n: int) -> np.ndarray:
    """Draws round groups of 90, 7, 2 and 1 % of the rows."""
    return middles[rng.choice(K, n, p=SHARES)] + rng.normal(0, 0.5, (n, len(FEATURES)))


MIXTURES: dict[str, Callable[[Random, np.ndarray, int], np.ndarray]] = {
    "skewed": draw_skewed,
    "outliers": draw_far,
    "unbalanced": draw_unbalanced,
}


def write_mixture(path: Path, name: str, rows: int, seed: int = 3) -> None:
    """Writes rows of a mixture as Parquet."""
    rng = np.random.default_rng([seed, *map(ord, name)])
    middles = rng.normal(0, 1.5, (K, len(FEATURES)))
    schema = pa.schema([(feature, pa.float64()) for feature in FEATURES])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, rows, BATCH):
            X = MIXTURES[name](rng, middles, min(BATCH, rows - start))
            writer.write_table(pa.table(dict(zip(FEATURES, X.T, strict=True)), schema))
