"""The nearest centre of a row, or the likeliest component of a mixture, and how clearly it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class Mixture:
    """What a Gaussian mixture adds to its means: shares (k) and precision factors (k × d × d).

    With z the coordinates, (z − mean) @ factor has unit variance within the component.
    """

    shares: np.ndarray
    factors: np.ndarray

    @property
    def offsets(self) -> np.ndarray:
        """The logarithm (k) of each component's share × determinant of its factor."""
        return np.array(
            [
                np.log(share) + np.log(np.diag(factor)).sum()
                for share, factor in zip(self.shares, self.factors, strict=True)
            ]
        )

    def in_order(self, order: np.ndarray) -> Mixture:
        """The same mixture with its components in this order (positions)."""
        return Mixture(self.shares[order], self.factors[order])


class Placed(NamedTuple):
    """What becomes of n rows: the positions (from 1) of the segment and of the next, 0 for none.

    `certainty` is 1 − d₁/d₂ of the distances to the two nearest centres (0 on the border, 1 on
    the centre), of mixtures the posterior probability; NaN for rows in none.
    """

    first: np.ndarray
    second: np.ndarray
    certainty: np.ndarray


def place_coordinates(Z: np.ndarray, centres: np.ndarray, mixture: Mixture | None) -> Placed:
    """The nearest centre of each of n rows, or the likeliest component; `Z` is d × n.

    A row with NaN in a coordinate is in none.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        scores = _score(Z, centres, mixture)
        near, far = scores[0].copy(), np.full(Z.shape[1], np.inf)
        first, second = (near < far).astype(np.int16), np.zeros(Z.shape[1], dtype=np.int16)
        for at, score in enumerate(scores[1:], 2):
            nearest = score < near
            second += (score < far) * (np.int16(at) - second)  # masks are slower than products
            second += nearest * (first - second)
            first += nearest * (np.int16(at) - first)
            np.minimum(far, np.maximum(near, score), out=far)
            np.minimum(near, score, out=near)
        if mixture is not None:
            return Placed(first, second, 1.0 / sum(np.exp(near - score) for score in scores))
        certainty = 1.0 - np.sqrt(near / far)
    certainty[far == 0] = 0.0
    return Placed(first, second, certainty)


def find_nearest(Z: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The position (from 1) of the nearest centre of each of n rows (`Z` d × n), 0 for NaN.

    By |c|²/2 − c·z, one product for all rows: where two centres are as near, as rounding has it.
    """
    scores = (centres**2).sum(axis=1)[:, None] / 2 - centres @ Z
    near, first = scores[0].copy(), np.isfinite(scores[0]).astype(np.int16)
    for at, score in enumerate(scores[1:], 2):
        first += (score < near) * (np.int16(at) - first)  # masks are slower than products
        np.minimum(near, score, out=near)
    return first


def _score(Z: np.ndarray, centres: np.ndarray, mixture: Mixture | None) -> list[np.ndarray]:
    """A score (n) of every segment, the least for the own one.

    Squared distances; of mixtures minus the logarithm of share × density, but for what all
    components have alike.
    """
    if mixture is None:
        return [_add_squares(Z, centre) for centre in centres]
    parts = zip(centres, mixture.factors, mixture.offsets, strict=True)
    return [
        0.5 * _add_squares(factor.T @ Z, centre @ factor) - offset
        for centre, factor, offset in parts
    ]


def _add_squares(Z: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """The squared distances (n), one coordinate after the other as SQL has them."""
    away = Z[0] - centre[0]
    total = away * away
    for row, middle in zip(Z[1:], centre[1:], strict=True):
        np.subtract(row, middle, out=away)
        np.multiply(away, away, out=away)
        np.add(total, away, out=total)
    return np.asarray(total)
