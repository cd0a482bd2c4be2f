"""A whole number that tells a customer apart, and its hash: the same on every engine."""

from __future__ import annotations

from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir
import numpy as np

PRIME = 2_147_483_647  # 2**31 − 1: a square still fits into 64 bits
_FIRST, _SALT = 48_271, 11
_ROUNDS = ((69_621, 1_013_904_223), (39_373, 12_345), (16_807, 362_437))  # multiplier, shift
DIGITS = 15  # of sixteen values each: the number fits into 64 bits with its sign
_HEX = "0123456789abcdef"


@ibis.udf.scalar.builtin(name="md5")
def _md5(text: str) -> str:  # type: ignore[empty-body]
    """The digest in hex, as the engine has it."""


def number_key(column: ir.Value) -> ir.IntegerColumn:
    """An id as a whole number of 64 bits: itself, or 15 hex digits of the md5 of its text."""
    if column.type().is_integer():
        return column.cast("int64")
    digest = _md5(column.cast("string"))
    parts = [
        ibis.literal(_HEX).find(digest.substr(at, 1)).cast("int64") * 16 ** (DIGITS - 1 - at)
        for at in range(DIGITS)
    ]
    return reduce(add, parts)


def hash_rows(key: ir.IntegerColumn, seed: int) -> ir.IntegerColumn:
    """A number from 0 to 2**31 − 2 for every key, by integer arithmetic that all engines share."""
    mixed = ((key.cast("int64") % PRIME + PRIME) % PRIME * _FIRST + seed % PRIME + _SALT) % PRIME
    for multiplier, shift in _ROUNDS:
        mixed = (mixed * mixed + shift) % PRIME
        mixed = (mixed * multiplier + shift) % PRIME
    return mixed


def hash_keys(keys: np.ndarray, seed: int) -> np.ndarray:
    """What `hash_rows` gives, for keys (n) in memory."""
    mixed = _reduce(np.mod(keys.astype(np.int64), PRIME) * _FIRST + (seed % PRIME + _SALT))
    for multiplier, shift in _ROUNDS:
        mixed = _reduce(mixed * mixed + shift)
        mixed = _reduce(mixed * multiplier + shift)
    return mixed


def _reduce(numbers: np.ndarray) -> np.ndarray:
    """Numbers (n, from 0, below 2**62) modulo `PRIME`, without a division."""
    for _ in range(2):
        numbers = (numbers & PRIME) + (numbers >> 31)
    return np.where(numbers >= PRIME, numbers - PRIME, numbers)
