"""The rows of a table a batch at a time, in order; the table itself stays where it is."""

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

from segmentation.analysis.passes.threads import one_thread
from segmentation.data import ROW, RowGroups, list_row_groups, stream_rows

SIZE = 65_536  # rows
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of mallopt, see malloc.h
Result = TypeVar("Result")
Task = TypeVar("Task")


class Batch(NamedTuple):
    """Some rows: the columns carried along unchanged, and the features' values (d × n).

    A missing value is NaN.
    """

    carried: pa.RecordBatch
    values: np.ndarray


def map_batches(
    table: ir.Table,
    features: Sequence[str],
    work: Callable[[Batch], Result],
    carried: Sequence[str] = (ROW,),
    sort: bool = False,
) -> Iterator[Result]:
    """Yields what `work` returns for each batch, in the order of the rows, using all cores.

    The row groups of a Parquet file are read by the worker that uses them, other tables by their
    engine. `sort` by `ROW` (one of `carried`) if that engine keeps no order of its own.
    """
    groups = list_row_groups(table, carried, features)
    if groups:
        for results in _spread(lambda group: _read(group, carried, features, work), groups):
            yield from results
    else:
        batches = _stream(table, carried, features, sort)
        yield from _spread(lambda batch: work(_split(batch, carried)), batches)


def _spread(work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Yields what `work` returns for each task, in their order, using all cores."""
    _keep_memory()
    cores, waiting = cpu_count(), deque[Future[Result]]()
    # One BLAS thread in each of ours: with more they wait for one another.
    with one_thread(), ThreadPoolExecutor(cores) as pool:
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > 2 * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@cache
def _keep_memory() -> None:
    """Makes glibc keep the memory of a batch for the next one.

    It would return larger pieces to the system and fault them in again page by page, which takes
    a third of the time.
    """
    adjust = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if adjust is not None:
        adjust(TRIM_THRESHOLD, 64 << 20)
        adjust(MMAP_THRESHOLD, 32 << 20)


def _read(
    group: RowGroups,
    carried: Sequence[str],
    features: Sequence[str],
    work: Callable[[Batch], Result],
) -> list[Result]:
    results, row = [], group.before + 1
    names = list(dict.fromkeys([*(name for name in carried if name != ROW), *features]))
    for batch in group.read(names, SIZE):
        numbers = pa.array(np.arange(row, row + len(batch)))
        columns = [numbers if name == ROW else _nan_to_null(batch.column(name)) for name in carried]
        rows = pa.RecordBatch.from_arrays(columns, list(carried)) if carried else batch.select([])
        results.append(work(Batch(rows, _stack(batch.column(name) for name in features))))
        row += len(batch)
    return results


def _nan_to_null(column: pa.Array) -> pa.Array:
    if not pa.types.is_floating(column.type):
        return column
    return pa.array(column.to_numpy(zero_copy_only=False), from_pandas=True)


def _stream(
    table: ir.Table, carried: Sequence[str], features: Sequence[str], sort: bool
) -> Iterator[pa.RecordBatch]:
    others = {f"__k{position}": table[name] for position, name in enumerate(carried)}
    numbers = {
        f"__x{position}": table[name].cast("float64") for position, name in enumerate(features)
    }
    rows = table.select(**others, **numbers)
    if sort:
        rows = rows.order_by(f"__k{list(carried).index(ROW)}")
    yield from stream_rows(rows, SIZE)


def _split(batch: pa.RecordBatch, carried: Sequence[str]) -> Batch:
    others, numbers = batch.columns[: len(carried)], batch.columns[len(carried) :]
    return Batch(pa.RecordBatch.from_arrays(others, list(carried)), _stack(numbers))


def _stack(columns: Iterable[pa.Array]) -> np.ndarray:
    return np.array([column.to_numpy(zero_copy_only=False) for column in columns], dtype=float)
