"""Whether a report on new data is as expected, given the last good one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segmentation.data.published.vocabulary import BEST_FIRST
from segmentation.reporting.settings import Expectations


def find_surprises(
    before: Mapping[str, Any], now: Mapping[str, Any], expected: Expectations
) -> list[str]:
    """Returns, in words, how a new record (run.json with its `result`) breaks expectations.

    Empty on the same data. The verdict is only compared if the parameters are the same.
    """
    if not before or before.get("sha256") == now["sha256"]:
        return []
    surprises = []
    if expected.rows:
        surprises += _compare_rows(before.get("rows"), now.get("rows"), expected.rows)
    if expected.columns == "same":
        surprises += _compare_columns(before.get("columns"), now.get("columns"))
    # With other parameters another verdict was intended.
    if expected.verdict == "not worse" and before.get("changed") == now.get("changed"):
        surprises += _compare_verdicts(_find_kind(before), _find_kind(now))
    return surprises


def find_rescaled(result: Mapping[str, Any]) -> list[str]:
    """Returns, in words, which features are in another unit than in the earlier report."""
    powers = ((result.get("changes") or {}).get("rescaled") or {}).items()
    return [
        f"{name} is about {10 ** abs(power):,} times {'as large' if power > 0 else 'smaller'} for "
        "all customers: another unit, as cents for euros would be"
        for name, power in powers
    ]


def find_mangled(result: Mapping[str, Any]) -> list[str]:
    """Returns, in words, that ids are written otherwise than in the earlier report, if so."""
    is_mangled = (result.get("changes") or {}).get("mangled")
    what = "ids lost the zeros or the .0 that they have in the earlier list: nobody is followed"
    return [what] if is_mangled else []


def _compare_rows(before: int | None, now: int | None, per_cent: int) -> list[str]:
    if not before or now is None or abs(100 * (now - before) / before) <= per_cent:
        return []
    verb = "fell" if now < before else "rose"
    return [f"rows {verb} from {before:,} to {now:,}, by more than {per_cent} %"]


def _compare_columns(before: list[str] | None, now: list[str] | None) -> list[str]:
    if not before or not now:
        return []
    gone = [f"column {name} is gone" for name in before if name not in now]
    return gone + [f"column {name} is new" for name in now if name not in before]


def _compare_verdicts(before: str, now: str) -> list[str]:
    known = before in BEST_FIRST and now in BEST_FIRST
    worse = known and BEST_FIRST.index(now) > BEST_FIRST.index(before)
    return [f"the verdict was {before}, is {now}"] if worse else []


def _find_kind(record: Mapping[str, Any]) -> str:
    return str(((record.get("result") or {}).get("verdict") or {}).get("kind"))
