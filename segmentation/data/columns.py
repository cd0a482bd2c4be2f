"""The role of every column of a table, and why it has it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import pandas as pd

from segmentation.data.facts import Fact, say_distinct


class Why(Enum):
    """Why a column has its role; `Part.reason` says the same in words."""

    NAMED = auto()  # in a parameter
    NOT_NAMED = auto()  # others were
    NAMES_CUSTOMER = auto()
    IDENTIFIER = auto()
    NAMES_SOMETHING = auto()  # a store, a place; or it may
    EMPTY = auto()
    CONSTANT = auto()
    MOSTLY_MISSING = auto()
    COSTLY = auto()  # as a feature: too many rows would be lost
    NUMBER = auto()
    SCALE = auto()
    CATEGORY = auto()
    DATE = auto()
    CLOCK = auto()  # a date written as a number
    TEXT = auto()
    TOTAL = auto()  # the sum or product of others
    TWIN = auto()  # of a feature
    CROWDED_OUT = auto()  # by earlier features
    USUAL = auto()  # for customers made of order lines
    FROM_ORDERS = auto()


@dataclass(frozen=True)
class Part:
    """What a column is used for: id, feature, value, descriptor or left out; and why."""

    fact: Fact
    role: str
    why: Why
    reason: str


@dataclass(frozen=True)
class Columns:
    """The parts of all columns of a table, in its order.

    `answers` are those in which 1 means yes and 0 no.
    """

    parts: tuple[Part, ...]
    answers: frozenset[str] = frozenset()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.parts[0].fact.rows

    def named(self, role: str) -> list[str]:
        """The columns with this role, in the order of the table."""
        return [part.fact.name for part in self.parts if part.role == role]

    @property
    def id(self) -> str | None:
        """The column that names customers; None if rows are only numbered."""
        return next(iter(self.named("id")), None)

    @property
    def features(self) -> list[str]:
        """The columns to segment on."""
        return self.named("feature")

    @property
    def value(self) -> str | None:
        """The money column to share out over the segments, if one was named."""
        return next(iter(self.named("value")), None)

    @property
    def descriptors(self) -> list[str]:
        """The columns that describe segments without forming them."""
        return self.named("descriptor")

    def frame(self) -> pd.DataFrame:
        """One row per column: column, type, role, reason, missing, distinct.

        `distinct` is a text, at least 98,000, if values were not all counted.
        """
        return pd.DataFrame([_as_row(part) for part in self.parts])


def _as_row(part: Part) -> dict[str, object]:
    fact = part.fact
    return {
        "column": fact.name,
        "type": fact.type,
        "role": part.role,
        "reason": part.reason,
        "missing": fact.missing,
        "distinct": say_distinct(fact) if fact.least else fact.distinct,
    }
