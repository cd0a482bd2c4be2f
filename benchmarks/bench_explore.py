"""Times a move of the explorer at 20,000 customers, compared with fitting that k again.

python benchmarks/bench_explore.py [customers]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.fitting.scan import measure_widths
from segmentation.data import check_columns, open_source
from segmentation.lab.explorer import Explorer
from segmentation.lab.exploring import Way
from segmentation.lab.panes import Customers, Making, Names

FEATURES = ("orders", "order_value", "days_away", "discount")
DEFAULTS = {"id": None, "value": None, "missing": "drop", "seed": 42, "k_max": 10, "table": None}
KS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 5)


def draw_table(customers: int) -> pd.DataFrame:
    """Draws customers of four overlapping kinds, with skewed amounts."""
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 4, customers)
    middle = np.array([[14, 42, 14, 18], [9, 24, 32, 74], [3.4, 215, 62, 12], [1.4, 46, 265, 42]])
    drawn = middle[kind] * rng.lognormal(0, [0.42, 0.5, 0.65, 0.3], (customers, 4))
    return pd.DataFrame(drawn.round(2), columns=list(FEATURES))


def main(customers: int = 20_000) -> None:
    """Prints the seconds until all is on screen, those of a move, and the ratio to a new fit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        draw_table(customers).to_csv(path, index=False)
        source = open_source(path)
        columns = check_columns(source, None, list(FEATURES))
        explorer = Explorer(source, columns, {**DEFAULTS, "dataset": str(path)}, Way(FEATURES), 4)
        start = perf_counter()
        explorer.fit()
        fitted = perf_counter() - start
        names = Names(explorer, folder)
        for pane in (Customers(explorer, folder), names, Making(explorer, names, folder)):
            explorer.watch(type(pane).__name__, pane.follow)
        moves, anew = time_moves(explorer)
    print(f"explorer, {customers:,} customers, {len(FEATURES)} features, k = 2 … 10, 25 starts")
    print(f"  every k fitted and tested at depth quick {fitted:6.2f} s, once")
    print(f"  a move: median {np.median(moves):.2f} s, longest {max(moves):.2f} s")
    print(f"  fitting and measuring that k again: median {np.median(anew):.2f} s")
    print(f"  ratio {np.median(anew) / np.median(moves):.1f} ×")


def time_moves(explorer: Explorer) -> tuple[list[float], list[float]]:
    """Returns the seconds of each move with all that is shown, and of fitting its k again."""
    assert explorer.fits is not None
    prepared, moves, anew = explorer.fits.prepared, [], []
    for k in KS:
        start = perf_counter()
        explorer.slider.value = k
        middle = perf_counter()
        fit = fit_segments(prepared.X, prepared.weights, k, 42)
        measure_widths(prepared.X, prepared.weights, [fit], 42)
        anew.append(perf_counter() - middle)
        moves.append(middle - start)
    return moves, anew


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
