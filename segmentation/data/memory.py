"""Results of costly steps, kept on disk for the other processes of one call of the runner.

Three reports at three k scan the same customers, and a notebook repeats what the runner checked.
The runner names a private folder in `FOLDER` and deletes it at the end; without it nothing is kept.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

FOLDER = "SEGMENTATION_SHARED"  # an environment variable
Arguments = ParamSpec("Arguments")
Subject = TypeVar("Subject")
Result = TypeVar("Result")
Step = Callable[Concatenate[Subject, Arguments], Result]


def share(step: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Keeps the results of a step by the values of its arguments."""

    @wraps(step)
    def shared(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        folder = os.environ.get(FOLDER)
        if not folder:
            return step(*args, **kwargs)
        kept: Result = _remember(folder, step, [])(*args, **kwargs)
        return kept

    return shared


def share_by(
    key: Callable[[Subject], object],
) -> Callable[[Step[Subject, Arguments, Result]], Step[Subject, Arguments, Result]]:
    """Keeps the results of a step by the key of its first argument and the values of the others.

    For arguments that cannot be hashed themselves; nothing is kept for one whose key is None.
    """

    def decorate(step: Step[Subject, Arguments, Result]) -> Step[Subject, Arguments, Result]:
        @wraps(step)
        def shared(first: Subject, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            folder = os.environ.get(FOLDER)
            known = key(first) if folder else None
            if not folder or known is None:
                return step(first, *args, **kwargs)
            run = _remember(folder, _run, ["step", "first"])
            name = f"{step.__module__}.{step.__qualname__}"
            kept: Result = run(name, known, args, kwargs, step=step, first=first)
            return kept

        return shared

    return decorate


def _run(name: str, key: object, args: Any, kwargs: Any, step: Any, first: Any) -> Any:
    """Runs a step; joblib hashes all but the last two arguments."""
    return step(first, *args, **kwargs)


def _remember(folder: str, step: Callable[..., Any], ignored: list[str]) -> Callable[..., Any]:
    from joblib import Memory  # imported when needed: it takes a while

    # joblib warns of the time that a busy disk takes for notes on the arguments.
    warnings.filterwarnings("ignore", "Persisting input arguments took")
    remembered: Callable[..., Any] = Memory(folder, verbose=0).cache(step, ignore=ignored)
    return remembered
