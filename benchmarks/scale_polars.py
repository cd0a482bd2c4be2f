"""The passes over all rows written by hand in Polars, as fast as its streaming engine has them.

python -m benchmarks.scale_polars FILE FOLDER prints a record: seconds, and what was found.
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
    """Seconds of each pass, by the constants that ours left in the folder, and the rows drawn."""
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
    """Count, missing, sums of powers, least and largest; the whole adds cubes and logarithms."""
    import polars as pl

    x = [pl.col(name).cast(pl.Float64) for name in FEATURES]
    logged = [(pl.col(name).clip(0) + 1.0).log().alias(f"{name} logged") for name in FEATURES]
    names = [*FEATURES, *(f"{name} logged" for name in FEATURES if whole)]
    lacking = [pl.col(name).null_count().alias(f"{name} missing") for name in FEATURES]
    values = table.select(x).with_columns(logged if whole else [])
    squares = [(pl.col(name) * pl.col(name)).alias(f"{name} square") for name in names]
    wanted = [each for name in names for each in _add_powers(name, whole)]
    found = values.with_columns(squares).select(pl.len().alias("rows"), *lacking, *wanted)
    return found.collect(engine="streaming")


def _add_powers(name: str, cubes: bool) -> list[Any]:
    import polars as pl

    x, square = pl.col(name), pl.col(f"{name} square")
    found = {"sum": x.sum(), "squares": square.sum(), "low": x.min(), "high": x.max()}
    if cubes:
        found["cubes"] = (square * x).sum()
    return [value.alias(f"{name} {key}") for key, value in found.items()]


def _draw(path: Path, given: dict[str, Any]) -> Any:
    """A sample by the same chances, drawn by Polars' own hash of the row's number."""
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
    z = [pl.col(f"z{at}").sum() for at in range(len(FEATURES))]
    return placed.group_by("segment").agg(*z, pl.len()).collect(engine="streaming")


def _place(table: Any, given: dict[str, Any], target: Path) -> None:
    import polars as pl

    k = len(given["centres"])
    placed = _score(table, given).with_columns(_first(k))
    others = [
        pl.when(pl.col("segment") == at + 1).then(float("inf")).otherwise(pl.col(f"s{at}"))
        for at in range(k)
    ]
    placed = placed.with_columns(pl.min_horizontal(others).alias("next"), _norm().alias("norm"))
    second = pl.coalesce(
        pl.when((pl.col(f"s{at}") == pl.col("next")) & (pl.col("segment") != at + 1)).then(at + 1)
        for at in range(k)
    )
    near, far = (pl.col(name) + pl.col("norm") for name in ("least", "next"))
    certainty = (1.0 - (near.clip(0) / far).sqrt()).round(4)
    listed = placed.select("segment", second.alias("second"), certainty.alias("certainty"))
    listed.sink_parquet(target, compression="snappy", engine="streaming")


def _describe(table: Any, labels: Path) -> Any:
    import polars as pl

    both = pl.concat([table, pl.scan_parquet(labels).select("segment")], how="horizontal")
    found = [each for name in FEATURES for each in _mean_and_sd(pl.col(name), name)]
    return both.group_by("segment").agg(*found, pl.len()).collect(engine="streaming")


def _mean_and_sd(x: Any, name: str) -> list[Any]:
    return [x.mean().alias(f"{name} mean"), x.std(ddof=0).alias(f"{name} sd")]


def _coordinates(given: dict[str, Any]) -> list[Any]:
    import polars as pl

    found = []
    for at, (name, log, centre, spread) in enumerate(given["scales"]):
        x = pl.col(name).cast(pl.Float64)
        found.append((((x.log1p() if log else x) - centre) * (1 / spread)).alias(f"z{at}"))
    return found


def _norm() -> Any:
    import polars as pl

    z = [pl.col(f"z{at}") for at in range(len(FEATURES))]
    return sum((each * each for each in z[1:]), z[0] * z[0])


def _score(table: Any, given: dict[str, Any]) -> Any:
    """The coordinates and, by centre, the squared distance without what all of them have alike."""
    import polars as pl

    scores = []
    for at, centre in enumerate(given["centres"]):
        linear = [pl.col(f"z{j}") * (-2.0 * c) for j, c in enumerate(centre)]
        offset = float(np.square(centre).sum())
        scores.append((sum(linear[1:], linear[0]) + offset).alias(f"s{at}"))
    least = pl.min_horizontal(f"s{at}" for at in range(len(scores))).alias("least")
    return table.select(_coordinates(given)).with_columns(scores).with_columns(least)


def _first(k: int) -> Any:
    import polars as pl

    found = pl.lit(k, pl.Int32)
    for at in reversed(range(k - 1)):
        nearest = pl.when(pl.col(f"s{at}") == pl.col("least"))
        found = nearest.then(pl.lit(at + 1, pl.Int32)).otherwise(found)
    return found.alias("segment")


if __name__ == "__main__":
    print(json.dumps(run_polars(*map(Path, sys.argv[1:]))))
