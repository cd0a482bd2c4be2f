"""The rows of a table some at a time, in their order: the table itself stays where it is."""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import NamedTuple, TypeVar

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from joblib import cpu_count
from threadpoolctl import threadpool_limits

from segmentation.data import ROW, RowGroups, is_embedded, list_row_groups, stream_rows

SIZE = 65_536  # rows
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of mallopt, see malloc.h
Result = TypeVar("Result")
Task = TypeVar("Task")


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
    """What `work` makes of each batch, in the order of the rows; all cores work at once.

    The row groups of a Parquet file are read where they are used, other tables by their engine.
    """
    groups = list_row_groups(table, kept, features)
    if groups:
        for found in _spread(lambda group: _work_through(group, kept, features, work), groups):
            yield from found
    else:
        batches = _ask(table, kept, features)
        yield from _spread(lambda batch: work(_take_apart(batch, kept)), batches)


def _spread(work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """What `work` makes of each task, in their order, on all cores."""
    _keep_memory()
    cores, waiting = cpu_count(), deque[Future[Result]]()
    # One BLAS thread in each of ours: with more they wait for one another.
    with threadpool_limits(1), ThreadPoolExecutor(cores) as pool:
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > 2 * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@cache
def _keep_memory() -> None:
    """Has glibc keep the memory of a batch for the next one.

    It gives larger pieces back otherwise, and gets them anew page by page: a third of the time.
    """
    adjust = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if adjust is not None:
        adjust(TRIM_THRESHOLD, 64 << 20)
        adjust(MMAP_THRESHOLD, 32 << 20)


def _work_through(
    group: RowGroups, kept: Sequence[str], features: Sequence[str], work: Callable[[Batch], Result]
) -> list[Result]:
    found, row = [], group.before + 1
    names = list(dict.fromkeys([*(name for name in kept if name != ROW), *features]))
    for batch in group.read(names, SIZE):
        numbers = pa.array(np.arange(row, row + len(batch)))
        own = [numbers if name == ROW else _without_nan(batch.column(name)) for name in kept]
        rows = pa.RecordBatch.from_arrays(own, list(kept)) if kept else batch.select([])
        found.append(work(Batch(rows, _stack(batch.column(name) for name in features))))
        row += len(batch)
    return found


def _without_nan(column: pa.Array) -> pa.Array:
    if not pa.types.is_floating(column.type):
        return column
    return pa.array(column.to_numpy(zero_copy_only=False), from_pandas=True)


def _ask(table: ir.Table, kept: Sequence[str], features: Sequence[str]) -> Iterator[pa.RecordBatch]:
    others = {f"__k{at}": table[name] for at, name in enumerate(kept)}
    numbers = {f"__x{at}": table[name].cast("float64") for at, name in enumerate(features)}
    rows = table.select(**others, **numbers)
    if not is_embedded(table) and ROW in kept:
        rows = rows.order_by(f"__k{list(kept).index(ROW)}")
    yield from stream_rows(rows, SIZE)


def _take_apart(batch: pa.RecordBatch, kept: Sequence[str]) -> Batch:
    own, numbers = batch.columns[: len(kept)], batch.columns[len(kept) :]
    return Batch(pa.RecordBatch.from_arrays(own, list(kept)), _stack(numbers))


def _stack(columns: Iterable[pa.Array]) -> np.ndarray:
    return np.array([column.to_numpy(zero_copy_only=False) for column in columns], dtype=float)
