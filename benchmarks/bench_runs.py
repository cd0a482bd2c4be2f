"""Makes twelve reports (four tables, three k each) with the command and with a plain loop.

python benchmarks/bench_runs.py [--rows 500]

The plain loop runs papermill and nbconvert on the same notebook, one report after another.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import papermill
from nbconvert import HTMLExporter

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "segmentation.ipynb"
KS = (3, 4, 5)


def write_tables(folder: Path, rows: int) -> list[Path]:
    """Writes four tables of five measures, with four to seven groups each."""
    paths = []
    for number in range(4):
        rng = np.random.default_rng(number)
        centres = rng.uniform(0, 100, size=(4 + number, 5))
        table = centres[rng.integers(0, len(centres), rows)] + rng.normal(0, 9, size=(rows, 5))
        path = folder / f"table{number}.csv"
        head = "orders,basket,visits,returns,discount"
        np.savetxt(path, table, delimiter=",", header=head, comments="", fmt="%.2f")
        paths.append(path)
    return paths


def run_plainly(tables: list[Path], folder: Path) -> None:
    """Runs papermill, then nbconvert, for each table and k."""
    for table in tables:
        for k in KS:
            book = folder / f"{table.stem}-{k}.ipynb"
            values = {"dataset": str(table), "k": k}
            papermill.execute_notebook(str(NOTEBOOK), str(book), values, progress_bar=False)
            page, _ = HTMLExporter().from_filename(str(book))
            book.with_suffix(".html").write_text(page, encoding="utf-8")


def run_ours(tables: list[Path], folder: Path) -> None:
    """Runs the command once for all tables and k."""
    names = [str(table) for table in tables]
    words = ["--reports", str(folder), "--pdf", "never", "--k", *map(str, KS)]
    command = [sys.executable, str(ROOT / "run_reports.py"), *names, *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Prints the seconds of both, reports per minute, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        tables, seconds = write_tables(folder, rows), {}
        for name, run in (("this project", run_ours), ("plain loop", run_plainly)):
            (folder / name).mkdir()
            start = time.perf_counter()
            run(tables, folder / name)
            seconds[name] = time.perf_counter() - start
            made = len(list((folder / name).rglob("*.html"))) - (name == "this project")
            assert made == len(tables) * len(KS)
            print(
                f"{name}: {made} reports in {seconds[name]:.1f} s, "
                f"{60 * made / seconds[name]:.1f} a minute",
                flush=True,
            )
        start = time.perf_counter()
        run_ours(tables, folder / "this project")
        print(f"this project again, nothing changed: {time.perf_counter() - start:.2f} s")
    print(f"ratio {seconds['plain loop'] / seconds['this project']:.2f}")


if __name__ == "__main__":
    main()
