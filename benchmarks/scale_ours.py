"""This project in the benchmark of scale: pass by pass, and the job that the others do too.

python -m benchmarks.scale_ours NAME FILE FOLDER prints a record of seconds by step and inertia.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scale_measuring import FEATURES, K, time_step
from benchmarks.scale_others import add_squares
from benchmarks.scale_quality import measure_quality
from segmentation.analysis import (
    Assigned,
    assign_segments,
    describe_segments,
    fit_scales,
    fit_segments,
    list_customers,
    take_rows,
)
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.placement import Placement
from segmentation.data import Columns, Source, check_columns, open_source, write_customers

NAMES = [f"group {number}" for number in range(1, K + 1)]
Record = dict[str, Any]


def run_passes(path: Path, folder: Path) -> Record:
    """Times the passes one after another, as in the notebook."""
    took: Record = {}
    took["open"], source = time_step(open_source, path)
    took["check"], columns = time_step(_check, source)
    took["scales"], scales = time_step(fit_scales, source.table, FEATURES)
    took["sample"], prepared = time_step(take_rows, source.table, scales)
    took["fit"], fit = time_step(fit_segments, prepared.X, prepared.weights, K, 0)
    took["assign"], (assigned, _) = time_step(assign_segments, prepared, fit, 1)
    took["describe"], _ = time_step(describe_segments, assigned, columns)
    took["list and write"], _ = time_step(_list, assigned, folder, source)
    return took


def run_alike(path: Path, folder: Path) -> Record:
    """Times the passes that are also written in Polars; writes their constants to the folder."""
    took: Record = {}
    source = open_source(path)
    columns = check_columns(source, features=FEATURES)
    took["moments"], scales = time_step(fit_scales, source.table, FEATURES)
    took["sample"], prepared = time_step(take_rows, source.table, scales)
    fit = fit_segments(prepared.X, prepared.weights, K, 0)
    borders, passes = Placement(scales, fit.centres, None, fit.numbers), open_passes(source.table)
    took["Lloyd step"], _ = time_step(passes.add_up, borders)
    took["place and write"], assigned = time_step(_place, prepared, borders, folder, source)
    took["means"], _ = time_step(describe_segments, assigned, columns)
    lines = [(s.feature, s.log, s.centre, s.spread) for s in scales]
    record = {"scales": lines, "square": scales.square, "used": scales.counts.used}
    record["centres"] = fit.centres.tolist()
    (folder / "borders.json").write_text(json.dumps(record), encoding="utf-8")
    return took


def run_ours(path: Path, folder: Path) -> Record:
    """Does the job of the others: the columns are not logged, since theirs are not."""

    def work() -> np.ndarray:
        source = open_source(path)
        columns = check_columns(source, features=FEATURES)
        prepared = take_rows(source.table, fit_scales(source.table, FEATURES, "none"))
        fit = fit_segments(prepared.X, prepared.weights, K, 0)
        assigned, segments = assign_segments(prepared, fit, 1)
        describe_segments(assigned, columns)
        _list(assigned, folder, source)
        return np.asarray(segments.centres)

    seconds, centres = time_step(work)
    return {"seconds": seconds, "inertia": add_squares(path, centres)}


def run_quality(path: Path, folder: Path) -> Record:
    """Returns the inertia over all rows of our segments and of a full fit."""
    return measure_quality(open_source(path))


def _check(source: Source) -> Columns:
    source.check({*FEATURES}, None)
    return check_columns(source, features=FEATURES)


def _list(assigned: Assigned, folder: Path, source: Source) -> None:
    listed = list_customers(assigned.placed, None, NAMES, range(1, K + 1))
    write_customers(listed, folder, source.dialect)


def _place(prepared: Any, borders: Placement, folder: Path, source: Source) -> Assigned:
    placed = open_passes(source.table).place(borders, ["__row__"])
    assigned = Assigned(prepared, placed, borders)
    _list(assigned, folder, source)
    return assigned


OURS: dict[str, Callable[[Path, Path], Record]] = {
    "passes": run_passes,
    "alike": run_alike,
    "ours": run_ours,
    "quality": run_quality,
}


if __name__ == "__main__":
    name, file, place = sys.argv[1:]
    print(json.dumps(OURS[name](Path(file), Path(place))))
