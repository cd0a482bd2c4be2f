"""One thread for linear algebra: the same digits on every machine, and no waiting for busy cores.

Threads of our own, each with one of these, use the cores.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import sklearn.cluster  # noqa: F401  loads the libraries that are limited
from threadpoolctl import ThreadpoolController


def one_thread(user_api: str | None = None) -> AbstractContextManager[Any]:
    """Returns a context in which BLAS and OpenMP, or only this `user_api`, use one thread."""
    limit: AbstractContextManager[Any] = _find_pools().limit(limits=1, user_api=user_api)
    return limit


@cache
def _find_pools() -> ThreadpoolController:
    """Looks up the loaded libraries, once: it takes milliseconds, more than a small fit."""
    return ThreadpoolController()
