"""A weighted sample that stands for a large table, the same on every engine.

A lightweight coreset (Bachem, Lucic, Krause 2018): half of a row's chance of being drawn is the
same for all rows, half grows with its squared distance from the mean. A row is drawn if its key,
hashed with the seed, falls below its chance, and then stands for 1 / chance rows: one pass draws
the sample.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np

from segmentation.analysis.passes.scales import Scales, express_filled
from segmentation.data import PRIME, ROW, hash_rows, number_key

WEIGHT, KEY = "__weight__", "__key__"


def find_chances(Z: np.ndarray, scales: Scales, size: int) -> np.ndarray:
    """Returns the chance of each of n rows (coordinates `Z` d × n) of being drawn.

    About `size` rows are drawn. The chance is NaN if a coordinate is.
    """
    away = Z - scales.middle[:, None]
    norms = np.einsum("ij,ij->j", away, away)
    share = size / (2.0 * scales.counts.used)
    return np.asarray(np.minimum(1.0, share * (1.0 + norms / scales.square)))


def express_drawn(
    table: ir.Table, scales: Scales, size: int, seed: int, key: str | None
) -> ir.Table:
    """Returns the drawn rows as an expression: `ROW`, the features (filled) and `WEIGHT`."""
    name, keyed = add_key(table, key)
    z = [s.express(keyed) - float(m) for s, m in zip(scales, scales.middle, strict=True)]
    norm = sum((coordinate * coordinate for coordinate in z[1:]), z[0] * z[0])
    share = size / (2.0 * scales.counts.used)
    chance = ibis.least(1.0, share * (1.0 + norm / scales.square))
    values = {s.feature: express_filled(keyed, s.feature, s.fill) for s in scales}
    hashed = hash_rows(keyed[name], seed)
    rows = keyed.select(ROW, **values, **{WEIGHT: 1.0 / chance, KEY: hashed})
    rows = rows.drop_null(list(values))
    drawn = rows.filter(rows[KEY] < (float(PRIME) / rows[WEIGHT]).floor())
    return drawn.drop(KEY)


def add_key(table: ir.Table, key: str | None) -> tuple[str, ir.Table]:
    """Returns the name of a column of whole numbers that identify rows, and the table with it.

    `key` names an id column; if missing, the key is `ROW`.
    """
    if key is None:
        return ROW, table
    if table[key].type().is_integer():
        return key, table
    return KEY, table.mutate(**{KEY: number_key(table[key])})
