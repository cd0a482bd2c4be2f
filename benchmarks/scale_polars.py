"""The passes over all rows written by hand for the streaming engine of Polars.

python -m benchmarks.scale_polars FILE FOLDER prints a record of seconds and the rows drawn.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scale_measuring import FEATURES, time_step

SIZE = 20_000
LABELS = "labels.parquet"


def run_polars(path: Path, folder: Path) -> dict[str, Any]:
    """Times each pass, with the constants that `run_alike` wrote to the folder."""
    import polars as pl

    given = json.loads((folder / "borders.json").read_text(encoding="utf-8"))
    table = pl.scan_parquet(path)
    took: dict[str, Any] = {}
    took["bare moments"], _ = time_step(_measure, table, False)
    took["moments"], _ = time_step(_measure, table, True)
    took["sample"], drawn = time_step(_draw, path, given)
    took["Lloyd step"], _ = time_step(_step, table, given)
    took["place and write"], _ = time_step(_place, table, given, folder / LABELS)
    took["means"], _ = time_step(_describe, table, folder / LABELS)
    return {**took, "drawn": len(drawn)}


def _measure(table: Any, whole: bool) -> Any:
    """Counts, sums powers, finds minimum and maximum; `whole` adds cubes and logarithms."""
    import polars as pl

    x = [pl.col(name).cast(pl.Float64) for name in FEATURES]
    logged = [(pl.col(name).clip(0) + 1.0).log().alias(f"{name} logged") for name in FEATURES]
    names = [*FEATURES, *(f"{name} logged" for name in FEATURES if whole)]
    missing = [pl.col(name).null_count().alias(f"{name} missing") for name in FEATURES]
    values = table.select(x).with_columns(logged if whole else [])
    squares = [(pl.col(name) * pl.col(name)).alias(f"{name} square") for name in names]
    wanted = [each for name in names for each in _add_powers(name, whole)]
    moments = values.with_columns(squares).select(pl.len().alias("rows"), *missing, *wanted)
    return moments.collect(engine="streaming")


def _add_powers(name: str, cubes: bool) -> list[Any]:
    import polars as pl

    x, square = pl.col(name), pl.col(f"{name} square")
    powers = {"sum": x.sum(), "squares": square.sum(), "low": x.min(), "high": x.max()}
    if cubes:
        powers["cubes"] = (square * x).sum()
    return [value.alias(f"{name} {key}") for key, value in powers.items()]


def _draw(path: Path, given: dict[str, Any]) -> Any:
    """Draws a sample with the same chances, using Polars' hash of the row's number."""
    import polars as pl

    share = SIZE / (2.0 * given["used"])
    chance = share * (1.0 + _norm() / given["square"])
    rows = pl.scan_parquet(path, row_index_name="row").with_columns(_coordinates(given))
    drawn = rows.filter(pl.col("row").hash(42).cast(pl.Float64) < chance * 2.0**64)
    weighted = drawn.with_columns((1.0 / chance.clip(upper_bound=1.0)).alias("weight"))
    return weighted.collect(engine="streaming")


def _step(table: Any, given: dict[str, Any]) -> Any:
    import polars as pl

    placed = _score(table, given).with_columns(_first(len(given["centres"])))
    z = [pl.col(f"z{place}").sum() for place in range(len(FEATURES))]
    return placed.group_by("segment").agg(*z, pl.len()).collect(engine="streaming")


def _place(table: Any, given: dict[str, Any], target: Path) -> None:
    import polars as pl

    k = len(given["centres"])
    placed = _score(table, given).with_columns(_first(k))
    others = [
        pl.when(pl.col("segment") == place + 1).then(float("inf")).otherwise(pl.col(f"s{place}"))
        for place in range(k)
    ]
    placed = placed.with_columns(pl.min_horizontal(others).alias("next"), _norm().alias("norm"))
    second = pl.coalesce(
        pl.when((pl.col(f"s{n}") == pl.col("next")) & (pl.col("segment") != n + 1)).then(n + 1)
        for n in range(k)
    )
    near, far = (pl.col(name) + pl.col("norm") for name in ("least", "next"))
    certainty = (1.0 - (near.clip(0) / far).sqrt()).round(4)
    listed = placed.select("segment", second.alias("second"), certainty.alias("certainty"))
    listed.sink_parquet(target, compression="snappy", engine="streaming")


def _describe(table: Any, labels: Path) -> Any:
    import polars as pl

    both = pl.concat([table, pl.scan_parquet(labels).select("segment")], how="horizontal")
    means = [each for name in FEATURES for each in _mean_and_sd(pl.col(name), name)]
    return both.group_by("segment").agg(*means, pl.len()).collect(engine="streaming")


def _mean_and_sd(x: Any, name: str) -> list[Any]:
    return [x.mean().alias(f"{name} mean"), x.std(ddof=0).alias(f"{name} sd")]


def _coordinates(given: dict[str, Any]) -> list[Any]:
    import polars as pl

    coordinates = []
    for place, (name, log, centre, spread) in enumerate(given["scales"]):
        x = pl.col(name).cast(pl.Float64)
        z = ((x.log1p() if log else x) - centre) * (1 / spread)
        coordinates.append(z.alias(f"z{place}"))
    return coordinates


def _norm() -> Any:
    import polars as pl

    z = [pl.col(f"z{place}") for place in range(len(FEATURES))]
    return sum((each * each for each in z[1:]), z[0] * z[0])


def _score(table: Any, given: dict[str, Any]) -> Any:
    """Adds the coordinates and, by centre, the squared distance without the term common to all."""
    import polars as pl

    scores = []
    for place, centre in enumerate(given["centres"]):
        linear = [pl.col(f"z{j}") * (-2.0 * c) for j, c in enumerate(centre)]
        offset = float(np.square(centre).sum())
        scores.append((sum(linear[1:], linear[0]) + offset).alias(f"s{place}"))
    least = pl.min_horizontal(f"s{place}" for place in range(len(scores))).alias("least")
    return table.select(_coordinates(given)).with_columns(scores).with_columns(least)


def _first(k: int) -> Any:
    import polars as pl

    segment = pl.lit(k, pl.Int32)
    for place in reversed(range(k - 1)):
        nearest = pl.when(pl.col(f"s{place}") == pl.col("least"))
        segment = nearest.then(pl.lit(place + 1, pl.Int32)).otherwise(segment)
    return segment.alias("segment")


if __name__ == "__main__":
    print(json.dumps(run_polars(*map(Path, sys.argv[1:]))))
