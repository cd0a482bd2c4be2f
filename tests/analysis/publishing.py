"""Small published reports, and tables segmented like them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segmentation.analysis import (
    fit_scales,
    keep_numbers,
    open_earlier,
    place_customers,
    take_sample,
)
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.later.model_file import save_model
from segmentation.analysis.later.movement import Movement
from segmentation.analysis.later.numbering import Changes, Kept
from segmentation.analysis.trust.chance import Chance
from segmentation.data import ROW, Report, open_report, open_source, write_csv
from segmentation.data.rows.file_hashes import file_sha256
from tests.analysis.conftest import analyse, record_model

STILL = Chance(0.0, 0.0)
CENTRES = {"young": (20, 100), "old": (60, 100), "rich": (20, 400), "new": (60, 400)}
THEN = {"young": 60, "old": 50, "rich": 40}


def make_customers(sizes: dict[str, int], seed: int) -> pd.DataFrame:
    """Customers of each kind, around its centre."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"{kind}{at}", *(np.array(CENTRES[kind]) + rng.normal(size=2) * [2, 9]))
        for kind, n in sizes.items()
        for at in range(n)
    ]
    return pd.DataFrame(rows, columns=["id", "age", "spend"])


def publish(frame: pd.DataFrame, k: int, folder: Path, **more: Any) -> Report:
    """A published report of these customers; `more` is in its result."""
    a = analyse(frame, k, k_max=2)
    folder.mkdir()
    save_model(record_model(a), folder / "model.json")
    listed = a.assigned.execute().set_index("id")["__segment__"].rename("segment").reset_index()
    write_csv(listed.assign(segment_name="x"), folder / "segmented_customers.csv")
    table, names = a.portraits.table.reset_index().to_dict("records"), a.portraits.names.tolist()
    result = {"id": "id", "segments": table, "names": names} | more
    (folder / "result.json").write_text(json.dumps(result, default=str))
    sums = {path.name: file_sha256(path) for path in folder.iterdir()}
    record = {"run": folder.name, "finished": "2026-03-31T08:00:00+00:00", "files": sums}
    (folder / "run.json").write_text(json.dumps(record))
    return open_report(folder)


@dataclass(frozen=True)
class Made:
    """A table segmented like an earlier report."""

    segmentation: Segmentation
    changes: Changes

    @property
    def kept(self) -> Kept:
        return self.changes.kept

    @property
    def movement(self) -> Movement | None:
        return self.changes.movement

    @cached_property
    def assigned(self) -> pd.DataFrame:
        return self.segmentation.customers.order_by(ROW).execute()


def keep(
    frame: pd.DataFrame,
    k: int,
    report: Report,
    features: Sequence[str] = ("age", "spend"),
    id: str | None = "id",
) -> Made:
    """The customers in k segments, with the numbers of a report."""
    source = open_source(frame)
    sample = take_sample(source.table, fit_scales(source.table, features), seed=0, id=id)
    segmentation = place_customers(sample, fit_segments(sample.X, sample.weights, k, 0))
    numbered, changes = keep_numbers(segmentation, open_earlier(str(report.folder), source))
    assert changes is not None
    return Made(numbered, changes)


def changes_since(report: Report, kept: Kept) -> Changes:
    """What changed since a report, if these of its numbers are kept and nobody is followed."""
    earlier = open_earlier(str(report.folder), open_source(make_customers(THEN, 1)))
    assert earlier is not None
    return Changes(earlier, kept, None, STILL, {})
