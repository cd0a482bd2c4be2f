"""Random tables with and without groups, by name, on which the verdict is calibrated."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Random = np.random.Generator
Family = Callable[..., np.ndarray]
DIMENSIONS = (2, 3, 4, 6)


def gaussian(rng: Random, n: int, d: int) -> np.ndarray:
    return rng.normal(size=(n, d))


def uniform(rng: Random, n: int, d: int) -> np.ndarray:
    return rng.uniform(size=(n, d))


def lognormal(rng: Random, n: int, d: int) -> np.ndarray:
    return rng.lognormal(0, rng.uniform(0.4, 1.1), size=(n, d))


def binary(rng: Random, n: int, d: int) -> np.ndarray:
    return (rng.uniform(size=(n, d)) < rng.uniform(0.15, 0.85, d)).astype(float)


def ring(rng: Random, n: int, d: int) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi, n)
    return _thicken(rng, np.c_[np.cos(angle), np.sin(angle)], d, rng.uniform(0.05, 0.2))


def correlated(rng: Random, n: int, d: int) -> np.ndarray:
    return rng.multivariate_normal(np.zeros(d), _correlation(rng, d), n)


def gamma(rng: Random, n: int, d: int) -> np.ndarray:
    return rng.gamma(rng.uniform(0.8, 4), size=(n, d))


def t_columns(rng: Random, n: int, d: int) -> np.ndarray:
    return rng.standard_t(3, size=(n, d))


def t_multivariate(rng: Random, n: int, d: int) -> np.ndarray:
    return rng.normal(size=(n, d)) / np.sqrt(rng.chisquare(3, n) / 3)[:, None]


def scale_1_to_5(rng: Random, n: int, d: int) -> np.ndarray:
    shares = [rng.dirichlet(np.ones(5) * 4) for _ in range(d)]
    return np.column_stack([rng.choice(5, n, p=share) + 1.0 for share in shares])


def parabola(rng: Random, n: int, d: int) -> np.ndarray:
    x = rng.uniform(-1.5, 1.5, n)
    return _thicken(rng, np.c_[x, x**2], d, rng.uniform(0.05, 0.2))


def half_moon(rng: Random, n: int, d: int) -> np.ndarray:
    angle = rng.uniform(0, np.pi, n)
    return _thicken(rng, np.c_[np.cos(angle), np.sin(angle)], d, 0.1)


def spiral(rng: Random, n: int, d: int) -> np.ndarray:
    angle = np.sqrt(rng.uniform(0.05, 1, n)) * 3 * np.pi
    return _thicken(rng, np.c_[angle * np.cos(angle), angle * np.sin(angle)] / 5, d, 0.07)


def helix(rng: Random, n: int, d: int) -> np.ndarray:
    angle = rng.uniform(0, 4 * np.pi, n)
    return _thicken(rng, np.c_[np.cos(angle), np.sin(angle), angle / 4], max(d, 3), 0.1)


def zero_inflated(rng: Random, n: int, d: int) -> np.ndarray:
    amounts = rng.lognormal(1, 0.7, size=(n, d))
    return amounts * (rng.uniform(size=(n, d)) < rng.uniform(0.3, 0.8, d))


def log_zipf(rng: Random, n: int, d: int) -> np.ndarray:
    return np.log1p(np.minimum(rng.zipf(2.0, size=(n, d)), 10_000))


def gaussian_alone(rng: Random, n: int, d: int) -> np.ndarray:
    return gaussian(rng, n, 1)


def uniform_alone(rng: Random, n: int, d: int) -> np.ndarray:
    return uniform(rng, n, 1)


def lognormal_alone(rng: Random, n: int, d: int) -> np.ndarray:
    return lognormal(rng, n, 1)


def gamma_alone(rng: Random, n: int, d: int) -> np.ndarray:
    return gamma(rng, n, 1)


def t_alone(rng: Random, n: int, d: int) -> np.ndarray:
    return t_columns(rng, n, 1)


def scale_alone(rng: Random, n: int, d: int) -> np.ndarray:
    return scale_1_to_5(rng, n, 1)


def u_shape_alone(rng: Random, n: int, d: int) -> np.ndarray:
    return np.cos(rng.uniform(0, np.pi, (n, 1)))


def copied_noise(rng: Random, n: int, d: int) -> np.ndarray:
    """Noise in two decimals, each row one to six times, as a join leaves it."""
    rows = [gaussian, uniform, lognormal][rng.integers(3)](rng, n, d).round(2)
    return np.repeat(rows, rng.integers(1, 7, n), axis=0)[:n]


def four_blobs(rng: Random, n: int, d: int, apart: float) -> np.ndarray:
    return _groups(rng, n, _centres(rng, 4, d, apart))


def unequal_sizes(rng: Random, n: int, d: int, apart: float) -> np.ndarray:
    return _groups(rng, n, _centres(rng, 3, d, apart), shares=[0.6, 0.25, 0.15])


def grid_2_by_2(rng: Random, n: int, d: int, apart: float) -> np.ndarray:
    corners = [[i, j] + [0] * (d - 2) for i in (0, 1) for j in (0, 1)]
    return _groups(rng, n, np.array(corners) * float(apart))


def different_spreads(rng: Random, n: int, d: int, apart: float) -> np.ndarray:
    return _groups(rng, n, _centres(rng, 3, d, apart), spreads=[0.6, 1.0, 1.4])


def two_blobs(rng: Random, n: int, d: int, apart: float) -> np.ndarray:
    return _groups(rng, n, _centres(rng, 2, d, apart))


def three_alone(rng: Random, n: int, d: int, apart: float) -> np.ndarray:
    return _groups(rng, n, np.array([[0.0], [apart], [2 * apart]]))


def correlated_groups(rng: Random, n: int, d: int, apart: float) -> np.ndarray:
    rows = _groups(rng, n, _centres(rng, 3, d, apart))
    return rows @ np.linalg.cholesky(_correlation(rng, d)).T


CHOSEN_ON: tuple[Family, ...] = (
    gaussian,
    uniform,
    lognormal,
    ring,
    binary,
    gaussian_alone,
    uniform_alone,
    lognormal_alone,
)
TESTED_ON: tuple[Family, ...] = (
    correlated,
    gamma,
    t_columns,
    t_multivariate,
    scale_1_to_5,
    parabola,
    gamma_alone,
    t_alone,
    scale_alone,
)
COPIED: tuple[Family, ...] = (copied_noise,)
HARD: tuple[Family, ...] = (half_moon, spiral, helix, zero_inflated, log_zipf, u_shape_alone)
PLANTED: tuple[Family, ...] = (
    four_blobs,
    unequal_sizes,
    grid_2_by_2,
    different_spreads,
    two_blobs,
    correlated_groups,
    three_alone,
)


def draw_table(family: Family, seed: int, n: int, apart: float | None = None) -> np.ndarray:
    """Returns a standardised table (n × d) of a family.

    `apart` is the distance between planted groups in sd, None for families without groups. The
    seed selects 2, 3, 4 or 6 columns; families called *alone* have one.
    """
    d = DIMENSIONS[seed % len(DIMENSIONS)]
    if apart is None:
        rows = family(np.random.default_rng([seed, n, 7]), n, d)
    else:
        rows = family(np.random.default_rng([seed, n, int(apart * 10)]), n, d, apart)
    rows = rows[:, rows.std(axis=0) > 0]
    return np.asarray((rows - rows.mean(axis=0)) / rows.std(axis=0))


def _correlation(rng: Random, d: int) -> np.ndarray:
    factors = rng.normal(size=(d, d + 1))
    covariance = factors @ factors.T + 0.3 * np.eye(d)
    sd = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(sd, sd))


def _thicken(rng: Random, curve: np.ndarray, d: int, noise: float) -> np.ndarray:
    """Returns a curve with noise around it; any further columns are pure noise."""
    noisy = curve + noise * rng.normal(size=curve.shape)
    if noisy.shape[1] > d:
        return noisy
    return np.c_[noisy, rng.normal(size=(len(noisy), d - noisy.shape[1])) * 0.5]


def _centres(rng: Random, k: int, d: int, apart: float) -> np.ndarray:
    """Draws k centres, each at a distance `apart` from its nearest neighbour."""
    centres = np.zeros((1, d))
    while len(centres) < k:
        step = rng.normal(size=d)
        new = centres[rng.integers(len(centres))] + apart * step / np.linalg.norm(step)
        if np.linalg.norm(centres - new, axis=1).min() > 0.99 * apart:
            centres = np.vstack([centres, new])
    return centres


def _groups(
    rng: Random,
    n: int,
    centres: np.ndarray,
    shares: Sequence[float] | None = None,
    spreads: Sequence[float] = (1, 1, 1, 1),
) -> np.ndarray:
    k, d = centres.shape
    which = rng.choice(k, n, p=shares)
    return centres[which] + rng.normal(size=(n, d)) * np.asarray(spreads)[which][:, None]
