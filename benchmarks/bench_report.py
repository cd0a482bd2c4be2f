"""Times whole commands, cold, against the plain way, in turns: medians and ratios.

python -m benchmarks.bench_report [--rounds 5] [--write]

The plain way is the usual tutorial in a notebook (load, StandardScaler, K-Means, a scatter with
its centres), executed by papermill and made a page by nbconvert, on the twenty customers of
data/customers.csv. `--write` writes what is printed into docs/speed.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import nbformat
import numpy as np

from benchmarks.scale_page import write_part
from segmentation.reporting.call import plan_call
from segmentation.reporting.job import resolve_job
from segmentation.reporting.kernels import Kernels
from segmentation.reporting.notebooks import NOTEBOOK, list_imports, load_notebook
from segmentation.reporting.options import read_options
from segmentation.reporting.running import make_report

PLAIN, PANDAS, HELP = "plain way (20 customers)", "import pandas", "--help"
SWEEP = "12 reports, k = 2 … 13, 200 customers, quick"
AGAIN = "12 reports again, nothing to do"
ROOT = Path(__file__).parents[1]
CONFIG = ("--config", str(ROOT / "runs.yaml"), "--pdf", "never")
PAGE = ROOT / "docs" / "speed.md"
RUNNER = (sys.executable, str(ROOT / "run_reports.py"))
TUTORIAL = (
    "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\n"
    "from sklearn.cluster import KMeans\nfrom sklearn.preprocessing import StandardScaler",
    "customers = pd.read_csv({path!r})\ncustomers.head()",
    "features = list(customers.columns[1:3])\nscaler = StandardScaler()\n"
    "X = scaler.fit_transform(customers[features])",
    "model = KMeans(n_clusters=3, n_init=10, random_state=42)\n"
    "customers['segment'] = model.fit_predict(X)\ncustomers['segment'].value_counts()",
    "centres = pd.DataFrame(scaler.inverse_transform(model.cluster_centers_), columns=features)\n"
    "centres",
    "plt.figure(figsize=(7, 5))\n"
    "plt.scatter(*customers[features].to_numpy().T, c=customers['segment'], s=60)\n"
    "plt.scatter(*centres.to_numpy().T, c='red', s=180, marker='X', label='centres')\n"
    "plt.xlabel(features[0])\nplt.ylabel(features[1])\nplt.legend()\nplt.tight_layout()\nplt.show()",
)


@dataclass
class Turns:
    """The seconds of every command, one a round; each is run once a round, in turns."""

    folder: Path
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def run(self, name: str, *commands: Sequence[str]) -> None:
        """Runs commands after one another and notes how long they take together."""
        start = time.perf_counter()
        for command in commands:
            subprocess.run(command, check=True, cwd=self.folder, capture_output=True)
        self.seconds.setdefault(name, []).append(time.perf_counter() - start)

    def median(self, name: str) -> float:
        """The median of its rounds, in seconds."""
        return median(self.seconds[name])


def write_tutorial(folder: Path) -> Path:
    """Writes the tutorial's notebook on the twenty customers."""
    new, path = nbformat.v4, folder / "tutorial.ipynb"
    cells = [part.replace("{path!r}", repr(str(ROOT / "data/customers.csv"))) for part in TUTORIAL]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(
        new.new_notebook(cells=list(map(new.new_code_cell, cells)), metadata=kernel), path
    )
    return path


def write_customers(folder: Path, rows: int, columns: int = 6) -> Path:
    """Writes a table of measures in four overlapping groups."""
    path, rng = folder / f"customers{rows}.csv", np.random.default_rng(rows)
    middles = rng.normal(50, 12, (4, columns))
    table = middles[rng.integers(0, 4, rows)] + rng.normal(0, 10, (rows, columns))
    head = ",".join(f"measure_{letter}" for letter in "abcdef"[:columns])
    np.savetxt(path, table, delimiter=",", header=head, comments="", fmt="%.2f")
    return path


def list_reports(folder: Path) -> dict[str, list[str]]:
    """Returns the words of the commands that make reports, by what they are called."""
    few = str(write_customers(folder, 200, 2))
    quick = ["--set", "depth=quick", "--dataset"]
    sweep = [*quick, few, "--jobs", "2", "--k", *map(str, range(2, 14))]
    return {
        "article (20 customers)": ["article"],
        "shop (2,000 customers)": ["shop"],
        **{
            f"{rows:,} customers, 6 columns, quick": [*quick, str(write_customers(folder, rows))]
            for rows in (20_000, 100_000)
        },
        SWEEP: sweep,
    }


def run_round(turns: Turns, book: Path, reports: Mapping[str, Sequence[str]]) -> None:
    """Runs every command once, each report into a new folder."""
    python = sys.executable
    turns.run(
        PLAIN,
        [python, "-m", "papermill", book.name, "made.ipynb"],
        [python, "-m", "jupyter", "nbconvert", "--to", "html", "made.ipynb"],
    )
    turns.run(PANDAS, [python, "-c", "import pandas"])
    turns.run(HELP, [*RUNNER, "--help"])
    for name, words in reports.items():
        with tempfile.TemporaryDirectory(dir=turns.folder) as place:
            call = [*RUNNER, *words, *CONFIG, "--reports", place]
            turns.run(name, call)
            if name == SWEEP:
                turns.run(AGAIN, call)


def say_commands(turns: Turns) -> list[str]:
    """Returns a line for each command: its seconds, and their ratio to another's."""
    lines = ["medians; ratios to the plain way, of --help and nothing to do to import pandas"]
    for name in turns.seconds:
        other = PANDAS if name in (PANDAS, HELP, AGAIN) else PLAIN
        ratio = turns.median(name) / turns.median(other) / (12 if name == SWEEP else 1)
        lines.append(f"  {name:<42}{turns.median(name):7.2f} s{ratio:7.2f}")
    return lines


def say_sections(name: str, folder: Path) -> list[str]:
    """Returns where the seconds of one report go: a line for each section of its notebook."""
    options = read_options([name, *CONFIG, "--reports", str(folder)])
    plan, runs = plan_call(options)
    kernels = Kernels(list_imports(load_notebook(NOTEBOOK)), 2)
    marks = [(time.perf_counter(), "imports, reading, checking")]
    make_report(
        resolve_job(runs[0], plan),
        kernels,
        lambda section: marks.append((time.perf_counter(), section or marks[-1][1])),
    )
    ends = [*(at for at, _ in marks[1:]), time.perf_counter()]
    spent: dict[str, float] = {}
    for (begin, section), end in zip(marks, ends, strict=True):
        spent[section] = spent.get(section, 0) + end - begin
    lines = [f"  {section:<42}{seconds:7.2f} s" for section, seconds in spent.items()]
    return ["by section of the notebook; the last one includes page and publishing", *lines]


def main() -> None:
    """Prints a line for each command, then where the seconds of two reports go."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--write", action="store_true", help="write what is printed to docs/speed.md"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        turns, book, reports = Turns(folder), write_tutorial(folder), list_reports(folder)
        for _ in range(options.rounds):
            run_round(turns, book, reports)
        parts = {"commands": say_commands(turns)}
        parts |= {name: say_sections(name, folder / name) for name in ("article", "shop")}
    for name, (head, *lines) in parts.items():
        printed = [f"{name}, {head}", *lines]
        print("\n".join(printed), end="\n\n", flush=True)
        if options.write:
            write_part(PAGE, name, printed, list(parts))


if __name__ == "__main__":
    main()
