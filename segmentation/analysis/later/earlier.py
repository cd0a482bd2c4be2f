"""An earlier report whose numbers and names are kept."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from segmentation.analysis.later.model import Model
from segmentation.analysis.later.model_file import load_model
from segmentation.analysis.later.scoring import match_columns
from segmentation.data import Report, Source, list_past, open_report, read_customers


@dataclass(frozen=True)
class Earlier:
    """An earlier report: its model, and its list of customers if they have ids.

    `past` are the names of all numbers that segments of that run ever had.
    """

    report: Report
    model: Model
    listed: pd.DataFrame | None
    past: dict[int, str]

    @property
    def names_given(self) -> bool:
        """Whether names were given for that report."""
        return bool(self.report.result.get("names_given"))


def open_earlier(folder: str | None, source: Source) -> Earlier | None:
    """Opens the report in this folder; None without a folder.

    Raises `InputError` if it has no model, or the new table lacks a feature of it.
    """
    if folder is None:
        return None
    report = open_report(folder)
    model = load_model(report.folder / "model.json")
    match_columns(model, source)
    return Earlier(report, model, read_customers(report), list_past(report, source.fingerprint))
