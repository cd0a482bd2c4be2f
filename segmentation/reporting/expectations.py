"""Whether a report on new data is what was expected of it, next to the last good one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segmentation.reporting.settings import Expectations

BEST_FIRST = ("natural", "reproducible", "constructive", "one group", "too few to tell")


def find_surprises(
    before: Mapping[str, Any], now: Mapping[str, Any], expected: Expectations
) -> list[str]:
    """What of a new record (run.json and its `result`) nobody expected after the one before.

    Nothing on the same data, and nothing of the verdict where parameters differ too: then the
    change was asked for.
    """
    if not before or before.get("sha256") == now["sha256"]:
        return []
    said = []
    rows, rows_now = before.get("rows"), now.get("rows")
    if expected.rows and rows and rows_now is not None:
        change = 100 * (rows_now - rows) / rows
        if abs(change) > expected.rows:
            verb = "fell" if change < 0 else "rose"
            said.append(
                f"rows {verb} from {rows:,} to {rows_now:,}, by more than {expected.rows} %"
            )
    columns, columns_now = before.get("columns"), now.get("columns")
    if expected.columns == "same" and columns and columns_now:
        gone = [name for name in columns if name not in columns_now]
        new = [name for name in columns_now if name not in columns]
        said += [f"column {name} is gone" for name in gone]
        said += [f"column {name} is new" for name in new]
    if expected.verdict == "not worse" and before.get("changed") == now.get("changed"):
        kinds = [_kind(record) for record in (before, now)]
        if all(kind in BEST_FIRST for kind in kinds):
            was, is_now = map(BEST_FIRST.index, kinds)
            if is_now > was:
                said.append(f"the verdict was {kinds[0]}, is {kinds[1]}")
    return said


def _kind(record: Mapping[str, Any]) -> str:
    return str(((record.get("result") or {}).get("verdict") or {}).get("kind"))
