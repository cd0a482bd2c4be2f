"""pandas and scikit-learn in the benchmark of scale, written as their guides suggest.

python -m benchmarks.scale_others NAME FILE FOLDER prints a record of seconds and inertia.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.preprocessing import StandardScaler

from benchmarks.scale_measuring import FEATURES, K, time_step

Record = dict[str, float]


def run_pandas(path: Path, folder: Path) -> Record:
    """Does the job in memory, with one start of K-Means."""

    def work() -> KMeans:
        frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        model = KMeans(K, n_init=1, random_state=0)
        labels = model.fit(StandardScaler().fit_transform(frame[FEATURES])).labels_
        frame.groupby(labels).mean()
        frame.assign(segment=labels)[["segment"]].to_parquet(folder / "labels.parquet")
        return model

    seconds, model = time_step(work)
    return {"seconds": seconds, "inertia": float(model.inertia_)}


def run_minibatch(path: Path, folder: Path) -> Record:
    """Does the job one row group at a time: scaler, MiniBatchKMeans, then labels."""

    def work() -> MiniBatchKMeans:
        scaler, model = StandardScaler(), MiniBatchKMeans(K, random_state=0)
        for X in read_groups(path):
            scaler.partial_fit(X)
        for X in read_groups(path):
            model.partial_fit(scaler.transform(X))
        with pq.ParquetWriter(folder / "labels.parquet", pa.schema({"segment": pa.int32()})) as out:
            for X in read_groups(path):
                out.write_table(pa.table({"segment": model.predict(scaler.transform(X))}))
        return model

    seconds, model = time_step(work)
    return {"seconds": seconds, "inertia": add_squares(path, model.cluster_centers_)}


def read_groups(path: Path) -> Iterator[np.ndarray]:
    """Yields the values (n × 6) of each row group."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            group = file.read_row_group(number, FEATURES)
            yield np.column_stack([column.to_numpy() for column in group.columns]).astype(float)


def add_squares(path: Path, centres: np.ndarray) -> float:
    """Returns the inertia over all rows, in the standardised columns of a Parquet file."""
    scaler, total = StandardScaler(), 0.0
    for X in read_groups(path):
        scaler.partial_fit(X)
    for X in read_groups(path):
        Z = scaler.transform(X)
        total += find_squares(Z, centres).sum()
    return float(total)


def find_squares(X: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Returns the squared distance (n) from each row of X (n × d) to its nearest centre."""
    return np.min([((X - centre) ** 2).sum(axis=1) for centre in centres], axis=0)


OTHERS: dict[str, Callable[[Path, Path], Record]] = {
    "pandas": run_pandas,
    "minibatch": run_minibatch,
}


if __name__ == "__main__":
    name, file, place = sys.argv[1:]
    print(json.dumps(OTHERS[name](Path(file), Path(place))))
