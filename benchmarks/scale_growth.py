"""Measures and draws seconds and memory of a whole report as its table grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from benchmarks.scale_measuring import ROOT, Race, Words
from benchmarks.scale_tables import make_table

FIGURE = ROOT / "docs" / "scale.svg"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000, 30_000_000)


class Size(NamedTuple):
    """A number of rows, with seconds and peak bytes of their report, and seconds of a scan."""

    rows: int
    seconds: float
    peak: int
    scan: float


def measure_growth(folder: Path, rows: int, report: Callable[[Path], Words]) -> list[str]:
    """Measures every size up to three times `rows`; the figure is redrawn if that is all sizes."""
    measured = []
    for size in SIZES:
        if size <= 3 * rows:
            path = make_table(folder, size)
            race = Race(path).run({"report": report(path)}, 1)
            measured.append(Size(size, race.seconds("report"), race.peak("report"), race.scan))
    if len(measured) == len(SIZES):
        draw_growth(measured, FIGURE)
    return ["the report as the table grows", *map(say_size, measured)]


def say_size(size: Size) -> str:
    """Formats a line of the table of sizes."""
    return (
        f"  {size.rows:>11,} rows {size.seconds:7.1f} s {size.peak / 1e9:6.2f} GB  "
        f"a scan {size.scan:.3f} s"
    )


def draw_growth(sizes: Sequence[Size], path: Path) -> None:
    """Draws seconds, on logarithmic axes, and memory by the number of rows."""
    with plt.rc_context({"svg.hashsalt": "scale", "font.size": 9, "svg.fonttype": "none"}):
        fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.8), layout="constrained")
        rows = [size.rows for size in sizes]
        left.plot(rows, [size.seconds for size in sizes], "o-", label="whole report")
        left.plot(rows, [size.scan for size in sizes], "o--", label="one scan")
        right.plot(rows, [size.peak / 1e9 for size in sizes], "o-", label="whole report")
        _finish(left, "seconds")
        _finish(right, "peak memory, GB")
        right.set(yscale="linear", ylim=(0, None))
        fig.savefig(path, metadata={"Date": None})
        plt.close(fig)


def _finish(ax: Axes, title: str) -> None:
    ax.set(xscale="log", yscale="log", xlabel="rows", title=title)
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
