"""The costly steps, computed once for all runs of a call that need the same.

Three reports at three k try the same numbers of segments on the same customers. The runner names a
folder of its own, open to nobody else and gone at the end; without it nothing is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from joblib import Memory

from segmentation.analysis.fitting import scan
from segmentation.analysis.trust import gap_statistic, stability, structure, valleys
from segmentation.data.memory import FOLDER

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def share(step: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The step, its results kept by the values of its arguments in the folder that is named."""

    @wraps(step)
    def shared(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        folder = os.environ.get(FOLDER)
        if not folder:
            return step(*args, **kwargs)
        kept: Result = Memory(folder, verbose=0).cache(step)(*args, **kwargs)
        return kept

    return shared


scan_k = share(scan.scan_k)
try_ks = share(stability.try_ks)
find_structure = share(structure.find_structure)
find_borders = share(valleys.find_borders)
measure_gap = share(gap_statistic.measure_gap)
