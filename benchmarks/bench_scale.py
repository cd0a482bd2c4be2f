"""What a large table costs, in scans of it, against doing it by hand in other ways.

python -m benchmarks.bench_scale [--rows 10000000] [--only report passes …] [--csv] [--growth]
A scan sums the six columns of the same file in DuckDB, in the same minutes; every contender has a
process of its own, whose memory (PSS, with all its children) is looked at twice a second. `--write`
puts what is printed into docs/scale.md, part by part.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.scale_growth import measure_growth
from benchmarks.scale_measuring import ROOT, Race, Words, say_line
from benchmarks.scale_page import write_part
from benchmarks.scale_tables import MIXTURES, copy_as_csv, make_table, write_mixture

PAGE = ROOT / "docs" / "scale.md"
FEW = 20_000  # customers of the small report: what its seconds leave over is the table's size
PASSES = ("open", "check", "scales", "sample", "fit", "assign", "describe", "list and write")
ALIKE = ("moments", "sample", "Lloyd step", "place and write", "means")
OURS, OTHERS = ("-m", "benchmarks.scale_ours"), ("-m", "benchmarks.scale_others")
Lines = list[str]


@dataclass(frozen=True)
class Asked:
    """What to measure: so many rows and rounds, as CSV too, in which folder."""

    folder: Path
    rows: int
    rounds: int
    csv: bool

    @property
    def files(self) -> list[Path]:
        """The large table, as Parquet and where asked as CSV."""
        path = make_table(self.folder, self.rows)
        return [path, copy_as_csv(path)] if self.csv else [path]


def say_report(asked: Asked) -> Lines:
    """The whole report by the command, less what a report of few customers takes."""
    lines = [f"the whole report by the command, {FEW:,} rows taken off"]
    for path in asked.files:
        few = make_table(asked.folder, FEW)
        few = few if path.suffix == ".parquet" else copy_as_csv(few)
        race = Race(path).run(
            {"large": _report(asked, path), "small": _report(asked, few)}, asked.rounds
        )
        large, small = race.seconds("large"), race.seconds("small")
        more = f"({large:.1f} − {small:.1f} s; a scan {race.scan:.2f} s)"
        kind = path.suffix[1:]
        lines.append(say_line(kind, large - small, race.scan, race.peak("large"), more))
    return lines


def say_passes(asked: Asked) -> Lines:
    """Our passes, one after the other in one process."""
    path = make_table(asked.folder, asked.rows)
    race = Race(path).run({"ours": (*OURS, "passes", path, asked.folder)}, asked.rounds)
    lines = [f"passes in one process, {race.peak('ours') / 1e9:.2f} GB; a scan {race.scan:.2f} s"]
    every = {step: race.seconds("ours", step) for step in PASSES}
    lines += [say_line(step, seconds, race.scan) for step, seconds in every.items()]
    return [*lines, say_line("all", sum(every.values()), race.scan)]


def say_job(asked: Asked) -> Lines:
    """The same job by scikit-learn: columns not logged, four segments, labels written."""
    path = make_table(asked.folder, asked.rows)
    contenders: dict[str, Words] = {
        "this project": (*OURS, "ours", path, asked.folder),
        "pandas, scikit-learn": (*OTHERS, "pandas", path, asked.folder),
        "MiniBatchKMeans": (*OTHERS, "minibatch", path, asked.folder),
    }
    race = Race(path).run(contenders, asked.rounds)
    lines = [f"read, scale, fit, label, means, write; a scan {race.scan:.2f} s", *_tell(race)]
    for csv in asked.files[1:]:
        again = Race(csv).run({"pandas, from CSV": (*OTHERS, "pandas", csv, asked.folder)}, 1)
        lines += _tell(again, f"(a scan of the CSV {again.scan:.2f} s)")
    return lines


def say_polars(asked: Asked) -> Lines:
    """The passes over all rows, ours and by hand in Polars."""
    if find_spec("polars") is None:
        return ["polars is not installed: left out"]
    path = make_table(asked.folder, asked.rows)
    contenders: dict[str, Words] = {
        "ours": (*OURS, "alike", path, asked.folder),
        "by hand": ("-m", "benchmarks.scale_polars", path, asked.folder),
    }
    race = Race(path).run(contenders, asked.rounds)
    peaks = " and ".join(f"{race.peak(name) / 1e9:.2f}" for name in contenders)
    lines = [f"passes, and by hand in Polars: {peaks} GB; a scan {race.scan:.2f} s"]
    for step in ALIKE:
        ours, theirs = race.seconds("ours", step), race.seconds("by hand", step)
        lines.append(say_line(step, ours, race.scan, more=compare(ours, theirs, "Polars")))
    bare = race.seconds("by hand", "bare moments")
    return [*lines, f"  Polars' moments without skew and logarithms: {bare:.2f} s"]


def say_spark(asked: Asked) -> Lines:
    """Spark's K-Means on two local cores."""
    if find_spec("pyspark") is None:
        return ["pyspark is not installed: left out"]
    path = make_table(asked.folder, asked.rows)
    words = ("-m", "benchmarks.scale_spark", path, asked.folder)
    race = Race(path).run({"MLlib": words}, 1)
    return [f"Spark, two local cores, once it is started; a scan {race.scan:.2f} s", *_tell(race)]


def say_inertia(asked: Asked) -> Lines:
    """How much looser than a full fit the segments of a sample are, over all rows."""
    lines = ["inertia over all rows, this project ÷ scikit-learn with ten starts"]
    for name in MIXTURES:
        path = asked.folder / f"{name}.parquet"
        write_mixture(path, name, asked.rows)
        found = Race(path).run({name: (*OURS, "quality", path, asked.folder)}, 1).ran[name][0].found
        path.unlink()
        ratio = found["ours"] / found["full"]
        lines.append(f"  {name:<24} {ratio:.5f}  ({found['fitted']:,} rows fitted)")
    return lines


def say_growth(asked: Asked) -> Lines:
    """Seconds and memory of the report by the number of rows, drawn as docs/scale.svg."""
    return measure_growth(asked.folder, asked.rows, lambda path: _report(asked, path))


PARTS: dict[str, Callable[[Asked], Lines]] = {
    "report": say_report,
    "passes": say_passes,
    "job": say_job,
    "polars": say_polars,
    "spark": say_spark,
    "inertia": say_inertia,
    "growth": say_growth,
}


def compare(ours: float, theirs: float, who: str) -> str:
    """How many times their seconds ours are: `(Polars 0.50 s: 2.1 ×)`."""
    return f"({who} {theirs:.2f} s: {ours / theirs:.1f} ×)"


def _report(asked: Asked, path: Path) -> Words:
    words = ("--k", "4", "--set", "depth=quick", "--reports", asked.folder / "reports", "--force")
    return ("run_reports.py", "--dataset", path, *words)


def _tell(race: Race, more: str = "") -> Lines:
    """A line for each contender that tells its own seconds and its inertia."""
    lines = []
    for name, ran in race.ran.items():
        inertia = f"inertia {ran[0].found['inertia'] / 1e6:,.3f} M {more}".strip()
        seconds = race.seconds(name, "seconds")
        lines.append(say_line(name, seconds, race.scan, race.peak(name), inertia))
    return lines


def main() -> None:
    """Measures the parts that are asked for, and prints each as it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=[*PARTS][:-1])
    parser.add_argument("--csv", action="store_true", help="the same from CSV")
    parser.add_argument("--growth", action="store_true", help="up to three times the rows")
    parser.add_argument("--write", action="store_true", help="put it into docs/scale.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        asked = Asked(Path(place), given.rows, given.rounds, given.csv)
        for name in dict.fromkeys([*given.only, *(["growth"] if given.growth else [])]):
            first, *rest = PARTS[name](asked)
            lines = [f"{name}, {given.rows:,} rows: {first}", *rest]
            print(*lines, sep="\n", flush=True)
            if given.write:
                write_part(PAGE, name, lines, list(PARTS))


if __name__ == "__main__":
    main()
