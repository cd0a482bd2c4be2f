"""Which number columns of a table are related, and which are related to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
TINY = 1e-10  # added to the diagonal of correlations, which sums make singular
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
            scaled = Scaled.of(values[rest])
            largest = (
                whole[scaled.list_suspects()].mean().sort_values(ascending=False, kind="stable")
            )
            parts = ((str(name), scaled.find_parts(str(name))) for name in largest.index)
            total, made_of = next((pair for pair in parts if len(pair[1]) > 1), ("", []))
            if not total:
                break
            totals[total] = made_of
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


@dataclass(frozen=True)
class Scaled:
    """Columns that vary, standardised: the triangle R of their QR decomposition, and their rows.

    The least squares of columns on others are those of R, however many rows there are. `spread`
    holds the columns' standard deviations.
    """

    names: list[str]
    R: np.ndarray
    rows: int
    spread: np.ndarray

    @classmethod
    def of(cls, values: pd.DataFrame) -> Scaled:
        """Returns the columns of a table without gaps."""
        spread = values.std()
        varied = values.loc[:, spread > 0]
        spread = spread[spread > 0]
        Z = ((varied - varied.mean()) / spread).to_numpy()
        R = np.asarray(np.linalg.qr(Z, mode="r"))
        return cls(list(varied), R, len(values), spread.to_numpy())

    def list_suspects(self) -> list[str]:
        """Returns the columns of which others may explain nearly all, by the inverse of R'R."""
        correlations = self.R.T @ self.R / (self.rows - 1) + TINY * np.eye(len(self.names))
        unexplained = 1 / np.diag(np.linalg.inv(correlations))
        suspects = unexplained < 2 * (1 - NEARLY)
        return [name for name, is_one in zip(self.names, suspects, strict=True) if is_one]

    def find_parts(self, name: str) -> list[str]:
        """Returns the other columns of which this one is a weighted sum; none if it is not.

        Nearly will do if every part counts about once, as in a sum of prices that changed.
        """
        place = self.names.index(name)
        others, own = np.delete(self.R, place, axis=1), self.R[:, place]
        precision = np.finfo(float).eps * max(self.rows, len(self.names))
        weights = np.linalg.lstsq(others, own, rcond=precision)[0]
        unexplained = float(((own - others @ weights) ** 2).sum()) / (self.rows - 1)
        count = np.abs(weights) * self.spread[place] / np.delete(self.spread, place)
        is_part = np.abs(weights) > PART
        once = (UNITS[0] <= count) & (count <= UNITS[1])
        rest = np.delete(np.array(self.names, dtype=object), place)
        exact, nearly = unexplained < 1 - MADE_OF, unexplained < 1 - NEARLY
        return list(rest[is_part]) if exact or (nearly and once[is_part].all()) else []
