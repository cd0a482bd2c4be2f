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
import pandas as pd

from benchmarks.scale_measuring import FEATURES, K, time_step
from benchmarks.scale_others import add_squares
from benchmarks.scale_quality import measure_quality
from segmentation.analysis import fit_scales, list_customers, place_customers, take_sample
from segmentation.analysis.fitting.clustering import Segments, fit_segments
from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.segmentation import Segmentation, segment_sample
from segmentation.analysis.passes.passes import open_passes
from segmentation.analysis.passes.placement import Placement
from segmentation.analysis.portraits.profiles import describe_segments
from segmentation.data import Columns, Source, check_columns, open_source, write_customers

NUMBERS = range(1, K + 1)
NAMES = pd.Series({number: f"group {number}" for number in NUMBERS})
Record = dict[str, Any]


def run_passes(path: Path, folder: Path) -> Record:
    """Times the passes one after another, as in the notebook."""
    took: Record = {}
    took["open"], source = time_step(open_source, path)
    took["check"], columns = time_step(_check, source)
    took["scales"], scales = time_step(fit_scales, source.table, FEATURES)
    took["sample"], sample = time_step(take_sample, source.table, scales)
    took["fit"], fit = time_step(fit_segments, sample.X, sample.weights, K, 0)
    took["assign"], segmentation = time_step(place_customers, sample, fit, 1)
    took["describe"], _ = time_step(describe_segments, segmentation, columns)
    took["list and write"], _ = time_step(_list, segmentation, folder, source)
    return took


def run_alike(path: Path, folder: Path) -> Record:
    """Times the passes that are also written in Polars; writes their constants to the folder."""
    took: Record = {}
    source = open_source(path)
    columns = check_columns(source, features=FEATURES)
    took["moments"], scales = time_step(fit_scales, source.table, FEATURES)
    took["sample"], sample = time_step(take_sample, source.table, scales)
    fit = fit_segments(sample.X, sample.weights, K, 0)
    placement, passes = Placement(scales, fit.centres, None, NUMBERS), open_passes(source.table)
    took["Lloyd step"], _ = time_step(passes.add_up, placement)
    took["place and write"], segmentation = time_step(_place, sample, fit, folder, source)
    took["means"], _ = time_step(describe_segments, segmentation, columns)
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
        sample = take_sample(source.table, fit_scales(source.table, FEATURES, "none"))
        fit = fit_segments(sample.X, sample.weights, K, 0)
        segmentation = place_customers(sample, fit, 1)
        describe_segments(segmentation, columns)
        _list(segmentation, folder, source)
        return np.asarray(segmentation.segments.centres)

    seconds, centres = time_step(work)
    return {"seconds": seconds, "inertia": add_squares(path, centres)}


def run_quality(path: Path, folder: Path) -> Record:
    """Returns the inertia over all rows of our segments and of a full fit."""
    return measure_quality(open_source(path))


def _check(source: Source) -> Columns:
    source.check({*FEATURES}, None)
    return check_columns(source, features=FEATURES)


def _list(segmentation: Segmentation, folder: Path, source: Source) -> None:
    write_customers(list_customers(segmentation, NAMES), folder, source.dialect)


def _place(sample: Sample, fit: Segments, folder: Path, source: Source) -> Segmentation:
    segmentation = segment_sample(sample, fit)
    _list(segmentation, folder, source)
    return segmentation


OURS: dict[str, Callable[[Path, Path], Record]] = {
    "passes": run_passes,
    "alike": run_alike,
    "ours": run_ours,
    "quality": run_quality,
}


if __name__ == "__main__":
    name, file, place = sys.argv[1:]
    print(json.dumps(OURS[name](Path(file), Path(place))))
