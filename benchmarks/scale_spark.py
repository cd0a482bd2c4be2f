"""Spark MLlib's K-Means on a Parquet file, on two local cores.

python -m benchmarks.scale_spark FILE FOLDER prints a record of seconds and inertia.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.scale_measuring import FEATURES, K, time_step


def run_spark(path: Path, folder: Path) -> dict[str, Any]:
    """Reads, standardises, fits and writes the labels; the start of Spark is not timed."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.driver.memory", "12g")
    spark = builder.config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    seconds, inertia = time_step(_work, spark, path, folder)
    spark.stop()
    return {"seconds": seconds, "inertia": inertia}


def _work(spark: Any, path: Path, folder: Path) -> float:
    from pyspark.ml import Pipeline
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.feature import StandardScaler, VectorAssembler

    raw = VectorAssembler(inputCols=FEATURES, outputCol="raw")
    scaler = StandardScaler(inputCol="raw", outputCol="features", withMean=True)
    rows = spark.read.parquet(str(path))
    prepared = Pipeline(stages=[raw, scaler]).fit(rows).transform(rows)
    scaled = prepared.select("features").cache()
    model = KMeans(k=K, seed=0).fit(scaled)
    labels = model.transform(scaled).select("prediction")
    labels.write.mode("overwrite").parquet(str(folder / "labels"))
    return float(model.summary.trainingCost)


if __name__ == "__main__":
    print(json.dumps(run_spark(*map(Path, sys.argv[1:]))))
