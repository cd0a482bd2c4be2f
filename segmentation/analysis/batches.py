"""The rows of a table some at a time, in their order: the table itself stays in its engine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from joblib import cpu_count

from segmentation.data import ROW

SIZE = 131_072  # rows
Result = TypeVar("Result")


class Batch(NamedTuple):
    """Some rows: columns that are handed on as they are, and the features' values (d × n).

    A missing value is NaN.
    """

    kept: pa.RecordBatch
    values: np.ndarray


def map_batches(
    table: ir.Table,
    features: Sequence[str],
    work: Callable[[Batch], Result],
    kept: Sequence[str] = (ROW,),
) -> Iterator[Result]:
    """What `work` makes of each batch, in the order of the rows; all cores work at once."""
    numbers = {f"__x{at}": table[name].cast("float64") for at, name in enumerate(features)}
    others = {f"__k{at}": table[name] for at, name in enumerate(kept)}
    rows = table.select(**others, **numbers)
    cores, waiting = cpu_count(), deque[Future[Result]]()
    with ThreadPoolExecutor(cores) as pool:
        for batch in rows.to_pyarrow_batches(chunk_size=SIZE):
            waiting.append(pool.submit(_apply, work, batch, kept))
            if len(waiting) > 2 * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _apply(work: Callable[[Batch], Result], batch: pa.RecordBatch, kept: Sequence[str]) -> Result:
    own, numbers = batch.columns[: len(kept)], batch.columns[len(kept) :]
    values = np.array([column.to_numpy(zero_copy_only=False) for column in numbers], dtype=float)
    return work(Batch(pa.RecordBatch.from_arrays(own, list(kept)), values))
