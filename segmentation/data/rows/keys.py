"""A whole number that tells a customer apart, and its hash: the same on every engine."""

from __future__ import annotations

from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir
import numpy as np

from segmentation.data.rows.engines import is_embedded
from segmentation.data.sql import ROW

RUN = 64  # rows that are taken together: the engine skips what lies between
PRIME = 2_147_483_647  # 2**31 − 1: a square still fits into 64 bits
_FIRST, _SALT = 48_271, 11
_ROUNDS = ((69_621, 1_013_904_223), (39_373, 12_345), (16_807, 362_437))  # multiplier, shift
DIGITS = "0123456789abcdef"
KEY_DIGITS = 15  # below 2**60: ten million ids have two alike in one of 20,000 tables


@ibis.udf.scalar.builtin(name="md5")
def md5(text: str) -> str:
    """The md5 of a text, in hex: Ibis' own hexdigest has no rule for PostgreSQL."""
    return text  # never run: the engine has a function of this name


@ibis.udf.scalar.builtin(name="trim")
def cut_blanks(text: str) -> str:
    """The text without the spaces around it: Ibis' own strip takes line ends and tabs too."""
    return text  # never run: the engine has a function of this name


def number_key(column: ir.Value) -> ir.IntegerColumn:
    """The number of the row that has this id: an integer itself, else made of its text's md5."""
    if column.type().is_integer():
        return column.cast("int64")
    return read_key(md5(column.cast("string")))


def read_key(digest: ir.StringValue) -> ir.IntegerColumn:
    """The number that an md5 makes: its first 15 digits."""
    return read_hex(digest, 0, KEY_DIGITS)


def read_hex(text: ir.StringValue, start: int, digits: int) -> ir.IntegerColumn:
    """The number that these hex digits of a text stand for; 15 digits are the most."""
    found = [_digit(text, start + at) for at in range(digits)]
    worth = [ibis.literal(16 ** (digits - 1 - at), type="int64") for at in range(digits)]
    return reduce(add, [digit * value for digit, value in zip(found, worth, strict=True)])


def _digit(text: ir.StringValue, at: int) -> ir.IntegerColumn:
    """A digit as a wide integer; engines find places as narrow ones, whatever Ibis thinks."""
    return ibis.literal(DIGITS).find(text.substr(at, 1)).cast("int32").cast("int64")


def thin_out(table: ir.Table, rows: int, most: int) -> ir.Table:
    """The table, or of more than `most` rows about so many: runs of neighbours, evenly apart.

    In an engine elsewhere numbers of rows have gaps: there the rows are drawn by their hashes.
    """
    if rows <= most:
        return table
    if not is_embedded(table):
        return table.filter(hash_rows(table[ROW], 0) < PRIME * most // rows)
    return table.filter(table[ROW].abs() % (RUN * rows // most) < RUN)


def hash_rows(key: ir.IntegerColumn, seed: int) -> ir.IntegerColumn:
    """A number from 0 to 2**31 − 2 for every key, by integer arithmetic that all engines share."""
    mixed = ((key.cast("int64") % PRIME + PRIME) % PRIME * _FIRST + seed % PRIME + _SALT) % PRIME
    for multiplier, shift in _ROUNDS:
        mixed = (mixed * mixed + shift) % PRIME
        mixed = (mixed * multiplier + shift) % PRIME
    return mixed


def hash_keys(keys: np.ndarray, seed: int) -> np.ndarray:
    """What `hash_rows` gives, for keys (n) in memory."""
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
    """The same modulo `PRIME`, of fewer bits: numbers (n, from 0) are overwritten.

    Below 2**49 they come out below 2**31 + 2**18, whose squares fit into 63 bits; these, folded
    twice, are at most 2**31 + 1.
    """
    low = numbers & PRIME
    numbers >>= 31
    numbers += low
    return numbers
