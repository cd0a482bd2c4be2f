"""A number for every customer and its hash, the same on every engine."""

from __future__ import annotations

from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir
import numpy as np

from segmentation.data.rows.engines import is_embedded
from segmentation.data.sql import ROW

RUN = 64  # neighbouring rows taken together, so that the engine can skip those between
PRIME = 2_147_483_647  # 2**31 − 1: a square still fits into 64 bits
_FIRST, _SALT = 48_271, 11
_ROUNDS = ((69_621, 1_013_904_223), (39_373, 12_345), (16_807, 362_437))  # multiplier, shift
DIGITS = "0123456789abcdef"
KEY_DIGITS = 15  # below 2**60: of 20,000 tables of ten million ids, one has two alike


@ibis.udf.scalar.builtin(name="md5")
def md5(text: str) -> str:
    """The md5 of a text, in hex: Ibis' own hexdigest has no rule for PostgreSQL."""
    return text  # never runs: the engine has a function of this name


@ibis.udf.scalar.builtin(name="trim")
def cut_blanks(text: str) -> str:
    """The text without the spaces around it: Ibis' own strip also removes line ends and tabs."""
    return text  # never runs: the engine has a function of this name


def number_key(column: ir.Value) -> ir.IntegerColumn:
    """The row number for an id: the id itself if it is an integer, else made of its text's md5."""
    if column.type().is_integer():
        return column.cast("int64")
    return read_key(md5(column.cast("string")))


def read_key(digest: ir.StringValue) -> ir.IntegerColumn:
    """The number in the first 15 digits of an md5."""
    return read_hex(digest, 0, KEY_DIGITS)


def read_hex(text: ir.StringValue, start: int, digits: int) -> ir.IntegerColumn:
    """The number that up to 15 hex digits of a text stand for."""
    values = [_read_digit(text, start + i) for i in range(digits)]
    places = [ibis.literal(16 ** (digits - 1 - i), type="int64") for i in range(digits)]
    return reduce(add, [value * place for value, place in zip(values, places, strict=True)])


def _read_digit(text: ir.StringValue, position: int) -> ir.IntegerColumn:
    """A digit as int64; some engines return narrow positions, whatever Ibis assumes."""
    return ibis.literal(DIGITS).find(text.substr(position, 1)).cast("int32").cast("int64")


def thin_out(table: ir.Table, rows: int, most: int) -> ir.Table:
    """The table, or about `most` of its rows: runs of neighbours at even distances.

    In a database, row numbers are made of ids and have gaps, so rows are drawn by their hashes.
    """
    if rows <= most:
        return table
    if not is_embedded(table):
        return table.filter(hash_rows(table[ROW], 0) < PRIME * most // rows)
    return table.filter(table[ROW].abs() % (RUN * rows // most) < RUN)


def hash_rows(key: ir.IntegerColumn, seed: int) -> ir.IntegerColumn:
    """A number from 0 to 2**31 − 2 for every key, by integer arithmetic common to all engines."""
    mixed = ((key.cast("int64") % PRIME + PRIME) % PRIME * _FIRST + seed % PRIME + _SALT) % PRIME
    for multiplier, shift in _ROUNDS:
        mixed = (mixed * mixed + shift) % PRIME
        mixed = (mixed * multiplier + shift) % PRIME
    return mixed


def hash_keys(keys: np.ndarray, seed: int) -> np.ndarray:
    """The same as `hash_rows`, for keys (n) in memory."""
    mixed = np.mod(keys.astype(np.int64), PRIME)
    mixed *= _FIRST
    mixed += seed % PRIME + _SALT
    mixed = _fold(mixed)
    for multiplier, shift in _ROUNDS:
        mixed *= mixed
        mixed += shift
        mixed = _fold(_fold(mixed))
        mixed *= multiplier
        mixed += shift
        mixed = _fold(mixed)
    mixed = _fold(mixed)
    mixed[mixed == PRIME] = 0
    return mixed


def _fold(numbers: np.ndarray) -> np.ndarray:
    """Shortens non-negative numbers (n), which are overwritten, without changing them mod `PRIME`.

    Numbers below 2**49 end below 2**31 + 2**18, and squares of those fit into 63 bits; folding
    these twice gives at most 2**31 + 1.
    """
    low = numbers & PRIME
    numbers >>= 31
    numbers += low
    return numbers
