"""What was found out about large files, kept for the other processes of a call that ask the same.

The runner judges a file before it starts a kernel, whose notebook asks again. It names a folder of
its own, open to nobody else and gone at the end; without it nothing is kept.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import ibis.expr.types as ir
from joblib import Memory

from segmentation.data.parquet.row_groups import describe_files

FOLDER = "SEGMENTATION_SHARED"
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Step = Callable[Concatenate[ir.Table, Arguments], Result]


def share_found(step: Step[Arguments, Result]) -> Step[Arguments, Result]:
    """The step, its result kept by its other arguments and the state of the table's files."""

    @wraps(step)
    def shared(table: ir.Table, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        folder, files = os.environ.get(FOLDER), describe_files(table)
        if not folder or files is None:
            return step(table, *args, **kwargs)
        asked = repr((step.__qualname__, files, args, sorted(kwargs.items())))
        kept = Path(folder) / f"{hashlib.sha256(asked.encode()).hexdigest()}.found"
        if kept.exists():
            found: Result = pickle.loads(kept.read_bytes())
            return found
        result = step(table, *args, **kwargs)
        written = kept.with_suffix(f".{os.getpid()}")
        written.write_bytes(pickle.dumps(result))
        written.replace(kept)
        return result

    return shared


Plain = ParamSpec("Plain")


def share(step: Callable[Plain, Result]) -> Callable[Plain, Result]:
    """Keeps the step's results by the values of its arguments, in the shared folder if any."""

    @wraps(step)
    def shared(*args: Plain.args, **kwargs: Plain.kwargs) -> Result:
        folder = os.environ.get(FOLDER)
        if not folder:
            return step(*args, **kwargs)
        kept: Result = Memory(folder, verbose=0).cache(step)(*args, **kwargs)
        return kept

    return shared
