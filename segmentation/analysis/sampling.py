"""A weighted sample that stands for a large table, the same on every engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from segmentation.data import ROW

if TYPE_CHECKING:
    from segmentation.analysis.features import Scale

WEIGHT = "__weight__"
PRIME = 2_147_483_647  # 2**31 − 1: a square still fits into 64 bits


def draw_coreset(
    whole: ir.Table, scales: Sequence[Scale], rows: int, size: int, seed: int
) -> ir.Table:
    """About `size` of the rows, each with the `WEIGHT` of the rows that it stands for.

    A lightweight coreset (Bachem, Lucic, Krause 2018): half of the chance to be drawn is equal
    for all, half grows with the squared distance from the mean. A row is kept when its own
    number, hashed with the seed, falls below its chance, so one pass draws it.
    """
    z = [scale.expression(whole) for scale in scales]
    norm = sum((coordinate * coordinate for coordinate in z[1:]), z[0] * z[0])
    spread = float(whole.aggregate(norm=norm.mean()).execute().iloc[0]["norm"])
    chance = ibis.least(1.0, (size / (2.0 * rows)) * (1.0 + norm / spread))
    drawn = whole.mutate(**{WEIGHT: 1.0 / chance})
    threshold = (float(PRIME) / drawn[WEIGHT]).cast("int64")
    return drawn.filter(hash_rows(drawn[ROW], seed) < threshold)


def hash_rows(key: ir.IntegerColumn, seed: int) -> ir.IntegerColumn:
    """A number from 0 to 2**31 − 2 for every key, by integer arithmetic that all engines share."""
    mixed = (key.cast("int64") % PRIME * 48_271 + (seed % PRIME) + 11) % PRIME
    for multiplier, shift in ((69_621, 1_013_904_223), (39_373, 12_345), (16_807, 362_437)):
        mixed = (mixed * mixed + shift) % PRIME
        mixed = (mixed * multiplier + shift) % PRIME
    return mixed
