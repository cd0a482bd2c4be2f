"""Which number columns of a table are related, and which are related to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from segmentation.data.facts import Fact
from segmentation.data.memory import share_by
from segmentation.data.parquet.row_groups import describe_files
from segmentation.data.rows.keys import thin_out

COLLINEAR = 0.9
MOST_CORRELATED = 20_000
ROWS_A_PART = 5  # fewer, and chance alone makes a column of that many others
FEWEST_TO_JUDGE = 50  # rows, below which chance makes any shape
NEARLY_ALL, SHORTEST = 0.98, 10_000  # share of distinct values, and least value, of a name
NARROW, FLAT = 1.5, 2.2  # ratio of the ends, and kurtosis (even 1.8, bell 3), of a run of numbers
SKEWED, HELPS = 2.0, 0.8  # amounts are logged above this skew, if at most this much of it stays
MADE_OF, PART = 0.999, 0.05  # R² of a column on others, and the weight of one of these
NEARLY, UNITS = 0.98, (0.8, 1.25)  # R² that will do if every part counts about once
SOME_ZEROS = 0.2  # share of a column's rows; without them, its logarithm shows products
UNRELATED, ERRORS = 0.1, 4.0  # |r|, or this many standard errors of it


def find_twins(correlations: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """Returns the columns that repeat an earlier one (|r| > .9), each with that one's name and r.

    Two columns always stay: the second of two is no twin, however close.
    """
    names = list(correlations.columns)
    twins: dict[str, tuple[str, float]] = {}
    for first, second in combinations(names, 2):
        both_stay = first not in twins and second not in twins and len(names) - len(twins) > 2
        r = float(correlations.loc[first, second])
        if both_stay and abs(r) > COLLINEAR:
            twins[second] = (first, r)
    return twins


@share_by(describe_files)
def take_numbers(table: ir.Table, names: Sequence[str], rows: int) -> pd.DataFrame:
    """Returns columns of numbers; large tables are sampled evenly."""
    table = thin_out(table, rows, MOST_CORRELATED)
    numbers = {f"c{i}": table[name].cast("float64") for i, name in enumerate(names)}
    return table.select(**numbers).execute().set_axis(list(names), axis=1)


def find_names(facts: Sequence[Fact], numbers: pd.DataFrame) -> list[str]:
    """Returns the columns whose values look like names: long whole numbers, nearly all different.

    They are as long as one another, lie close together or evenly, and are related to no other
    column of `numbers`. A measure may look so by chance, so this is a doubt and no proof.
    """
    suspects = [fact.name for fact in facts if _is_long(fact)]
    if not suspects or len(numbers.columns) < 2:
        return []
    ranks = numbers.rank()
    limit = max(UNRELATED, ERRORS / np.sqrt(len(numbers)))
    found = []
    for fact in (fact for fact in facts if fact.name in suspects):
        others = ranks.drop(columns=fact.name).corrwith(ranks[fact.name]).abs()
        flat = float(numbers[fact.name].kurt()) + 3 < FLAT or fact.high < NARROW * fact.low
        if flat and not (others > limit).any():
            found.append(fact.name)
    return found if len(found) < len(numbers.columns) else []


def _is_long(fact: Fact) -> bool:
    """Whether these are many whole numbers of one length, nearly all different."""
    many = fact.present >= FEWEST_TO_JUDGE and fact.distinct >= NEARLY_ALL * fact.present
    long = fact.whole and fact.low >= SHORTEST and len(f"{fact.low:.0f}") == len(f"{fact.high:.0f}")
    return many and long and not fact.least


def takes_log(low: float, skew: float, skew_logged: float) -> bool:
    """Whether amounts from `low` up are logged: they are skewed, and much less so afterwards."""
    return low >= 0 and skew > SKEWED and abs(skew_logged) < HELPS * skew


def log_skewed(numbers: pd.DataFrame) -> pd.DataFrame:
    """Returns the columns on the scale on which they are compared: skewed amounts are logged."""
    logged = np.log1p(numbers.clip(lower=0))
    takes = map(takes_log, numbers.min(), numbers.skew(), logged.skew())
    chosen = [name for name, log in zip(numbers, takes, strict=True) if log]
    return numbers.assign(**logged[chosen])


def find_totals(numbers: pd.DataFrame) -> dict[str, list[str]]:
    """Returns the columns that are sums or products of others, each with these parts.

    Exactly (R² > .999), or nearly (> .98) with every part counting about once, as in a product with
    a monthly price that changed. Of a total and its parts, the one with the largest mean is the
    total. Two columns stay.
    """
    totals: dict[str, list[str]] = {}
    whole = numbers.dropna()
    for values in _list_views(whole):
        rest = [name for name in values if name not in totals]
        while len(rest) > 2:
            parts = {name: _find_parts(values[rest], name) for name in rest}
            made = [name for name in rest if len(parts[name]) > 1]
            if not made:
                break
            total = max(made, key=lambda name: float(whole[name].mean()))
            totals[total] = parts[total]
            rest.remove(total)
    return totals


def _list_views(whole: pd.DataFrame) -> list[pd.DataFrame]:
    """Returns the columns, and the logarithms of positive ones and of those with some zeros."""
    zeros = (whole == 0).mean()
    positive = whole.loc[:, whole.min() > 0]
    some = whole.loc[:, (whole.min() >= 0) & (zeros <= SOME_ZEROS)]
    some = some[(some > 0).all(axis=1)]
    views = [whole, np.log(positive), np.log(some)]
    return [
        view for view in views if len(view) >= max(FEWEST_TO_JUDGE, ROWS_A_PART * len(view.columns))
    ]


def _find_parts(values: pd.DataFrame, name: str) -> list[str]:
    """Returns the other columns of which this one is a weighted sum; none if it is not."""
    spread = values.std()
    varied = [other for other in values if spread[other] > 0]
    if name not in varied:
        return []
    Z = ((values - values.mean()) / spread)[varied]
    others = Z.drop(columns=name)
    weights = np.linalg.lstsq(others.to_numpy(), Z[name].to_numpy(), rcond=None)[0]
    unexplained = float((Z[name] - others.to_numpy() @ weights).var())
    parts = {o: abs(w) for o, w in zip(others, weights, strict=True) if abs(w) > PART}
    if unexplained < 1 - MADE_OF:
        return list(parts)
    once = [UNITS[0] <= w * spread[name] / spread[o] <= UNITS[1] for o, w in parts.items()]
    return list(parts) if unexplained < 1 - NEARLY and all(once) else []
