"""What comes after a report: its model and SQL, new customers, later and other reports."""

from segmentation.analysis.later.comparing import (
    Comparison,
    compare_reports,
    list_axes,
    tabulate_both,
    tabulate_differences,
    tabulate_nearest,
)
from segmentation.analysis.later.drift import Shift, measure_shifts, tabulate_shifts
from segmentation.analysis.later.model import Model
from segmentation.analysis.later.model_file import (
    describe_model,
    load_model,
    name_report,
    save_model,
)
from segmentation.analysis.later.scoring import (
    Match,
    Scored,
    match_columns,
    score_rows,
    tabulate_placed,
    tabulate_shares,
)
from segmentation.analysis.later.sql import compile_sql

__all__ = [
    "Comparison",
    "Match",
    "Model",
    "Scored",
    "Shift",
    "compare_reports",
    "compile_sql",
    "describe_model",
    "list_axes",
    "load_model",
    "match_columns",
    "measure_shifts",
    "name_report",
    "save_model",
    "score_rows",
    "tabulate_both",
    "tabulate_differences",
    "tabulate_nearest",
    "tabulate_placed",
    "tabulate_shares",
    "tabulate_shifts",
]
