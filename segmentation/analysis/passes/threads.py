"""One thread for linear algebra: the same digits on every machine, and no waiting for busy cores.

Threads of our own, each with one of these, use the cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, TypeVar

import sklearn.cluster  # noqa: F401  loads the libraries that are limited
from joblib import cpu_count
from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(step: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Returns a step's result for each item, computed on all cores, one thread each.

    It pays for steps that leave Python for long, such as K-Means on 10,000 rows; many short calls
    of NumPy take twice as long on two threads as on one. The last items come first, because they
    mostly take longest. The step must draw no numbers from a generator that others draw from, or
    the results would depend on the number of cores.
    """
    with one_thread(), ThreadPoolExecutor(cpu_count()) as pool:
        return list(pool.map(step, [*items][::-1]))[::-1]


def one_thread() -> AbstractContextManager[Any]:
    """Returns a context in which BLAS and OpenMP use one thread."""
    limit: AbstractContextManager[Any] = _find_pools().limit(limits=1)
    return limit


@cache
def _find_pools() -> ThreadpoolController:
    """Looks up the loaded libraries, once: it takes milliseconds, more than a small fit."""
    return ThreadpoolController()
